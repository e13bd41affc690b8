"""Sensor continuity: which samples of a clip are flat, clipped or disconnected.

The paper reports 99.96 % "by analyzing the first derivative of the raw waveforms to detect sensor
disconnects, voltage clipping, or motion-induced flatlines" and gives no definition; no code was
released for it. The definitions below are ours:

- flat: at least `flat_seconds` of samples whose first difference is zero;
- clipped: at least `clip_seconds` of samples whose first difference is zero, at the highest or
  lowest value of the clip, with a change of more than 5 resolution steps (the smallest change in
  the clip) within `clip_seconds` on either side: the rounded top of a smooth wave as long as that
  changes by less. A clip that never changes is flat, not clipped;
- disconnected: the first difference exceeds `jump_sds` robust SDs of all differences in the clip.
  The SD is taken from the 99th percentile of absolute differences (2.58 SDs of a normal variable):
  a pulse spends more than 1 % of its time in the systolic upstroke, so this is the scale of a steep
  healthy slope, whatever unit and rate, where the median would be that of a resting diastole.
  Samples from a jump to the next jump back count; a jump that never comes back counts alone.

A slow channel that was exported at a high rate repeats every value (held samples). Its differences
are then taken between values, not between their repetitions, most of which are zero; and a value
at the top that is merely repeated is no clipping.

Continuity is the share of samples that are none of these. A pulse rounded to 6 significant digits
repeats a value for under 2 ms at its peak, far from either threshold.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
import pandas as pd
import scipy

from tinglegram.behaviour.showings import timeline_names
from tinglegram.pulse.epochs import unpack_epoch
from tinglegram.settings import ABOVE_ZERO, section

_KINDS = ("flat", "clipped", "disconnected")
COUNTS = ["n_samples", *(f"n_{kind}" for kind in _KINDS), "n_bad"]


@section("pulse")
class Continuity:
    """When samples are flat, clipped or disconnected (see the module)."""

    flat_seconds: Annotated[
        float, ABOVE_ZERO, "Seconds without any change that make a flat line."
    ] = 0.2
    clip_seconds: Annotated[
        float, ABOVE_ZERO, "Seconds at the highest or lowest value of the clip that make clipping."
    ] = 0.05
    jump_sds: Annotated[
        float,
        ABOVE_ZERO,
        "Change between neighbouring samples that makes a disconnect, in robust SDs of all such "
        "changes in the clip.",
    ] = 12.5


def find_faults(
    signal: np.ndarray, sampling_rate_hz: float, settings: Continuity
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mark the flat, clipped and disconnected samples of a clip.

    Parameters
    ----------
    signal : shape (n_samples,), at the recorded rate.

    Returns
    -------
    tuple of numpy.ndarray
        three boolean arrays of shape (n_samples,).
    """
    change = np.diff(signal.astype(np.float64))
    scale = np.abs(change)
    if held_samples(signal) > 1:
        scale = scale[scale > 0]
    disconnected = _spread(len(signal), *_disconnects(change, scale, settings.jump_sds))
    return *find_level(signal, sampling_rate_hz, settings), disconnected


def find_level(
    signal: np.ndarray, sampling_rate_hz: float, settings: Continuity
) -> tuple[np.ndarray, np.ndarray]:
    """Mark the flat and the clipped samples of a clip, as `find_faults` does."""
    change = np.diff(signal.astype(np.float64))
    # A run of zero differences joins one sample more than it has differences.
    starts, stops = _runs(change == 0)
    flat = stops - starts + 1 >= settings.flat_seconds * sampling_rate_hz
    # Two equal values of a held signal are no more than two equal samples of another.
    shortest = max(settings.clip_seconds * sampling_rate_hz, 2 * held_samples(signal) + 1)
    clipped = _clipped(signal, change, starts, stops, shortest)
    return (
        _spread(len(signal), starts[flat], stops[flat] + 1),
        _spread(len(signal), starts[clipped], stops[clipped] + 1),
    )


def held_samples(signal: np.ndarray) -> int:
    """Return how often each value of a held signal stands; 1 where values are not repeated.

    Held: at least four of five values stand equally often, and more than once. Where they stand
    long, one sample more or less counts as equal, because the rates may be no multiples.
    """
    if len(signal) < 2:
        return 1
    edges = np.flatnonzero(np.diff(signal) != 0) + 1
    # The first and the last value are cut off by the slice.
    lengths = np.diff(edges)
    if len(lengths) < 3:
        return 1
    usual = int(np.median(lengths))
    # Two equal values side by side make one run, twice as long or more.
    times = np.maximum(1, np.rint(lengths / max(usual, 1)))
    equal = np.abs(lengths - usual * times) <= (1 if usual >= 5 else 0)
    return usual if usual > 1 and equal.mean() >= 0.8 else 1


def clip_continuity(
    signal: np.ndarray, sampling_rate_hz: float, settings: Continuity
) -> dict[str, int]:
    """Count the samples of a clip and its faults; `n_bad` counts a sample with two faults once."""
    flat, clipped, disconnected = find_faults(signal, sampling_rate_hz, settings)
    masks = (flat, clipped, disconnected, flat | clipped | disconnected)
    counts = [len(signal)] + [int(mask.sum()) for mask in masks]
    return dict(zip(COUNTS, counts, strict=True))


