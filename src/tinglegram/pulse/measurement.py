"""Pulse rate, RMSSD, mean rating and signal quality of one participant in sliding windows.

The windows of the rests are measured the same way, for the means of every block.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.pulse.continuity import Continuity, find_level
from tinglegram.pulse.epochs import Epoch, unpack_epoch
from tinglegram.pulse.quality import (
    QUALITY_MEASURES,
    Quality,
    mark_poor,
    measure_quality,
    scale_finding,
)
from tinglegram.pulse.rests import Rest, block_table, unpack_rests
from tinglegram.pulse.windows import (
    Windowing,
    Windows,
    exact_windows,
    filter_windows,
    measure_windows,
    place_windows,
)

VALUES = ["start_s", "pulse_rate_bpm", "rmssd_ms", "mean_rating"]
WINDOW_COLUMNS = ["subject", "video", *VALUES, *QUALITY_MEASURES, "poor"]
_MEASURED = ["template_correlation", "amplitude", "flat_share", "clipped_share"]


class PulseOfParticipant(NamedTuple):
    """What the pulse of one participant gave.

    Attributes
    ----------
    windows : one row per window of a clip: `WINDOW_COLUMNS`.
    blocks : means of every rest and condition, as `tinglegram.pulse.rests.block_table` gives them.
    findings : what a careful reader should know and is no error.
    """

    windows: pd.DataFrame
    blocks: pd.DataFrame
    findings: tuple[str, ...]


def measure_epoch(
    epoch: Epoch,
    windows: Windows,
    ratings: np.ndarray,
    sampling_rate_hz: float,
    windowing: Windowing,
    continuity: Continuity,
) -> pd.DataFrame:
    """Measure every window of an epoch, with its quality.

    Parameters
    ----------
    ratings : (n_steps,), one per step of the grid; empty outside of clips.

    Returns
    -------
    pandas.DataFrame
        start_s, pulse_rate_bpm, rmssd_ms, mean_rating, and the columns of
        `tinglegram.pulse.quality.measure_quality`.
    """
    waves = filter_windows(epoch, windows, sampling_rate_hz, windowing)
    values = measure_windows(epoch, windows, ratings, sampling_rate_hz, windowing, waves)
    flat, clipped = find_level(epoch.signal, sampling_rate_hz, continuity)
    return values.join(measure_quality(waves, flat, clipped))


def measure_participant(
    clips: Mapping[str, np.ndarray],
    rests: Mapping[str, np.ndarray],
    timeline: pd.DataFrame,
    ratings: pd.DataFrame,
    conditions: Sequence[str],
    *,
    subject: int,
    slice_by: str,
    window_clock: str,
    grid_hz: float,
    windowing: Windowing,
    continuity: Continuity,
    quality: Quality,
) -> PulseOfParticipant:
    """Measure all windows of one participant, and the means of every rest and condition.

    Parameters
    ----------
    clips, rests : arrays of `tinglegram.pulse.slices.slice_participant`.
    timeline, ratings : trials of the participant, and their ratings on the grid.
    conditions : in the order to report.
    slice_by, window_clock : switches of the protocol.
    grid_hz : steps of the ratings per second.
    """
    rate = float(clips["sampling_rate_hz"])
    ratings = ratings.sort_values("step")
    # A participant whose clips are all left out has an empty table.
    tables = [pd.DataFrame(columns=["video", "condition", *VALUES, *_MEASURED])]
    for trial in timeline.to_dict("records"):
        epoch = unpack_epoch(clips, trial["video"], slice_by, trial["valid_start_s"])
        times = (trial["start_s"], trial["valid_start_s"], trial["end_s"])
        windows = place_windows(window_clock, *times, grid_hz, windowing)
        own = ratings.loc[ratings["video"] == trial["video"], "rating"].to_numpy()
        table = measure_epoch(epoch, windows, own, rate, windowing, continuity)
        tables.append(table.assign(video=trial["video"], condition=trial["condition"]))
    found: list[Rest] = []
    resting = [pd.DataFrame(columns=[*tables[0].columns, "rest"])]
    findings = []
    for rest, resting_epoch in unpack_rests(rests):
        found.append(rest)
        if resting_epoch is None:
            findings.append(f"rest '{rest.name}' is not used: {rest.problem}")
            continue
        # One clock for all protocols: rests have no ratings whose steps could drift.
        windows = exact_windows(rest.start_s, rest.end_s, grid_hz, windowing)
        table = measure_epoch(resting_epoch, windows, np.empty(0), rate, windowing, continuity)
        resting.append(table.assign(rest=rest.name))
    measured = pd.concat(tables[1:] or tables, ignore_index=True)
    # The same yardstick for rests as for clips.
    median = float(measured["amplitude"].median())
    if len(measured) and (finding := scale_finding(median, windowing.peak_prominence)):
        findings.append(finding)
    measured, rested = (
        mark_poor(table, median, quality)
        for table in (measured, pd.concat(resting[1:] or resting, ignore_index=True))
    )
    blocks = block_table(measured, rested, found, conditions)
    blocks.insert(0, "subject", subject)
    return PulseOfParticipant(
        measured.assign(subject=subject)[WINDOW_COLUMNS], blocks, tuple(findings)
    )
