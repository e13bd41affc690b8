"""Heart rate on the grid of the ratings.

An electrocardiogram at 10 samples per second is aliased: its complexes last a tenth of a second.
So its series, as that of intervals, is the rate between beats.
"""

import numpy as np
import scipy

from tinglegram.pulse.heart_values import HeartValues

# ASSUMPTION: what is no heart rate, bpm, and what is no neighbour of the rates around it, as a
# share of the median of eleven: a missed beat halves a rate, a false one doubles it. The windows
# have settings for it; here a value that is left out only makes a longer line.
_RANGE_BPM, _LIKE, _AROUND = (25.0, 240.0), (0.67, 1.55), 11
# Rates that differ by less do not change: rounding of times.
_SAME_BPM = 1e-6


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
