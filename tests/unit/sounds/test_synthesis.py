"""The synthesiser: what is measured in a sound is what its recipe asked for."""

import dataclasses

import numpy as np
import pytest
from spectra import band_of, tilt_of

from tinglegram.sounds.measured import (
    correlation_of_ears,
    level_between_ears,
    measure_sound,
    rate_of,
    sound_envelope,
)
from tinglegram.sounds.recipe import (
    CyclicSound,
    draw_recipe,
    recipe_bounds,
    within_bounds,
)
from tinglegram.sounds.synthesis import cycles, level_at, synthesise

RATE = 22050
STEADY = {"fill": 1.0, "smoothness": 0.0}


def made(duration_s: float = 6.0, seed: int = 0, **parameters: float) -> np.ndarray:
    return synthesise(CyclicSound(**parameters), duration_s, RATE, seed)


@pytest.mark.parametrize("rate", [0.7, 2.0, 7.5])
def test_rate_is_that_asked_for(rate):
    found, regularity = rate_of(sound_envelope(made(10, rate_hz=rate, fill=0.4), RATE))
    assert found == pytest.approx(rate, rel=0.03)
    assert regularity > 0.85


def test_less_regular_cycles_are_less_alike():
    def regularity(asked: float) -> float:
        sounds = [made(10, seed, rate_hz=3, regularity=asked) for seed in range(3)]
        return float(np.mean([measure_sound(sound, RATE).regularity for sound in sounds]))

    assert regularity(1.0) > regularity(0.85) + 0.1 > regularity(0.4) + 0.2


@pytest.mark.parametrize("asked", [0.0, 0.5, 0.9])
def test_periods_vary_as_asked_for(asked):
    recipe = CyclicSound(rate_hz=2, regularity=asked, fill=0.05)
    envelope = cycles(recipe, 800 * 1000, 1000, np.random.default_rng(1))
    begins = np.flatnonzero(np.diff((envelope > 0).astype(int)) == 1) / 1000
    periods = np.diff(begins)
    # At 0 periods of a Poisson process; those shorter than a cycle's ramps are lengthened.
    assert periods.std() / periods.mean() == pytest.approx(1 - asked, abs=0.1)
    assert 1 / periods.mean() == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("fill", [0.1, 0.5, 0.9])
def test_share_of_a_cycle_that_holds_sound(fill):
    recipe = CyclicSound(rate_hz=1, fill=fill, smoothness=0.5)
    envelope = cycles(recipe, 10_000, 1000, np.random.default_rng(0))
    assert np.mean(envelope > 0) == pytest.approx(fill, abs=0.01)


def test_smoothness_is_the_share_that_rises_or_falls():
    for smoothness, attack in ((0.2, 0.5), (0.8, 0.25), (1.0, 0.9)):
        recipe = CyclicSound(rate_hz=0.5, fill=1, smoothness=smoothness, attack=attack)
        envelope = cycles(recipe, 2000, 1000, np.random.default_rng(0))
        top = np.flatnonzero(envelope > 1 - 1e-9)
        rising = top[0] / 2000
        assert rising == pytest.approx(smoothness * attack, abs=0.01)
        assert np.mean(envelope < 1 - 1e-9) == pytest.approx(smoothness, abs=0.01)


@pytest.mark.parametrize("tilt", [-9.0, 0.0, 4.0])
def test_spectrum_falls_as_asked_for(tilt):
    sound = made(8, tilt_db_per_octave=tilt, bandwidth_octaves=4, centre_hz=1500, **STEADY)
    assert tilt_of(sound, RATE, 500, 4500) == pytest.approx(tilt, abs=0.5)


@pytest.mark.parametrize(("centre", "octaves"), [(1000.0, 1.0), (3000.0, 0.5), (2000.0, 3.0)])
def test_band_is_that_asked_for(centre, octaves):
    low, high = band_of(made(8, centre_hz=centre, bandwidth_octaves=octaves, **STEADY), RATE)
    # The edges add a sixth of an octave on each side, half of which is above -6 dB.
    assert np.log2(high / low) == pytest.approx(octaves + 1 / 6, abs=0.12)
    assert np.sqrt(low * high) == pytest.approx(centre, rel=0.04)


@pytest.mark.parametrize("asked", [0.0, 0.5, 1.0])
def test_ears_are_as_alike_as_asked_for(asked):
    sound = made(8, interaural_correlation=asked, bandwidth_octaves=4, **STEADY)
    assert correlation_of_ears(sound, RATE)[0] == pytest.approx(asked, abs=0.03)


@pytest.mark.parametrize("asked", [-12.0, 0.0, 6.0])
def test_level_difference_is_that_asked_for(asked):
    assert level_between_ears(made(level_difference_db=asked)) == pytest.approx(asked, abs=0.3)


@pytest.mark.parametrize("asked", [-500.0, 0.0, 300.0])
def test_time_difference_is_that_asked_for(asked):
    _, lead = correlation_of_ears(made(time_difference_us=asked, bandwidth_octaves=4), RATE)
    assert 1e6 * lead == pytest.approx(asked, abs=0.6e6 / RATE)


def test_distance_is_softer_and_duller_and_blurs_the_ears():
    low, high = (
        [made(distance_m=d, centre_hz=hz, bandwidth_octaves=octaves, **STEADY) for d in (0.1, 1.6)]
        for hz, octaves in ((400, 1), (2000, 5))
    )
    level = [10 * np.log10(np.mean(np.square(s, dtype=float))) for s in low]
    assert level_at(0.1) == 0 and level_at(1.6) == pytest.approx(-12)
    # What the low-pass takes is in the high frequencies.
    assert level[1] - level[0] == pytest.approx(-12, abs=1.5)
    near, far = high
    assert tilt_of(far, RATE, 1000, 8000) < tilt_of(near, RATE, 1000, 8000) - 1
    one_sided = (made(distance_m=d, level_difference_db=12) for d in (0.1, 1.6))
    differences = [level_between_ears(sound) for sound in one_sided]
    assert differences[1] < differences[0] - 3


def test_the_same_seed_gives_the_same_samples():
    parameters = {"regularity": 0.5, "interaural_correlation": 0.3, "distance_m": 0.5}
    first, again, other = (made(1, seed, **parameters) for seed in (7, 7, 8))
    assert first.dtype == np.float32 and first.shape == (RATE, 2)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_recipes_stay_within_their_bounds():
    generator = np.random.default_rng(0)
    for _ in range(50):
        recipe = draw_recipe(generator)
        assert within_bounds(dataclasses.asdict(recipe)) == recipe
    with pytest.raises(ValueError, match="rate_hz: expected 0.5 to 20, found 100"):
        within_bounds({"rate_hz": 100.0})
    with pytest.raises(ValueError, match="fill: expected 0.05 to 1, found nan"):
        within_bounds({"fill": float("nan")})
    defaults = dataclasses.asdict(CyclicSound())
    assert set(recipe_bounds()) == set(defaults)


def test_silence_is_measured_without_a_cycle():
    measures = measure_sound(np.zeros((RATE, 2), np.float32), RATE)
    assert measures.regularity == 0 and measures.interaural_correlation == 0
    assert measures.level_difference_db == 0 and np.isfinite(measures).all()
