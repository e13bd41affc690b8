import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.stimuli import acoustic

RATE, HOP = 44100, 4410
COLUMNS = acoustic.column_names()


def sound(seconds, seed=0):
    """Noise of varying loudness, a chord, and half a second of digital silence."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).standard_normal(len(time))
    signal = (500 + 400 * np.sin(time)) * noise + 3000 * np.sin(2 * np.pi * 440 * time)
    signal[RATE // 2 : RATE] = 0
    return np.rint(signal).astype(np.int16)


def separate_calls(samples, n_steps, window):
    """The released code: every librosa feature on its own, from the signal."""
    y = (samples / 32768).astype(np.float32)
    spectral = {"y": y, "sr": RATE, "n_fft": window, "hop_length": HOP}
    framed = {"frame_length": window, "hop_length": HOP}
    rows = [
        librosa.feature.mfcc(n_mfcc=20, **spectral),
        librosa.feature.rms(y=y, **framed),
        librosa.feature.spectral_centroid(**spectral),
        librosa.feature.spectral_bandwidth(**spectral),
        librosa.feature.zero_crossing_rate(y, **framed),
        librosa.feature.spectral_contrast(**spectral),
    ]
    return np.concatenate(rows)[:, :n_steps].T.astype(np.float32)


def features(samples, n_steps, window=2048):
    return acoustic.features(samples, n_steps, sample_rate=RATE, hop=HOP, window=window)


@pytest.mark.parametrize("window", [2048, 8192])
def test_equal_to_separate_librosa_calls(window):
    samples = sound(3)
    table = features(samples, 30, window)
    assert table.shape == (30, 31) and table.dtype == np.float32
    np.testing.assert_array_equal(table, separate_calls(samples, 30, window))


@pytest.mark.parametrize("window", [2048, 8192])
def test_a_shorter_stretch_is_analysed_by_itself(window):
    samples = sound(3)
    # The loudest moment lies beyond the cut, so the 80-dB floor of the silence moves.
    samples[-HOP:] = 32000 * np.sign(samples[-HOP:])
    short = features(samples, 20, window)
    np.testing.assert_array_equal(short, separate_calls(samples[: 20 * HOP], 20, window))
    assert np.abs(short - features(samples, 30, window)[:20])[:, 0].max() > 8


def test_known_values_of_a_tone():
    time = np.arange(RATE) / RATE
    # 46 periods in a window of 2048 samples.
    frequency, level = 46 * RATE / 2048, 8192
    samples = np.rint(level * np.sin(2 * np.pi * frequency * time)).astype(np.int16)
    row = dict(zip(COLUMNS, features(samples, 10)[5], strict=True))
    assert row["rms"] == pytest.approx(level / 32768 / np.sqrt(2), rel=1e-3)
    assert row["spectral_centroid_hz"] == pytest.approx(frequency, rel=0.01)
    assert row["zero_crossing_rate"] == pytest.approx(2 * 46 / 2048, abs=1.1 / 2048)


def test_a_last_step_without_its_full_hop_is_kept():
    samples = sound(2)
    assert features(samples[: 19 * HOP], 20).shape == (20, 31)
    with pytest.raises(ValueError, match="do not reach step 20"):
        features(samples[: 18 * HOP], 20)


def test_column_order():
    assert len(COLUMNS) == 31
    places = {"mfcc_1": 0, "rms": 20, "spectral_centroid_hz": 21, "spectral_bandwidth_hz": 22}
    places |= {"zero_crossing_rate": 23, "spectral_contrast_1_db": 24, "spectral_contrast_7_db": 30}
    assert {name: COLUMNS.index(name) for name in places} == places


@given(st.integers(1, 50000))
def test_cover_hop_is_the_next_power_of_two(hop):
    window = acoustic.window_samples("cover_hop", 2048, hop)
    assert hop <= window < max(2 * hop, 2)
    assert window & (window - 1) == 0


def test_windows_of_the_study():
    hop = acoustic.hop_samples(44100, 10)
    assert hop == 4410
    assert acoustic.window_samples("2048", 2048, hop) == 2048
    assert acoustic.window_samples("cover_hop", 2048, hop) == 8192
    with pytest.raises(ValueError, match="unknown audio_window"):
        acoustic.window_samples("4096", 2048, hop)
