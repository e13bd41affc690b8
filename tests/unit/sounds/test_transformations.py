"""Transformations change what they name, and little else."""

import numpy as np
import pytest
from spectra import tilt_of

from tinglegram.sounds.measured import (
    centroid_of,
    correlation_of_ears,
    rate_of,
    sound_envelope,
)
from tinglegram.sounds.recipe import CyclicSound
from tinglegram.sounds.synthesis import synthesise
from tinglegram.sounds.transformations import (
    as_stereo,
    at_rate,
    cross_faded,
    layered,
    louder,
    of_length,
    repeated,
    stretched,
    tilted,
    widened,
)

RATE = 22050


def sound(seconds: float = 4, **parameters: float) -> np.ndarray:
    return synthesise(CyclicSound(**parameters), seconds, RATE, 0)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=float))))


@pytest.mark.parametrize("rate", [0.7, 1.4])
def test_stretching_changes_the_rate_and_not_the_pitch(rate):
    before = sound(rate_hz=3, fill=0.4)
    after = stretched(before, rate)
    assert len(after) == pytest.approx(len(before) / rate, rel=0.01)
    assert after.dtype == np.float32 and after.shape[1] == 2
    assert rate_of(sound_envelope(after, RATE))[0] == pytest.approx(3 * rate, rel=0.05)
    assert centroid_of(after, RATE) == pytest.approx(centroid_of(before, RATE), rel=0.05)


def test_tilt_adds_to_the_slope():
    before = sound(8, bandwidth_octaves=5, centre_hz=1500, fill=1, smoothness=0)
    after = tilted(before, -4, RATE)
    slopes = [tilt_of(s, RATE, 400, 5000) for s in (before, after)]
    assert slopes[1] - slopes[0] == pytest.approx(-4, abs=0.1)


def test_level_and_width():
    before = sound(interaural_correlation=0.5)
    assert rms(louder(before, -6)) == pytest.approx(rms(before) * 10 ** (-6 / 20), rel=1e-4)
    assert correlation_of_ears(widened(before, 0), RATE)[0] == pytest.approx(1)
    wider = correlation_of_ears(widened(before, 1.6), RATE)[0]
    assert wider < correlation_of_ears(before, RATE)[0] - 0.2
    np.testing.assert_allclose(widened(before, 1), before, atol=1e-6)


def test_joined_parts_fade_into_each_other_at_constant_power():
    generator = np.random.default_rng(0)
    parts = [generator.standard_normal((RATE, 2)).astype(np.float32) for _ in range(3)]
    whole = cross_faded(parts, 0.2, RATE)
    fade = round(0.2 * RATE)
    assert len(whole) == 3 * RATE - 2 * fade
    within = whole[RATE - fade : RATE]
    assert rms(within) == pytest.approx(1, rel=0.05)
    np.testing.assert_array_equal(whole[: RATE - fade], parts[0][: RATE - fade])
    # A part shorter than the fade is not faded away.
    assert len(cross_faded([parts[0], parts[1][:100]], 0.2, RATE)) == RATE + 50


def test_repetition_and_length():
    part = sound(1)
    assert len(repeated(part, 3, 0.1, RATE)) == 3 * RATE - 2 * round(0.1 * RATE)
    for seconds in (0.4, 1.0, 2.7):
        assert len(of_length(part, seconds, RATE)) == round(seconds * RATE)


def test_layers_stand_at_the_levels_asked_for():
    low, high = sound(centre_hz=300, bandwidth_octaves=1), louder(sound(centre_hz=6000), 20)
    both = layered([low, high], [0, -6])
    alone = [rms(layered([one], [level])) for one, level in ((low, 0), (high, -6))]
    assert 20 * np.log10(alone[1] / alone[0]) == pytest.approx(-6, abs=0.01)
    assert rms(both) == pytest.approx(np.hypot(*alone), rel=0.02)


def test_other_rates_and_channels():
    mono = sound()[:, 0]
    assert as_stereo(mono).shape == (len(mono), 2)
    assert len(at_rate(as_stereo(mono), RATE, 44100)) == 2 * len(mono)
    with pytest.raises(ValueError, match="one or two channels"):
        as_stereo(np.zeros((10, 5)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: stretched(sound(1), 0),
        lambda: widened(sound(1), -1),
        lambda: cross_faded([], 0.1, RATE),
        lambda: layered([sound(1)], []),
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        wrong()
