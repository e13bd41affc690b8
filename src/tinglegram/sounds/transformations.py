"""Sounds made of sounds: one changed, several joined or laid over each other.

All take and give stereo sound, float32 (n, 2), of any level.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tinglegram.sounds.synthesis import Stereo

_SMALLEST = 1e-9


def as_stereo(samples: NDArray[np.floating]) -> Stereo:
    """Return sound of one or two channels as float32 (n, 2).

    Raises
    ------
    ValueError : more channels than two, or none.
    """
    sound = np.asarray(samples, np.float32)
    sound = sound[:, None] if sound.ndim == 1 else sound
    if sound.ndim != 2 or sound.shape[1] not in (1, 2):
        raise ValueError(f"expected one or two channels, found samples {samples.shape}")
    return np.ascontiguousarray(np.broadcast_to(sound, (len(sound), 2)))


def stretched(samples: Stereo, rate: float) -> Stereo:
    """Return the sound `rate` times as fast at the same pitch (phase vocoder of librosa).

    Raises
    ------
    ValueError : a rate that is not above 0.
    """
    import librosa

    if rate <= 0:
        raise ValueError(f"expected a rate above 0, found {rate:g}")
    if rate == 1 or not len(samples):
        return samples
    found = librosa.effects.time_stretch(np.ascontiguousarray(samples.T), rate=rate)
    return np.ascontiguousarray(found.T, dtype=np.float32)


def tilted(samples: Stereo, db_per_octave: float, sample_rate: int) -> Stereo:
    """Return the sound with another slope of its spectrum; at 1 kHz nothing changes.

    Below 50 Hz the gain is that at 50 Hz, so that a fall does not raise rumble without bound.
    """
    padded = 2 * len(samples)
    frequency = np.maximum(np.fft.rfftfreq(padded, 1 / sample_rate), 50.0)
    gain = 10 ** (db_per_octave * np.log2(frequency / 1000) / 20)
    spectrum = np.fft.rfft(samples.astype(float), padded, axis=0) * gain[:, None]
    found: Stereo = np.fft.irfft(spectrum, padded, axis=0)[: len(samples)].astype(np.float32)
    return found


def louder(samples: Stereo, decibel: float) -> Stereo:
    """Return the sound at another level."""
    return (samples * np.float32(10 ** (decibel / 20))).astype(np.float32)


def widened(samples: Stereo, width: float) -> Stereo:
    """Return the sound with its difference between the ears `width` times as large.

    0: the same at both ears; 1: as it is. A sound that is the same at both ears stays so.

    Raises
    ------
    ValueError : a width below 0.
    """
    if width < 0:
        raise ValueError(f"expected a width of 0 or more, found {width:g}")
    middle = samples.mean(axis=1, keepdims=True)
    found: Stereo = (middle + width * (samples - middle)).astype(np.float32)
    return found


def cross_faded(parts: Sequence[Stereo], cross_fade_s: float, sample_rate: int) -> Stereo:
    """Return parts after each other; each fades into the next with constant power.

    A fade is no longer than half of the shorter of two neighbours.

    Raises
    ------
    ValueError : no parts.
    """
    if not parts:
        raise ValueError("expected parts to join, found none")
    found = parts[0].astype(float)
    for before, part in zip(parts, parts[1:], strict=False):
        n = min(round(cross_fade_s * sample_rate), len(before) // 2, len(part) // 2)
        angle = np.linspace(0, np.pi / 2, n)[:, None]
        later = part.astype(float)
        kept = len(found) - n
        over = found[kept:] * np.cos(angle) + later[:n] * np.sin(angle)
        found = np.concatenate([found[:kept], over, later[n:]])
    return found.astype(np.float32)


def repeated(samples: Stereo, times: int, cross_fade_s: float, sample_rate: int) -> Stereo:
    """Return the sound several times after itself."""
    return cross_faded([samples] * times, cross_fade_s, sample_rate)


def layered(layers: Sequence[Stereo], levels_db: Sequence[float]) -> Stereo:
    """Return sounds at once, as long as the longest, at levels beside each other.

    Each is brought to the same effective value first, then changed by its level.

    Raises
    ------
    ValueError : no layers, or not as many levels.
    """
    if not layers or len(layers) != len(levels_db):
        raise ValueError(f"expected a level for each layer, found {len(layers)}, {len(levels_db)}")
    found = np.zeros((max(map(len, layers)), 2))
    for layer, level in zip(layers, levels_db, strict=True):
        strength = max(float(np.sqrt(np.square(layer.astype(float)).mean())), _SMALLEST)
        found[: len(layer)] += layer * (10 ** (level / 20) / strength)
    return (0.1 * found).astype(np.float32)


def of_length(samples: Stereo, duration_s: float, sample_rate: int) -> Stereo:
    """Return the sound at a given length: its beginning, or repeated with fades of 50 ms."""
    n = round(duration_s * sample_rate)
    fade_s = 0.05
    own = len(samples) - min(round(fade_s * sample_rate), len(samples) // 2)
    times = max(1, int(np.ceil((n - len(samples)) / max(own, 1))) + 1)
    return repeated(samples, times, fade_s, sample_rate)[:n]


def at_rate(samples: Stereo, own_rate: int, wanted_rate: int) -> Stereo:
    """Return the sound at another sampling rate (polyphase filter)."""
    if own_rate == wanted_rate:
        return samples
    common = int(np.gcd(own_rate, wanted_rate))
    found: Stereo = signal.resample_poly(
        samples, wanted_rate // common, own_rate // common, axis=0
    ).astype(np.float32)
    return found
