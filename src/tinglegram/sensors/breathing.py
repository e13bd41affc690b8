"""Breaths in a respiration: from trough to peak, and from peak to peak.

After Khodadad et al. (2018, doi:10.1088/1361-6579/aad7e6): between two crossings of the middle of
the band-passed wave lies one extreme; extremes that are too low beside the others are none.
"""

from typing import NamedTuple

import numpy as np
import scipy

from tinglegram.pulse.beats import between_samples
from tinglegram.sensors.settings import SensorMethods

_ORDER = 2


class Breaths(NamedTuple):
    """Breaths in the order of time, each float64 (n_breaths,).

    Attributes
    ----------
    start, stop : peak before and peak of the breath, in samples, between samples.
    depth : from the trough between them to the peak that ends it, in the unit of the wave.
    """

    start: np.ndarray
    stop: np.ndarray
    depth: np.ndarray


def breathing_wave(values: np.ndarray, rate_hz: float, methods: SensorMethods) -> np.ndarray:
    """Return a respiration (n,), without missing values, band-passed."""
    sections = scipy.signal.butter(
        _ORDER, methods.resp_band, btype="bandpass", fs=rate_hz, output="sos"
    )
    # A slow wave needs long edges: the mirror image of 20 s, or of all there is.
    pad = min(len(values) - 1, round(rate_hz / methods.resp_band[0]))
    found: np.ndarray = scipy.signal.sosfiltfilt(sections, values - values.mean(), padlen=pad)
    return found


def find_breaths(wave: np.ndarray, depth_share: float) -> Breaths:
    """Find breaths in a band-passed respiration.

    Parameters
    ----------
    wave : (n,) of `breathing_wave`; more air in the lungs is up.
    depth_share : least depth of a breath, as a share of the median.
    """
    crossings = np.flatnonzero(np.diff(np.signbit(wave)))
    places = [
        a + 1 + int(np.argmax(np.abs(wave[a + 1 : b + 1])))
        for a, b in zip(crossings[:-1], crossings[1:], strict=True)
    ]
    extremes = _without_low(np.array(places, dtype=np.int64), wave, depth_share)
    # From the first peak on, peaks and troughs alternate.
    if len(extremes) and wave[extremes[0]] < 0:
        extremes = extremes[1:]
    peaks, troughs = extremes[0::2], extremes[1::2]
    n = max(0, len(peaks) - 1)
    tops = between_samples(wave, peaks)
    return Breaths(tops[:n], tops[1 : n + 1], wave[peaks[1 : n + 1]] - wave[troughs[:n]])


def _without_low(extremes: np.ndarray, wave: np.ndarray, share: float) -> np.ndarray:
    """Take out pairs of neighbouring extremes that differ least, until all differ enough."""
    kept = extremes
    if len(kept) < 2:
        return kept
    least = share * float(np.median(np.abs(np.diff(wave[kept]))))
    while len(kept) > 1:
        heights = np.abs(np.diff(wave[kept]))
        lowest = int(np.argmin(heights))
        if heights[lowest] >= least:
            break
        kept = np.delete(kept, [lowest, lowest + 1])
    # Of two neighbours of one sign the larger stays.
    alternate: list[int] = []
    for place in kept.tolist():
        if alternate and np.signbit(wave[place]) == np.signbit(wave[alternate[-1]]):
            if abs(wave[place]) > abs(wave[alternate[-1]]):
                alternate[-1] = place
        else:
            alternate.append(place)
    return np.array(alternate, dtype=np.int64)
