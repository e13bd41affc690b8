"""A synthesiser of cyclic sounds: the same recipe and the same seed give the same samples.

Noise of a given spectrum, correlated between the ears as asked, is multiplied by an envelope of
cycles, placed beside the head by differences of level and time, and moved away by a low-pass and
reverberation.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from tinglegram.sounds.recipe import CyclicSound

Stereo = NDArray[np.float32]

# Width of the raised-cosine edges of the band, octaves.
_EDGE_OCTAVES = 1 / 6
# ASSUMPTION: no cycle rises or falls faster than this: shorter ramps are heard as clicks.
_SHORTEST_RAMP_S = 0.005
# ASSUMPTION: the nearest a source comes; there nothing is taken from its sound.
NEAREST_M = 0.1
# ASSUMPTION: a small furnished room. Direct sound falls by 6 dB per doubling of the distance,
# reverberation stays, and both are equally strong at the critical distance.
_CRITICAL_M, _REVERBERATION_S = 1.0, 0.3
# ASSUMPTION: high frequencies are lost by a first-order low-pass whose corner falls by half an
# octave per doubling of the distance. The air itself takes next to nothing over a metre; what is
# lost is what a head and clothes in between, and a room's surfaces, take.
_CORNER_HZ, _CORNER_OCTAVES = 20000.0, 0.5
# ASSUMPTION: by how much the level falls per doubling of the distance, with what the room adds.
_LEVEL_DB = 3.0
# What all sounds have before they are normalised: effective value of the louder ear, full scale.
_RMS = 0.1


def synthesise(recipe: CyclicSound, duration_s: float, sample_rate: int, seed: int) -> Stereo:
    """Return a cyclic sound, float32 (n, 2): left, right.

    Its level is arbitrary but for the effects of `distance_m`; normalise it by
    `tinglegram.sounds.safety.make_safe` before anybody hears it.

    Parameters
    ----------
    duration_s : seconds.
    sample_rate : Hz. Of a band that reaches beyond its half, the part below is made.
    seed : of noise and periods.
    """
    n = round(duration_s * sample_rate)
    noise, periods, room = (np.random.default_rng([seed, part]) for part in (1, 2, 3))
    carrier = _carrier(recipe, n, sample_rate, noise)
    envelope = cycles(recipe, n, sample_rate, periods)
    sound = _beside_the_head(carrier * envelope[:, None], recipe, sample_rate)
    loudest = np.sqrt(np.mean(np.square(sound), axis=0).max())
    if loudest > 0:
        sound = sound * (_RMS / loudest)
    return _at_distance(sound, recipe.distance_m, sample_rate, room).astype(np.float32)


def level_at(distance_m: float) -> float:
    """Return the level of a source beside its level at the nearest distance, dB (0 or below)."""
    return float(-_LEVEL_DB * np.log2(distance_m / NEAREST_M))


def cycles(
    recipe: CyclicSound, n: int, sample_rate: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the envelope of the cycles, float64 (n,), 0 to 1.

    Periods are gamma-distributed with mean 1 / rate and coefficient of variation 1 - regularity: at
    0 the cycles begin at the times of a Poisson process, at 1 all periods are equal.
    """
    variation, mean = 1 - recipe.regularity, 1 / recipe.rate_hz
    found = np.zeros(n)
    begin = 0.0
    while begin * sample_rate < n:
        period = mean
        if variation > 0:
            period = generator.gamma(1 / variation**2, mean * variation**2)
        # ASSUMPTION: cycles do not overlap, and none is shorter than its ramps.
        period = max(period, 2 * _SHORTEST_RAMP_S)
        _add_cycle(found, begin, period, recipe, sample_rate)
        begin += period
    return found


