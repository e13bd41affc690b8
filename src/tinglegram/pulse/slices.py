"""All slices of one participant's recording: the valid epoch of every clip, and every rest."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import timeline_names
from tinglegram.formats.recording import Recording
from tinglegram.pulse.alignment import STARTS_TOGETHER, Clock
from tinglegram.pulse.epochs import pack_epoch, pack_margins
from tinglegram.pulse.rests import (
    Rest,
    RestEpochs,
    find_rests,
    pack_rests,
    recording_seconds,
    slice_rest,
)
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time


class Slices(NamedTuple):
    """Arrays to store of the clips and of the rests, and all rests that were found."""

    clips: dict[str, np.ndarray]
    rests: dict[str, np.ndarray]
    found: list[Rest]


def slice_participant(
    recording: Recording,
    source: str,
    timeline: pd.DataFrame,
    n_clips: int,
    settings: RestEpochs,
    *,
    printed_time: bool,
    clock: Clock = STARTS_TOGETHER,
    margin_s: float = 0.0,
) -> Slices:
    """Cut the valid epoch of every trial and every rest out of a recording.

    Parameters
    ----------
    source : name of the recording, for messages.
    timeline : trials of the participant, of `tinglegram.behaviour.timeline.timeline`.
    n_clips : clips of a whole session.
    printed_time : also slice by the printed time column.
    clock : where the recording started on the log clock, by default at its time 0.
    margin_s : seconds of the recording on either side to keep for filters.

    Raises
    ------
    InputProblem : the recording does not cover an epoch.
    """
    rate = {"sampling_rate_hz": np.array(recording.sampling_rate_hz)}
    clips = dict(rate)
    for name, trial in zip(timeline_names(timeline), timeline.to_dict("records"), strict=True):
        offset_s = clock.offset(trial["start_s"])
        edges = (trial["valid_start_s"], trial["end_s"])
        epoch = (recording, source, name, *edges, offset_s, margin_s)
        printed = slice_by_printed_time(*epoch) if printed_time else None
        clips |= pack_epoch(name, slice_by_index(*epoch), printed, offset_s)
    found = find_rests(
        timeline,
        recording_seconds(
            recording.first_index + len(recording.signal), recording.sampling_rate_hz
        ),
        n_clips,
        margin_s=settings.rest_margin,
        minimum_s=settings.rest_minimum,
        begin_s=recording.first_index / recording.sampling_rate_hz,
        clock=clock,
    )
    epochs = {r: slice_rest(recording, source, r, margin_s) for r in found if not r.problem}
    rests = rate | pack_rests({r: epochs[r].signal if r in epochs else None for r in found})
    for rest, resting in epochs.items():
        rests |= pack_margins(rest.name, resting)
    return Slices(clips, rests, found)
