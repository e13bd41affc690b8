"""Texture statistics: sounds whose moments, modulation and correlations are known."""

import numpy as np
import pytest
from scipy.special import gamma

from tinglegram.stimuli.settings import TextureFeatures
from tinglegram.stimuli.texture import texture, texture_columns

RATE, HOP = 22050, 2205
TWO_BANDS = TextureFeatures(texture_bands=2, texture_range=(500.0, 4000.0))


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(size=int(RATE * seconds))


def as_samples(sound, level=0.1):
    return np.round(32767 * level * sound / np.sqrt(np.mean(sound**2))).astype(np.int16)


def measured(samples, settings, n_steps=None):
    """Return the statistics of each column, (n_steps,), by its name."""
    n_steps = len(samples) // HOP if n_steps is None else n_steps
    found = texture(samples, n_steps, sample_rate=RATE, hop=HOP, settings=settings)
    names = texture_columns(settings, RATE)
    assert found.shape == (n_steps, len(names)) and found.dtype == np.float32
    assert np.isfinite(found).all() and len(set(names)) == len(names)
    return dict(zip(names, found.T, strict=True))


def of_rayleigh(power):
    """Return cv, skewness and kurtosis of a Rayleigh variable raised to a power."""
    raw = [gamma(1 + k * power / 2) for k in range(5)]
    central = [
        raw[2] - raw[1] ** 2,
        raw[3] - 3 * raw[1] * raw[2] + 2 * raw[1] ** 3,
        raw[4] - 4 * raw[1] * raw[3] + 6 * raw[1] ** 2 * raw[2] - 3 * raw[1] ** 4,
    ]
    return (
        central[0] ** 0.5 / raw[1],
        central[1] / central[0] ** 1.5,
        central[2] / central[0] ** 2,
    )


@pytest.mark.parametrize("power", [0.3, 1.0])
def test_the_envelope_of_gaussian_noise_is_rayleigh(power):
    # A band of 34 Hz is narrow against the rate of envelopes; one window of 2 min.
    settings = TextureFeatures(
        texture_bands=1, texture_range=(80.0, 80.0), texture_power=power, texture_window=120.0
    )
    found = measured(as_samples(noise(120)), settings)
    cv, skewness, kurtosis = of_rayleigh(power)
    assert found["envelope_cv_80hz"][-1] == pytest.approx(cv, rel=0.04)
    assert found["envelope_skewness_80hz"][-1] == pytest.approx(skewness, abs=0.12)
    assert found["envelope_kurtosis_80hz"][-1] == pytest.approx(kurtosis, abs=0.25)


@pytest.mark.parametrize("depth", [0.2, 0.6])
@pytest.mark.parametrize("rate", [4.37, 20.9])
def test_modulation_of_a_tone_has_its_band_and_its_depth(rate, depth):
    at = np.arange(RATE * 4) / RATE
    sound = (1 + depth * np.sin(2 * np.pi * rate * at)) * np.sin(2 * np.pi * 1287 * at)
    settings = TextureFeatures(
        texture_bands=1, texture_range=(1287.0, 1287.0), texture_power=1.0, texture_window=2.0
    )
    found = measured(as_samples(sound), settings)
    assert found["envelope_cv_1287hz"][-1] == pytest.approx(depth / np.sqrt(2), rel=0.04)
    power = {name: each[-1] for name, each in found.items() if name.startswith("modulation")}
    assert max(power, key=power.get) == f"modulation_{rate}hz_1287hz"
    # All the variance is at the centre of one filter, whose gain is 1 there.
    assert max(power.values()) == pytest.approx(1, abs=0.06)
    assert sum(each > 0.25 for each in power.values()) == 1


def test_modulation_of_noise_rises_in_its_band_alone():
    at = np.arange(RATE * 20) / RATE
    settings = TextureFeatures(texture_bands=1, texture_range=(1690.0, 1690.0), texture_window=10.0)
    plain = measured(as_samples(noise(20)), settings)
    waved = measured(as_samples(noise(20) * (1 + np.sin(2 * np.pi * 9.56 * at))), settings)
    rise = {
        name.split("_")[1]: waved[name][-1] / plain[name][-1]
        for name in plain
        if name.startswith("modulation")
    }
    assert max(rise, key=rise.get) == "9.56hz" and rise["9.56hz"] > 5
    assert rise["100hz"] < 1.5


def test_bands_that_vary_together_correlate_and_independent_ones_do_not():
    slow = np.interp(np.arange(RATE * 12) / RATE, np.arange(0, 12.1, 0.1), noise(0.01)[:121])
    together = np.exp(slow)
    tones = [np.sin(2 * np.pi * hz * np.arange(RATE * 12) / RATE) for hz in (500, 4000)]
    settings = TextureFeatures(texture_bands=2, texture_range=(500, 4000), texture_window=10.0)
    found = measured(as_samples(together * sum(tones)), settings)
    assert found["correlation_500hz_4000hz"][-1] > 0.98
    apart = tones[0] * together + tones[1] / together
    found = measured(as_samples(apart), settings)
    assert found["correlation_500hz_4000hz"][-1] < -0.9
    found = measured(as_samples(noise(12)), settings)
    assert abs(found["correlation_500hz_4000hz"][-1]) < 0.1


def test_statistics_do_not_know_what_comes_later_and_forget_what_was_before():
    sound = as_samples(noise(4))
    whole = measured(sound, TWO_BANDS)
    early = measured(sound[: 17 * HOP], TWO_BANDS)
    later = measured(np.concatenate([sound[: 20 * HOP], 3 * sound[20 * HOP :]]), TWO_BANDS)
    for name, values in whole.items():
        np.testing.assert_array_equal(early[name], values[:17])
        np.testing.assert_array_equal(later[name][:20], values[:20])
    # The same second after a louder one: filters ring for less than 0.1 s.
    louder = measured(np.concatenate([3 * sound[: 20 * HOP], sound[20 * HOP :]]), TWO_BANDS)
    names = [name for name in whole if name.startswith("envelope")]
    for name in names:
        np.testing.assert_allclose(louder[name][31:], whole[name][31:], rtol=1e-3)


def test_louder_sound_changes_the_mean_alone():
    sound = as_samples(noise(3), level=0.05)
    soft, loud = measured(sound, TWO_BANDS), measured(4 * sound, TWO_BANDS)
    for name, values in soft.items():
        factor = 4**0.3 if "mean" in name else 1
        np.testing.assert_allclose(loud[name], factor * values, rtol=1e-3, atol=1e-4)


def test_silence_has_the_values_of_nothing_that_varies():
    sound = np.concatenate([np.zeros(5 * HOP), as_samples(noise(1)), np.zeros(30 * HOP)])
    found = measured(sound.astype(np.int16), TWO_BANDS, n_steps=50)
    for name, values in found.items():
        neutral = 3 if "kurtosis" in name else 0
        np.testing.assert_allclose(values[[0, 4, 40, 49]], neutral, atol=1e-3, err_msg=name)
        assert abs(values[14] - neutral) > 1e-3, name


def test_columns_are_as_many_as_documented_and_those_a_sound_can_hold():
    assert len(texture_columns(TextureFeatures(), 44100)) == 141
    fewer = texture_columns(TextureFeatures(), 8000)
    assert not any("5184hz" in name or "3709hz" in name for name in fewer)
    assert "envelope_mean_2636hz" in fewer
    # One band has no neighbour.
    alone = texture_columns(TextureFeatures(texture_bands=1), 44100)
    assert not any(name.startswith("correlation") for name in alone)
