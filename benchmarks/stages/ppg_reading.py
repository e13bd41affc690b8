"""Pulse recording: from the text export to the valid epoch of every clip, for two users."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.files import read_arrays, read_table, write_arrays
from tinglegram.formats.biopac import read_export
from tinglegram.pulse.epochs import PRINTED_TIME, pack_epoch, unpack_epoch
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time


class Inputs(NamedTuple):
    """The text export, the trials in it, and how often its samples are needed."""

    export: Path
    trials: pd.DataFrame
    channel: str
    sampling_rate: float
    users: int


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """Read the timeline; two later stages use the samples: 10-Hz series and pulse windows."""
    pulse, trials = settings["pulse"], read_table(folder / "timeline.tsv")
    return Inputs(folder / "ppg.txt", trials, pulse["channel"], pulse["sampling_rate"], users=2)


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Parse the text once, check it, store both kinds of slices; each user reads the slices."""
    source = inputs.export.name
    recording = read_export(
        inputs.export.read_bytes(), source, inputs.channel, inputs.sampling_rate
    )
    arrays = {"sampling_rate_hz": np.array(recording.sampling_rate_hz)}
    for trial in inputs.trials.itertuples():
        epoch = (recording, source, trial.video, trial.valid_start_s, trial.end_s)
        arrays |= pack_epoch(trial.video, slice_by_index(*epoch), slice_by_printed_time(*epoch))
    with tempfile.TemporaryDirectory() as place:
        stored = Path(place) / "slices.npz"
        write_arrays(stored, arrays)
        del arrays, recording
        found: dict[str, np.ndarray] = {}
        for _ in range(inputs.users):
            slices = read_arrays(stored)
            for trial in inputs.trials.itertuples():
                clip = unpack_epoch(slices, trial.video, PRINTED_TIME, trial.valid_start_s)
                found |= {trial.video: clip.signal, f"{trial.video}_s": clip.time_s}
    return found


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Each user reads the text with pandas and masks the whole recording for every clip.

    As the released code: 8 lines are skipped, column 0 is the time in minutes, column 2 is CH2,
    and rows without a time (the row of sample counts) are dropped.
    """
    found: dict[str, np.ndarray] = {}
    for _ in range(inputs.users):
        table = pd.read_csv(inputs.export, sep="\t", skiprows=8, header=None, encoding="cp932")
        table = table[pd.to_numeric(table[0], errors="coerce").notna()]
        time_s, signal = table[0] * 60, table[2]
        for trial in inputs.trials.itertuples():
            mask = (time_s >= trial.valid_start_s) & (time_s < trial.end_s)
            found |= {
                trial.video: signal[mask].to_numpy(),
                f"{trial.video}_s": time_s[mask].to_numpy(),
            }
    return found
