"""Pulse rate and RMSSD in sliding windows of a clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.errors import TinglegramError
from tinglegram.pulse.beats import (
    LEAST_APART_S,
    NO_INTERVALS,
    NO_PEAKS,
    BeatLimits,
    Intervals,
    PulseMethods,
    between_samples,
    intervals_in_range,
    msptd_fast,
    relative_peaks,
)
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.polarity import filter_clip
from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    SHARE,
    SWITCH,
    Bounds,
    Each,
    section,
)


@section("pulse")
class Windowing:
    """How pulse windows are cut and measured (paper, "Cardiovascular Response"; released code).

    Both ends of `interval_range` are excluded; the band-pass is applied forward and backward.
    """

    window: Annotated[float, ABOVE_ZERO, "Length of a sliding window, s."] = 5.0
    step: Annotated[float, ABOVE_ZERO, "From one window to the next, s."] = 1.0
    minimum_share: Annotated[
        float,
        SHARE,
        "A window needs more samples than this share of the samples it should hold (released code: "
        "more than 1000 of 10,000).",
    ] = 0.1
    band: Annotated[
        tuple[float, float], Each(AT_LEAST_ZERO), "Butterworth band-pass, Hz, forward-backward."
    ] = (0.5, 4.0)
    filter_order: Annotated[int, AT_LEAST_ONE, "Order of the Butterworth filter."] = 2
    peak_distance: Annotated[float, ABOVE_ZERO, "Least time between systolic peaks, s."] = 0.35
    peak_prominence: Annotated[
        float, ABOVE_ZERO, "Least prominence of a systolic peak, in the signal's unit."
    ] = 0.5
    minimum_peaks: Annotated[
        int, Bounds(minimum=2), "A window with fewer peaks has no pulse rate."
    ] = 4
    interval_range: Annotated[
        tuple[float, float], Each(AT_LEAST_ZERO), "Pulse-to-pulse intervals kept, ms."
    ] = (300, 1300)
    minimum_intervals: Annotated[
        int, AT_LEAST_ONE, "A window with fewer intervals has no pulse rate."
    ] = 3


@section("")
class WindowClock:
    """How the windows of a clip are placed."""

    window_clock: Annotated[
        Literal["accumulated", "exact"],
        SWITCH,
        "How window times are counted: by adding the step again and again, or exactly.",
    ]


@dataclass(frozen=True, eq=False)
class Windows:
    """Sliding windows of a clip, all of shape (n_windows,).

    `nominal_s` is k x step from the start of the valid epoch; `start_s` and `end_s` are the edges
    on the log clock; `first_step` and `last_step` the half-open range of label steps.
    """

    nominal_s: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray


class Wave(NamedTuple):
    """One window of a clip, band-passed.

    `first` and `n_samples` place it in the clip; `filtered` has shape (n_samples,), None where
    there are too few samples; `peaks` are the indices of its systolic peaks, and `intervals` what
    lies between its beats. `changes`, where the clip was filtered once, are the differences of
    neighbouring intervals that count, in ms, at the beats that the window holds.
    """

    first: int
    n_samples: int
    filtered: np.ndarray | None
    peaks: np.ndarray
    intervals: Intervals
    changes: np.ndarray | None = None


class Rates(NamedTuple):
    """From which to which pulse rate, bpm, settings can give a window a value.

    Below `always` a window has a value only if its beats fall well.
    """

    lowest: float
    always: float
    highest: float


# What `released` and `described` do, and limits that they do not use.
RELEASED = PulseMethods()


def place_windows(
    clock: str,
    start_s: float,
    valid_start_s: float,
    end_s: float,
    grid_hz: float,
    settings: Windowing,
) -> Windows:
    """Place the windows of a clip by the `accumulated` or the `exact` clock.

    Parameters
    ----------
    start_s, valid_start_s, end_s : start of the clip, and its valid epoch, on the log clock.
    grid_hz : steps of the labels per second.
    """
    if clock == "accumulated":
        return accumulated_windows(start_s, valid_start_s, end_s, grid_hz, settings)
    if clock == "exact":
        return exact_windows(valid_start_s, end_s, grid_hz, settings)
    raise ValueError(f"clock is accumulated or exact, not {clock}")


def accumulated_windows(
    start_s: float, valid_start_s: float, end_s: float, grid_hz: float, settings: Windowing
) -> Windows:
    """Windows of the released code: time is advanced by adding `step`, while t + window < end.

    The additions drift by floating-point rounding, which moves an edge by a sample and the range
    of labels, `int(relative time x grid)`, by a step in some windows.
    """
    # Start and durations have at most four decimals; the sums below are the released code's.
    start = to_ticks(start_s) / TICKS_PER_SECOND
    valid_start = start + to_ticks(valid_start_s - start_s) / TICKS_PER_SECOND
    end = start + to_ticks(end_s - start_s) / TICKS_PER_SECOND
    starts = []
    time = valid_start
    while time + settings.window < end:
        starts.append(time)
        time += settings.step
    edges = np.array(starts, dtype=np.float64)
    relative = edges - valid_start
    return Windows(
        nominal_s=np.arange(len(edges)) * settings.step,
        start_s=edges,
        end_s=edges + settings.window,
        first_step=(relative * grid_hz).astype(np.int64),
        last_step=((relative + settings.window) * grid_hz).astype(np.int64),
    )


def exact_windows(
    valid_start_s: float, end_s: float, grid_hz: float, settings: Windowing
) -> Windows:
    """Windows k x step from the start of the valid epoch, from whole ticks of the log clock.

    The rule is that of the released code, start + window < end, in exact arithmetic: 50 windows
    of 5 s in 55 s, 46 in 50.7 s.
    """
    valid_start = to_ticks(valid_start_s)
    window, step = to_ticks(settings.window), to_ticks(settings.step)
    # Strict: a window that ends with the epoch is not counted.
    n_windows = max(0, (to_ticks(end_s) - valid_start - window - 1) // step + 1)
    relative = np.arange(n_windows) * step
    grid = round(grid_hz * TICKS_PER_SECOND)
    return Windows(
        nominal_s=relative / TICKS_PER_SECOND,
        start_s=(valid_start + relative) / TICKS_PER_SECOND,
        end_s=(valid_start + relative + window) / TICKS_PER_SECOND,
        first_step=relative * grid // TICKS_PER_SECOND**2,
        last_step=(relative + window) * grid // TICKS_PER_SECOND**2,
    )


def filter_windows(
    clip: Epoch,
    windows: Windows,
    sampling_rate_hz: float,
    settings: Windowing,
    methods: PulseMethods = RELEASED,
    limits: BeatLimits | None = None,
) -> list[Wave]:
    """Band-pass every window of a clip and find its systolic peaks and intervals.

    Where the clip is filtered once (`methods.pulse_filter`), its beats are found once too, and an
    interval belongs to the windows that hold its middle, the difference of two to those that hold
    the beat between them: an edge of a window makes no false beat and loses no true one.

    Parameters
    ----------
    clip : samples with their (exact or printed) times, which never decrease.
    methods : switches of the protocol; without them as in the released code.
    limits : what the methods that follow the pulse itself need.

    Returns
    -------
    list of Wave
        one per window; `filtered` is None where a window has too few samples.

    Raises
    ------
    TinglegramError
        when the sampling rate is too low for the band.
    """
    sections = band_pass(settings, sampling_rate_hz)
    limits = BeatLimits() if limits is None else limits
    # Sorted times make a window a slice, so no window has to be masked over the recording.
    first = np.searchsorted(clip.time_s, windows.start_s, side="left")
    length = np.searchsorted(clip.time_s, windows.end_s, side="left") - first
    minimum = settings.minimum_share * settings.window * sampling_rate_hz
    # Forward-backward filtering mirrors this many samples at either end (scipy's default).
    minimum = max(minimum, 3 * (2 * len(sections) + 1))
    waves = [
        Wave(int(a), int(n), None, NO_PEAKS, NO_INTERVALS)
        for a, n in zip(first, length, strict=True)
    ]
    measured = (sampling_rate_hz, settings, methods, limits)
    if methods.pulse_filter == "clip":
        return _cut_from_clip(clip, waves, minimum, sections, measured)
    signal = clip.signal.astype(np.float64)
    # Windows of one length are filtered together; printed times make a handful of lengths.
    for n_samples in np.unique(length[length > minimum]):
        group = np.flatnonzero(length == n_samples)
        chunks = np.lib.stride_tricks.sliding_window_view(signal, n_samples)[first[group]]
        for k, filtered in zip(
            group, scipy.signal.sosfiltfilt(sections, chunks, axis=-1), strict=True
        ):
            peaks, placed = locate_beats(filtered, *measured)
            intervals = intervals_between(placed, *measured)
            waves[k] = waves[k]._replace(filtered=filtered, peaks=peaks, intervals=intervals)
    return waves


def band_pass(settings: Windowing, sampling_rate_hz: float) -> np.ndarray:
    """Return the band-pass as second-order sections.

    Raises
    ------
    TinglegramError
        when the sampling rate is too low for the band.
    """
    low, high = settings.band
    if sampling_rate_hz <= 2 * high:
        raise TinglegramError(
            f"A band-pass of {low:g} to {high:g} Hz needs a pulse of more than {2 * high:g} "
            f"samples per second, but the recording has {sampling_rate_hz:g}. Export it at its "
            "full rate, or correct pulse: band."
        )
    sections: np.ndarray = scipy.signal.butter(
        settings.filter_order, settings.band, btype="bandpass", fs=sampling_rate_hz, output="sos"
    )
    return sections


_Measured = tuple[float, Windowing, PulseMethods, BeatLimits]


def _cut_from_clip(
    clip: Epoch, waves: Sequence[Wave], minimum: float, sections: np.ndarray, measured: _Measured
) -> list[Wave]:
    """Fill windows of more than `minimum` samples from a clip that is filtered once."""
    if not any(wave.n_samples > minimum for wave in waves):
        return list(waves)
    filtered = filter_clip(clip, sections)
    peaks, placed = locate_beats(filtered, *measured)
    intervals = intervals_between(placed, *measured)
    middles = (placed[1:] + placed[:-1]) / 2
    neighbours = intervals.counts[1:] & intervals.counts[:-1]
    changes, at = np.diff(intervals.ms)[neighbours], placed[1:-1][neighbours]
    found = []
    for wave in waves:
        start = len(clip.before) + wave.first
        stop = start + wave.n_samples
        if wave.n_samples <= minimum:
            found.append(wave)
            continue
        a, b = np.searchsorted(peaks, [start, stop], side="left")
        i, j = np.searchsorted(middles, [start, stop], side="left")
        p, q = np.searchsorted(at, [start, stop], side="left")
        found.append(
            wave._replace(
                filtered=filtered[start:stop],
                peaks=peaks[a:b] - start,
                intervals=Intervals(intervals.ms[i:j], intervals.counts[i:j]),
                changes=changes[p:q],
            )
        )
    return found


def locate_beats(
    filtered: np.ndarray,
    sampling_rate_hz: float,
    settings: Windowing,
    methods: PulseMethods,
    limits: BeatLimits,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the systolic peaks of a band-passed wave: indices, and places in samples."""
    follows = methods.interval_limits == "rate_range"
    apart = min(LEAST_APART_S, settings.peak_distance) if follows else settings.peak_distance
    if methods.peak_detector == "msptd_fast":
        peaks = msptd_fast(filtered, sampling_rate_hz)
    elif methods.prominence == "relative":
        peaks = relative_peaks(filtered, sampling_rate_hz, apart, limits)
    else:
        peaks = find_peaks(filtered, sampling_rate_hz, settings, apart)
    if methods.peak_placement == "parabola":
        return peaks, between_samples(filtered, peaks)
    return peaks, peaks


