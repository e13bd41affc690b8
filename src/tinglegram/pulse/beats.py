"""Where the heart beats in a band-passed pulse: its systolic peaks, and which intervals count.

Two detectors. `prominence` takes local maxima that are far enough apart and stand out enough, by a
height in the signal's unit (as the released code does) or by a share of the pulse around them.
`msptd_fast` takes maxima that remain maxima at every scale up to the one with most of them
(Charlton et al. 2025, doi:10.1088/1361-6579/adb89e; the scalogram is that of Scholkmann et al.
2012, doi:10.3390/a5040588).
"""

from typing import Annotated, Literal, NamedTuple

import numpy as np
import scipy

from tinglegram.settings import ABOVE_ZERO, SHARE, SWITCH, Bounds, Each, section

NO_PEAKS = np.empty(0, dtype=np.intp)
# Charlton et al. (2025): seconds of a stretch and share that neighbouring ones overlap, samples per
# second looked at, slowest pulse, and seconds around a coarse peak in which the true one lies.
_STRETCH_S, _OVERLAP, _COARSE_HZ, _SLOWEST_HZ, _TOLERANCE_S = 6.0, 0.2, 20.0, 0.5, 0.05
# Least seconds between two beats where limits follow a range of rates: far below the shortest
# interval, so that a pulse above the range shows its own intervals, not two of them as one.
LEAST_APART_S = 0.25
# Seconds on either side of a peak that say how high the pulse is there.
_NEIGHBOURHOOD_S = 5.0
# Share of the usual prominence that makes a clear peak, and seconds around a peak in which the
# intervals between clear ones say how long an interval usually is.
_CLEAR, _WIDE_S = 0.5, 20.0
# Neighbouring intervals that say how long one is there, its own included.
_NEIGHBOURS = 11
# A premature beat: an interval shorter than the first share of those around it, and then a pause
# longer than the second.
_PREMATURE, _PAUSE = 0.8, 1.15


@section("pulse")
class BeatLimits:
    """What counts as a beat and as an interval where limits follow the pulse itself.

    The fixed limits of the released code are in `tinglegram.pulse.windows.Windowing`.
    """

    rate_range: Annotated[
        tuple[float, float],
        Each(ABOVE_ZERO),
        "Lowest and highest pulse rate that counts, bpm: other intervals are left out "
        "(interval_limits: rate_range).",
    ] = (35.0, 200.0)
    interval_tolerance: Annotated[
        tuple[float, float],
        Each(Bounds(exclusiveMinimum=0)),
        "Shortest and longest interval that counts, as a share of the median of the intervals "
        "around it: a missed or a false beat is outside (interval_limits: rate_range).",
    ] = (0.65, 1.5)
    relative_prominence: Annotated[
        float,
        SHARE,
        "Least prominence of a systolic peak, as a share of the pulse around it "
        "(prominence: relative).",
    ] = 0.4
    nearest_beat: Annotated[
        float,
        SHARE,
        "Least time from a systolic peak to a more prominent one, as a share of the usual interval "
        "around it: a second wave is nearer (prominence: relative).",
    ] = 0.55


@section("")
class PulseMethods:
    """What paper and better practice do differently to find and count beats (docs/protocols.md).

    The defaults are the released code's.
    """

    pulse_filter: Annotated[
        Literal["window", "clip"],
        SWITCH,
        "What is band-passed: each window anew, or the clip once with what was recorded around it.",
    ] = "window"
    peak_detector: Annotated[
        Literal["prominence", "msptd_fast"],
        SWITCH,
        "How systolic peaks are found: by distance and prominence, or MSPTDfast (Charlton et al., "
        "2025).",
    ] = "prominence"
    prominence: Annotated[
        Literal["absolute", "relative"],
        SWITCH,
        "What a peak must stand out by: a height in the signal's unit, or a share of the pulse "
        "around it.",
    ] = "absolute"
    peak_placement: Annotated[
        Literal["sample", "parabola"],
        SWITCH,
        "Where a peak is: on a sample, or between samples by a parabola through three.",
    ] = "sample"
    interval_limits: Annotated[
        Literal["fixed", "rate_range"],
        SWITCH,
        "Which intervals count: those in fixed limits, or those of a range of pulse rates that are "
        "like the intervals around them.",
    ] = "fixed"
    rmssd_differences: Annotated[
        Literal["spliced", "neighbours"],
        SWITCH,
        "Which differences RMSSD takes: of intervals that stand side by side once others are left "
        "out, or of true neighbours only.",
    ] = "spliced"
    polarity: Annotated[
        Literal["as_recorded", "detected"],
        SWITCH,
        "Whether a wave that is upside down is used as recorded, or turned.",
    ] = "as_recorded"
    window_faults: Annotated[
        Literal["level", "all"],
        SWITCH,
        "What spoils a window: flat lines and clipping, or also disconnects and movement.",
    ] = "level"
    rmssd_windows: Annotated[
        Literal["short", "long"],
        SWITCH,
        "Which windows the change of RMSSD against rest is from: those of the pulse rate, or those "
        "of pulse: rmssd_window, as a ratio. Where long, RMSSD in short ones is not tested.",
    ] = "short"


