"""Loudness, sharpness, roughness and fluctuation: reference sounds, and MoSQITo's own values."""

import sys

import numpy as np
import pytest
from mosqito.sq_metrics import loudness_zwtv, roughness_dw
from scipy import signal

from tinglegram.errors import TinglegramError
from tinglegram.stimuli import zwicker
from tinglegram.stimuli.psychoacoustic import psychoacoustic, psychoacoustic_columns
from tinglegram.stimuli.roughness import roughness, roughness_model
from tinglegram.stimuli.settings import PsychoacousticFeatures
from tinglegram.stimuli.zwicker import LOUDNESS_HZ, SOUND_HZ, zwicker_loudness

RATE, HOP = 44100, 4410
DEFAULT = PsychoacousticFeatures()


def at_level(sound, decibels):
    """Return a sound of a level, dB SPL, pascal."""
    return sound / np.sqrt(np.mean(np.square(sound))) * 2e-5 * 10 ** (decibels / 20)


def tone(seconds, hz=1000.0, modulated_at=0.0, depth=1.0, rate=RATE):
    at = np.arange(round(seconds * rate)) / rate
    carrier = np.sin(2 * np.pi * hz * at)
    return (
        carrier * (1 + depth * np.sin(2 * np.pi * modulated_at * at)) if modulated_at else carrier
    )


def tone_envelope(seconds, hz=4.0):
    return 1 + np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def noise(seconds, band=None, seed=0, rate=RATE):
    sound = np.random.default_rng(seed).normal(size=round(seconds * rate))
    if band is None:
        return sound
    return signal.sosfilt(signal.butter(6, band, "bandpass", fs=rate, output="sos"), sound)


def as_samples(sound, decibels, full_scale=DEFAULT.full_scale_spl):
    """Return a sound as 16-bit samples that are heard at a level, dB SPL."""
    full = 2e-5 * np.sqrt(2) * 10 ** (full_scale / 20)
    samples = np.round(32768 * at_level(sound, decibels) / full)
    assert np.abs(samples).max() < 32767
    return samples.astype(np.int16)


def measured(samples, n_steps=None, settings=DEFAULT, rate=RATE):
    hop = rate // 10
    n_steps = len(samples) // hop if n_steps is None else n_steps
    found = psychoacoustic(samples, n_steps, sample_rate=rate, hop=hop, settings=settings)
    assert found.shape == (n_steps, 4) and found.dtype == np.float32 and np.isfinite(found).all()
    names = [name.split("_")[0] for name in psychoacoustic_columns()]
    return dict(zip(names, found.T, strict=True))


@pytest.mark.parametrize(("decibels", "sone"), [(40, 1.0), (60, 4.0), (70, 8.0)])
def test_a_tone_of_1_khz_has_its_loudness(decibels, sone):
    found = measured(as_samples(tone(1.2), decibels))
    # ISO 532-1 allows 5 %; so much after the start hearing has risen.
    np.testing.assert_allclose(found["loudness"][8:], sone, rtol=0.05)


def test_narrow_noise_at_1_khz_is_1_acum_sharp_and_higher_noise_sharper():
    # DIN 45692: one critical band wide, 60 dB; it allows 5 %.
    found = measured(as_samples(noise(1.5, (920, 1080)), 60))
    assert found["sharpness"][5:].mean() == pytest.approx(1, rel=0.05)
    higher = measured(as_samples(noise(1.5, (2720, 3280)), 60))
    assert 1.8 < higher["sharpness"][5:].mean() < 2.4


def test_a_tone_modulated_at_70_hz_is_1_asper_rough():
    found = measured(as_samples(tone(0.4, modulated_at=70), 60))
    np.testing.assert_allclose(found["roughness"], 1, rtol=0.05)
    assert measured(as_samples(tone(0.4), 60))["roughness"].max() < 0.01
    # Half as deep: Daniel & Weber's figure 4 has about a third.
    half = measured(as_samples(tone(0.4, modulated_at=70, depth=0.5), 60))["roughness"]
    assert 0.2 < half.mean() < 0.45


def test_a_tone_modulated_at_4_hz_fluctuates_by_1_vacil():
    found = measured(as_samples(tone(2.6, modulated_at=4), 60))
    # From 2 s on the window is whole.
    np.testing.assert_allclose(found["fluctuation"][20:], 1, rtol=0.02)
    steady = measured(as_samples(tone(2.2), 60))["fluctuation"]
    # What a sound that begins excites beside its own Bark is gone after the first step.
    assert steady.max() < 0.2 and steady[1:].max() < 0.01


@pytest.mark.parametrize(
    ("sound", "decibels", "vacil"),
    [
        # Fastl & Zwicker (2007), figures 10.1 and 10.4: their medians; listeners differ by more.
        (tone(2.5, modulated_at=2), 70, 0.85),
        (tone(2.5, modulated_at=16), 70, 0.36),
        (noise(2.5) * tone_envelope(2.5), 60, 1.8),
        (noise(2.5), 60, 0.0),
    ],
)
def test_other_sounds_fluctuate_about_as_much_as_listeners_said(sound, decibels, vacil):
    found = measured(as_samples(sound, decibels))["fluctuation"][20:].mean()
    assert found == pytest.approx(vacil, rel=0.2, abs=0.15)