def intervals_between(
    placed: np.ndarray,
    sampling_rate_hz: float,
    settings: Windowing,
    methods: PulseMethods,
    limits: BeatLimits,
) -> Intervals:
    """Return the intervals between beats at `placed` (samples), and which of them count."""
    ms = np.diff(placed) / sampling_rate_hz * 1000.0
    if methods.interval_limits == "rate_range":
        return Intervals(ms, intervals_in_range(ms, limits))
    shortest, longest = settings.interval_range
    return Intervals(ms, (ms > shortest) & (ms < longest))


def possible_rates(settings: Windowing, methods: PulseMethods, limits: BeatLimits) -> Rates:
    """Say from which to which pulse rate a window can have a value.

    A regular pulse is thought of; a window holds a number of its intervals that its start decides.
    """
    needed = max(settings.minimum_peaks - 1, settings.minimum_intervals)
    whole = methods.pulse_filter == "clip"
    # Intervals that lie in a window whole, or with their middle alone, which is one more at best.
    longest_once = settings.window / (needed - 1 if whole and needed > 1 else needed)
    longest_always = settings.window / (needed if whole else needed + 1)
    if methods.interval_limits == "rate_range":
        slowest, fastest = limits.rate_range
    else:
        shortest, longest = settings.interval_range
        slowest, fastest = 60000.0 / longest, 60000.0 / shortest
        if methods.peak_detector == "prominence":
            fastest = min(fastest, 60.0 / settings.peak_distance)
    return Rates(max(slowest, 60.0 / longest_once), max(slowest, 60.0 / longest_always), fastest)


