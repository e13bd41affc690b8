"""Acoustic features of a clip on the time grid (paper, section "Feature Extraction")."""

import librosa
import numpy as np
from numpy.typing import NDArray

from tinglegram.errors import TinglegramError

# Bands above the lowest one of librosa's spectral contrast (its default).
_CONTRAST_BANDS = 6


def column_names(n_mfcc: int = 20) -> list[str]:
    """Return the names of the columns of `features`, in order."""
    return [
        *(f"mfcc_{i}" for i in range(1, n_mfcc + 1)),
        "rms",
        "spectral_centroid_hz",
        "spectral_bandwidth_hz",
        "zero_crossing_rate",
        *(f"spectral_contrast_{i}_db" for i in range(1, _CONTRAST_BANDS + 2)),
    ]


def hop_samples(sample_rate: int, grid_hz: float) -> int:
    """Return the samples per grid step; raise TinglegramError unless it is a whole number."""
    hop = sample_rate / grid_hz
    if hop < 1 or not hop.is_integer():
        raise TinglegramError(
            f"A grid of {grid_hz:g} Hz does not divide a sound of {sample_rate} Hz into whole "
            f"samples ({hop:g} per step). Choose a sample rate that is a multiple of the grid."
        )
    return int(hop)


def window_samples(audio_window: str, n_fft: int, hop: int) -> int:
    """Return the length of the analysis window in samples.

    `audio_window` is "2048", the window of the released code, whose length is `n_fft`, or
    "cover_hop", the next power of two that is not shorter than the hop. At 44.1 kHz and 10 Hz
    the former looks at 2048 of every 4410 samples and never hears the others (54 %); 8192
    hears all, each sample with a Hann weight of at least 0.44 (a window of exactly one hop
    would fade to nothing where two steps meet).
    """
    if audio_window == "2048":
        return n_fft
    if audio_window == "cover_hop":
        # ASSUMPTION: a power of two, as librosa's documentation advises for the FFT's speed.
        return 1 << (hop - 1).bit_length()
    raise ValueError(f"unknown audio_window {audio_window!r}")


def features(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    window: int,
    n_mfcc: int = 20,
) -> NDArray[np.float32]:
    """Return the librosa features of mono 16-bit sound, (n_steps, n_mfcc + 11), float32.

    Columns as in `column_names`; centred windows of `window` samples every `hop`, librosa's
    defaults otherwise. Only the first n_steps × hop samples are analysed. That cut matters:
    the floor of the MFCCs lies 80 dB under the loudest moment of the analysed stretch, so a
    shorter stretch (a trial shown first) cannot be cut from the features of a longer one.

    One magnitude spectrogram serves all spectral features; the values are those of the
    separate librosa calls on the signal. `samples` must reach the last step's centre.
    """
    # Released code: a 16-bit sound file read as float.
    signal = samples[: n_steps * hop].astype(np.float32) / np.float32(32768)
    magnitude = np.abs(librosa.stft(signal, n_fft=window, hop_length=hop))
    mel = librosa.feature.melspectrogram(S=magnitude**2, sr=sample_rate)
    centroid = librosa.feature.spectral_centroid(S=magnitude, sr=sample_rate)
    rows = [
        librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=n_mfcc),
        librosa.feature.rms(y=signal, frame_length=window, hop_length=hop),
        centroid,
        librosa.feature.spectral_bandwidth(S=magnitude, sr=sample_rate, centroid=centroid),
        librosa.feature.zero_crossing_rate(signal, frame_length=window, hop_length=hop),
        librosa.feature.spectral_contrast(S=magnitude, sr=sample_rate, n_bands=_CONTRAST_BANDS),
    ]
    table = np.concatenate([row[:, :n_steps] for row in rows]).T
    if len(table) < n_steps:
        raise ValueError(f"{len(samples)} samples do not reach step {n_steps} of {hop} each")
    return np.ascontiguousarray(table, dtype=np.float32)
