"""Times of the samples of a stream that nominally runs at a steady rate."""

from dataclasses import dataclass

import numpy as np

# Samples on each side of a step by which lost samples are told from a stamp that came late.
WINDOW = 32
# Samples over which the usual interval is measured.
LAG = 64
# Steps of which each is judged by medians; of more, means choose those worth it.
MOST_JUDGED = 10_000
# A step is looked at from this many intervals on, and is a gap where it stays: in intervals.
LOOKED_AT, STAYS = 1.5, 0.75
# Steps below so many standard deviations of the stamps' jitter are no gaps.
SURE = 6.0
# A device keeps no steady rate where the means of so many stamps are so many intervals off.
BLOCK, WANDERS = 256, 1.0
# Drift over a whole recording below which the nominal rate holds, in intervals.
NO_DRIFT = 0.1


@dataclass(frozen=True, eq=False)
class StreamTimes:
    """When the samples of a stream were taken.

    Attributes
    ----------
    start_s, rate_hz : of a stream without a gap; the rate is None where there are gaps.
    times_s : float64 (n,) of a stream with gaps; None elsewhere.
    gaps_s : length of each gap in seconds, beyond the usual interval; below 0 where stamps step
        back.
    steady : False where the device does not keep one rate, so that the stamps hold as they are.
    """

    start_s: float
    rate_hz: float | None
    times_s: np.ndarray | None
    gaps_s: np.ndarray
    steady: bool = True


def stream_times(stamps_s: np.ndarray, nominal_hz: float) -> StreamTimes:
    """Return even times of samples from time stamps that jitter, with the gaps between them.

    Stamps are given when a packet arrives, so that single ones are late. Lost samples move all that
    follow. Both begin with a step; only the second stays: the median distance of the `WINDOW`
    stamps after it from an even clock differs from that of those before it. Between gaps the times
    are a straight line through the stamps, with one rate for the whole recording; where the device
    keeps none and its stamps rise, they are the times.

    Parameters
    ----------
    stamps_s : float64 (n,), n > 0, seconds.
    nominal_hz : rate that the stream announces, above 0.

    Returns
    -------
    times : a rate that differs from the nominal one by less than `NO_DRIFT` samples over the whole
        recording is taken as nominal.
    """
    index = np.arange(len(stamps_s))
    if len(stamps_s) < 3:
        return StreamTimes(float(stamps_s[0]), nominal_hz, None, np.zeros(0))
    # Over many samples, since packets make single steps useless; the announced rate may be wrong.
    lag = LAG if len(stamps_s) > 2 * LAG else 1
    interval = float(np.median(stamps_s[lag:] - stamps_s[:-lag])) / lag
    if interval <= 0:
        interval = 1 / nominal_hz
    bounds = [0, *_gap_places(stamps_s - index * interval, interval), len(stamps_s)]
    part = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    sizes = np.diff(bounds)
    centred = index - (np.add.reduceat(index, bounds[:-1]) / sizes)[part]
    moved = stamps_s - (np.add.reduceat(stamps_s, bounds[:-1]) / sizes)[part]
    spread = float(centred @ centred)
    step = float(centred @ moved) / spread if spread > 0 else interval
    if abs(step * nominal_hz - 1) * sizes.max() < NO_DRIFT or step <= 0:
        step = 1 / nominal_hz
    offsets = np.add.reduceat(stamps_s - index * step, bounds[:-1]) / sizes
    even = offsets[part] + index * step
    if (np.diff(stamps_s) > 0).all() and _wanders(stamps_s - even, bounds) > WANDERS * step:
        return StreamTimes(float(stamps_s[0]), None, stamps_s, np.diff(offsets), False)
    if len(bounds) == 2:
        rate = nominal_hz if step == 1 / nominal_hz else 1 / step
        return StreamTimes(float(offsets[0]), rate, None, np.zeros(0))
    return StreamTimes(float(offsets[0]), None, even, np.diff(offsets))


def _wanders(late_s: np.ndarray, bounds: list[int]) -> float:
    """Return how far stamps are from an even clock, in seconds, where many of them agree."""
    edges = np.unique([*bounds, *range(0, len(late_s), BLOCK)])
    sizes = np.diff(edges)
    means = np.add.reduceat(late_s, edges[:-1]) / sizes
    return float(np.abs(means[sizes >= BLOCK // 2]).max(initial=0.0))


def _gap_places(residual: np.ndarray, interval: float) -> list[int]:
    """Return the first sample after each gap.

    The largest steps are judged first, so that the samples before one that is judged later end
    where those after a gap begin.
    """
    jumps, size = np.diff(residual), len(residual)
    noise = _noise(residual)
    places = np.flatnonzero(np.abs(jumps) > (LOOKED_AT - 1) * interval) + 1
    if len(places) > MOST_JUDGED:
        total = np.concatenate([[0.0], np.cumsum(residual)])
        first, last = np.maximum(places - WINDOW, 0), np.minimum(places + WINDOW, size)
        before = (total[places] - total[first]) / (places - first)
        after = (total[last] - total[places]) / (last - places)
        places = places[np.abs(after - before) > max(STAYS * interval, SURE * noise[0]) / 2]
    gaps: list[int] = []
    for at in sorted(places.tolist(), key=lambda at: -abs(jumps[at - 1])):
        begin = max([gap for gap in gaps if gap < at], default=0)
        end = min([gap for gap in gaps if gap > at], default=size)
        before, after = residual[max(begin, at - WINDOW) : at], residual[at : min(end, at + WINDOW)]
        stays = float(np.median(after) - np.median(before))
        # Few samples between two gaps, or at an end, say less; and only a clock that was reset
        # steps back.
        whole = min(len(before), len(after)) == WINDOW
        least = max(STAYS * interval, SURE * (noise[0] if whole else max(noise)))
        if (abs(stays) if whole else stays) > least:
            gaps.append(at)
    return sorted(gaps)


def _noise(residual: np.ndarray) -> tuple[float, float]:
    """Return the usual distance of two neighbouring medians, and of a stamp from its median.

    Both as standard deviations that few gaps do not change (1.4826 times the median distance).
    """
    whole = len(residual) // WINDOW * WINDOW
    if whole < 2 * WINDOW:
        return 0.0, 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    blocks = residual[:whole].reshape(-1, WINDOW)
    medians = np.median(blocks, axis=1)
    apart = np.median(np.abs(blocks - medians[:, None]))
    return 1.4826 * float(np.median(np.abs(np.diff(medians)))), 1.4826 * float(apart)
