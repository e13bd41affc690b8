"""RMSSD from windows long enough for it.

In 5 s there are four or five differences of intervals: RMSSD is then 4 to 12 % too low, with a
coefficient of variation of 0.35 to 0.54. Windows of 30 s bring that to 0 to 4 % and 0.11 to 0.18;
short ones describe (Munoz et al., 2015, doi:10.1371/journal.pone.0138921).
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import showing_keys
from tinglegram.pulse.rests import Rest, block_table
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import Bounds, section

_LOG = "log_rmssd"
# Number of long windows with an RMSSD, beside the columns of `block_table`.
N_LONG = "n_windows_rmssd"


@section("pulse")
class LongWindows:
    """How long the windows of RMSSD are (switch rmssd_windows: long)."""

    rmssd_window: Annotated[
        float,
        Bounds(minimum=30),
        "Length of a window from which RMSSD is compared with rest, s; shorter ones describe "
        "(switch rmssd_windows: long).",
    ] = 30.0


def long_windowing(windowing: Windowing, settings: LongWindows) -> Windowing:
    """Return how long windows are cut: as short ones, with as many beats in every second."""
    times = settings.rmssd_window / windowing.window
    return replace(
        windowing,
        window=settings.rmssd_window,
        minimum_peaks=max(2, math.ceil((windowing.minimum_peaks - 1) * times) + 1),
        minimum_intervals=max(1, math.ceil(windowing.minimum_intervals * times)),
    )


def with_long_rmssd(
    blocks: pd.DataFrame,
    clips: pd.DataFrame,
    rest_windows: pd.DataFrame,
    rests: Sequence[Rest],
    conditions: Sequence[str],
) -> pd.DataFrame:
    """Return means of blocks with the RMSSD of long windows in place of that of short ones.

    Parameters
    ----------
    blocks : of `tinglegram.pulse.rests.block_table`, one participant.
    clips, rest_windows, rests, conditions : see there; windows of one long length, rmssd_ms.

    Returns
    -------
    pandas.DataFrame
        blocks, where rmssd_ms is the geometric mean over long windows (on the scale of logarithms,
        on which rest and clips are compared, the mean does not depend on how many windows there
        are), and n_windows_rmssd. Missing and 0 where no clip or rest of the block is long enough.
    """
    means = block_table(_logged(clips), _logged(rest_windows), rests, conditions, [_LOG], "RMSSD")
    return blocks.assign(
        rmssd_ms=np.exp(means[_LOG].to_numpy(dtype=float)), **{N_LONG: means["n_windows"]}
    )


def too_short_finding(
    timeline: pd.DataFrame,
    clips: pd.DataFrame,
    rest_windows: pd.DataFrame,
    rests: Sequence[Rest],
    seconds: float,
) -> str:
    """Say how many clips and rests hold no window of this length; empty: all do.

    Parameters
    ----------
    timeline : a row for each showing.
    clips, rest_windows : long windows.
    """
    shown = len(clips.drop_duplicates(showing_keys(clips))) if len(clips) else 0
    resting = [rest.name for rest in rests if not rest.problem]
    n_clips = len(timeline) - shown
    n_rests = len(set(resting) - set(rest_windows["rest"]))
    if not n_clips and not n_rests:
        return ""
    return (
        f"{n_clips} of {len(timeline)} clips and {n_rests} of {len(resting)} rests are too short "
        f"for a window of {seconds:g} s (pulse: rmssd_window): they have no RMSSD"
    )


def _logged(windows: pd.DataFrame) -> pd.DataFrame:
    rmssd = windows["rmssd_ms"].astype(float)
    # Intervals all alike have an RMSSD of 0, of which there is no logarithm and no ratio.
    return windows.assign(**{_LOG: np.log(rmssd.where(rmssd > 0))})
