"""Envelopes of a sound in frequency bands like those of the ear, on the time grid.

A gammatone filter of order 4 as four complex one-pole filters in a row (Hohmann, 2002, Acta
Acustica 88, 433-442): the magnitude of its output is the envelope, and, unlike one filter of order
8, it is stable at low frequencies. Bands lie evenly on the scale of equivalent rectangular
bandwidths (ERB) of Glasberg & Moore (1990, doi:10.1016/0378-5955(90)90170-T).
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tinglegram.stimuli.settings import SoundBands

# Bandwidth of a gammatone of order 4 in ERBs (Patterson et al., 1992).
_WIDTH = 1.019
_ORDER = 4
_FULL_SCALE = 32768.0
# ASSUMPTION: a band whose centre lies above this share of half the sampling rate is cut by the
# filter that took the samples.
_HIGHEST = 0.9
# Samples that are filtered at once, so that memory does not grow with the clip.
_AT_ONCE = 1 << 20


def erb_number(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of ERBs below frequencies."""
    found: NDArray[np.float64] = 21.4 * np.log10(1 + 0.00437 * hz)
    return found


def erb_width(hz: float) -> float:
    """Return the equivalent rectangular bandwidth at a frequency, Hz."""
    return 24.7 * (1 + 0.00437 * hz)


def band_centres(bands: SoundBands, sound_hz: float) -> NDArray[np.float64]:
    """Return the centres of the bands, Hz, evenly spaced in ERBs.

    Parameters
    ----------
    sound_hz : sampling rate of the sound as it was recorded. Bands that it cannot hold are left
        out, so that those of two sounds are the same where both have them.
    """
    return spaced_centres(bands.band_range, bands.bands, sound_hz)


def spaced_centres(
    band_range: tuple[float, float], bands: int, sound_hz: float
) -> NDArray[np.float64]:
    """Return the centres of `bands` bands over a range, Hz; those that a sound cannot hold not."""
    low, high = erb_number(np.array(band_range))
    numbers = np.linspace(low, high, bands)
    centres = (10 ** (numbers / 21.4) - 1) / 0.00437
    found: NDArray[np.float64] = centres[centres <= _HIGHEST * sound_hz / 2]
    return found


def sound_of_steps(samples: NDArray[np.int16], n_steps: int, hop: int) -> NDArray[np.float64]:
    """Return 16-bit sound as -1 to 1 over n_steps × hop samples, with silence where it is shorter.

    `samples` is (n,) or (n, channels), and so is what comes back.
    """
    sound = np.zeros((n_steps * hop, *samples.shape[1:]))
    given = samples[: len(sound)]
    sound[: len(given)] = given / _FULL_SCALE
    return sound


def resampled(sound: NDArray[np.float64], sample_rate: int, wanted: int) -> NDArray[np.float64]:
    """Return a sound, (n,), at another sampling rate, Hz.

    The filter that changes the rate looks a few samples ahead; the sound comes so much later
    (0.3 ms at 44.1 kHz), so that nothing depends on what follows.
    """
    if sample_rate == wanted:
        return sound
    common = math.gcd(wanted, sample_rate)
    up, down = wanted // common, sample_rate // common
    # Half the length of SciPy's filter is ten periods of the lower of both rates.
    ahead = math.ceil(10 * max(up, down) / up) + 1
    late = np.concatenate([np.zeros(ahead), sound])
    found: NDArray[np.float64] = signal.resample_poly(late, up, down)
    return found[: math.ceil(len(sound) * wanted / sample_rate)]


def band_signal(
    sound: NDArray[np.float64], centre: float, *, sample_rate: int, at_once: int
) -> Iterator[NDArray[np.complex128]]:
    """Yield what one gammatone filter lets through, `at_once` samples at a time.

    The real part is the band's signal, the magnitude its envelope: that of a tone at the centre is
    the amplitude of the tone.

    Parameters
    ----------
    sound : one channel, (n,).
    centre : of the band, Hz.
    """
    width = 2 * np.pi * _WIDTH * erb_width(centre) / sample_rate
    pole = np.exp(-width + 2j * np.pi * centre / sample_rate)
    # A tone at the centre has its own amplitude as envelope: a real tone is half of two.
    gain = 2 ** (1 / _ORDER) * (1 - np.exp(-width))
    states = [np.zeros(1, complex) for _ in range(_ORDER)]
    for begin in range(0, len(sound), at_once):
        part: NDArray[np.complex128] = sound[begin : begin + at_once].astype(complex)
        for stage in range(_ORDER):
            part, states[stage] = signal.lfilter([gain], [1, -pole], part, zi=states[stage])
        yield part


def steps_at_once(hop: int) -> int:
    """Return the number of steps whose samples are filtered at once."""
    return max(1, _AT_ONCE // hop)


def band_envelopes(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    centres: NDArray[np.float64],
    power: float,
) -> NDArray[np.float32]:
    """Return the mean compressed intensity of each band in each grid step, (n_steps, bands).

    Parameters
    ----------
    samples : mono 16-bit sound from the first step on; silence is added where it is shorter.
    sample_rate : of them, Hz; hop: of them per grid step.
    centres : of the bands, Hz.
    power : to which the squared envelope is raised.
    """
    sound = sound_of_steps(samples, n_steps, hop)
    found = np.empty((n_steps, len(centres)), np.float32)
    steps = steps_at_once(hop)
    for band, centre in enumerate(centres):
        parts = band_signal(sound, float(centre), sample_rate=sample_rate, at_once=steps * hop)
        for begin, part in zip(range(0, n_steps, steps), parts, strict=True):
            intensity = np.square(part.real) + np.square(part.imag)
            means = (intensity**power).reshape(-1, hop).mean(axis=1)
            found[begin : begin + steps, band] = means
    return found
