"""Statistics of sound textures on the time grid, after McDermott & Simoncelli (2011).

A texture (rain, whispering, brushing) is recognised by averages over time of what the ear's filters
give (doi:10.1016/j.neuron.2011.06.032): moments of the envelopes of cochlear bands, the power of
their modulation, and correlations between bands. Of the published set these are here: mean,
coefficient of variation, skewness and kurtosis of each envelope, its modulation power, and the
correlation of envelopes one and two bands apart. Left out are correlations of bands further apart
and the correlations between modulation bands (C1 and C2 of the paper).

The window of a step ends with the step, so that a step never depends on what comes later.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tinglegram.stimuli.bands import band_signal, sound_of_steps, spaced_centres, steps_at_once
from tinglegram.stimuli.settings import TextureFeatures

Array = NDArray[np.float64]

# Envelopes per second, about (McDermott & Simoncelli: 400 Hz).
_ENVELOPE_HZ = 400.0
# Centre of a modulation filter over its bandwidth, as in the paper.
_QUALITY = 2.0
# Bands whose envelopes are correlated are so many apart.
_APART = (1, 2)
# ASSUMPTION: an envelope that is 100 dB below full scale on average is silent, and one that varies
# by less than 0.01 % does not vary: there is nothing to take a third moment or a correlation of.
_SILENT = 1e-5
_STILL = 1e-4
# Kurtosis of a normal distribution, for an envelope that does not vary.
_NORMAL_KURTOSIS = 3.0
# A filter has forgotten what is as many of its time constants ago: 0.1 % is left.
_FORGOTTEN = 7.0


class _Centres(NamedTuple):
    """Centres of the cochlear and of the modulation bands, Hz."""

    cochlear: Array
    modulation: Array


def texture_columns(settings: TextureFeatures, sample_rate: int) -> tuple[str, ...]:
    """Return the names of the columns of `texture`, in order.

    Parameters
    ----------
    sample_rate : of the sound, Hz; bands that it cannot hold are left out.
    """
    centres = _centres(settings, sample_rate)
    bands = [f"{hz:.0f}hz" for hz in centres.cochlear]
    return (
        *(f"envelope_{what}_{band}" for what in _MOMENTS for band in bands),
        *(f"modulation_{hz:.3g}hz_{band}" for hz in centres.modulation for band in bands),
        *(
            f"correlation_{low}_{high}"
            for apart in _APART
            for low, high in zip(bands, bands[apart:], strict=False)
        ),
    )


_MOMENTS = ("mean", "cv", "skewness", "kurtosis")


def texture_memory(settings: TextureFeatures) -> float:
    """Return how long before a step sound may change its statistics, seconds.

    The window, and what the slowest modulation filter still holds when the window begins: its
    ringing falls by 1/e in Q / (pi f).
    """
    slowest = min(settings.modulation_range)
    return settings.texture_window + _FORGOTTEN * _QUALITY / (math.pi * slowest)


def texture(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    settings: TextureFeatures,
) -> NDArray[np.float32]:
    """Return the texture statistics of a sound, (n_steps, columns), as `texture_columns` says.

    Parameters
    ----------
    samples : mono 16-bit sound from the first step on; silence is added where it is shorter.
    sample_rate : of them, Hz; hop: of them per grid step.

    Returns
    -------
    Statistics of the compressed envelope e = |y|^power of each gammatone band, over the window of
    each step; the first steps have what was heard so far as their window.
    Mean; cv, standard deviation over mean (the paper has its square); skewness; kurtosis (3 for a
    normal distribution). Modulation power: mean square of e through a band-pass of second order
    with Q = 2, over the variance of e. Correlation of the envelopes of two bands.
    Where an envelope is silent or does not vary: cv as it is (0 in silence), skewness 0,
    kurtosis 3, modulation power 0, correlation 0.
    """
    centres = _centres(settings, sample_rate)
    per_step = max(1, round(_ENVELOPE_HZ * hop / sample_rate))
    sound = sound_of_steps(samples, n_steps, hop)
    envelopes = np.column_stack(
        [
            _envelope(sound, float(hz), sample_rate, hop, per_step, settings.texture_power)
            for hz in centres.cochlear
        ]
    )
    envelope_hz = per_step * sample_rate / hop
    power = [np.square(_modulated(envelopes, float(hz), envelope_hz)) for hz in centres.modulation]
    steps = max(1, round(settings.texture_window * sample_rate / hop))
    floor = _SILENT**settings.texture_power
    found = np.empty((n_steps, len(texture_columns(settings, sample_rate))), np.float32)
    for step in range(n_steps):
        window = slice(max(0, step + 1 - steps) * per_step, (step + 1) * per_step)
        found[step] = _statistics(envelopes[window], [each[window] for each in power], floor)
    return found


def _centres(settings: TextureFeatures, sample_rate: int) -> _Centres:
    low, high = settings.texture_range
    modulation = np.geomspace(*settings.modulation_range, settings.modulation_bands)
    return _Centres(
        spaced_centres((low, high), settings.texture_bands, sample_rate),
        # Envelopes hold up to half of their rate.
        modulation[modulation < 0.9 * _ENVELOPE_HZ / 2],
    )


def _envelope(
    sound: Array, centre: float, sample_rate: int, hop: int, per_step: int, power: float
) -> Array:
    """Return the compressed envelope of a band, `per_step` means in each step."""
    edges = np.round(np.arange(per_step) * hop / per_step).astype(int)
    lengths = np.diff(np.append(edges, hop))
    steps = steps_at_once(hop)
    means = []
    for part in band_signal(sound, centre, sample_rate=sample_rate, at_once=steps * hop):
        intensity = np.square(part.real) + np.square(part.imag)
        compressed = intensity ** (power / 2)
        sums = np.add.reduceat(compressed.reshape(-1, hop), edges, axis=1)
        means.append((sums / lengths).ravel())
    return np.concatenate(means)


def _modulated(envelopes: Array, centre: float, envelope_hz: float) -> Array:
    """Return envelopes, (n, bands), through a band-pass around a modulation frequency."""
    above, below = signal.iirpeak(centre, _QUALITY, fs=envelope_hz)
    # As if the first value had always been there: a sound that begins is no modulation.
    state = signal.lfilter_zi(above, below)[:, None] * envelopes[:1]
    found: Array = signal.lfilter(above, below, envelopes, axis=0, zi=state)[0]
    return found


def _statistics(envelopes: Array, power: list[Array], floor: float) -> Array:
    """Return the statistics of one window of envelopes, (n, bands), in the order of the columns."""
    mean = envelopes.mean(axis=0)
    centred = envelopes - mean
    squared = np.square(centred)
    variance = squared.mean(axis=0)
    deviation = np.sqrt(variance)
    heard = mean > floor
    varies = heard & (deviation > _STILL * mean)
    # Where nothing varies every numerator is replaced, so any divisor serves.
    divisor = np.where(varies, deviation, 1.0)
    third = (squared * centred).mean(axis=0) / divisor**3
    fourth = np.square(squared).mean(axis=0) / divisor**4
    scaled = np.where(varies, centred / divisor, 0.0)
    return np.concatenate(
        [
            mean,
            np.where(heard, deviation / np.where(heard, mean, 1.0), 0.0),
            np.where(varies, third, 0.0),
            np.where(varies, fourth, _NORMAL_KURTOSIS),
            *(np.where(varies, each.mean(axis=0) / divisor**2, 0.0) for each in power),
            *((scaled[:, apart:] * scaled[:, :-apart]).mean(axis=0) for apart in _APART),
        ]
    )