class Intervals(NamedTuple):
    """Neighbouring pulse-to-pulse intervals, (n,): ms, and whether each counts as one."""

    ms: np.ndarray
    counts: np.ndarray


NO_INTERVALS = Intervals(np.empty(0), np.empty(0, dtype=bool))


def relative_peaks(
    filtered: np.ndarray, sampling_rate_hz: float, least_s: float, limits: BeatLimits
) -> np.ndarray:
    """Find systolic peaks by what stands out of the pulse around them, at least `least_s` apart.

    A peak must have a share of the usual prominence, which is the upper quartile of those of all
    maxima within 5 s: most maxima of a pulse are systolic peaks and second waves, few are movement.
    A peak that is too near to a more prominent one is its second wave.

    Parameters
    ----------
    filtered : shape (n_samples,), band-passed; the result holds indices of its samples.
    """
    peaks, found = scipy.signal.find_peaks(
        filtered, distance=max(1, int(least_s * sampling_rate_hz)), prominence=0
    )
    prominence, reach = found["prominences"], _NEIGHBOURHOOD_S * sampling_rate_hz
    first = np.searchsorted(peaks, peaks - reach, side="left")
    last = np.searchsorted(peaks, peaks + reach, side="right")
    usual = np.array([np.percentile(prominence[a:b], 75) for a, b in zip(first, last, strict=True)])
    clear = peaks[prominence >= max(_CLEAR, limits.relative_prominence) * usual]
    kept = prominence >= limits.relative_prominence * usual
    standing: np.ndarray = peaks[kept]
    if len(clear) < _NEIGHBOURS:
        return standing
    nearest = limits.nearest_beat * _usual_interval(clear, standing, _WIDE_S * sampling_rate_hz)
    return _without_second_waves(standing, prominence[kept], nearest)


def _usual_interval(clear: np.ndarray, peaks: np.ndarray, reach: float) -> np.ndarray:
    """Median interval, in samples, between clear peaks within `reach` of each peak."""
    intervals, middles = np.diff(clear), (clear[1:] + clear[:-1]) / 2
    first = np.searchsorted(middles, peaks - reach, side="left")
    last = np.searchsorted(middles, peaks + reach, side="right")
    usual: np.ndarray = np.array(
        [
            np.median(intervals[a:b] if b - a >= 5 else intervals)
            for a, b in zip(first, last, strict=True)
        ]
    )
    return usual


def _without_second_waves(
    peaks: np.ndarray, prominence: np.ndarray, nearest: np.ndarray
) -> np.ndarray:
    """Leave out peaks that are nearer than `nearest` (samples) to one at least as prominent."""
    kept = np.ones(len(peaks), dtype=bool)
    # The least prominent first, so that a second wave never takes the place of its beat.
    for k in np.argsort(prominence, kind="stable"):
        others = np.flatnonzero(kept)
        place = np.searchsorted(others, k)
        beside = [*others[max(0, place - 1) : place], *others[place + 1 : place + 2]]
        kept[k] = not any(
            abs(peaks[j] - peaks[k]) < nearest[k] and prominence[j] >= prominence[k] for j in beside
        )
    left: np.ndarray = peaks[kept]
    return left


