"""Cutting a recording into the valid epochs of its clips, by sample index or by printed time."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tinglegram.biopac import Recording
from tinglegram.errors import InputProblem

# Presentation logs count time in units of 0.1 ms (paper, "Photoplethysmography Data": "with a
# precision of 0.1 ms"), so every time of the log clock is a whole number of these ticks.
TICKS_PER_SECOND = 10_000

PRINTED_TIME = "printed_time"
SAMPLE_INDEX = "sample_index"
SLICINGS = (PRINTED_TIME, SAMPLE_INDEX)


@dataclass(frozen=True, eq=False)
class Clip:
    """The valid epoch of one clip: `signal` and `time_s` (seconds on the log clock), (n_samples,).

    `time_s` is float64 and, by the way the clip was sliced, either exact or as printed.
    """

    signal: np.ndarray
    time_s: np.ndarray


def to_ticks(seconds: float) -> int:
    """Whole ticks of the log clock nearest to `seconds`."""
    return round(seconds * TICKS_PER_SECOND)


def first_sample(valid_start_s: float, sampling_rate_hz: float) -> int:
    """Index of the first sample at or after `valid_start_s`, in exact arithmetic.

    Sample i of the recording is taken at i / rate; its first sample is time 0 of the log clock.
    """
    exact = Fraction(to_ticks(valid_start_s), TICKS_PER_SECOND) * Fraction(sampling_rate_hz)
    return -((-exact.numerator) // exact.denominator)


def slice_by_index(
    recording: Recording, source: str, video: str, valid_start_s: float, end_s: float
) -> Clip:
    """Cut exactly round(valid seconds x rate) samples: 110,000 of a 55-s epoch at 2000 Hz.

    Raises
    ------
    InputProblem
        when the recording does not cover the epoch.
    """
    rate = recording.sampling_rate_hz
    first = first_sample(valid_start_s, rate)
    n_samples = round((to_ticks(end_s) - to_ticks(valid_start_s)) * rate / TICKS_PER_SECOND)
    _check_covered(recording, source, video, first, first + n_samples, end_s)
    return Clip(recording.signal[first : first + n_samples], sample_times(first, n_samples, rate))


def slice_by_printed_time(
    recording: Recording, source: str, video: str, valid_start_s: float, end_s: float
) -> Clip:
    """Cut `valid_start_s <= printed seconds < end_s`, as the released code does.

    Stamps have 6 significant digits, so the number of samples differs by a few from clip to
    clip: at 2000 Hz they step by 0.6 ms from minute 1 and by 6 ms from minute 10 on.

    Raises
    ------
    InputProblem
        when the recording does not cover the epoch.
    """
    rate = recording.sampling_rate_hz
    # The released code adds and divides ticks of the log in this order.
    start = to_ticks(valid_start_s) / TICKS_PER_SECOND
    end = to_ticks(end_s) / TICKS_PER_SECOND
    first, last = np.searchsorted(recording.printed_time_s, [start, end], side="left")
    exact_first = first_sample(valid_start_s, rate)
    _check_covered(recording, source, video, exact_first, first_sample(end_s, rate), end_s)
    return Clip(recording.signal[first:last], recording.printed_time_s[first:last])


def sample_times(first: int, n_samples: int, sampling_rate_hz: float) -> np.ndarray:
    """Seconds, float64 (n_samples,), of the samples from index `first` on: index / rate."""
    return np.arange(first, first + n_samples) / sampling_rate_hz


def pack(video: str, by_index: Clip, by_printed_time: Clip | None) -> dict[str, np.ndarray]:
    """Arrays to store for a clip: float32 slices, and the printed clock where it is in use."""
    arrays = {video: by_index.signal.astype(np.float32)}
    if by_printed_time is not None:
        arrays[f"{video}@{PRINTED_TIME}"] = by_printed_time.signal.astype(np.float32)
        arrays[f"{video}@{PRINTED_TIME}_s"] = by_printed_time.time_s
    return arrays


def unpack(
    arrays: Mapping[str, np.ndarray], video: str, slice_by: str, valid_start_s: float
) -> Clip:
    """Read a clip out of what `pack` stored; `slice_by` is printed_time or sample_index.

    `arrays` also holds the scalar `sampling_rate_hz`.
    """
    if slice_by == PRINTED_TIME:
        return Clip(arrays[f"{video}@{PRINTED_TIME}"], arrays[f"{video}@{PRINTED_TIME}_s"])
    if slice_by != SAMPLE_INDEX:
        raise ValueError(f"slice_by is {PRINTED_TIME} or {SAMPLE_INDEX}, not {slice_by}")
    rate = float(arrays["sampling_rate_hz"])
    signal = arrays[video]
    return Clip(signal, sample_times(first_sample(valid_start_s, rate), len(signal), rate))


def _check_covered(
    recording: Recording, source: str, video: str, first: int, last: int, end_s: float
) -> None:
    n_samples, rate = len(recording.signal), recording.sampling_rate_hz
    if first < 0:
        raise InputProblem(
            source,
            where=f"second {first / rate:.1f}",
            expected=f"a recording that runs before clip {video} begins",
            found="a clip that begins before the first sample",
            remedy="Check that log and recording belong to the same session, or exclude the trial.",
        )
    if last > n_samples:
        raise InputProblem(
            source,
            where=f"second {n_samples / rate:.1f}",
            expected=f"samples up to second {end_s:.1f}, where clip {video} ends",
            found=f"the end of the recording after {n_samples} samples",
            remedy="Export the whole recording, or exclude the trial (data: exclusions).",
        )