def changing():
    at = np.arange(round(0.7 * SOUND_HZ)) / SOUND_HZ
    return at_level(noise(0.7, rate=SOUND_HZ) * (np.sin(2 * np.pi * 3 * at) > 0), 65)


@pytest.mark.parametrize("sound_field", ["free", "diffuse"])
def test_loudness_is_that_of_mosqito(sound_field):
    sound = changing()
    theirs, specific, *_ = loudness_zwtv(sound, SOUND_HZ, sound_field)
    ours = zwicker_loudness(sound, sound_field)
    assert len(theirs) == len(ours.total) == round(0.7 * LOUDNESS_HZ)
    # Slopes every 2 ms and not every 0.5 ms: 3 % of the loudest where sound begins.
    np.testing.assert_allclose(ours.total, theirs, atol=0.03 * theirs.max())
    np.testing.assert_allclose(ours.total[10:].mean(), theirs[10:].mean(), rtol=0.005)
    np.testing.assert_allclose(
        ours.specific[:, 10:], specific.reshape(24, 10, -1).mean(axis=1)[:, 10:], atol=1e-3
    )


def test_long_sound_has_no_seam(monkeypatch):
    # Bursts of 0.25 s, every second alike; 3 s are filtered at once, 2 s decay at once.
    monkeypatch.setattr(zwicker, "_BLOCK", 3)
    monkeypatch.setattr(zwicker, "_SIDE_BY_SIDE", 2)
    at = np.arange(7 * SOUND_HZ) / SOUND_HZ
    sound = at_level(np.sin(2 * np.pi * 1000 * at) * (at % 1 < 0.25), 60)
    seconds = zwicker_loudness(sound, "free").total.reshape(7, LOUDNESS_HZ)
    np.testing.assert_allclose(seconds[3:], np.tile(seconds[2], (4, 1)), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", ["modulated", "noise", "loud", "quiet"])
def test_roughness_is_that_of_mosqito(kind):
    n = SOUND_HZ // 5
    sound = {
        "modulated": at_level(tone(0.2, modulated_at=40, rate=SOUND_HZ), 60),
        "noise": changing()[:n],
        "loud": at_level(noise(0.2, rate=SOUND_HZ) * tone(0.2, 35.0, rate=SOUND_HZ), 88),
        "quiet": at_level(noise(0.2, rate=SOUND_HZ), 12),
    }[kind]
    theirs = roughness_dw(sound, SOUND_HZ, overlap=0)[0]
    ours = roughness(sound, roughness_model(n, SOUND_HZ))
    assert ours == pytest.approx(float(np.squeeze(theirs)), rel=1e-3, abs=1e-6)


def test_levels_are_those_of_full_scale():
    samples = as_samples(tone(1.0), 60)
    louder = PsychoacousticFeatures(full_scale_spl=DEFAULT.full_scale_spl + 10)
    ratio = measured(samples, settings=louder)["loudness"] / measured(samples)["loudness"]
    # 10 dB are twice as loud.
    np.testing.assert_allclose(ratio[8:], 2, rtol=0.05)
    diffuse = measured(samples, settings=PsychoacousticFeatures(sound_field="diffuse"))
    assert (diffuse["loudness"] != measured(samples)["loudness"]).all()
    # The loudest sound that 16 bits hold at the highest setting is within the standard's range.
    square = (32767 * np.sign(tone(0.5))).astype(np.int16)
    highest = PsychoacousticFeatures(full_scale_spl=110.0)
    assert measured(square, settings=highest)["loudness"][-1] > 100


def test_silence_is_nothing_and_missing_sound_is_silence():
    for found in (measured(np.zeros(RATE, np.int16)), measured(np.zeros(0, np.int16), n_steps=3)):
        assert not any(values.any() for values in found.values())
    found = measured(as_samples(tone(0.5), 60), n_steps=20)
    assert found["loudness"][4] > 3 and found["loudness"][-1] < 0.01
    assert found["roughness"][-1] == 0 and found["sharpness"][-1] == 0


@pytest.mark.parametrize("rate", [16000, 48000])
def test_other_sampling_rates_give_the_same(rate):
    sound = as_samples(tone(0.5, 500.0, modulated_at=70, rate=rate), 60)
    at_44100 = measured(as_samples(tone(0.5, 500.0, modulated_at=70), 60))
    for name, values in measured(sound, rate=rate).items():
        np.testing.assert_allclose(values[3:], at_44100[name][3:], rtol=0.03, atol=0.03)


def test_steps_do_not_know_what_comes_later():
    sound = as_samples(noise(1.5) * tone(1.5, 3.0), 60)
    whole, early = measured(sound), measured(sound[: 11 * HOP])
    for name, values in whole.items():
        np.testing.assert_array_equal(early[name], values[:11], err_msg=name)


def test_a_step_shorter_than_the_values_of_loudness_is_refused():
    with pytest.raises(TinglegramError, match="at most 500 Hz"):
        psychoacoustic(np.zeros(100, np.int16), 2, sample_rate=RATE, hop=49, settings=DEFAULT)


def test_without_mosqito_its_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mosqito", None)
    with pytest.raises(TinglegramError, match=r"mosqito, which is not installed.*psychoacoustics"):
        measured(np.zeros(HOP, np.int16))
