"""Tonic level and responses of planted skin conductances, with stated errors."""

import numpy as np
import pytest
from sensor_signals import planted_skin, random_responses, sensor

from tinglegram.errors import TinglegramError
from tinglegram.sensors.cleaning import clean_sensor
from tinglegram.sensors.settings import SensorMethods
from tinglegram.sensors.skin_conductance import (
    decompose,
    find_responses,
    least_response,
    noise_of,
)

METHODS = SensorMethods()


def measured(rate_hz, noise_us, rise_fall_s=(0.75, 2.5), n=40, seed=1):
    onsets, amplitudes = random_responses(n, seed)
    values, tonic = planted_skin(
        onsets[-1] + 20, rate_hz, onsets, amplitudes, noise_us=noise_us, rise_fall_s=rise_fall_s
    )
    clean, _ = clean_sensor(sensor("eda", values, rate_hz, "µS"), METHODS, "P07")
    return (
        clean,
        onsets,
        amplitudes,
        np.interp(clean.grid.times_s, np.arange(len(tonic)) / rate_hz, tonic),
    )


def matched(clean, onsets):
    """Planted and found numbers of responses whose onsets lie within a second."""
    pairs = [(k, int(np.abs(clean.onset_s - at).argmin())) for k, at in enumerate(onsets)]
    return [(k, j) for k, j in pairs if abs(clean.onset_s[j] - onsets[k]) < 1.0]


# At 1000 Hz the noise of a sample is averaged over an eighth of a second.
@pytest.mark.parametrize(
    ("rate_hz", "noise_us", "rise_fall_s"),
    [
        (4, 0.002, (0.75, 2.5)),
        (4, 0.01, (0.5, 4.0)),
        (4, 0.01, (1.0, 3.0)),
        (15.5, 0.01, (0.75, 2.5)),
        (64, 0.02, (0.5, 4.0)),
        (1000, 0.05, (1.0, 3.0)),
    ],
)
def test_planted_responses_are_found(rate_hz, noise_us, rise_fall_s):
    """Of 40 of 0.1 to 1 µS at least 38; onsets within 0.35 s, amplitudes and level near."""
    clean, onsets, amplitudes, tonic = measured(rate_hz, noise_us, rise_fall_s)
    pairs = matched(clean, onsets)
    assert len(pairs) >= 38 and len(clean.onset_s) <= 42
    planted, found = (list(side) for side in zip(*pairs, strict=True))
    late = clean.onset_s[found] - onsets[planted]
    # Somewhere between two samples a response begins.
    assert np.abs(np.median(late)) < (0.2 if rate_hz == 4 else 0.1)
    assert np.quantile(np.abs(late), 0.95) < 0.35
    error = clean.amplitude_us[found] / amplitudes[planted] - 1
    assert np.abs(np.median(error)) < 0.06 and np.quantile(np.abs(error), 0.9) < 0.25
    assert np.mean(np.abs(clean.parts["tonic"] - tonic)) < 0.05
    assert np.abs(clean.parts["tonic"] - tonic).max() < 0.2


@pytest.mark.parametrize("noise_us", [0.002, 0.01, 0.03])
def test_next_to_nothing_is_found_where_nothing_is(noise_us):
    """At most one false response in ten minutes."""
    found = 0
    for seed in range(3):
        values, tonic = planted_skin(600, 4, [], [], noise_us=noise_us, seed=seed)
        parts = decompose(values, 4)
        found += len(find_responses(parts.phasic, least_response(values, 0.05)).onset)
        assert np.abs(parts.tonic - tonic).mean() < 4 * noise_us + 0.005
    assert found <= 3


def test_level_and_responses_are_what_was_measured_without_noise():
    onsets, amplitudes = random_responses(10, 2)
    values, _ = planted_skin(200, 4, onsets, amplitudes, noise_us=0.0)
    parts = decompose(values, 4)
    np.testing.assert_allclose(parts.tonic + parts.phasic, values, atol=0.06)
    # What went on before the first sample is not known.
    assert parts.phasic.min() > -0.05 and parts.phasic[40:].min() > -1e-3


def test_pieces_of_a_long_recording_join_without_a_seam():
    onsets, amplitudes = random_responses(90, 3)
    values, tonic = planted_skin(1500, 4, onsets, amplitudes)
    assert onsets[-1] > 1200
    parts = decompose(values, 4)
    assert np.abs(np.diff(parts.tonic)).max() < 0.02
    assert np.abs(parts.tonic - tonic).max() < 0.2
    found = find_responses(parts.phasic, 0.05)
    inside = onsets < 1480
    assert abs(len(found.onset) - inside.sum()) <= 2


def test_the_same_numbers_every_time_and_whatever_the_level():
    onsets, amplitudes = random_responses(8, 4)
    values, _ = planted_skin(150, 8, onsets, amplitudes)
    first, again = (decompose(values, 8) for _ in range(2))
    assert first.tonic.tobytes() == again.tonic.tobytes()
    assert first.phasic.tobytes() == again.phasic.tobytes()
    higher = decompose(values + 10, 8)
    np.testing.assert_allclose(higher.tonic, first.tonic + 10, atol=1e-6)
    np.testing.assert_allclose(higher.phasic, first.phasic, atol=1e-6)


def test_noise_is_estimated_and_raises_the_least_response():
    draw = np.random.default_rng(0)
    values = 5 + 0.1 * draw.standard_normal(4000)
    assert noise_of(values) == pytest.approx(0.1, rel=0.1)
    assert least_response(values, 0.05) == pytest.approx(0.6, rel=0.1)
    assert least_response(np.linspace(1, 2, 100), 0.05) == 0.05
    assert noise_of(np.ones(2)) == 0


def test_small_steps_on_the_way_up_are_one_response():
    phasic = np.array([0, 0, 0.1, 0.2, 0.19, 0.4, 0.3, 0.1, 0.0, 0.03, 0.0])
    found = find_responses(phasic, 0.05)
    # 0.2 above the trough is a response, 0.21 above the next trough another; 0.03 is none.
    np.testing.assert_allclose(found.amplitude, [0.2, 0.21])
    np.testing.assert_array_equal(found.peak, [3, 5])
    assert 1 < found.onset[0] < 2


def test_too_short_a_recording_is_refused():
    with pytest.raises(TinglegramError, match=r"of 5.0 s has no level: 10 s are needed"):
        decompose(np.ones(20), 4)