def measure_windows(
    clip: Epoch,
    windows: Windows,
    ratings: np.ndarray,
    sampling_rate_hz: float,
    settings: Windowing,
    waves: Sequence[Wave] | None = None,
    methods: PulseMethods = RELEASED,
) -> pd.DataFrame:
    """Pulse rate, RMSSD and mean rating of every window.

    Parameters
    ----------
    clip : samples with their (exact or printed) times, which never decrease.
    ratings : shape (n_steps,), one rating per step of the label grid; empty outside of clips.
    waves : what `filter_windows` gives for this clip, if it is there already.
    methods : switches of the protocol; without them as in the released code.

    Returns
    -------
    pandas.DataFrame
        start_s (from the start of the valid epoch), pulse_rate_bpm, rmssd_ms, mean_rating;
        NaN where a window has too few samples, peaks, intervals or label steps.
    """
    if waves is None:
        waves = filter_windows(clip, windows, sampling_rate_hz, settings, methods)
    pulses = [pulse_of(wave, settings, methods) for wave in waves]
    values = np.array(pulses, dtype=np.float64).reshape(-1, 2)
    return pd.DataFrame(
        {
            "start_s": windows.nominal_s,
            "pulse_rate_bpm": values[:, 0],
            "rmssd_ms": values[:, 1],
            "mean_rating": window_ratings(ratings, windows),
        }
    )


