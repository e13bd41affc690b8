"""A wave with time stamps or gaps on a steady grid of samples, as filters need it."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

# Steps that differ by less than this share of the usual one are a steady rate.
_STEADY = 0.05
# A step longer than this many usual ones is a gap.
_GAP_STEPS = 1.9
# A recording may begin so many seconds late in a clip, or end so many early.
_MOST_UNCOVERED_S = 1.0
# It had stopped, or not begun, where it has no value for so many seconds beyond the clip either.
_STOPPED_S = 5.0


def steady_wave(signal: Signal, source: str) -> tuple[Signal, list[Note]]:
    """Return a signal at a steady rate without missing values, and what was done to it.

    ASSUMPTION: across gaps the last value is held, which the check of sensor continuity finds as a
    flat line, so that windows in it are poor. Between stamps that jitter, values are interpolated
    by a line.

    Parameters
    ----------
    signal : of a wave (ppg or ecg).
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : no value at all.
    """
    valid = np.isfinite(signal.values)
    if not valid.any():
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected="values",
            found=f"none in {len(valid)} samples",
            remedy="Export the recording again, or set pulse: signal to null.",
        )
    notes = []
    lacking = int((~valid).sum())
    if lacking:
        message = f"{lacking} sample(s) of {signal.name} without a value: the last one was held"
        notes.append(Note("missing_samples", message))
    if signal.times_s is None:
        return dataclasses.replace(signal, values=_held(signal.values, valid)), notes
    times, values = signal.times_s[valid], signal.values[valid]
    steps = np.diff(times)
    if not len(steps):
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected="more than one sample",
            found=f"{len(times)}",
            remedy="Export the recording again, or set pulse: signal to null.",
        )
    usual = float(np.median(steps))
    gaps = steps > _GAP_STEPS * usual
    if gaps.any():
        message = (
            f"{int(gaps.sum())} gap(s) in {signal.name}, {steps[gaps].sum():.1f} s in all, the "
            f"longest {steps.max():.1f} s: the last value was held"
        )
        notes.append(Note("gaps", message))
    jitter = float(np.abs(steps[~gaps] - usual).max(initial=0.0))
    if jitter > _STEADY * usual:
        message = f"time stamps of {signal.name} vary by up to {1000 * jitter:.1f} ms: interpolated"
        notes.append(Note("jitter", message))
    # The mean step, so that a clock that is not quite as fast as it says does not run away.
    step = float(steps[~gaps].mean())
    n_samples = int(np.floor((times[-1] - times[0]) / step + 1e-9)) + 1
    grid = times[0] + np.arange(n_samples) * step
    even = np.interp(grid, times, values)
    for place in np.flatnonzero(gaps):
        inside = (grid > times[place] + 0.5 * step) & (grid < times[place + 1] - 0.5 * step)
        even[inside] = values[place]
    return (
        dataclasses.replace(
            signal, values=even, times_s=None, rate_hz=1.0 / step, start_s=float(times[0])
        ),
        notes,
    )


def stopped_recordings(
    signal: Signal, timeline: pd.DataFrame, names: Sequence[str], source: str
) -> list[InputProblem]:
    """Return the trials in which a recording had stopped, or had not begun.

    A recording of several runs on one clock has no value between them: it covers all trials by its
    ends, and yet may have stopped within one. A gap that ends in the trial or soon after it is no
    end: it is held, and its windows are poor.

    Parameters
    ----------
    signal : of a wave, as read.
    timeline : trials of the participant, in the order shown.
    names : of the trials, for the table of exclusions.
    source : name of the participant, for messages.

    Returns
    -------
    Problems of the kind short_pulse.
    """
    held = signal.sample_times()[np.isfinite(signal.values)]
    edges = zip(timeline["valid_start_s"].tolist(), timeline["end_s"].tolist(), strict=True)
    found = []
    for name, (start_s, end_s) in zip(names, edges, strict=True):
        inside = held[(held >= start_s) & (held < end_s)]
        near = held[(held > start_s - _STOPPED_S) & (held < end_s + _STOPPED_S)]
        late = (
            len(inside) and inside[0] - start_s > _MOST_UNCOVERED_S and not (near < start_s).any()
        )
        early = len(inside) and end_s - inside[-1] > _MOST_UNCOVERED_S and not (near >= end_s).any()
        if len(inside) and not (late or early):
            continue
        seen = f"samples from second {inside[0]:.1f} to {inside[-1]:.1f}" if len(inside) else "none"
        found.append(
            InputProblem(
                source,
                where=f"signal {signal.name}",
                expected=f"samples from second {start_s:.1f} to {end_s:.1f}, where clip {name} is",
                found=seen,
                remedy="Export the whole recording, or exclude the trial (data: exclusions).",
                kind="short_pulse",
                video=name,
            )
        )
    return found


def _held(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Hold the last value where one is missing; in front, the first one there is."""
    place = np.maximum.accumulate(np.where(valid, np.arange(len(values)), -1))
    place[place < 0] = int(np.argmax(valid))
    held: np.ndarray = values[place]
    return held
