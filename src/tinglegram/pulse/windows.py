"""Pulse rate and RMSSD in sliding windows of a clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.errors import TinglegramError
from tinglegram.pulse.epochs import Epoch
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

NO_PEAKS = np.empty(0, dtype=np.intp)


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
    there are too few samples; `peaks` are the indices of its systolic peaks.
    """

    first: int
    n_samples: int
    filtered: np.ndarray | None
    peaks: np.ndarray


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
    clip: Epoch, windows: Windows, sampling_rate_hz: float, settings: Windowing
) -> list[Wave]:
    """Band-pass every window of a clip and find its systolic peaks.

    Parameters
    ----------
    clip : samples with their (exact or printed) times, which never decrease.

    Returns
    -------
    list of Wave
        one per window; `filtered` is None where a window has too few samples.

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
    # Sorted times make a window a slice, so no window has to be masked over the recording.
    first = np.searchsorted(clip.time_s, windows.start_s, side="left")
    length = np.searchsorted(clip.time_s, windows.end_s, side="left") - first
    sections = scipy.signal.butter(
        settings.filter_order, settings.band, btype="bandpass", fs=sampling_rate_hz, output="sos"
    )
    minimum = settings.minimum_share * settings.window * sampling_rate_hz
    # Forward-backward filtering mirrors this many samples at either end (scipy's default).
    minimum = max(minimum, 3 * (2 * len(sections) + 1))
    waves = [Wave(int(a), int(n), None, NO_PEAKS) for a, n in zip(first, length, strict=True)]
    signal = clip.signal.astype(np.float64)
    # Windows of one length are filtered together; printed times make a handful of lengths.
    for n_samples in np.unique(length[length > minimum]):
        group = np.flatnonzero(length == n_samples)
        chunks = np.lib.stride_tricks.sliding_window_view(signal, n_samples)[first[group]]
        for k, filtered in zip(
            group, scipy.signal.sosfiltfilt(sections, chunks, axis=-1), strict=True
        ):
            peaks = find_peaks(filtered, sampling_rate_hz, settings)
            waves[k] = waves[k]._replace(filtered=filtered, peaks=peaks)
    return waves


def measure_windows(
    clip: Epoch,
    windows: Windows,
    ratings: np.ndarray,
    sampling_rate_hz: float,
    settings: Windowing,
    waves: Sequence[Wave] | None = None,
) -> pd.DataFrame:
    """Pulse rate, RMSSD and mean rating of every window.

    Parameters
    ----------
    clip : samples with their (exact or printed) times, which never decrease.
    ratings : shape (n_steps,), one rating per step of the label grid; empty outside of clips.
    waves : what `filter_windows` gives for this clip, if it is there already.

    Returns
    -------
    pandas.DataFrame
        start_s (from the start of the valid epoch), pulse_rate_bpm, rmssd_ms, mean_rating;
        NaN where a window has too few samples, peaks, intervals or label steps.
    """
    if waves is None:
        waves = filter_windows(clip, windows, sampling_rate_hz, settings)
    pulses = [pulse_at(wave.peaks, sampling_rate_hz, settings) for wave in waves]
    values = np.array(pulses, dtype=np.float64).reshape(-1, 2)
    means = [
        ratings[a:b].mean() if b <= len(ratings) else np.nan
        for a, b in zip(windows.first_step, windows.last_step, strict=True)
    ]
    return pd.DataFrame(
        {
            "start_s": windows.nominal_s,
            "pulse_rate_bpm": values[:, 0],
            "rmssd_ms": values[:, 1],
            "mean_rating": np.array(means, dtype=np.float64),
        }
    )


def find_peaks(filtered: np.ndarray, sampling_rate_hz: float, settings: Windowing) -> np.ndarray:
    """Indices of the systolic peaks of a band-passed window."""
    peaks, _ = scipy.signal.find_peaks(
        filtered,
        distance=max(1, int(settings.peak_distance * sampling_rate_hz)),
        prominence=settings.peak_prominence,
    )
    found: np.ndarray = peaks
    return found


def pulse_at(
    peaks: np.ndarray, sampling_rate_hz: float, settings: Windowing
) -> tuple[float, float]:
    """Pulse rate (bpm) and RMSSD (ms) from the peaks of a window; NaN where they give none.

    As in the released code, intervals outside `interval_range` are left out and the remaining
    ones are treated as neighbours.
    """
    if len(peaks) < settings.minimum_peaks:
        return np.nan, np.nan
    intervals = np.diff(peaks) / sampling_rate_hz * 1000.0
    shortest, longest = settings.interval_range
    intervals = intervals[(intervals > shortest) & (intervals < longest)]
    if len(intervals) < settings.minimum_intervals:
        return np.nan, np.nan
    return float(60000.0 / np.mean(intervals)), float(np.sqrt(np.mean(np.diff(intervals) ** 2)))
