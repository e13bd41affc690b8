"""The valid epoch of a clip in a recording: its samples and their times, stored and read again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.settings import AT_LEAST_ZERO, SWITCH, section

PRINTED_TIME = "printed_time"
SAMPLE_INDEX = "sample_index"
# What is stored of the recording around a slice: just before it, and just after it.
_MARGINS = ("before", "after")


@section("")
class Slicing:
    """How the samples of a clip are found in its recording."""

    slice_by: Annotated[
        Literal["printed_time", "sample_index"],
        SWITCH,
        "How slices are cut: by the stamps the export prints, or by sample index / rate.",
    ]


@section("pulse")
class Margins:
    """How much of the recording around a clip or rest is kept for filters."""

    filter_margin: Annotated[
        float,
        AT_LEAST_ZERO,
        "Seconds of the recording before and after a clip or rest in which the filter settles "
        "(pulse_filter: clip); fewer where the recording has fewer.",
    ] = 5.0


def _nothing() -> np.ndarray:
    return np.empty(0, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Epoch:
    """The valid epoch of one clip: `signal` and `time_s` (seconds on the log clock), (n_samples,).

    `time_s` is float64 and, by the way the clip was sliced, either exact or as printed. `before`
    and `after` are the samples around it, as many as were kept.
    """

    signal: np.ndarray
    time_s: np.ndarray
    before: np.ndarray = field(default_factory=_nothing)
    after: np.ndarray = field(default_factory=_nothing)


def first_sample(valid_start_s: float, sampling_rate_hz: float) -> int:
    """Index of the first sample at or after `valid_start_s`, in exact arithmetic.

    Sample i of the recording is taken at i / rate; its first sample is time 0 of the log clock.
    """
    exact = Fraction(to_ticks(valid_start_s), TICKS_PER_SECOND) * Fraction(sampling_rate_hz)
    return -((-exact.numerator) // exact.denominator)


def sample_times(first: int, n_samples: int, sampling_rate_hz: float) -> np.ndarray:
    """Seconds, float64 (n_samples,), of the samples from index `first` on: index / rate."""
    return np.arange(first, first + n_samples) / sampling_rate_hz


def with_margins(signal: np.ndarray, first: int, time_s: np.ndarray, margin: int) -> Epoch:
    """Cut the samples from `first` on that `time_s` belongs to, and up to `margin` around them."""
    last = first + len(time_s)
    return Epoch(
        signal[first:last],
        time_s,
        signal[max(0, first - margin) : first],
        signal[last : last + margin],
    )


def pack_margins(name: str, epoch: Epoch) -> dict[str, np.ndarray]:
    """Arrays to store of what stands around a slice that is stored as `name`."""
    return {
        f"{name}@{side}": getattr(epoch, side).astype(np.float32)
        for side in _MARGINS
        if len(getattr(epoch, side))
    }


def unpack_margins(arrays: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read what `pack_margins` stored; nothing where there is nothing."""
    before, after = (arrays.get(f"{name}@{side}", _nothing()) for side in _MARGINS)
    return before, after


def pack_epoch(
    video: str, by_index: Epoch, by_printed_time: Epoch | None, offset_s: float = 0.0
) -> dict[str, np.ndarray]:
    """Arrays to store for a clip: float32 slices, and the printed clock where it is in use.

    `offset_s` is where the recording started on the log clock; it is stored unless it is 0.
    """
    arrays = {video: by_index.signal.astype(np.float32)} | pack_margins(video, by_index)
    if offset_s:
        arrays[f"{video}@offset_s"] = np.array(offset_s)
    if by_printed_time is not None:
        name = f"{video}@{PRINTED_TIME}"
        arrays[name] = by_printed_time.signal.astype(np.float32)
        arrays[f"{name}_s"] = by_printed_time.time_s
        arrays |= pack_margins(name, by_printed_time)
    return arrays


def unpack_epoch(
    arrays: Mapping[str, np.ndarray], video: str, slice_by: str, valid_start_s: float
) -> Epoch:
    """Read a clip out of what `pack` stored; `slice_by` is printed_time or sample_index.

    `arrays` also holds the scalar `sampling_rate_hz`.
    """
    if slice_by == PRINTED_TIME:
        name = f"{video}@{PRINTED_TIME}"
        return Epoch(arrays[name], arrays[f"{name}_s"], *unpack_margins(arrays, name))
    if slice_by != SAMPLE_INDEX:
        raise ValueError(f"slice_by is {PRINTED_TIME} or {SAMPLE_INDEX}, not {slice_by}")
    rate = float(arrays["sampling_rate_hz"])
    signal = arrays[video]
    offset_s = float(arrays[f"{video}@offset_s"]) if f"{video}@offset_s" in arrays else 0.0
    first = first_sample(valid_start_s - offset_s, rate)
    times = sample_times(first, len(signal), rate) + offset_s
    return Epoch(signal, times, *unpack_margins(arrays, video))
