"""The limits: they hold for every recipe and for any samples, and files keep them."""

import dataclasses

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinglegram.sounds.files import read_sound, write_sound
from tinglegram.sounds.loudness import integrated_loudness, loudest_moment, true_peak_db
from tinglegram.sounds.recipe import CyclicSound, recipe_bounds
from tinglegram.sounds.safety import (
    SoundSafety,
    frame_levels,
    largest_rise,
    limit_peaks,
    make_safe,
)
from tinglegram.sounds.synthesis import synthesise

RATE = 16000
SAFETY = SoundSafety()
# What rounding to 32 bits may add.
TOLERANCE = 0.01


def holds(samples: np.ndarray, safety: SoundSafety = SAFETY, rate: int = RATE) -> None:
    """Every limit, measured in the samples themselves."""
    assert np.isfinite(samples).all()
    assert integrated_loudness(samples, rate) <= safety.loudness_lufs + TOLERANCE
    assert loudest_moment(samples, rate) <= safety.moment_lufs + TOLERANCE
    assert true_peak_db(samples) <= safety.true_peak_dbtp + TOLERANCE
    assert largest_rise(samples, rate, safety) <= safety.rise_db + TOLERANCE


BOUNDS = {name: st.floats(low, high) for name, (low, high) in recipe_bounds().items()}
STRICT = st.builds(
    SoundSafety,
    loudness_lufs=st.floats(-40, -16),
    moment_lufs=st.floats(-40, -10),
    true_peak_dbtp=st.floats(-20, -1),
    rise_db=st.floats(1, 20),
    rise_s=st.floats(0.03, 0.3),
    quiet_dbfs=st.floats(-70, -30),
)


@settings(deadline=None, max_examples=25)
@given(recipe=st.builds(CyclicSound, **BOUNDS), seed=st.integers(0, 99), safety=STRICT)
def test_limits_hold_for_every_recipe(recipe, seed, safety):
    holds(make_safe(synthesise(recipe, 1.5, RATE, seed), RATE, safety).samples, safety)


@settings(deadline=None, max_examples=25)
@given(
    samples=arrays(np.float32, st.tuples(st.integers(1, 4000), st.just(2))).filter(
        lambda a: np.isfinite(a).all()
    ),
    safety=STRICT,
)
def test_limits_hold_for_any_samples(samples, safety):
    holds(make_safe(samples, RATE, safety).samples, safety)


def test_a_bang_out_of_silence_is_taken_back():
    sound = np.zeros((3 * RATE, 2))
    sound[RATE : 2 * RATE] = np.random.default_rng(0).uniform(-1, 1, (RATE, 2))
    assert largest_rise(sound, RATE, SAFETY) > 40
    safe = make_safe(sound, RATE, SAFETY)
    holds(safe.samples)
    levels = frame_levels(safe.samples, RATE)
    first = levels[round(1.0 / 0.01)]
    # From quiet to loud in steps of 6 dB per 0.1 s.
    assert first <= SAFETY.quiet_dbfs + SAFETY.rise_db + TOLERANCE
    assert levels.max() > -30 and np.argmax(levels > -30) >= 100 + 20


def test_an_ordinary_sound_comes_to_the_loudness_asked_for():
    sound = synthesise(CyclicSound(rate_hz=4, fill=0.9), 6, RATE, 0)
    safe = make_safe(sound, RATE, SAFETY)
    # The beginning fades in.
    assert safe.loudness_lufs == pytest.approx(-23, abs=1)
    softer = make_safe(sound, RATE, SAFETY, level_db=-10)
    assert softer.loudness_lufs == pytest.approx(safe.loudness_lufs - 10, abs=1)
    again = make_safe(1e-6 * sound, RATE, SAFETY)
    assert again.loudness_lufs == pytest.approx(safe.loudness_lufs, abs=0.01)


def test_what_is_quiet_enough_is_only_scaled():
    generator = np.random.default_rng(0)
    sound = generator.standard_normal((4 * RATE, 2)) * np.linspace(0, 1, 4 * RATE)[:, None]
    safe = make_safe(sound, RATE, dataclasses.replace(SAFETY, quiet_dbfs=-30.0)).samples
    middle = slice(2 * RATE, 3 * RATE)
    ratio = (safe[middle] / (sound - sound.mean(axis=0))[middle]).ravel()
    assert ratio.std() / ratio.mean() < 1e-3


def test_peaks_come_down_and_the_rest_stays():
    sound = 0.1 * np.ones((RATE, 2)) * np.sin(np.arange(RATE) / 5)[:, None]
    sound[RATE // 2] = 0.9
    limited = limit_peaks(sound, RATE, -12)
    assert true_peak_db(limited) <= -12 + 0.2
    np.testing.assert_array_equal(limited[: RATE // 4], sound[: RATE // 4])


@pytest.mark.parametrize(
    ("samples", "level", "said"),
    [
        (np.zeros((5, 3)), 0, "expected samples"),
        (np.zeros((0, 2)), 0, "expected samples"),
        (np.full((5, 2), np.nan), 0, "that are numbers"),
        (np.zeros((5, 2)), 1, "0 dB or below"),
    ],
)
def test_what_cannot_be_made_safe_is_refused(samples, level, said):
    with pytest.raises(ValueError, match=said):
        make_safe(samples, RATE, SAFETY, level)


def test_silence_stays_silent():
    safe = make_safe(np.full((RATE, 2), 0.5), RATE, SAFETY)
    assert not safe.samples.any() and safe.loudness_lufs == -np.inf


def test_files_have_24_bits_and_keep_the_limits(tmp_path):
    loud = 5 * np.random.default_rng(0).standard_normal((RATE, 2))
    path = tmp_path / "made/one.wav"
    safe = write_sound(path, loud, RATE, SAFETY)
    assert soundfile.info(path).subtype == "PCM_24"
    back, rate = read_sound(path)
    assert rate == RATE
    np.testing.assert_allclose(back, safe.samples, atol=2**-23)
    holds(back)
    before = path.read_bytes()
    write_sound(path, loud, RATE, SAFETY)
    assert path.read_bytes() == before
