"""Interaural differences: planted delays and levels, mono sound, silence, independent noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.errors import TinglegramError
from tinglegram.stimuli.binaural import binaural, binaural_columns
from tinglegram.stimuli.settings import BinauralFeatures

RATE, HOP = 44100, 4410
ABOUT = BinauralFeatures()


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(size=round(RATE * seconds))


def as_samples(*channels, level=0.05):
    return np.stack([np.round(32767 * level * channel).astype(np.int16) for channel in channels], 1)


def delayed(sound, seconds):
    """Return a sound that much later, by the phases of its spectrum."""
    spectrum = np.fft.rfft(sound)
    turns = np.fft.rfftfreq(len(sound), 1 / RATE) * seconds
    return np.fft.irfft(spectrum * np.exp(-2j * np.pi * turns), len(sound))


def measured(samples, n_steps=None, about=ABOUT):
    """Return ILD, ITD and IACC, each (n_steps, bands)."""
    n_steps = len(samples) // HOP if n_steps is None else n_steps
    found = binaural(samples, n_steps, sample_rate=RATE, hop=HOP, settings=about)
    names = binaural_columns(about, RATE)
    assert found.shape == (n_steps, len(names)) and found.dtype == np.float32
    assert np.isfinite(found).all() and len(set(names)) == len(names)
    return found.reshape(n_steps, 3, -1).transpose(1, 0, 2)


def test_columns_say_band_and_unit():
    names = binaural_columns(BinauralFeatures(), RATE)
    assert len(names) == 24
    assert names[0] == "ild_200hz_db" and names[8] == "itd_200hz_us" and names[23] == "iacc_8000hz"
    assert len(binaural_columns(BinauralFeatures(), 8000)) < 24


def test_both_ears_hear_mono_sound_the_same():
    sound = as_samples(noise(1), noise(1))
    for samples in (sound, sound[:, 0]):
        ild, itd, iacc = measured(samples)
        np.testing.assert_array_equal(ild, 0)
        np.testing.assert_allclose(itd, 0, atol=1e-3)
        np.testing.assert_allclose(iacc, 1, atol=1e-6)


@pytest.mark.parametrize("microseconds", [-620.0, -100.0, 33.0, 250.0, 700.0])
def test_a_planted_delay_and_level_are_found_in_every_band(microseconds):
    sound = noise(1)
    ild, itd, iacc = measured(as_samples(sound, 0.5 * delayed(sound, microseconds * 1e-6)))
    np.testing.assert_allclose(ild[1:], 20 * np.log10(2), atol=0.2)
    np.testing.assert_allclose(itd[1:], microseconds, atol=2)
    np.testing.assert_allclose(iacc[1:], 1, atol=0.01)


@pytest.mark.parametrize("hz", [200, 1000, 8000])
def test_of_the_equal_peaks_of_a_tone_the_nearest_is_taken(hz):
    at = np.arange(RATE) / RATE
    # An eighth of a period.
    late = 1 / hz / 8
    sound = as_samples(*(np.sin(2 * np.pi * hz * (at - shift)) for shift in (0, late)), level=0.5)
    _, itd, iacc = measured(
        sound, about=BinauralFeatures(binaural_bands=1, binaural_range=(hz, hz))
    )
    np.testing.assert_allclose(itd[2:], 1e6 * late, rtol=0.01)
    np.testing.assert_allclose(iacc[2:], 1, atol=1e-3)


def test_swapped_ears_have_opposite_signs():
    sound = noise(1)
    samples = as_samples(sound + 0.5 * noise(1, 1), 0.6 * delayed(sound, 3e-4))
    ild, itd, iacc = measured(samples)
    swapped = measured(samples[:, ::-1])
    np.testing.assert_allclose(swapped[0], -ild, atol=1e-4)
    np.testing.assert_allclose(swapped[1], -itd, atol=0.5)
    np.testing.assert_allclose(swapped[2], iacc, atol=1e-4)


def test_independent_noise_does_not_correlate_and_mixed_noise_as_much_as_planted():
    # A step of 0.1 s has about 0.2 × bandwidth independent values, and the highest of all lags is
    # taken: little is expected of narrow bands.
    _, _, iacc = measured(as_samples(noise(4), noise(4, 1)))
    mean = iacc.mean(axis=0)
    assert mean[0] < 0.5 and mean[-1] < 0.2 and (np.diff(mean) < 0.05).all()
    # Equal parts of common and of own noise: correlation one half.
    common = noise(4, 2)
    _, itd, iacc = measured(as_samples(common + noise(4), common + noise(4, 1)))
    np.testing.assert_allclose(iacc[:, 3:].mean(axis=0), 0.5, atol=0.07)
    assert np.median(np.abs(itd[:, 3:])) < 20


def test_opposite_phase_is_not_agreement():
    sound = noise(1)
    _, _, iacc = measured(as_samples(sound, -sound))
    # Within 1 ms a band of 200 Hz turns by less than half a period.
    assert (iacc[1:, 0] < 0.6).all() and (iacc[:, 0] < iacc[:, 7]).all()


def test_silence_has_no_difference_and_one_sided_sound_a_level_only():
    sound = np.concatenate([np.zeros(5 * HOP), noise(1)])
    ild, itd, iacc = measured(as_samples(sound, np.zeros(len(sound))))
    assert not ild[:5].any() and (ild[6:] > 30).all() and np.isfinite(ild).all()
    assert not itd.any() and (iacc == 1).all()
    # Noise of one step of 16 bits is below the floor in every band.
    quiet = as_samples(np.sign(noise(1)), np.sign(noise(1, 1)), level=1 / 32767)
    ild, itd, iacc = measured(quiet, about=BinauralFeatures(binaural_floor=-85.0))
    assert not ild.any() and not itd.any() and (iacc == 1).all()
    assert measured(quiet, about=BinauralFeatures(binaural_floor=-140.0))[1].any()
    # What is missing at the end is silence.
    assert not measured(as_samples(noise(0.2), noise(0.2)), n_steps=6)[0][-1].any()


def test_a_click_at_the_end_of_a_step_has_no_lag():
    sound = np.zeros(3 * HOP)
    sound[2 * HOP - 10] = 15
    _, itd, iacc = measured(as_samples(sound, sound))
    np.testing.assert_allclose(itd, 0, atol=1e-3)
    np.testing.assert_allclose(iacc, 1, atol=1e-6)


def test_a_step_too_short_for_the_lags_is_refused():
    with pytest.raises(TinglegramError, match="at most 250 Hz"):
        binaural(as_samples(noise(1), noise(1)), 10, sample_rate=RATE, hop=147, settings=ABOUT)


def test_steps_do_not_know_what_comes_later_and_long_sound_has_no_seam():
    sound = as_samples(noise(8), delayed(noise(8), 2e-4))
    whole = measured(sound)
    np.testing.assert_array_equal(measured(sound[: 21 * HOP]), whole[:, :21])
    np.testing.assert_allclose(whole[1, 1:], 200, atol=2)


@given(st.floats(-0.9e-3, 0.9e-3), st.floats(-20, 20))
@settings(max_examples=15, deadline=None)
def test_any_delay_and_level_is_found(seconds, decibels):
    about = BinauralFeatures(binaural_bands=2, binaural_range=(500.0, 3000.0))
    sound = noise(0.3, 5)
    other = 10 ** (-decibels / 20) * delayed(sound, seconds)
    ild, itd, _ = measured(as_samples(sound, other, level=0.02), about=about)
    np.testing.assert_allclose(ild[1], decibels, atol=0.3)
    np.testing.assert_allclose(itd[1], 1e6 * seconds, atol=3)
