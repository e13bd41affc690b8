"""Clean pulses are good, and each planted fault is found by the measure made for it."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.pulse.continuity import Continuity, find_faults, find_level
from tinglegram.pulse.epochs import Epoch, sample_times
from tinglegram.pulse.quality import (
    Quality,
    amplitude,
    mark_poor,
    measure_quality,
    template_correlation,
)
from tinglegram.pulse.windows import Windowing, exact_windows, filter_windows, measure_windows
from tinglegram.simulation import design, pulse_wave
from tinglegram.simulation.pulse_wave import template

PAPER = Windowing()
FAULTS = Continuity()
THRESHOLDS = Quality()
RATE = 500.0


def pulse(seconds=30.0, bpm=72.0, noise=0.0, seed=0):
    time = np.arange(int(seconds * RATE)) / RATE
    return template(time * bpm / 60) + noise * np.random.default_rng(seed).standard_normal(
        len(time)
    )


def judged(signal, median=None):
    clip = Epoch(signal, sample_times(0, len(signal), RATE))
    windows = exact_windows(0.0, len(signal) / RATE, 10, PAPER)
    waves = filter_windows(clip, windows, RATE, PAPER)
    table = measure_windows(clip, windows, np.empty(0), RATE, PAPER, waves)
    table = table.join(measure_quality(waves, *find_level(signal, RATE, FAULTS)))
    return mark_poor(table, table["amplitude"].median() if median is None else median, THRESHOLDS)


def test_equal_pulses_correlate_fully_and_have_their_amplitude():
    time = np.arange(5000) / 1000
    wave = 1.5 * np.sin(2 * np.pi * time)
    peaks = np.array([250, 1250, 2250, 3250, 4250])
    assert template_correlation(wave, peaks) == pytest.approx(1)
    assert amplitude(wave, peaks) == pytest.approx(3)


def test_template_correlation_against_a_plain_loop():
    random = np.random.default_rng(3)
    wave = random.standard_normal(2000).cumsum()
    peaks = np.array([30, 310, 690, 1010, 1400, 1980])
    half = int(np.median(np.diff(peaks))) // 2
    parts = [np.arange(max(p - half, 0), min(p + half + 1, len(wave))) for p in peaks]
    whole = [k for k, part in enumerate(parts) if len(part) == 2 * half + 1]
    mean = np.mean([wave[parts[k]] for k in whole], axis=0)
    expected = [
        np.corrcoef(wave[part], mean[part - p + half])[0, 1]
        for p, part in zip(peaks, parts, strict=True)
    ]
    assert len(whole) == 4
    assert template_correlation(wave, peaks) == pytest.approx(np.mean(expected))


def test_windows_with_a_false_peak_are_poor_and_the_others_are_not():
    # The edge of a window, or a pulse's second wave, is now and then taken for a beat.
    schedule = design.Schedule(clip=60.0, first_trial=58.0, rests=(60.0, 60.0, 60.0))
    session = design.plan_session(3, {"vid1": "ASMR", "vid5": "Nature"}, schedule, 42)
    heart = pulse_wave.Cardiac(resting=(60.0, 66.0), coupling={}, drift=1.0, noise=0.02)
    pressed = {"vid1": (), "vid5": ()}
    recorded = pulse_wave.simulate_pulse(session, pressed, heart, RATE, 42)
    table = judged(recorded.filtered)
    beats = [
        recorded.beats_s[(recorded.beats_s >= start) & (recorded.beats_s < start + 5)]
        for start in table["start_s"]
    ]
    truth = np.array([60 / np.diff(inside).mean() for inside in beats])
    wrong = (table["pulse_rate_bpm"] - truth).abs() > 2
    assert 0.02 < wrong.mean() < 0.5
    assert table.loc[wrong, "poor"].mean() > 0.95
    assert table.loc[~wrong, "poor"].mean() < 0.02


@pytest.mark.parametrize("peaks", [[], [500], [10, 4990]], ids=["none", "one", "no whole pulse"])
def test_too_few_pulses_have_no_template(peaks):
    wave = np.sin(np.arange(5000) / 159.15)
    assert np.isnan(template_correlation(wave, np.array(peaks, dtype=int)))


def test_a_clean_pulse_is_good_throughout():
    table = judged(pulse(noise=0.02))
    assert not table["poor"].any()
    assert (table["template_correlation"] > 0.95).all()
    assert np.allclose(table["perfusion"], 1, atol=0.1)
    assert (table[["flat_share", "clipped_share"]] == 0).all(axis=None)


def test_noise_without_a_pulse_is_mostly_poor():
    noise = np.random.default_rng(1).standard_normal(int(300 * RATE)).cumsum() * 0.3
    table = judged(noise - noise.mean(), median=3.0)
    assert (
        table["template_correlation"].quantile(0.9)
        < judged(pulse(noise=0.02))["template_correlation"].min()
    )
    # A handful of pulses resemble their own mean a little whatever they are (docs/pulse.md).
    assert table["poor"].mean() > 0.6


def test_a_weak_pulse_falls_below_the_persons_own_amplitude():
    signal = pulse()
    signal[int(15 * RATE) :] = 0.15 * (signal[int(15 * RATE) :] - signal.mean()) + signal.mean()
    assert np.allclose(judged(signal)["perfusion"].iloc[:10], 1, atol=0.1)
    # Weaker than the prominence of a peak: no pulse rate, hence poor.
    assert judged(signal)["poor"].iloc[-5:].all()
    assert not judged(signal)["poor"].iloc[:10].any()


def test_perfusion_is_the_share_of_the_persons_median():
    table = judged(pulse(), median=4.0)
    other = judged(pulse(), median=8.0)
    assert np.allclose(table["perfusion"], 2 * other["perfusion"])


def test_flat_and_clipped_shares_are_counted_in_their_windows_only():
    signal = pulse(noise=0.02)
    signal[int(10 * RATE) : int(11 * RATE)] = signal[int(10 * RATE)]
    table = judged(signal)
    holds = (table["start_s"] <= 10) & (table["start_s"] >= 6)
    assert np.allclose(table.loc[holds, "flat_share"], 0.2, atol=0.01)
    assert table.loc[holds, "poor"].all()
    assert (table.loc[(table["start_s"] > 11) | (table["start_s"] < 5), "flat_share"] == 0).all()
    cut = np.minimum(pulse(), 2.0)
    assert (judged(cut)["clipped_share"] > 0.05).all()
    assert judged(cut)["poor"].all()


def test_level_faults_are_those_of_the_sensor_continuity():
    signal = np.minimum(pulse(noise=0.02), 2.5)
    signal[3000:3400] = signal[3000]
    for ours, theirs in zip(
        find_level(signal, RATE, FAULTS), find_faults(signal, RATE, FAULTS)[:2], strict=True
    ):
        assert ours.any()
        assert np.array_equal(ours, theirs)


def test_a_window_without_a_value_is_poor():
    table = pd.DataFrame(
        {
            "pulse_rate_bpm": [70.0, np.nan, 70.0, 70.0],
            "template_correlation": [0.9, 0.9, np.nan, 0.9],
            "amplitude": [1.0, 1.0, 1.0, np.nan],
            "flat_share": 0.0,
            "clipped_share": 0.0,
        }
    )
    assert mark_poor(table, 1.0, THRESHOLDS)["poor"].tolist() == [False, True, True, True]
    assert mark_poor(table, np.nan, THRESHOLDS)["poor"].all()


def test_too_few_samples_give_no_quality():
    signal = pulse()
    gappy = Epoch(signal[2000:], sample_times(2000, len(signal) - 2000, RATE))
    windows = exact_windows(0.0, 20.0, 10, PAPER)
    strict = Windowing(minimum_share=0.9)
    waves = filter_windows(gappy, windows, RATE, strict)
    table = measure_quality(waves, *find_level(gappy.signal, RATE, FAULTS))
    assert table["template_correlation"].isna().tolist()[:4] == [True] * 4
    assert table["template_correlation"].iloc[4:].notna().all()