def window_ratings(ratings: np.ndarray, windows: Windows) -> np.ndarray:
    """Return the mean rating of every window, float64 (n_windows,); NaN beyond the ratings.

    Parameters
    ----------
    ratings : shape (n_steps,), one rating per step of the label grid; empty outside of clips.
    """
    means = [
        ratings[a:b].mean() if b <= len(ratings) else np.nan
        for a, b in zip(windows.first_step, windows.last_step, strict=True)
    ]
    return np.array(means, dtype=np.float64)


def find_peaks(
    filtered: np.ndarray,
    sampling_rate_hz: float,
    settings: Windowing,
    apart_s: float | None = None,
) -> np.ndarray:
    """Indices of the systolic peaks of a band-passed window, by distance and prominence.

    `apart_s` stands for `settings.peak_distance` where it is given.
    """
    apart_s = settings.peak_distance if apart_s is None else apart_s
    peaks, _ = scipy.signal.find_peaks(
        filtered,
        distance=max(1, int(apart_s * sampling_rate_hz)),
        prominence=settings.peak_prominence,
    )
    found: np.ndarray = peaks
    return found


def pulse_of(wave: Wave, settings: Windowing, methods: PulseMethods) -> tuple[float, float]:
    """Pulse rate (bpm) and RMSSD (ms) of a window; NaN where it gives none."""
    # A clip that is filtered once lends a window the beats just outside it.
    whole = methods.pulse_filter == "clip"
    n_peaks = len(wave.intervals.ms) + 1 if whole else len(wave.peaks)
    if n_peaks < settings.minimum_peaks:
        return np.nan, np.nan
    return pulse_from(wave.intervals, settings, methods, wave.changes)


def pulse_from(
    intervals: Intervals,
    settings: Windowing,
    methods: PulseMethods,
    changes: np.ndarray | None = None,
) -> tuple[float, float]:
    """Pulse rate (bpm) and RMSSD (ms) from the intervals of a window; NaN where they give none.

    RMSSD is over differences of intervals that count and follow one another (`changes`, or those
    of `intervals`), or, as in the released code, of intervals that follow one another once all
    others are left out.
    """
    ms = intervals.ms[intervals.counts]
    if len(ms) < settings.minimum_intervals:
        return np.nan, np.nan
    differences = np.diff(ms)
    if methods.rmssd_differences == "neighbours":
        both = intervals.counts[1:] & intervals.counts[:-1]
        differences = np.diff(intervals.ms)[both] if changes is None else changes
    rmssd = float(np.sqrt(np.mean(differences**2))) if len(differences) else np.nan
    return float(60000.0 / np.mean(ms)), rmssd
