"""Recordings of known faults that cannot be committed: each gives its right result or is told."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.timeline import timeline
from tinglegram.clock import Timing
from tinglegram.formats.biopac import read_export
from tinglegram.formats.presentation import read_log
from tinglegram.inputs.inspection import inspect
from tinglegram.inputs.inventory import Design
from tinglegram.inputs.raw_files import raw_files
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.epochs import unpack_epoch
from tinglegram.pulse.fit import align_clock
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slices import slice_participant
from tinglegram.pulse.windows import Windowing, exact_windows, measure_windows

CLIPS = {"vid1": "ASMR", "vid5": "Nature"}
RATINGS = {"1": 0, "2": 1, "3": 2, "4": 3}
TIMING = Timing(clip=20.0, first_trial=20.0)


@pytest.fixture
def case(shared):
    """The folder of a case by the beginning of its name."""
    return lambda name: next((shared / "cases/recordings").glob(f"{name}_*"))


def said(folder: Path, **settings) -> dict[str, list[tuple[str, bool]]]:
    """Participant -> kinds of what is said about the case, and whether each is a problem."""
    alignment = ClockAlignment(**settings)
    design = Design(CLIPS, RATINGS, TIMING, "CH2", None, alignment=alignment)
    raw = raw_files(str(folder / "data"), None, {}, 42)
    found: dict[str, list[tuple[str, bool]]] = {subject: [] for subject in raw.subjects}
    for entry in inspect(raw, design, {}).entries:
        found[entry.subject].append((entry.kind, bool(entry.expected)))
    return found


def rates(folder: Path, subject: str = "001", **settings) -> dict[str, float]:
    """Clip -> mean pulse rate of its windows, as the workflow measures it."""
    raw = raw_files(str(folder / "data"), None, {}, 42)
    log, path = Path(raw.logs[subject]), Path(raw.ppgs[subject])
    shown = timeline(
        read_log(log.read_bytes(), log.name).events,
        source=log.name,
        subject=int(subject),
        clips=CLIPS,
        ratings=RATINGS,
        timing=TIMING,
    ).timeline
    content = path.read_bytes()
    onsets = shown["start_s"].tolist()
    alignment = ClockAlignment(**settings)
    aligned = align_clock(content, lambda: content, "x", ("CH2", None), alignment, onsets)
    recording = read_export(content, path.name, "CH2", None)
    slices = slice_participant(
        recording, "x", shown, 2, RestEpochs(), printed_time=False, clock=aligned.clock
    )
    found = {}
    for trial in shown.itertuples():
        epoch = unpack_epoch(slices.clips, trial.video, "sample_index", trial.valid_start_s)
        windows = exact_windows(trial.valid_start_s, trial.end_s, 10, Windowing())
        zeros = np.zeros(trial.n_steps)
        table = measure_windows(epoch, windows, zeros, recording.sampling_rate_hz, Windowing())
        assert table["pulse_rate_bpm"].notna().all()
        found[trial.video] = float(pd.Series(table["pulse_rate_bpm"]).mean())
    return found


def planted(folder: Path) -> dict[str, float]:
    (truth,) = json.loads((folder / "TRUTH.json").read_text()).values()
    return {clip: values[0] for clip, values in truth.items()}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("08", ["slower_channel"]),
        ("11", ["selected_section", "late_end"]),
        ("13", []),
        ("14", ["separators"]),
    ],
)
def test_a_case_that_can_be_read_has_its_pulse_rate(case, name, kinds):
    folder = case(name)
    assert said(folder) == {"001": [(kind, False) for kind in kinds]}
    assert rates(folder) == pytest.approx(planted(folder), abs=0.3)


def test_a_trigger_channel_is_a_problem_or_cuts_the_clips(case):
    folder = case("12")
    assert said(folder) == {"001": [("shifted_pulse", True), ("early_end", False)]}
    assert said(folder, align="trigger") == {"001": [("shifted_pulse", False)]}
    assert rates(folder)["vid5"] == pytest.approx(79.9, abs=0.3)
    # Where the rate changes within windows, the estimate lies 0.9 above the planted beats.
    assert rates(folder, align="trigger") == pytest.approx(planted(folder), abs=1.0)


def test_two_exports_that_were_swapped_are_told(case):
    assert said(case("21")) == {"001": [("other_title", True)], "002": [("other_title", True)]}
