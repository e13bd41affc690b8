"""What the shape of a skin conductance tells of its unit: planted conductances and resistances."""

import numpy as np
import pytest
from sensor_signals import planted_skin, sensor

from tinglegram.sensors.channels import shape_note
from tinglegram.sensors.cleaning import clean_sensor
from tinglegram.sensors.even import even_signal
from tinglegram.sensors.settings import SensorMethods

SECONDS, RATE_HZ = 600, 4
SHAPES = [(0.75, 2.5), (0.5, 4.0), (1.0, 3.0)]


def skin(
    per_minute, seed, *, noise_us=0.01, seconds=SECONDS, rise_fall_s=(0.75, 2.5), rate=RATE_HZ
):
    """A conductance, µS, whose level drifts up and down by chance, 0.1 µS in a minute."""
    draw = np.random.default_rng([seed, per_minute])
    n = draw.poisson(per_minute * seconds / 60)
    onsets, amplitudes = np.sort(draw.uniform(0, seconds, n)), draw.uniform(0.05, 0.5, n)
    about = {"noise_us": noise_us, "rise_fall_s": rise_fall_s, "seed": seed}
    found, _ = planted_skin(seconds, rate, onsets, amplitudes, **about)
    drift = np.cumsum(draw.standard_normal(len(found))) * 0.1 / np.sqrt(rate * 60)
    return np.maximum(found + drift, 1.0)


def doubted(values, unit="", rate=RATE_HZ):
    signal = sensor("eda", values, rate, unit)
    return shape_note(signal, even_signal(signal, 8.0))


@pytest.mark.parametrize("rise_fall_s", SHAPES)
@pytest.mark.parametrize("noise_us", [0.002, 0.02])
def test_a_resistance_is_told_from_a_conductance(noise_us, rise_fall_s):
    """With three responses a minute or more in ten minutes; a conductance never is one."""
    every = [
        skin(per_minute, seed, noise_us=noise_us, rise_fall_s=rise_fall_s)
        for per_minute in (3, 6, 12)
        for seed in range(7)
    ]
    told = [doubted(1000 / values) is not None for values in every]
    assert np.mean(told) >= 0.9
    assert not any(doubted(values) for values in every)


def test_where_nothing_responds_nothing_is_told():
    """Drift and noise are alike upwards and downwards: 600 recordings of 5 minutes."""
    told = [doubted(skin(0, seed, seconds=301)) is not None for seed in range(600)]
    assert np.mean(told) <= 0.003


def test_a_short_recording_or_one_with_gaps_tells_nothing():
    assert doubted(1000 / skin(12, 1)) is not None
    assert doubted(1000 / skin(12, 1, seconds=290)) is None
    values = 1000 / skin(12, 1)
    values[np.arange(len(values)) % (25 * RATE_HZ) < 2 * RATE_HZ] = np.nan
    assert doubted(values) is None


def test_the_note_says_what_is_asked():
    sweaty = 8 * skin(6, 1)
    clean, notes = clean_sensor(sensor("eda", 1000 / sweaty, RATE_HZ), SensorMethods(), "P07")
    assert clean is not None
    told = {note.kind: note.message for note in notes}
    assert told["doubtful_unit"] == (
        "EDA is read as µS, but falls fast and rises slowly in most of 19 half minutes, the other "
        "way round than skin conductance: is it a resistance (kohm, Mohm)?"
    )
    # A conductance that is called a resistance is turned over, and told as well.
    _, notes = clean_sensor(sensor("eda", 10 * skin(6, 1), 4, "kohm"), SensorMethods(), "P07")
    told = {note.kind: note.message for note in notes}
    assert told["doubtful_unit"].startswith("EDA is read as kohm, but falls fast and rises slowly")
    assert told["doubtful_unit"].endswith("is it a conductance (µS)?")
    for values, unit in ((sweaty, "uS"), (1000 / sweaty, "kohm"), (1 / skin(6, 1), "Mohm")):
        _, notes = clean_sensor(sensor("eda", values, RATE_HZ, unit), SensorMethods(), "P07")
        assert "doubtful_unit" not in {note.kind for note in notes}


def test_any_rate_will_do():
    for rate in (16, 64):
        assert doubted(1000 / skin(6, 2, rate=rate), rate=rate) is not None
        assert doubted(skin(6, 2, rate=rate), rate=rate) is None
