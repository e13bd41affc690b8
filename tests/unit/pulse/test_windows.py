"""Known pulse rates, the released code's windows, and a real recording against its ECG."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as sp

from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.epochs import Epoch, first_sample, sample_times
from tinglegram.pulse.series import resample_to_grid
from tinglegram.pulse.windows import (
    RELEASED,
    Wave,
    Windowing,
    accumulated_windows,
    exact_windows,
    find_peaks,
    intervals_between,
    measure_windows,
    place_windows,
    pulse_of,
)

PAPER = Windowing(
    window=5.0,
    step=1.0,
    minimum_share=0.1,
    band=(0.5, 4.0),
    filter_order=2,
    peak_distance=0.35,
    peak_prominence=0.5,
    minimum_peaks=4,
    interval_range=(300.0, 1300.0),
    minimum_intervals=3,
)
# Starts of trials on the log clock; the first trial plays 55.7 s.
TRIALS = [(36.4159, 55.7), (118.2346, 60.0), (401.0003, 60.0), (812.7777, 60.0)]


def released_pulse(filtered, rate, settings):
    """Pulse rate (bpm) and RMSSD (ms) of a window, as in the released code."""
    peaks = find_peaks(filtered, rate, settings)
    intervals = intervals_between(peaks, rate, settings, RELEASED, BeatLimits())
    return pulse_of(Wave(0, 0, None, peaks, intervals), settings, RELEASED)


def clip_of(start, duration, by="sample_index", rate=2000.0, pulse=None):
    """A clip of a long recording with beats at a slowly changing rate."""
    first = first_sample(start + 5, rate)
    n_samples = round((duration - 5) * rate)
    index = np.arange(first - 50, first + n_samples + 50)
    time = index / rate
    signal = pulse(time) if pulse else np.sin(2 * np.pi * (1.2 * time + np.sin(time / 9)))
    if by == "sample_index":
        return Epoch(signal[50:-50].astype(np.float32), sample_times(first, n_samples, rate))
    printed = np.array([float(f"{t:.6g}") for t in time / 60]) * 60.0
    inside = (printed >= start + 5) & (printed < start + duration)
    return Epoch(signal[inside].astype(np.float32), printed[inside])


def plain_windows(clip, start, duration, ratings, rate, s):
    """The released code's loop: a mask over the recording and a new filter per window."""
    rows = []
    time = start + 5.0
    while time + s.window < start + duration:
        chunk = clip.signal[(clip.time_s >= time) & (clip.time_s < time + s.window)]
        relative = time - (start + 5.0)
        steps = slice(int(relative * 10), int((relative + s.window) * 10))
        pulse = (np.nan, np.nan)
        if len(chunk) > s.minimum_share * s.window * rate:
            sections = sp.butter(s.filter_order, s.band, btype="bandpass", fs=rate, output="sos")
            pulse = released_pulse(sp.sosfiltfilt(sections, chunk.astype(float)), rate, s)
        rows.append((*pulse, np.mean(ratings[steps]) if steps.stop <= len(ratings) else np.nan))
        time += s.step
    return np.array(rows)


@pytest.mark.parametrize("by", ["printed_time", "sample_index"])
@pytest.mark.parametrize(("start", "duration"), TRIALS)
def test_fast_windows_equal_the_plain_loop(by, start, duration):
    clip = clip_of(start, duration, by)
    ratings = np.random.default_rng(1).integers(0, 4, round((duration - 5) * 10))
    windows = place_windows("accumulated", start, start + 5, start + duration, 10, PAPER)
    fast = measure_windows(clip, windows, ratings, 2000.0, PAPER)
    plain = plain_windows(clip, start, duration, ratings, 2000.0, PAPER)
    assert np.array_equal(fast.iloc[:, 1:].to_numpy(), plain, equal_nan=True)
    assert list(fast.columns) == ["start_s", "pulse_rate_bpm", "rmssd_ms", "mean_rating"]


