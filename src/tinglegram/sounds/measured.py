"""What a sound is like, measured from its samples alone: it knows nothing of how it was made.

Simulated listeners respond to these, and tests hold the synthesiser against them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

# Envelopes are measured at this rate, Hz, and cycles between these rates.
ENVELOPE_HZ = 200
SLOWEST_HZ, FASTEST_HZ = 0.4, 25.0
# The greatest difference of arrival that a head makes, seconds.
_HEAD_S = 1e-3
_TINY = 1e-12


class SoundMeasures(NamedTuple):
    """What one sound is like.

    Attributes
    ----------
    rate_hz : cycles per second.
    regularity : correlation of the envelope with itself one cycle later, 0 to 1.
    density : mean of the envelope beside its 95th percentile, 0 to 1.
    centroid_hz : power-weighted mean of the logarithm of frequency, as a frequency.
    interaural_correlation : highest correlation of both ears within 1 ms.
    level_difference_db : level at the right ear above that at the left.
    """

    rate_hz: float
    regularity: float
    density: float
    centroid_hz: float
    interaural_correlation: float
    level_difference_db: float


def measure_sound(samples: NDArray[np.floating], sample_rate: int) -> SoundMeasures:
    """Return the measures of a sound, (n, 2): left, right."""
    envelope = sound_envelope(samples, sample_rate)
    rate, regularity = rate_of(envelope)
    loud = float(np.quantile(envelope, 0.95))
    return SoundMeasures(
        rate,
        regularity,
        min(1.0, float(envelope.mean()) / max(loud, _TINY)),
        centroid_of(samples, sample_rate),
        correlation_of_ears(samples, sample_rate)[0],
        level_between_ears(samples),
    )


def sound_envelope(samples: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Return the effective value of both ears in steps of 1/200 s, float64."""
    hop = round(sample_rate / ENVELOPE_HZ)
    power = np.square(np.asarray(samples, float)).mean(axis=1)
    steps = power[: len(power) // hop * hop].reshape(-1, hop).mean(axis=1)
    # The noise itself fluctuates; two steps of 5 ms are the shortest ramp there and back.
    found: NDArray[np.float64] = np.sqrt(ndimage.gaussian_filter1d(steps, 1.5))
    return found


def rate_of(envelope: NDArray[np.float64]) -> tuple[float, float]:
    """Return cycles per second and regularity: place and height of a peak of the autocorrelation.

    The first peak that reaches nine tenths of the highest one is taken, as two cycles are as alike
    as one. Without any peak, the rate is the slowest and the regularity 0.
    """
    centred = envelope - envelope.mean()
    n, total = len(centred), float(np.square(centred).sum())
    if total < _TINY:
        return SLOWEST_HZ, 0.0
    correlation = signal.correlate(centred, centred, method="fft")[n - 1 :]
    # Fewer products at longer lags.
    correlation = correlation / total * n / np.arange(n, 0, -1)
    first, last = int(ENVELOPE_HZ / FASTEST_HZ), min(int(ENVELOPE_HZ / SLOWEST_HZ), n // 2)
    peaks, _ = signal.find_peaks(correlation[: last + 1])
    peaks = peaks[(peaks >= first) & (correlation[peaks] > 0)]
    if not len(peaks):
        return SLOWEST_HZ, 0.0
    best = peaks[correlation[peaks] >= 0.9 * correlation[peaks].max()][0]
    return float(ENVELOPE_HZ / _peak_place(correlation, best)), float(min(1.0, correlation[best]))


def _peak_place(values: NDArray[np.float64], at: int) -> float:
    """Return the place of a peak between samples: the top of a parabola through three of them."""
    before, here, after = values[at - 1 : at + 2]
    return float(at + 0.5 * (before - after) / (before - 2 * here + after))


def power_spectrum(
    samples: NDArray[np.floating], sample_rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies above 20 Hz and the power density there, mean of both ears (Welch)."""
    length = min(4096, len(samples))
    frequency, density = signal.welch(
        np.asarray(samples, float), sample_rate, nperseg=length, axis=0
    )
    kept = frequency > 20
    return frequency[kept], density.mean(axis=1)[kept]


def centroid_of(samples: NDArray[np.floating], sample_rate: int) -> float:
    """Return the power-weighted geometric mean of frequency, Hz; of silence that of all."""
    frequency, density = power_spectrum(samples, sample_rate)
    return float(np.exp(np.average(np.log(frequency), weights=density + _TINY**2)))


def correlation_of_ears(samples: NDArray[np.floating], sample_rate: int) -> tuple[float, float]:
    """Return the highest correlation of both ears within 1 ms, and the lead of the right, s.

    0 and 0 where an ear hears nothing (interaural cross-correlation, ISO 3382-1).
    """
    left, right = np.asarray(samples, float).T
    norm = np.sqrt(np.square(left).sum() * np.square(right).sum())
    if norm < _TINY:
        return 0.0, 0.0
    found = signal.correlate(left, right, method="fft")
    zero, most = len(right) - 1, round(_HEAD_S * sample_rate)
    near = found[zero - most : zero + most + 1]
    best = int(np.argmax(near))
    return float(near[best] / norm), (best - most) / sample_rate


def level_between_ears(samples: NDArray[np.floating]) -> float:
    """Return the level at the right ear above that at the left, dB."""
    left, right = np.square(np.asarray(samples, float)).mean(axis=0) + _TINY**2
    return float(10 * np.log10(right / left))
