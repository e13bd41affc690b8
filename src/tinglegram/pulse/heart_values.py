"""Intervals between heart beats, or heart rates, each with the time that it stands for.

They come from the R peaks of an electrocardiogram, from a device that gives intervals (as the
Empatica E4's IBI.csv), or from one that gives heart rates. A value belongs to a span of time: an
interval to the time between its two beats, a rate to the time around its stamp. Where a device
gave nothing there is no span.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

# Name of the array that says what a recording's values are.
HEART_KIND = "heart_kind"
# Neighbouring intervals share a beat if their spans meet within this time, s: stamps of the E4
# stand on 1/64 s.
_MEETS_S = 0.03
# What a median interval (ms) and a median heart rate (bpm) can be: 20 to 300 bpm.
_MS, _BPM = (200.0, 3000.0), (20.0, 300.0)
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1000.0),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1.0),
}
_RATES = {
    **dict.fromkeys(("bpm", "1/min", "/min", "min-1", "beats/min", "beats per minute"), 1.0),
    **dict.fromkeys(("hz", "1/s", "beats/s"), 60.0),
}


@dataclass(frozen=True, eq=False)
class HeartValues:
    """What a heart did, value by value, in the order of time.

    Attributes
    ----------
    kind : ecg, ibi (values are intervals, ms) or hr (values are heart rates, bpm).
    from_s, to_s : float64 (n,), the time that each value stands for, seconds on the participant's
        clock. The beats of an interval are at both.
    values : float64 (n,).
    """

    kind: str
    from_s: np.ndarray
    to_s: np.ndarray
    values: np.ndarray

    def moved(self, offset_s: float) -> "HeartValues":
        """Return the values on a clock that is ahead by `offset_s`."""
        return replace(self, from_s=self.from_s + offset_s, to_s=self.to_s + offset_s)

    def within(self, start_s: float, end_s: float) -> "HeartValues":
        """Return the values whose time touches `start_s` to `end_s`."""
        kept = (self.to_s > start_s) & (self.from_s < end_s)
        return HeartValues(self.kind, self.from_s[kept], self.to_s[kept], self.values[kept])

    def follows(self) -> np.ndarray:
        """Say of each interval but the first whether it begins with the beat that ends the last."""
        near: np.ndarray = np.abs(self.from_s[1:] - self.to_s[:-1]) <= _MEETS_S
        return near

    def overlap(self, start_s: np.ndarray, end_s: np.ndarray) -> np.ndarray:
        """Return the seconds that each value shares with each stretch, (n_stretches, n)."""
        last = np.minimum(self.to_s, end_s[:, None])
        shared: np.ndarray = np.maximum(last - np.maximum(self.from_s, start_s[:, None]), 0.0)
        return shared


def intervals_of_beats(beats_s: np.ndarray, kind: str = "ecg") -> HeartValues:
    """Return the intervals between beats at rising times, (n_beats,), seconds."""
    return HeartValues(kind, beats_s[:-1], beats_s[1:], np.diff(beats_s) * 1000.0)


def heart_values(signal: Signal, source: str) -> tuple[HeartValues, list[Note]]:
    """Return a signal of intervals (ibi) or heart rates (hr) as values with their times.

    An interval's time stamp is that of the beat that ends it. A heart rate stands for the time
    half-way to its neighbours, and no longer than the usual step between stamps.

    Parameters
    ----------
    signal : of type ibi, with time stamps, or hr.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : no values; intervals without stamps, or whose stamps are those of their first
        beats; values that are neither intervals nor rates in any unit.
    """
    times, given = signal.sample_times(), np.asarray(signal.values, dtype=np.float64)
    if signal.type == "ibi" and signal.times_s is None:
        raise _fault(
            signal,
            source,
            "the time of each interval's second beat",
            "one interval after the other at a steady rate",
            "Name the column of times; a heart rate at a steady rate has the type hr.",
        )
    # Devices write 0 where they have no value.
    valid = np.isfinite(given) & (given > 0)
    notes = []
    if not valid.all():
        message = f"{int((~valid).sum())} of {len(valid)} values of {signal.name} missing or 0"
        notes.append(Note("missing_values", message))
    times, given = times[valid], given[valid]
    if len(given) < 2:
        raise _fault(
            signal,
            source,
            "at least two values",
            f"{len(given)} of {len(valid)}",
            "Export the recording again, or set pulse: signal to null.",
        )
    if signal.type == "hr":
        message = f"RMSSD is not applicable: {signal.name} gives heart rates, no intervals"
        notes.append(Note("no_rmssd", message))
        from_s, to_s = _around(times)
        return HeartValues("hr", from_s, to_s, given * _rate_unit(signal, given, source)), notes
    ms = given * _interval_unit(signal, given, source)
    found = HeartValues("ibi", times - ms / 1000.0, times, ms)
    _check_stamps(signal, found, source)
    lost = int((~found.follows()).sum())
    if lost:
        message = f"{lost} gap(s) between the {len(ms)} intervals of {signal.name}"
        notes.append(Note("interval_gaps", message))
    return found, notes


def _around(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spans of time around stamps: half-way to the next, half a usual step at most."""
    half = np.median(np.diff(times)) / 2
    middles = (times[1:] + times[:-1]) / 2
    from_s = np.maximum(times - half, np.concatenate([[-np.inf], middles]))
    return from_s, np.minimum(times + half, np.concatenate([middles, [np.inf]]))


