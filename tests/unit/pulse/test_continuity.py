"""Planted faults are found where they were planted, and a clean pulse has none."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.pulse.continuity import (
    Continuity,
    clip_continuity,
    find_faults,
    summarise_continuity,
)

RATE = 2000.0
THRESHOLDS = Continuity(flat_seconds=0.2, clip_seconds=0.05, jump_sds=12.5)


def six_digits(signal):
    return np.array([float(f"{x:.6g}") for x in signal])


@pytest.fixture(scope="module")
def clean():
    """20 s of pulse: systolic and dicrotic wave, breathing, 6 significant digits."""
    time = np.arange(40_000) / RATE
    phase = (1.1 * time) % 1
    wave = np.exp(-(((phase - 0.2) / 0.07) ** 2)) + 0.4 * np.exp(-(((phase - 0.5) / 0.1) ** 2))
    return six_digits(wave * (1 + 0.2 * np.sin(time)) + 0.1 * np.sin(1.5 * time))


def faults(signal):
    return tuple(int(mask.sum()) for mask in find_faults(signal, RATE, THRESHOLDS))


def test_a_clean_pulse_has_no_fault(clean):
    assert faults(clean) == (0, 0, 0)
    assert faults(clean.astype(np.float32)) == (0, 0, 0)
    assert faults(six_digits(np.sin(2 * np.pi * np.arange(40_000) / RATE))) == (0, 0, 0)
    # A 10-, 12- or 14-bit converter repeats values at the top and in the trough.
    for steps in (512, 2048, 8192):
        assert faults(np.round(clean * steps) / steps)[1:] == (0, 0)
    noise = np.random.default_rng(1).normal(0, 0.01, 40_000)
    assert faults(clean + noise) == (0, 0, 0)


def test_a_flat_line(clean):
    signal = clean.copy()
    signal[10_000:12_000] = signal[9_999]
    flat, clipped, _ = find_faults(signal, RATE, THRESHOLDS)
    assert np.array_equal(np.flatnonzero(flat), np.arange(9_999, 12_000))
    assert not clipped.any()


def test_a_flat_line_shorter_than_the_threshold_is_tolerated(clean):
    signal = clean.copy()
    signal[10_000:10_398] = signal[9_999]
    assert faults(signal)[0] == 0
    signal[10_000:10_399] = signal[9_999]
    assert faults(signal)[0] == 400


def test_clipping_at_both_rails(clean):
    signal = np.clip(clean, 0.0, 0.8)
    flat, clipped, disconnected = find_faults(signal, RATE, THRESHOLDS)
    at_rail = (signal == 0.8) | (signal == 0.0)
    assert clipped.sum() == pytest.approx(at_rail.sum(), rel=0.1)
    assert not (clipped & ~at_rail).any()
    assert not disconnected.any()


def test_a_disconnect_counts_until_the_signal_is_back(clean):
    signal = clean.copy()
    signal[20_000:24_000] += 10
    disconnected = find_faults(signal, RATE, THRESHOLDS)[2]
    assert np.array_equal(np.flatnonzero(disconnected), np.arange(20_000, 24_001))


def test_a_jump_spread_over_samples_and_two_disconnects(clean):
    signal = clean.copy()
    step = np.r_[np.linspace(0, 10, 11)[1:], np.full(980, 10), np.linspace(10, 0, 11)[1:]]
    for at in (8_000, 30_000):
        signal[at : at + 1000] += step
    disconnected = find_faults(signal, RATE, THRESHOLDS)[2]
    expected = np.r_[np.arange(8_000, 9_000), np.arange(30_000, 31_000)]
    assert np.array_equal(np.flatnonzero(disconnected), expected)


def test_a_step_without_return_counts_alone(clean):
    signal = clean.copy()
    signal[20_000:] -= 10
    assert faults(signal) == (0, 0, 1)


def test_a_dead_sensor_is_flat_and_not_clipped():
    assert faults(np.full(40_000, 1.5)) == (40_000, 0, 0)


def test_scale_and_offset_do_not_matter(clean):
    signal = clean.copy()
    signal[20_000:24_000] += 10
    signal[30_000:31_000] = signal[29_999]
    assert faults(signal * 1024 - 512) == faults(signal)


def test_a_sample_with_two_faults_counts_once(clean):
    signal = clean.copy()
    signal[20_000:24_000] = 10
    counts = clip_continuity(signal, RATE, THRESHOLDS)
    assert counts["n_flat"] == counts["n_clipped"] == 4_000
    assert counts["n_disconnected"] == counts["n_bad"] == 4_001


def test_sums_per_level():
    row = {"n_samples": 1000, "n_flat": 0, "n_clipped": 0, "n_disconnected": 0, "n_bad": 0}
    bad = row | {"n_flat": 100, "n_clipped": 50, "n_bad": 100}
    clips = pd.DataFrame(
        [
            {"subject": 10, "video": "vid5", "condition": "Nature"} | row,
            {"subject": 10, "video": "vid2", "condition": "ASMR"} | bad,
            {"subject": 9, "video": "vid2", "condition": "ASMR"} | row,
        ]
    )
    table = summarise_continuity(clips, ["vid2", "vid5"])
    assert list(table.columns) == [
        "level",
        "subject",
        "video",
        "condition",
        "n_samples",
        "n_flat",
        "n_clipped",
        "n_disconnected",
        "continuity",
    ]
    assert list(table["level"]) == ["subject"] * 2 + ["video"] * 2 + ["condition"] * 2 + ["overall"]
    assert list(table["subject"].dropna()) == [9, 10]
    assert list(table["continuity"]) == pytest.approx([1, 0.95, 0.95, 1, 0.95, 1, 1 - 100 / 3000])
    assert list(table["video"].dropna()) == ["vid2", "vid5"]
    assert table["n_samples"].iloc[-1] == 3000
