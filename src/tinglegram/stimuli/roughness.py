"""Roughness after Daniel & Weber (1997, Acustica 83, 113-123), fast enough for clips.

The model and its tables are those of MoSQITo, which takes most of a second for a window of 0.2 s of
noise. Here all channels are computed at once, and what it filters in time is taken from the
spectrum of the envelopes, where it is the same.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Array = NDArray[np.float64]

# Length of a window, seconds.
ROUGHNESS_WINDOW = 0.2
_CHANNELS = 47
# Slope of excitation towards lower channels, dB per Bark (Terhardt).
_LOWER_SLOPE = -27.0
# 1 asper for a tone of 1 kHz and 60 dB, all modulated at 70 Hz (Daniel & Weber).
_CALIBRATION = 0.25
_REFERENCE = 2e-5
_ROUNDING = 1e-6


class RoughnessModel(NamedTuple):
    """Tables of the model for windows of one length, `n` samples.

    Attributes
    ----------
    taper : window over sum of window, times √2 as MoSQITo rounds it, (n,).
    ear : factor of outer and middle ear of each frequency, (n / 2,).
    hz, bark, threshold : of each frequency; the threshold of hearing in dB.
    faintest : excitation of each channel that is heard, dB, (47,).
    lower : excitation of each channel by lower slopes over the component's own, dB, (n / 2, 47).
    above : Barks of each channel's centre above each frequency, (n / 2, 47).
    relation : whether a channel is below (-1), at (0) or above (1) each frequency, (n / 2, 47).
    modulation : weight of each modulation frequency per channel, (47, m).
    weight : of each channel, (47,).
    """

    taper: Array
    ear: Array
    hz: Array
    bark: Array
    threshold: Array
    faintest: Array
    lower: Array
    above: Array
    relation: NDArray[np.int8]
    modulation: Array
    weight: Array


def roughness_model(n: int, sample_rate: int) -> RoughnessModel:
    """Return the tables for windows of n samples."""
    from mosqito.sq_metrics.roughness.roughness_dw._ear_filter_coeff import _ear_filter_coeff
    from mosqito.sq_metrics.roughness.roughness_dw._gzi_weighting import _gzi_weighting
    from mosqito.sq_metrics.roughness.roughness_dw._H_weighting import _H_weighting
    from mosqito.utils import bark2freq, freq2bark
    from mosqito.utils.LTQ import LTQ

    taper = np.blackman(n)
    # MoSQITo counts frequencies from 1, which puts each one bin (5 Hz) too high.
    hz = np.arange(1.0, n // 2 + 1) * (sample_rate / n)
    bark = freq2bark(hz)
    threshold = LTQ(bark, reference="roughness")
    centres = np.arange(1, _CHANNELS + 1) / 2
    channel = np.arange(_CHANNELS)
    lowest, highest = np.floor(2 * bark) - 1, np.ceil(2 * bark) - 1
    below = channel < lowest[:, None]
    within = (channel == lowest[:, None]) | (channel == highest[:, None])
    # What a channel gets of a component that is not its own, it gets from its neighbour on that
    # side.
    source = centres[np.clip(np.where(below, channel + 1, channel - 1), 0, _CHANNELS - 1)]
    weights = _H_weighting(n, sample_rate)
    used = int(np.flatnonzero(weights.any(axis=0)).max()) + 1
    faintest = np.interp(bark2freq(centres) * n / sample_rate, np.arange(1, n // 2 + 1), threshold)
    return RoughnessModel(
        taper=taper / taper.sum() * 1.42,
        ear=10 ** (_ear_filter_coeff(bark) / 20),
        hz=hz,
        bark=bark,
        threshold=threshold,
        faintest=faintest,
        lower=_LOWER_SLOPE * (bark[:, None] - source),
        above=source - bark[:, None],
        relation=np.where(within, 0, np.where(below, -1, 1)).astype(np.int8),
        modulation=weights[:, :used],
        weight=_gzi_weighting(centres),
    )


def roughness(window: Array, model: RoughnessModel) -> float:
    """Return the roughness of a window of sound, asper.

    Parameters
    ----------
    window : pascal, (n,).
    model : of windows of that length.
    """
    n = len(window)
    spectrum = fft.rfft(window * model.taper)[: n // 2] * model.ear
    size = np.abs(spectrum)
    level = 20 * np.log10(np.maximum(size, 1e-20) / _REFERENCE)
    heard = np.flatnonzero(level > model.threshold)
    if not len(heard):
        return 0.0
    envelopes = _channel_envelopes(spectrum, level, heard, model)
    mean = envelopes.mean(axis=1)
    modulation = fft.rfft(envelopes, axis=1)[:, : model.modulation.shape[1]] * model.modulation
    # The mean does not count as modulation; of all else the power in time is that of its spectrum.
    modulation[:, 0] = 0
    power = 2 * np.square(np.abs(modulation)).sum(axis=1) / n**2
    depth = np.minimum(np.sqrt(power) / np.where(mean > 0, mean, 1.0), 1.0)
    # Rounding is no modulation that could be alike in two channels.
    excited = depth > _ROUNDING
    alike = np.zeros(_CHANNELS)
    shared = 2 * np.real(np.conj(modulation[:-2]) * modulation[2:]).sum(axis=1) / n**2
    both = excited[:-2] & excited[2:]
    alike[:-2] = np.where(both, shared / np.sqrt(np.where(both, power[:-2] * power[2:], 1.0)), 0.0)
    # Channels at the ends have a neighbour on one side only.
    upper = np.concatenate([alike[:45], np.ones(2)])
    lower = np.concatenate([np.ones(2), alike[:45]])
    found = model.weight * np.square(depth * upper * lower)
    return float(_CALIBRATION * found.sum())


def _channel_envelopes(
    spectrum: NDArray[np.complex128], level: Array, heard: NDArray[np.intp], model: RoughnessModel
) -> Array:
    """Return the envelope of the excitation of each channel, (47, n)."""
    own = level[heard, None]
    upper_slope = np.minimum(-24 - 230 / model.hz[heard, None] + 0.2 * own, 0)
    relation = model.relation[heard]
    over = np.where(relation < 0, model.lower[heard], upper_slope * model.above[heard])
    # What a slope excites below the threshold of its channel is not heard.
    channel = np.arange(_CHANNELS)
    source = np.clip(channel - relation, 0, _CHANNELS - 1)
    share = np.where(own + over > model.faintest[source], 10 ** (over / 20), 0.0)
    share[relation == 0] = 1.0
    excitation = np.zeros((_CHANNELS, 2 * len(level) // 2 + 1), complex)
    excitation[:, heard] = share.T * spectrum[heard]
    # Only half of a real spectrum is given, so that half of it comes back; but the constant.
    excitation[:, 0] *= 2
    n = 2 * len(level)
    found: Array = np.abs(n / 2 * fft.irfft(excitation, n, axis=1))
    return found
