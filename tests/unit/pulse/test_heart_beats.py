"""R peaks of planted electrocardiograms: clean, noisy, wandering, upside down, at all rates."""

import numpy as np
import pytest
from heart_signals import ecg_wave, planted_beats

from tinglegram.pulse.heart_beats import r_peaks


def found_and_missed(wave, rate, beats):
    """Share of beats found, share of peaks that are none, and errors of place, s."""
    peaks = r_peaks(wave, rate, "P1") / rate
    away = np.abs(peaks[:, None] - beats)
    nearest = peaks[away.argmin(axis=0)] - beats
    return np.mean(away.min(axis=0) < 0.04), np.mean(away.min(axis=1) > 0.04), nearest


@pytest.mark.parametrize("rate", [100.0, 130.0, 250.0, 1000.0, 2000.0])
@pytest.mark.parametrize("bpm", [45, 72, 160])
@pytest.mark.parametrize(
    "spoilt", [{}, {"noise": 0.1}, {"wander": 2.0}], ids=["clean", "noisy", "wandering"]
)
def test_planted_beats_are_found(rate, bpm, spoilt):
    beats = planted_beats(60, lambda _: bpm)
    beats = beats[beats < 59.5]
    wave = ecg_wave(beats, rate, 60, **spoilt)
    for upright in (wave, -wave, 1000 * wave + 5):
        sensitivity, false, away = found_and_missed(upright, rate, beats)
        assert sensitivity > 0.99
        assert false < 0.02
        assert abs(np.mean(away)) < 0.001 and np.std(away) < 0.005


def test_rate_without_bias():
    beats = planted_beats(120, lambda time: 70 + time / 6)
    peaks = r_peaks(ecg_wave(beats, 250, 120, noise=0.1), 250.0, "P1") / 250
    assert 60 / np.mean(np.diff(peaks)) == pytest.approx(60 / np.mean(np.diff(beats)), abs=0.5)


def test_peaks_lie_between_samples():
    beats = np.arange(0.5, 60, 0.803)
    peaks = r_peaks(ecg_wave(beats, 100, 60, noise=0.0), 100.0, "P1") / 100
    assert np.abs(peaks - beats).max() < 0.004
    assert np.std(peaks - beats) < 0.01 / np.sqrt(12) / 2


def test_an_artefact_hides_no_other_beat():
    beats = planted_beats(60, lambda _: 72)
    wave = ecg_wave(beats, 250, 60)
    wave[7500:7520] += 20 * np.hanning(20)
    sensitivity, _, _ = found_and_missed(wave, 250.0, beats[np.abs(beats - 30) > 1])
    assert sensitivity > 0.99
