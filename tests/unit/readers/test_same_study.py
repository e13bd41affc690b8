"""The same study in every format is the same bytes from the canonical tables on.

Where a format cannot hold a number, the difference is bounded by what it can hold
(docs/readers.md, "The same study in every format").
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from same_study import (
    CLIP_S,
    CONDITIONS,
    EDF_RANGE,
    KEYS,
    MOVED,
    MOVED_KINDS,
    MOVED_TRIALS,
    RATE,
    WRITERS,
    Person,
    Written,
    slider,
    the_study,
)

from tinglegram.behaviour.placing import place_responses, place_trials
from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.responses import Dimension
from tinglegram.behaviour.timeline import timeline
from tinglegram.canonical.files import write_session
from tinglegram.canonical.tables import Session, Signal
from tinglegram.clock import Timing
from tinglegram.export.bids_dataset import BidsStudy, participant_files
from tinglegram.files import write_arrays, write_table
from tinglegram.formats.biopac import read_export
from tinglegram.formats.presentation import read_log
from tinglegram.pulse.alignment import STARTS_TOGETHER
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.epochs import Margins
from tinglegram.pulse.measurement import measure_participant
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.recordings import canonical_signal, recording_of
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.series import resample_to_grid
from tinglegram.pulse.slices import slice_participant
from tinglegram.pulse.steady import steady_wave
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.parts import (
    EVENTS,
    RESPONSES,
    find_sources,
    joined,
    read_parts,
    signals_on_clock,
)
from tinglegram.readers.rest_asmr import canonical_responses, canonical_trials

LENGTHS = dict.fromkeys(CONDITIONS, CLIP_S)
TIMING = Timing(clip=CLIP_S, first_trial=None, warm_up=2.0)
GRID = TIMING.grid
OTHERS = [name for name in WRITERS if name != "csv"]


def write(written: Written, folder: Path) -> None:
    for name, content in written.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def read_any(
    written: Written, folder: Path, kinds: Mapping[str, str]
) -> dict[str, tuple[Session, list[Signal]]]:
    """Everyone's canonical tables and signals, by the functions that the workflow calls."""
    write(written, folder)
    if written.data["reader"] == "rest_asmr":
        return {path.stem: read_rest_asmr(path) for path in sorted(folder.glob("*.log"))}
    empty = {"root": "{root}", "options": {}, "responses": None, "signals": None}
    data = json.loads(json.dumps(empty | dict(written.data)).replace("{root}", str(folder)))
    sources = find_sources(data, LENGTHS, kinds)
    found = {}
    for subject, who in sources.ids.items():
        parts = read_parts(sources.as_text(subject, EVENTS, RESPONSES), who, LENGTHS, kinds)
        session = joined(parts, who, LENGTHS)
        signals = signals_on_clock(parts[EVENTS], session.zero_unix_s, who)
        found[subject] = (session, signals)
    return found


def read_rest_asmr(log: Path) -> tuple[Session, list[Signal]]:
    events = read_log(log.read_bytes(), log.name).events
    design = {"source": log.name, "clips": CONDITIONS, "timing": TIMING}
    ratings = {code: rating for rating, code in KEYS.items()}
    found = timeline(events, subject=int(log.stem), ratings=ratings, **design)
    path = log.with_suffix(".txt")
    export = read_export(path.read_bytes(), path.name, "CH2", None)
    signal = canonical_signal(export, STARTS_TOGETHER, printed_time=False)
    trials = canonical_trials(found.timeline)
    return Session(log.stem, trials, canonical_responses(found.timeline, found.key_presses)), [
        signal
    ]


def canonical_bytes(session: Session, folder: Path) -> dict[str, bytes]:
    """The files of trials and responses."""
    paths = {name: folder / f"{name}.tsv" for name in ("trials", "responses", "notes")}
    write_session(session, *paths.values())
    return {name: paths[name].read_bytes() for name in ("trials", "responses")}


