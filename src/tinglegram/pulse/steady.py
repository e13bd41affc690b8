"""A wave with time stamps or gaps on a steady grid of samples, as filters need it."""

import dataclasses

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

# Steps that differ by less than this share of the usual one are a steady rate.
_STEADY = 0.05
# A step longer than this many usual ones is a gap.
_GAP_STEPS = 1.9


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


def _held(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Hold the last value where one is missing; in front, the first one there is."""
    place = np.maximum.accumulate(np.where(valid, np.arange(len(values)), -1))
    place[place < 0] = int(np.argmax(valid))
    held: np.ndarray = values[place]
    return held
