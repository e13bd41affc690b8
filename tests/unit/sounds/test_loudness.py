"""Loudness: the test signals of EBU Tech 3341 (cases 1 to 6), coefficients, and true peaks."""

import numpy as np
import pytest

from tinglegram.sounds.loudness import (
    _high_pass,
    _shelf,
    block_loudness,
    integrated_loudness,
    loudest_moment,
    true_peak_db,
    true_peaks,
)

RATE = 48000


def tone(level_dbfs: float, seconds: float, rate: int = RATE, hz: float = 1000) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * time)


def stereo(*parts: tuple[float, float]) -> np.ndarray:
    mono = np.concatenate([tone(level, seconds) for level, seconds in parts])
    return np.column_stack([mono, mono])


# EBU Tech 3341 (2016), table 1: level in dBFS and seconds of a 1000-Hz sine; integrated loudness.
CASES = [
    (((-23, 20),), -23.0),
    (((-33, 20),), -33.0),
    (((-36, 10), (-23, 60), (-36, 10)), -23.0),
    (((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.0),
    (((-26, 20), (-20, 20.1), (-26, 20)), -23.0),
]


@pytest.mark.parametrize(("parts", "expected"), CASES)
def test_signals_of_tech_3341(parts, expected):
    assert integrated_loudness(stereo(*parts), RATE) == pytest.approx(expected, abs=0.1)


def test_five_channels_of_tech_3341():
    sound = np.column_stack([tone(level, 20) for level in (-28, -28, -24, -30, -30)])
    found = integrated_loudness(sound, RATE, weights=(1, 1, 1, 1.41, 1.41))
    assert found == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 96000])
def test_loudness_does_not_depend_on_the_sampling_rate(rate):
    mono = tone(-23, 5, rate)
    found = integrated_loudness(np.column_stack([mono, mono]), rate)
    assert found == pytest.approx(-23.0, abs=0.15)


def test_filters_have_the_coefficients_of_the_standard():
    # BS.1770-4, tables 1 and 2.
    shelf, high_pass = _shelf(48000), _high_pass(48000)
    np.testing.assert_allclose(
        np.concatenate(shelf),
        [1.53512485958697, -2.69169618940638, 1.19839281085285]
        + [1.0, -1.69065929318241, 0.73248077421585],
        atol=1e-6,
    )
    np.testing.assert_allclose(high_pass[1], [1.0, -1.99004745483398, 0.99007225036621], atol=1e-6)


def test_silence_has_no_loudness_and_a_short_sound_one_block():
    assert integrated_loudness(np.zeros((RATE, 2)), RATE) == -np.inf
    assert true_peak_db(np.zeros((100, 2))) == -np.inf
    assert len(true_peaks(np.zeros((0, 2)))) == 0
    short = stereo((-23, 0.1))
    assert len(block_loudness(short, RATE)) == 1
    # A quarter of the block is filled.
    assert loudest_moment(short, RATE) == pytest.approx(-23 - 6, abs=0.3)


def test_peaks_between_samples_are_seen():
    time = np.arange(4800)
    # At a quarter of the rate, 45 degrees beside the samples: 3 dB lie between them.
    mono = np.sin(np.pi / 2 * time + np.pi / 4) * np.hanning(4800)
    sound = np.column_stack([mono, 0 * mono])
    assert 20 * np.log10(np.abs(mono).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_db(sound) == pytest.approx(0, abs=0.1)
    assert true_peaks(sound).shape == (4800,)