def results(session: Session, signal: Signal, subject: int, folder: Path) -> dict[str, bytes]:
    """The files of timeline, key presses, ratings, slices, 10-Hz pulse and windows."""
    trials = place_trials(
        session.trials, CONDITIONS, subject=subject, warm_up_s=2.0, grid=GRID, source="the study"
    )
    presses = place_responses(session.responses, session.trials, subject=subject)
    ratings = rating_grid(trials, presses, GRID)
    recording, clock = recording_of(steady_wave(signal, "the study")[0])
    slices = slice_participant(
        recording,
        "the study",
        trials,
        len(trials),
        RestEpochs(),
        printed_time=False,
        clock=clock,
        margin_s=Margins().filter_margin,
    )
    steps = trials.set_index("video")["n_steps"]
    series = {name: resample_to_grid(slices.clips[name], steps[name]) for name in steps.index}
    measured = measure_participant(
        slices.clips,
        slices.rests,
        trials,
        ratings,
        ["ASMR", "Nature"],
        subject=subject,
        slice_by="sample_index",
        window_clock="exact",
        grid_hz=GRID,
        windowing=Windowing(),
        continuity=Continuity(),
        quality=Quality(**QUALITY),
        limits=BeatLimits(),
    )
    assert measured.windows["pulse_rate_bpm"].notna().any()
    assert not (ratings["rating"] == 0).all()
    tables = {
        "timeline.tsv": trials,
        "key_presses.tsv": presses,
        "ratings.parquet": ratings,
        "windows.tsv": measured.windows,
        "blocks.tsv": measured.blocks,
    }
    for name, table in tables.items():
        write_table(table, folder / name)
    arrays = {"slices.npz": slices.clips, "rests.npz": slices.rests, "pulse_10hz.npz": series}
    for name, values in arrays.items():
        write_arrays(folder / name, values)
    return {name: (folder / name).read_bytes() for name in (*tables, *arrays)}


QUALITY = {
    field.name: field.default
    for field in dataclasses.fields(Quality)
    if field.default is not dataclasses.MISSING
}


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return the_study()


@pytest.fixture(scope="module")
def read(people, tmp_path_factory):
    """Everyone's tables out of each format."""
    kinds = {"response": "ordinal"}
    return {
        name: read_any(writer(people), tmp_path_factory.mktemp(name), kinds)
        for name, writer in WRITERS.items()
    }


@pytest.mark.parametrize("name", WRITERS)
def test_the_tables_hold_what_was_planted(read, people, name):
    assert list(read[name]) == ["001", "002"]
    for person, (session, _) in zip(people, read[name].values(), strict=True):
        rows = [(i + 1, stimulus, i, at, CLIP_S) for i, (stimulus, at) in enumerate(person.trials)]
        assert list(session.trials.itertuples(index=False, name=None)) == rows
        planted = [
            (number, "response", time, value)
            for number, _, _, onset, seconds in rows
            for time, value in person.keys
            if onset <= time < onset + seconds
        ]
        # One lies in the rest. One is at the end of a trial: of none, unless another begins there.
        assert len(planted) < len(person.keys)
        assert list(session.responses.itertuples(index=False, name=None)) == planted


@pytest.mark.parametrize("name", WRITERS)
def test_signals_are_the_same_to_the_bit(read, people, name):
    for person, (_, signals) in zip(people, read[name].values(), strict=True):
        (signal,) = signals
        assert (signal.type, signal.unit, signal.start_s, signal.rate_hz, signal.times_s) == (
            "ppg",
            "mV",
            0.0,
            RATE,
            None,
        )
        assert signal.values.astype(np.float64).tobytes() == person.pulse.tobytes()


@pytest.fixture(scope="module")
def expected(read, tmp_path_factory):
    """The tables of `csv`, and what follows from those of one person."""
    folder = tmp_path_factory.mktemp("expected")
    found = {who: canonical_bytes(session, folder) for who, (session, _) in read["csv"].items()}
    session, signals = read["csv"]["002"]
    found["002"] |= results(session, signals[0], 2, folder)
    return found


@pytest.mark.parametrize("name", OTHERS)
def test_from_the_canonical_tables_on_every_byte_is_the_same(read, expected, tmp_path, name):
    for subject, (session, signals) in read[name].items():
        found = canonical_bytes(session, tmp_path)
        if subject == "002":
            found |= results(session, signals[0], 2, tmp_path)
        assert found.keys() == expected[subject].keys()
        for file, content in expected[subject].items():
            assert found[file] == content, file


@pytest.mark.parametrize("name", WRITERS)
def test_an_export_as_bids_reads_back_the_same(read, expected, tmp_path, name):
    files = {}
    study = BidsStudy("same", {"response": "ordinal"})
    for session, signals in read[name].values():
        whole = dataclasses.replace(session, signals=signals)
        files |= participant_files(whole, study)[0]
    again = read_any(Written(files, {"reader": "bids"}), tmp_path, {"response": "ordinal"})
    for subject, (session, signals) in again.items():
        found = canonical_bytes(session, tmp_path)
        assert found == {file: expected[subject][file] for file in found}
        before = read[name][subject][1][0].values
        assert (signals[0].values.dtype, signals[0].values.tobytes()) == (
            before.dtype,
            before.tobytes(),
        )