def test_too_few_samples_give_no_value_but_keep_the_window():
    start, duration = TRIALS[1]
    clip = clip_of(start, duration, pulse=lambda t: np.sin(2 * np.pi * 1.2 * t))
    # Without its first 2 s a clip leaves 6000 samples to the first window.
    gappy = Epoch(clip.signal[4000:], clip.time_s[4000:])
    windows = exact_windows(start + 5, start + duration, 10, PAPER)
    whole = replace(PAPER, minimum_share=0.59, minimum_peaks=2, minimum_intervals=2)
    strict = replace(whole, minimum_share=0.6)
    value = measure_windows(gappy, windows, np.zeros(550), 2000.0, whole)["pulse_rate_bpm"]
    assert value.iloc[0] == pytest.approx(72, rel=0.05)
    table = measure_windows(gappy, windows, np.zeros(550), 2000.0, strict)
    assert len(table) == 50
    assert np.flatnonzero(table["pulse_rate_bpm"].isna()).tolist() == [0]


@pytest.mark.parametrize(("start", "duration"), TRIALS)
def test_numbers_of_windows(start, duration):
    expected = 46 if duration == 55.7 else 50
    for clock in ("accumulated", "exact"):
        windows = place_windows(clock, start, start + 5, start + duration, 10, PAPER)
        assert len(windows.start_s) == expected
        assert np.array_equal(windows.nominal_s, np.arange(expected))


@given(st.integers(1, 20_000_000), st.sampled_from([55.7, 60.0, 30.0, 12.3]))
def test_exact_windows_are_multiples_of_the_step(ticks, duration):
    start = ticks / 10_000
    windows = exact_windows(start + 5, start + duration, 10, PAPER)
    steps = np.arange(len(windows.start_s))
    assert np.array_equal(windows.first_step, steps * 10)
    assert np.array_equal(windows.last_step, steps * 10 + 50)
    assert np.array_equal(windows.start_s, (ticks + 50_000 + steps * 10_000) / 10_000)
    # Strict rule: the next window would end with the epoch or after it.
    assert len(steps) == int(np.ceil(round(duration - 10, 4)))
    first = np.array([first_sample(t, 2000) for t in windows.start_s])
    assert np.all(np.diff(first) == 2000)


@given(st.integers(1, 20_000_000))
def test_accumulated_windows_are_the_released_loop(ticks):
    start = ticks / 10_000.0
    windows = accumulated_windows(start, start + 5.0, start + 60.0, 10, PAPER)
    time, k = start + 5.0, 0
    while time + 5.0 < start + 60.0:
        relative = time - (start + 5.0)
        assert windows.start_s[k] == time
        assert windows.first_step[k] == int(relative * 10)
        assert windows.last_step[k] == int((relative + 5.0) * 10)
        time += 1.0
        k += 1
    assert len(windows.start_s) == k


def test_the_accumulated_clock_drifts():
    drifted = total = 0
    for ticks in np.random.default_rng(7).integers(0, 9_000_000, 200):
        start = float(ticks) / 10_000
        windows = accumulated_windows(start, start + 5, start + 60, 10, PAPER)
        drifted += np.sum(windows.first_step != np.arange(len(windows.start_s)) * 10)
        total += len(windows.start_s)
    # About 7 % of the windows begin one label step early.
    assert 0.02 < drifted / total < 0.2


@pytest.mark.parametrize("bpm", [48, 60, 72, 110, 160])
@pytest.mark.parametrize("clock", ["accumulated", "exact"])
def test_a_sine_gives_its_rate(bpm, clock):
    start, duration = TRIALS[1]
    clip = clip_of(start, duration, pulse=lambda t: np.sin(2 * np.pi * bpm / 60 * t))
    windows = place_windows(clock, start, start + 5, start + duration, 10, PAPER)
    table = measure_windows(clip, windows, np.repeat(np.arange(11), 50), 2000.0, PAPER)
    # Fewer than 4 peaks of a slow pulse may lie inside a window: no value then, never a wrong one.
    assert table["pulse_rate_bpm"].notna().mean() > 0.3
    assert np.nanmax(np.abs(table["pulse_rate_bpm"] - bpm)) < 0.025 * bpm
    if clock == "exact":
        assert np.allclose(table["mean_rating"], np.arange(50) / 5)


