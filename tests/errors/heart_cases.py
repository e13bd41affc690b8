"""Electrocardiograms without beats, and intervals or heart rates that cannot be ones."""

import numpy as np
import pandas as pd
from error_cases import Case
from heart_signals import heart_timeline, planted_beats

from tinglegram.canonical.tables import Signal
from tinglegram.pulse.heart_beats import r_peaks
from tinglegram.pulse.heart_slices import slice_heart
from tinglegram.pulse.heart_values import heart_values, intervals_of_beats
from tinglegram.pulse.heart_windows import HeartQuality, coverage_finding
from tinglegram.pulse.rests import RestEpochs

TITLE = "Electrocardiograms, intervals between beats and heart rates"
BEATS = planted_beats(60, lambda _: 75, variation=0.04)
INTERVALS = np.round(np.diff(BEATS), 3)


def _values(kind, unit, values, times=None, rate=None):
    signal = Signal(kind.upper(), kind, unit, np.asarray(values), rate_hz=rate, times_s=times)
    return lambda folder: heart_values(signal, "P07") and None


def _other_clock(folder):
    heart = intervals_of_beats(BEATS, "ibi")
    slice_heart(heart, "P07", heart_timeline([600.0, 650.0]), 2, RestEpochs())


def _gaps(folder):
    kept = np.delete(np.arange(len(INTERVALS)), [10, 30])
    signal = Signal("IBI", "ibi", "s", INTERVALS[kept], times_s=BEATS[1:][kept])
    return str(heart_values(signal, "P07")[1][0])


def _rates(folder):
    signal = Signal("HR", "hr", "bpm", np.array([70.0, 0.0, 72.0]), rate_hz=1.0)
    return "\n".join(map(str, heart_values(signal, "P07")[1]))


def _coverage(folder):
    windows = pd.DataFrame({"coverage": [1.0, 0.5, 0.2, 1.0]})
    return coverage_finding(windows, HeartQuality())


CASES = [
    Case(
        "an electrocardiogram at a low rate",
        "P07, electrocardiogram: expected at least 100 samples per second, from which R "
        "peaks can be found, found 32. Export it at its full rate, or take a heart rate "
        "(pulse: signal: hr).",
        lambda f: r_peaks(np.ones(900), 32.0, "P07"),
    ),
    Case(
        "an electrocardiogram without beats",
        "P07, electrocardiogram: expected heart beats, found 0 in 3.6 s. Look at the "
        "recording: is it the right channel? Or set pulse: signal to null.",
        lambda f: r_peaks(np.ones(900), 250.0, "P07"),
    ),
    Case(
        "intervals without times",
        "P07, signal IBI: expected the time of each interval's second beat, found one "
        "interval after the other at a steady rate. Name the column of times; a heart "
        "rate at a steady rate has the type hr.",
        _values("ibi", "s", INTERVALS, rate=4.0),
    ),
    Case(
        "intervals in no unit",
        "P07, signal IBI: expected intervals between beats in s or ms, found a median of "
        "803 s. Correct the unit or the column in data: options; heart rates have the "
        "type hr.",
        _values("ibi", "s", INTERVALS * 1000, BEATS[1:]),
    ),
    Case(
        "times of the wrong beat",
        "P07, signal IBI: expected as the time of an interval that of the beat that ends "
        "it, found times of the beats that begin them. Add each interval to its time.",
        _values("ibi", "s", INTERVALS, BEATS[:-1]),
    ),
    Case(
        "heart rates that are intervals",
        "P07, signal HR: expected heart rates in bpm or Hz, found a median of 0.803 bpm. "
        "Correct the unit or the column in data: options; intervals have the type ibi.",
        _values("hr", "bpm", INTERVALS, rate=1.0),
    ),
    Case(
        "heart rates without a value",
        "P07, signal HR: expected at least two values, found 0 of 9. Export the recording"
        " again, or set pulse: signal to null.",
        _values("hr", "bpm", np.zeros(9), rate=1.0),
    ),
    Case(
        "heart rates on another clock",
        "P07, heart rate: expected values during the clips, from second 600.0 on, found "
        "values from second 0.3 to second 59.7 alone. Correct the clock or offset_s of "
        "the file in data: options.",
        _other_clock,
    ),
    Case("lost beats (noted)", "2 gap(s) between the 72 intervals of IBI", _gaps),
    Case(
        "heart rates with a value missing (noted)",
        "1 of 3 values of HR missing or 0\n"
        "RMSSD is not applicable: HR gives heart rates, no intervals",
        _rates,
    ),
    Case(
        "windows that few beats cover (a warning)",
        "2 of 4 windows are covered to less than 80% by heart beats that count: they are poor",
        _coverage,
    ),
]
