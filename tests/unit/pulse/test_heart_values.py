"""Intervals and heart rates of devices: units, stamps, gaps, the time that each stands for."""

import numpy as np
import pytest
from heart_signals import heart_signal, planted_beats

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.pulse.heart_values import heart_values, intervals_of_beats

BEATS = planted_beats(60, lambda _: 75, variation=0.04)
INTERVALS = np.diff(BEATS)


@pytest.mark.parametrize("unit, factor", [("s", 1), ("", 1), ("ms", 1000), ("", 1000)])
def test_intervals_in_any_unit(unit, factor):
    signal = Signal("IBI", "ibi", unit, INTERVALS * factor, times_s=BEATS[1:])
    found, notes = heart_values(signal, "P1")
    assert found.values == pytest.approx(INTERVALS * 1000)
    assert found.from_s == pytest.approx(BEATS[:-1])
    assert found.follows().all() and notes == []


def test_lost_beats_are_gaps_and_counted():
    kept = np.delete(np.arange(len(INTERVALS)), [10, 11, 30])
    signal = Signal("IBI", "ibi", "s", INTERVALS[kept], times_s=BEATS[1:][kept])
    found, notes = heart_values(signal, "P1")
    assert np.flatnonzero(~found.follows()).tolist() == [9, 27]
    assert [note.kind for note in notes] == ["interval_gaps"]
    whole, _ = heart_values(heart_signal("ibi", BEATS, 60), "P1")
    lost = INTERVALS[[10, 11, 30]].sum()
    edges = np.array([0.0]), np.array([60.0])
    assert found.overlap(*edges).sum() == pytest.approx(whole.overlap(*edges).sum() - lost)


def test_stamps_on_the_clock_of_the_e4():
    """Empatica's stamps and intervals are multiples of 1/64 s."""
    beats = np.round(BEATS * 64) / 64
    found, notes = heart_values(Signal("IBI", "ibi", "s", np.diff(beats), times_s=beats[1:]), "P1")
    assert found.follows().all() and notes == []


@pytest.mark.parametrize("unit, factor", [("bpm", 1), ("", 1), ("Hz", 1 / 60)])
def test_rates_stand_for_the_time_around_them(unit, factor):
    signal = Signal("HR", "hr", unit, np.array([60.0, 0.0, 66.0, 70.0, 72.0]) * factor, 10.0, 0.5)
    found, notes = heart_values(signal, "P1")
    assert found.values == pytest.approx([60, 66, 70, 72])
    # The value that is missing leaves a gap: 11 to 13 s.
    assert found.from_s.tolist() == [9, 13, 15, 17]
    assert found.to_s.tolist() == [11, 15, 17, 19]
    assert [note.kind for note in notes] == ["missing_values", "no_rmssd"]


def test_intervals_of_beats_add_up():
    found = intervals_of_beats(BEATS)
    assert found.values.sum() == pytest.approx(1000 * (BEATS[-1] - BEATS[0]))
    moved = found.moved(5.0).within(10.0, 12.0)
    assert moved.to_s[0] > 10 >= moved.from_s[0] and moved.from_s[-1] < 12 <= moved.to_s[-1]


@pytest.mark.parametrize(
    "signal",
    [
        Signal("IBI", "ibi", "s", INTERVALS, times_s=BEATS[:-1]),
        Signal("IBI", "ibi", "ms", INTERVALS, times_s=BEATS[1:]),
        Signal("IBI", "ibi", "bpm", 60 / INTERVALS, times_s=BEATS[1:]),
        Signal("IBI", "ibi", "s", INTERVALS, rate_hz=4.0),
        Signal("HR", "hr", "bpm", INTERVALS, rate_hz=1.0),
        Signal("HR", "hr", "furlong", 60 / INTERVALS, rate_hz=1.0),
        Signal("HR", "hr", "bpm", np.zeros(9), rate_hz=1.0),
    ],
)
def test_what_is_no_heart_value_is_refused(signal):
    with pytest.raises(InputProblem):
        heart_values(signal, "P1")