def _add_cycle(
    envelope: NDArray[np.float64],
    begin_s: float,
    period_s: float,
    recipe: CyclicSound,
    sample_rate: int,
) -> None:
    """Put one cycle into the envelope: raised cosines up and down, flat between them."""
    length = max(recipe.fill * period_s, 2 * _SHORTEST_RAMP_S)
    ramps = recipe.smoothness * length
    rise = min(max(ramps * recipe.attack, _SHORTEST_RAMP_S), length - _SHORTEST_RAMP_S)
    fall = min(max(ramps - rise, _SHORTEST_RAMP_S), length - rise)
    first = int(np.ceil(begin_s * sample_rate))
    last = min(int(np.ceil((begin_s + length) * sample_rate)), len(envelope))
    at = np.arange(first, last) / sample_rate - begin_s
    up = np.clip(at / rise, 0, 1)
    down = np.clip((length - at) / fall, 0, 1)
    envelope[first:last] = 0.25 * (1 - np.cos(np.pi * up)) * (1 - np.cos(np.pi * down))


def _carrier(
    recipe: CyclicSound, n: int, sample_rate: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return noise of the recipe's spectrum, float64 (n, 2), correlated as asked."""
    frequency = np.fft.rfftfreq(n, 1 / sample_rate)
    octaves = np.full(len(frequency), -np.inf)
    octaves[1:] = np.log2(frequency[1:] / recipe.centre_hz)
    beyond = (np.abs(octaves) - recipe.bandwidth_octaves / 2) / _EDGE_OCTAVES
    gain = 0.5 * (1 + np.cos(np.pi * np.clip(beyond, 0, 1)))
    gain[1:] *= 10 ** (recipe.tilt_db_per_octave * octaves[1:] / 20)
    noises = [np.fft.irfft(np.fft.rfft(generator.standard_normal(n)) * gain, n) for _ in range(2)]
    same = recipe.interaural_correlation
    right = same * noises[0] + np.sqrt(1 - same**2) * noises[1]
    return np.column_stack([noises[0], right])


def _beside_the_head(
    sound: NDArray[np.float64], recipe: CyclicSound, sample_rate: int
) -> NDArray[np.float64]:
    """Return the sound with its differences of level and time between the ears."""
    half = np.array([-0.5, 0.5])
    gains = 10 ** (half * recipe.level_difference_db / 20)
    lead_s = half * recipe.time_difference_us * 1e-6
    # As much silence as the shift needs, so that nothing comes round from the end.
    padded = fft.next_fast_len(len(sound) + sample_rate // 100, real=True)
    frequency = np.fft.rfftfreq(padded, 1 / sample_rate)
    phases = np.exp(2j * np.pi * frequency[:, None] * lead_s)
    spectrum = np.fft.rfft(sound, padded, axis=0)
    moved: NDArray[np.float64] = np.fft.irfft(spectrum * phases, padded, axis=0)[: len(sound)]
    return moved * gains


def _at_distance(
    sound: NDArray[np.float64],
    distance_m: float,
    sample_rate: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the sound as it comes from a distance: duller, softer, and with more of the room."""
    doublings = np.log2(distance_m / NEAREST_M)
    corner = _CORNER_HZ * 2 ** (-_CORNER_OCTAVES * doublings)
    if corner < 0.45 * sample_rate:
        sound = signal.lfilter(*signal.butter(1, corner, fs=sample_rate), sound, axis=0)
    time = np.arange(round(_REVERBERATION_S * sample_rate)) / sample_rate
    decay = 10 ** (-3 * time / _REVERBERATION_S)
    tail = generator.standard_normal((len(time), 2)) * decay[:, None]
    tail /= np.sqrt(np.square(tail).sum(axis=0))
    mono = sound.mean(axis=1, keepdims=True)
    reverberation = signal.fftconvolve(np.hstack([mono, mono]), tail, axes=0)[: len(sound)]
    ratio = distance_m / _CRITICAL_M
    together = (sound + ratio * reverberation) / np.sqrt(1 + ratio**2)
    level: NDArray[np.float64] = together * 10 ** (level_at(distance_m) / 20)
    return level