def _interval_unit(signal: Signal, given: np.ndarray, source: str) -> float:
    """Return the milliseconds in a unit of the intervals."""
    median, unit = float(np.median(given)), signal.unit.strip().lower()
    # Without a unit both are tried; no interval is plausible in both.
    for factor in [_UNITS[unit]] if unit in _UNITS else [1000.0, 1.0] if not unit else []:
        if _MS[0] <= median * factor <= _MS[1]:
            return factor
    raise _fault(
        signal,
        source,
        "intervals between beats in s or ms",
        f"a median of {median:g} {signal.unit or 'without a unit'}",
        "Correct the unit or the column in data: options; heart rates have the type hr.",
    )


def _rate_unit(signal: Signal, given: np.ndarray, source: str) -> float:
    """Return the beats per minute in a unit of the heart rates."""
    median, unit = float(np.median(given)), signal.unit.strip().lower()
    factor = _RATES.get(unit) if unit else 1.0
    if factor is not None and _BPM[0] <= median * factor <= _BPM[1]:
        return factor
    raise _fault(
        signal,
        source,
        "heart rates in bpm or Hz",
        f"a median of {median:g} {signal.unit or 'without a unit'}",
        "Correct the unit or the column in data: options; intervals have the type ibi.",
    )


def _check_stamps(signal: Signal, found: HeartValues, source: str) -> None:
    """Refuse stamps that are those of the beat that begins each interval."""
    steps, s = np.diff(found.to_s), found.values / 1000.0
    ends, begins = (np.abs(steps - own) <= _MEETS_S for own in (s[1:], s[:-1]))
    # A regular pulse fits both ways; gaps fit neither.
    if np.mean(begins) > np.mean(ends) + 0.1:
        raise _fault(
            signal,
            source,
            "as the time of an interval that of the beat that ends it",
            "times of the beats that begin them",
            "Add each interval to its time.",
        )


def _fault(signal: Signal, source: str, expected: str, found: str, remedy: str) -> InputProblem:
    return InputProblem(
        source, where=f"signal {signal.name}", expected=expected, found=found, remedy=remedy
    )


def pack_heart(name: str, heart: HeartValues) -> dict[str, np.ndarray]:
    """Arrays to store of the values in and around a clip or rest: from, to and value, (3, n)."""
    return {f"{name}@heart": np.stack([heart.from_s, heart.to_s, heart.values])}


def unpack_heart(arrays: Mapping[str, np.ndarray], name: str) -> HeartValues:
    """Read what `pack_heart` stored; `arrays` also says the kind (`HEART_KIND`)."""
    return HeartValues(str(arrays[HEART_KIND]), *arrays[f"{name}@heart"])


def heart_kind(arrays: Mapping[str, np.ndarray]) -> str:
    """Say what a recording's heart values are (ecg, ibi, hr); empty: it has a pulse wave alone."""
    return str(arrays[HEART_KIND]) if HEART_KIND in arrays else ""
