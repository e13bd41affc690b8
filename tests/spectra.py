"""Slope and edges of a sound's spectrum, which the synthesiser is held against."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinglegram.sounds.measured import power_spectrum

_TINY = 1e-12


def tilt_of(
    samples: NDArray[np.floating], sample_rate: int, low_hz: float, high_hz: float
) -> float:
    """Return the slope of the power density between two frequencies, dB per octave."""
    frequency, density = power_spectrum(samples, sample_rate)
    kept = (frequency >= low_hz) & (frequency <= high_hz)
    octaves, level = np.log2(frequency[kept]), 10 * np.log10(density[kept] + _TINY**2)
    # Each octave counts the same, however many frequencies of the transform lie in it.
    slope, _ = np.polyfit(octaves, level, 1, w=np.sqrt(1 / frequency[kept]))
    return float(slope)


def band_of(samples: NDArray[np.floating], sample_rate: int) -> tuple[float, float]:
    """Return the lowest and highest frequency whose density lies within 6 dB of the median there.

    The median is that of all frequencies within 20 dB of the strongest, so that one strong line
    does not set it.
    """
    frequency, density = power_spectrum(samples, sample_rate)
    smooth = ndimage.uniform_filter1d(density, 3)
    strong = smooth[smooth > smooth.max() / 100]
    kept = frequency[smooth >= np.median(strong) / 4]
    return float(kept.min()), float(kept.max())