# What each format can hold of a time in seconds, and of a pulse of so many millivolts: half of its
# last digit or step.
HOLDS = {
    # Ticks of 0.1 ms; six digits, in single precision.
    "rest_asmr": (0.5e-4, 0.5e-3 + 3e-5),
    "csv": (0.0, 0.0),
    # Unix times to a microsecond.
    "csv, unix": (0.5e-6, 0.0),
    "bids": (0.0, 0.0),
    # Doubles, but on the clock of a computer that ran for a day.
    "xdf": (0.75e-11, 0.0),
    # Tags and values with two digits; a unix time to 0.12 us.
    "empatica": (0.5e-2 + 2e-7, 0.5e-2),
    # Annotations as EDFlib writes them, to 0.1 ms; 16 bits over the range, here steps of 1, which
    # it cuts.
    "edf": (0.5e-4, 1.0),
    # Markers stand at samples.
    "acq": (0.5 / RATE, 0.0),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_format_cannot_hold_is_off_by_its_last_digit_at_most(tmp_path, name):
    people = the_study(late_s=0.00674312345, whole=False)
    read = read_any(WRITERS[name](people), tmp_path, {"response": "ordinal"})
    seconds, height = HOLDS[name]
    for person, (session, signals) in zip(people, read.values(), strict=True):
        onsets = np.array([trial.onset_s for trial in person.trials])
        late = np.abs(session.trials["onset_s"].to_numpy() - onsets).max()
        off = np.abs(signals[0].values - person.pulse).max()
        assert late <= seconds and off <= height
        # The bounds are no larger than they need to be.
        assert late >= seconds / 25 and off >= height / 4
    assert EDF_RANGE == (-(2**15), 2**15 - 1)


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    return {
        name: read_any(make(), tmp_path_factory.mktemp("moved"), MOVED_KINDS)["001"][0]
        for name, make in MOVED.items()
    }


@pytest.mark.parametrize("name", MOVED)
def test_a_slider_and_a_button_follow_one_rule(moved, name):
    session = moved[name]
    times, values = slider()
    planted = []
    for number, (_, onset) in enumerate(MOVED_TRIALS, 1):
        # Samples fall on every onset, so that none before it is needed; that at an end is the
        # first one of the next trial, or of none.
        own = (times >= onset) & (times < onset + CLIP_S)
        planted += [
            (number, "joy", time, value)
            for time, value in zip(times[own].tolist(), values[own].tolist(), strict=True)
        ]
    planted += [
        *((1, "tingle", 2.0, 1.0), (1, "tingle", 3.5, 0.0), (1, "tingle", 13.0, 1.0)),
        *((2, "tingle", 14.0, 1.0), (2, "tingle", 15.5, 0.0), (2, "tingle", 25.0, 1.0)),
        *((3, "tingle", 31.0, 1.0), (3, "tingle", 32.0, 0.0), (3, "tingle", 40.5, 1.0)),
    ]
    assert sorted(session.responses.itertuples(index=False, name=None)) == sorted(planted)


@pytest.mark.parametrize("name", MOVED)
def test_a_slider_and_a_button_come_back_from_an_export_as_bids(moved, tmp_path, name):
    files, _ = participant_files(moved[name], BidsStudy("same", MOVED_KINDS))
    assert any("recording-joy_stim.tsv.gz" in path for path in files)
    again = read_any(Written(files, {"reader": "bids"}), tmp_path, MOVED_KINDS)["001"][0]
    assert canonical_bytes(again, tmp_path) == canonical_bytes(moved[name], tmp_path)


@pytest.mark.parametrize("name", MOVED)
def test_ratings_of_a_slider_and_a_button_are_the_same_bytes(moved, tmp_path, name):
    def ratings(session: Session) -> pd.DataFrame:
        trials = place_trials(
            session.trials, CONDITIONS, subject=1, warm_up_s=2.0, grid=GRID, source="the study"
        )
        presses = place_responses(session.responses, session.trials, subject=1)
        dimensions = {
            name: Dimension(kind=kind, interpolation="hold") for name, kind in MOVED_KINDS.items()
        }
        return rating_grid(trials, presses, GRID, dimensions=dimensions, target="joy")

    for case in ("csv", name):
        write_table(ratings(moved[case]), tmp_path / f"{case}.parquet")
    whole = (tmp_path / "csv.parquet").read_bytes()
    assert (tmp_path / f"{name}.parquet").read_bytes() == whole
    assert canonical_bytes(moved[name], tmp_path) == canonical_bytes(moved["csv"], tmp_path)
    assert ratings(moved[name])["rating_tingle"].nunique() == 2
