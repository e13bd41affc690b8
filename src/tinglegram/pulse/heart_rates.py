"""Heart rate on the grid of the ratings, and how much of a clip a device's values cover.

An electrocardiogram at 10 samples per second is aliased: its complexes last a tenth of a second.
So its series, as that of intervals, is the rate between beats.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy

from tinglegram.pulse.continuity import COUNTS
from tinglegram.pulse.heart_values import HeartValues, unpack_heart

# ASSUMPTION: what is no heart rate, bpm, and what is no neighbour of the rates around it, as a
# share of the median of eleven: a missed beat halves a rate, a false one doubles it. The windows
# have settings for it; here a value that is left out only makes a longer line.
_RANGE_BPM, _LIKE, _AROUND = (25.0, 240.0), (0.67, 1.55), 11
# Rates that differ by less do not change: rounding of times.
_SAME_BPM = 1e-6
# Continuity counts thousandths of a second.
_PER_SECOND = 1000


def rates_of(heart: HeartValues) -> tuple[np.ndarray, np.ndarray]:
    """Return each value as a rate, bpm, and whether it is like those around it; (n,) each."""
    bpm = heart.values if heart.kind == "hr" else 60000.0 / heart.values
    if not len(bpm):
        return bpm, np.zeros(0, dtype=bool)
    usual = scipy.ndimage.median_filter(bpm, size=min(_AROUND, len(bpm)), mode="nearest")
    share = bpm / usual
    like = (share >= _LIKE[0]) & (share <= _LIKE[1])
    return bpm, like & (bpm >= _RANGE_BPM[0]) & (bpm <= _RANGE_BPM[1])


def rate_series(heart: HeartValues, start_s: float, end_s: float, n_steps: int) -> np.ndarray:
    """Return the heart rate on the grid of the ratings, standardised.

    Parameters
    ----------
    heart : values in and around the clip.
    start_s, end_s : its valid epoch.
    n_steps : of the grid.

    Returns
    -------
    numpy.ndarray
        float32 (n_steps,): the rate interpolated by lines between the middles of intervals, or the
        stamps of rates, the nearest one beyond the first and last, as z-scores with the population
        SD. Zeros where the rate does not change, or fewer than two values are in the clip.
    """
    bpm, like = rates_of(heart)
    middles = (heart.from_s + heart.to_s) / 2
    if np.count_nonzero(like & (middles >= start_s) & (middles < end_s)) < 2:
        return np.zeros(n_steps, dtype=np.float32)
    times = start_s + np.arange(n_steps) * (end_s - start_s) / n_steps
    series = np.interp(times, middles[like], bpm[like])
    if np.ptp(series) < _SAME_BPM:
        return np.zeros(n_steps, dtype=np.float32)
    found: np.ndarray = ((series - series.mean()) / series.std()).astype(np.float32)
    return found


def heart_continuity(arrays: Mapping[str, np.ndarray], timeline: pd.DataFrame) -> pd.DataFrame:
    """Count the time of every clip that intervals or rates cover, in ms.

    Parameters
    ----------
    arrays : clips of `tinglegram.pulse.heart_slices.slice_heart`.
    timeline : trials of the participant.

    Returns
    -------
    pandas.DataFrame
        as of `tinglegram.pulse.continuity.participant_continuity`: n_samples is the length of the
        clip, n_disconnected and n_bad the time without a value that is like those around it.
    """
    rows = []
    for trial in timeline.to_dict("records"):
        heart = unpack_heart(arrays, trial["video"])
        edges = np.array([trial["valid_start_s"]]), np.array([trial["end_s"]])
        covered = float(heart.overlap(*edges)[0] @ rates_of(heart)[1])
        length = round((trial["end_s"] - trial["valid_start_s"]) * _PER_SECOND)
        lacking = max(0, length - round(covered * _PER_SECOND))
        counts = dict(zip(COUNTS, (length, 0, 0, lacking, lacking), strict=True))
        rows.append({k: trial[k] for k in ("subject", "video", "condition")} | counts)
    return pd.DataFrame(rows, columns=["subject", "video", "condition", *COUNTS])