def participant_continuity(
    arrays: Mapping[str, np.ndarray], timeline: pd.DataFrame, slice_by: str, settings: Continuity
) -> pd.DataFrame:
    """Count the samples and faults of every trial of one participant.

    Parameters
    ----------
    arrays : slices of `tinglegram.pulse.slices.slice_participant`.
    timeline : trials of the participant.
    slice_by : how the slices were cut, a switch of the protocol.

    Returns
    -------
    pandas.DataFrame
        one row per trial: subject, video, condition and the columns of `clip_continuity`.
    """
    rate = float(arrays["sampling_rate_hz"])
    rows = []
    for name, trial in zip(timeline_names(timeline), timeline.to_dict("records"), strict=True):
        epoch = unpack_epoch(arrays, name, slice_by, trial["valid_start_s"])
        counts = clip_continuity(epoch.signal, rate, settings)
        rows.append({k: trial[k] for k in ("subject", "video", "condition")} | counts)
    return pd.DataFrame(rows, columns=["subject", "video", "condition", *COUNTS])


def describe_continuity(counts: Mapping[str, int], clip: str) -> str:
    """Say in one line what `clip_continuity` counted in a clip, for a log."""
    kinds = ", ".join(f"{counts[f'n_{kind}']} {kind}" for kind in _KINDS)
    share = counts["n_bad"] / counts["n_samples"]
    return (
        f"{clip}: {share:.2%} of {counts['n_samples']} samples show no pulse ({kinds}). They stay "
        "in the series; windows that they spoil count as poor. List the clip in the table of "
        "exclusions (data: exclusions) to leave it out."
    )


def summarise_continuity(clips: pd.DataFrame, videos: Sequence[str]) -> pd.DataFrame:
    """Sum counts per subject, video, condition and overall.

    Parameters
    ----------
    clips : one row per trial: subject, video, condition and the columns of `clip_continuity`.
    videos : clips in the order of the configuration, which orders videos and conditions.

    Returns
    -------
    pandas.DataFrame
        level (subject, video, condition, overall), subject, video, condition, n_samples, n_flat,
        n_clipped, n_disconnected, continuity (share of samples without fault, 0-1).
    """
    ordered = clips.assign(_rank=clips["video"].map({v: i for i, v in enumerate(videos)}))
    ordered = ordered.sort_values(["_rank", "subject"], kind="stable")
    parts = [
        ordered.groupby("subject")[COUNTS].sum().reset_index().assign(level="subject"),
        ordered.groupby(["video", "condition"], sort=False)[COUNTS]
        .sum()
        .reset_index()
        .assign(level="video"),
        ordered.groupby("condition", sort=False)[COUNTS]
        .sum()
        .reset_index()
        .assign(level="condition"),
        ordered[COUNTS].sum().to_frame().T.assign(level="overall"),
    ]
    table = pd.concat(parts, ignore_index=True)
    table["continuity"] = 1 - table["n_bad"] / table["n_samples"]
    table["subject"] = table["subject"].astype("Int64")
    return table[["level", "subject", "video", "condition", *COUNTS[:-1], "continuity"]]


def _clipped(
    signal: np.ndarray,
    change: np.ndarray,
    starts: np.ndarray,
    stops: np.ndarray,
    minimum: float,
) -> np.ndarray:
    """Which runs of equal samples, first `starts` and last `stops`, are clipping."""
    if not change.any():
        return np.zeros(len(starts), dtype=bool)
    rail = signal[starts]
    extreme = (rail == signal.max()) | (rail == signal.min())
    reach, last = int(np.ceil(minimum)), len(signal) - 1
    before = np.abs(signal[np.maximum(starts - reach, 0)] - rail)
    after = np.abs(signal[np.minimum(stops + reach, last)] - rail)
    # A run at the edge of the slice is judged by the side that is there.
    sides = np.minimum(
        np.where(starts == 0, np.inf, before), np.where(stops == last, np.inf, after)
    )
    # A parabola that stays within half a step for `minimum` samples is 4.5 steps away as many
    # samples later.
    steep = sides > 5 * np.abs(change[change != 0]).min()
    found: np.ndarray = extreme & steep & (stops - starts + 1 >= minimum)
    return found


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and (excluded) stop of every run of True."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[0::2], edges[1::2]


def _spread(n_samples: int, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Boolean array that is True in every half-open range."""
    steps = np.zeros(n_samples + 1, dtype=np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, stops, -1)
    return np.cumsum(steps)[:-1] > 0


def _disconnects(
    change: np.ndarray, scale: np.ndarray, jump_sds: float
) -> tuple[np.ndarray, np.ndarray]:
    """Half-open ranges of disconnected samples: from a jump to the next one back.

    `scale` holds the absolute differences that say how large one usually is.
    """
    limit = jump_sds * np.percentile(scale, 99) / scipy.stats.norm.ppf(0.995)
    ranges: list[tuple[int, int]] = []
    away: tuple[int, bool] | None = None
    up, down = (_runs(change > limit), _runs(change < -limit))
    # A jump filtered over several samples is one run of large differences of one sign.
    jumps = sorted(
        (int(start), int(stop), rising)
        for (starts, stops), rising in ((up, True), (down, False))
        for start, stop in zip(starts, stops, strict=True)
    )
    for start, stop, rising in jumps:
        # Difference i leads to sample i + 1.
        ranges.append((start + 1, stop + 1))
        if away is None:
            away = (start + 1, rising)
        elif away[1] != rising:
            ranges.append((away[0], stop))
            away = None
    starts_stops = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    return starts_stops[:, 0], starts_stops[:, 1]
