"""Waves with stamps, jitter, gaps and missing values on a steady grid."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.pulse.recordings import recording_of
from tinglegram.pulse.steady import steady_wave, stopped_recordings


def wave(times: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * 1.2 * times)


def test_a_steady_wave_stays_as_it_is():
    signal = Signal("BVP", "ppg", "", wave(np.arange(640) / 64), start_s=3.0, rate_hz=64.0)
    made, notes = steady_wave(signal, "a")
    assert made.values.tolist() == signal.values.tolist() and notes == []
    recording, clock = recording_of(made)
    assert recording.sampling_rate_hz == 64.0 and clock.offset(0.0) == 3.0


def test_missing_values_hold_the_last_one_and_are_counted():
    values = np.array([np.nan, 1.0, np.nan, np.nan, 4.0])
    made, (note,) = steady_wave(Signal("BVP", "ppg", "", values, rate_hz=4.0), "a")
    assert made.values.tolist() == [1.0, 1.0, 1.0, 1.0, 4.0]
    assert note.message.startswith("3 sample(s) of BVP without a value")


@pytest.mark.parametrize("jitter", [0.0, 0.3])
def test_a_wave_with_stamps_is_recovered(jitter):
    rng = np.random.default_rng(0)
    times = 10.0 + np.arange(2000) / 100 + jitter / 100 * rng.uniform(-1, 1, 2000)
    made, notes = steady_wave(Signal("P", "ppg", "", wave(times), times_s=times), "a")
    assert made.rate_hz == pytest.approx(100, rel=1e-3)
    assert np.abs(made.values - wave(made.sample_times())).max() < 0.01
    assert [note.kind for note in notes] == (["jitter"] if jitter else [])


def test_a_gap_is_flat_and_told():
    times = np.concatenate([np.arange(500), np.arange(700, 1200)]) / 100
    made, (note,) = steady_wave(Signal("P", "ppg", "", wave(times), times_s=times), "a")
    assert note.kind == "gaps" and "1 gap(s) in P, 2.0 s in all" in note.message
    assert len(made.values) == 1200
    inside = made.values[505:695]
    assert np.ptp(inside) == 0.0
    after = made.sample_times() >= 7.0
    assert np.abs(made.values - wave(made.sample_times()))[after].max() < 1e-6


def test_a_signal_without_values_is_refused():
    with pytest.raises(InputProblem, match="found none in 3 samples"):
        steady_wave(Signal("P", "ppg", "", np.full(3, np.nan), rate_hz=4.0), "a")
    with pytest.raises(InputProblem, match="more than one sample"):
        steady_wave(Signal("P", "ppg", "", np.ones(1), times_s=np.ones(1)), "a")


def stopped(*gaps: tuple[float, float]) -> list[str]:
    """Which of two trials, at 10 to 20 and 60 to 70 s, a recording of 80 s does not cover."""
    times = np.arange(8000) / 100
    values = wave(times)
    for begin, end in gaps:
        values[(times >= begin) & (times < end)] = np.nan
    trials = pd.DataFrame({"valid_start_s": [10.0, 60.0], "end_s": [20.0, 70.0]})
    signal = Signal("BVP", "ppg", "", values, rate_hz=100.0)
    found = stopped_recordings(signal, trials, ["a", "b"], "P1")
    stamped = Signal("BVP", "ppg", "", values, times_s=times)
    assert [str(p) for p in stopped_recordings(stamped, trials, ["a", "b"], "P1")] == [
        str(p) for p in found
    ]
    assert {p.kind for p in found} <= {"short_pulse"}
    return [p.video for p in found]


def test_a_recording_that_stopped_or_began_within_a_clip_is_told():
    assert stopped() == stopped((25.0, 58.0)) == []
    # It stopped in the first clip, and went on before the second.
    assert stopped((17.0, 57.0)) == ["a"] and stopped((17.0, 62.0)) == ["a", "b"]
    assert stopped((5.0, 25.0)) == ["a"]
    # Gaps after which it goes on, and a second at the edge.
    assert stopped((12.0, 18.0)) == stopped((18.0, 22.0)) == stopped((19.2, 40.0)) == []