def test_seventy_two():
    clip = clip_of(*TRIALS[1], pulse=lambda t: np.sin(2 * np.pi * 1.2 * t))
    windows = exact_windows(TRIALS[1][0] + 5, sum(TRIALS[1]), 10, PAPER)
    table = measure_windows(clip, windows, np.ones(550), 2000.0, PAPER)
    assert table["pulse_rate_bpm"].median() == pytest.approx(72, abs=0.5)


def train(peaks, n=10_000):
    """A signal whose peaks stand exactly at `peaks`."""
    filtered = np.zeros(n)
    filtered[peaks] = 1.0
    return filtered


def test_rate_and_rmssd_of_known_intervals():
    # 800, 900, 800 ms: mean 833.33 ms, successive differences 100 and -100 ms.
    rate, rmssd = released_pulse(train([1000, 2600, 4400, 6000]), 2000.0, PAPER)
    assert rate == pytest.approx(72)
    assert rmssd == pytest.approx(100)


def test_intervals_outside_the_range_are_left_out():
    # 800, 1300 (left out), 800, 900 ms.
    peaks = [1000, 2600, 5200, 6800, 8600]
    rate, rmssd = released_pulse(train(peaks), 2000.0, PAPER)
    assert rate == pytest.approx(60_000 / np.mean([800, 800, 900]))
    assert rmssd == pytest.approx(np.sqrt(100**2 / 2))


@pytest.mark.parametrize(
    "peaks", [[], [1000, 2600, 4400], [1000, 2600, 5200, 6800], [1000, 4000, 7000, 9000]]
)
def test_too_few_peaks_or_intervals_give_no_value(peaks):
    assert np.isnan(released_pulse(train(peaks), 2000.0, PAPER)).all()


@pytest.mark.parametrize("n_steps", [507, 550])
def test_series_on_the_grid(n_steps):
    time = np.arange(n_steps * 200) / 2000
    signal = 3 + np.sin(2 * np.pi * 1.2 * time)
    series = resample_to_grid(signal, n_steps)
    assert series.dtype == np.float32
    assert len(series) == n_steps
    assert series.mean() == pytest.approx(0, abs=1e-6)
    assert series.std() == pytest.approx(1, abs=1e-6)
    expected = sp.resample(signal, n_steps)
    expected = ((expected - np.mean(expected)) / np.std(expected)).astype(np.float32)
    assert np.array_equal(series, expected)


def test_a_constant_clip_is_only_centred():
    assert np.array_equal(resample_to_grid(np.full(110_000, 0.1), 550), np.zeros(550))


def test_unknown_clock():
    with pytest.raises(ValueError, match="clock is accumulated or exact"):
        place_windows("guess", 0, 5, 60, 10, PAPER)


def test_pulse_rate_of_a_real_ppg_agrees_with_its_ecg(shared):
    table = pd.read_csv(shared / "real/ppg/bidmc_01_Signals.csv", skipinitialspace=True)
    rate, n_window = 125.0, 30 * 125
    ppg, ecg = table["PLETH"].to_numpy(), table["II"].to_numpy()
    # 30-s windows; the PLETH scale is 0 to 1, so half a unit would be most of a pulse.
    thirty = Windowing(window=30.0, step=30.0, peak_prominence=0.1)
    n_windows = len(ppg) // n_window
    clip = Epoch(ppg, sample_times(0, len(ppg), rate))
    windows = exact_windows(0.0, len(ppg) / rate, 10, thirty)
    measured = measure_windows(clip, windows, np.zeros(4800), rate, thirty)["pulse_rate_bpm"]
    assert len(measured) == n_windows
    # R peaks by a detector of their own: steep, tall, at least 0.35 s apart.
    slope = np.gradient(ecg) ** 2
    energy = np.convolve(slope, np.ones(13) / 13, mode="same")
    beats, _ = sp.find_peaks(energy, height=0.3 * np.quantile(energy, 0.99), distance=44)
    reference = []
    for k in range(n_windows):
        inside = beats[(beats >= k * n_window) & (beats < (k + 1) * n_window)]
        reference.append(60 / np.median(np.diff(inside) / rate))
    assert np.median(np.abs(measured - reference)) < 2
    assert measured.notna().all()