def msptd_fast(filtered: np.ndarray, sampling_rate_hz: float) -> np.ndarray:
    """Find systolic peaks by MSPTDfast, version 2, of Charlton et al. (2025).

    Overlapping stretches of 6 s are seen at about 20 samples per second. A sample is a peak when
    it is higher than those k to its left and right for every k up to the one at which most samples
    are, of those that belong to 30 bpm and more. Peaks are then moved to the highest sample nearby.

    Parameters
    ----------
    filtered : shape (n_samples,), band-passed; the result holds indices of its samples.
    """
    length = round(_STRETCH_S * sampling_rate_hz)
    step = max(1, round(length * (1 - _OVERLAP)))
    starts = list(range(0, max(1, len(filtered) - length + 1), step))
    if starts[-1] + length < len(filtered):
        starts.append(len(filtered) - length)
    coarse = max(1, int(sampling_rate_hz / _COARSE_HZ))
    # The paper's tolerance is in seconds; a coarse sample is the least that can be meant.
    reach = max(coarse, int(np.ceil(_TOLERANCE_S * sampling_rate_hz)))
    found: set[int] = set()
    for start in starts:
        stretch = filtered[start : start + length]
        for peak in _scalogram_peaks(stretch[::coarse], sampling_rate_hz / coarse) * coarse:
            low = max(0, peak - reach)
            found.add(start + low + int(np.argmax(stretch[low : peak + reach + 1])))
    return np.array(sorted(found), dtype=np.intp)


def _scalogram_peaks(signal: np.ndarray, sampling_rate_hz: float) -> np.ndarray:
    """Samples that are local maxima at every scale up to the one with most local maxima."""
    n = len(signal)
    half = int(np.ceil(n / 2)) - 1
    # A stretch of one pulse at the slowest rate has half a period of samples on either side.
    scales = min(half, int(half / (n / sampling_rate_hz) / _SLOWEST_HZ))
    if scales < 1:
        return NO_PEAKS
    level = scipy.signal.detrend(signal)
    maxima = np.zeros((scales, n), dtype=bool)
    for k in range(1, scales + 1):
        middle = level[k:-k]
        maxima[k - 1, k:-k] = (middle > level[: -2 * k]) & (middle > level[2 * k :])
    richest = int(np.argmax(maxima.sum(axis=1)))
    return np.flatnonzero(maxima[: richest + 1].all(axis=0))


def between_samples(filtered: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """Return where peaks are, in samples: the top of the parabola through three of them.

    Parameters
    ----------
    filtered : shape (n_samples,).
    peaks : indices of local maxima, shape (n_peaks,). One at the edge of the signal stays.
    """
    inner = np.clip(peaks, 1, len(filtered) - 2)
    before, top, after = (filtered[inner + k] for k in (-1, 0, 1))
    bend = before - 2 * top + after
    # Three samples on a line have no top; their middle one is as good as any.
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros(len(peaks)), where=bend < 0)
    placed: np.ndarray = np.where(peaks == inner, peaks + np.clip(shift, -0.5, 0.5), peaks)
    return placed


def intervals_in_range(ms: np.ndarray, limits: BeatLimits) -> np.ndarray:
    """Say which intervals belong to a pulse in `rate_range` and are like those around them.

    A missed beat makes an interval of nearly two and a false one splits an interval, whatever the
    rate: such an interval is far from the median of the eleven around it. A premature beat shortens
    the interval before it and lengthens the one after it: with one of them left out and the other
    kept, a rate would be off by the difference, so both are left out.
    """
    slowest, fastest = limits.rate_range
    inside = (ms >= 60000.0 / fastest) & (ms <= 60000.0 / slowest)
    if not len(ms):
        return inside
    usual = scipy.ndimage.median_filter(ms, size=min(_NEIGHBOURS, len(ms)), mode="nearest")
    low, high = limits.interval_tolerance
    counts: np.ndarray = inside & (ms >= low * usual) & (ms <= high * usual)
    premature = (ms[:-1] < _PREMATURE * usual[:-1]) & (ms[1:] > _PAUSE * usual[1:])
    counts[:-1] &= ~premature
    counts[1:] &= ~premature
    return counts
