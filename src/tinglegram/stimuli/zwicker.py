"""Loudness of sounds that change (ISO 532-1:2017, Zwicker), fast enough for clips.

Filters, core loudness and slopes are those of MoSQITo. Its decay of loudness takes a second for a
second of sound, step after step, so here many stretches of a sound decay side by side; and slopes
are computed every 2 ms, the rate of the standard's results, not every 0.5 ms.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Array = NDArray[np.float64]

# Sampling rate that ISO 532-1 asks for, and that of core loudness, of loudness, and of its course
# per Bark, all in Hz.
SOUND_HZ = 48000
_CORE_HZ = 2000
LOUDNESS_HZ = 500
# Seconds that are filtered at once, and what comes before them: the filter of 25 Hz rings for less
# than half of it.
_BLOCK, _BEFORE = 30, 1
# Seconds of stretches that decay side by side, what comes before each (ten times the longest time
# constant of the decay), and how many of them do at once, so that memory stays small.
_STRETCH, _DECAYED = 2.0, 0.75
_SIDE_BY_SIDE = 60
# Steps in which the standard follows the decay from one value to the next, and time constants of
# the decay, seconds (ISO 532-1, 6.4).
_SUBSTEPS = 24
_SHORT, _LONG, _VARIABLE = 0.005, 0.015, 0.075
# Differences below this are none (ISO 532-1, program).
_NEARLY = 1e-5
# Shares and time constants of the two low-passes of total loudness (ISO 532-1, 6.6).
_WEIGHTS = ((0.47, 0.0035), (0.53, 0.07))
# Specific loudness stands every 0.1 Bark.
_PER_BARK = 10
# Values whose slopes are computed at once.
_AT_ONCE = 1000


class Loudness(NamedTuple):
    """Loudness of a sound, at `LOUDNESS_HZ` values per second.

    Attributes
    ----------
    total : sone, (n,), with the inertia of hearing.
    sudden : sone, (n,), without it: the integral of specific loudness at that moment.
    sharpness : acum, (n,), of DIN 45692; 0 below 0.1 sone.
    specific : mean of each Bark, sone/Bark, (24, n).
    """

    total: Array
    sudden: Array
    sharpness: Array
    specific: Array


def zwicker_loudness(pressure: Array, sound_field: str) -> Loudness:
    """Return the loudness of a sound.

    Parameters
    ----------
    pressure : pascal, (n,), at `SOUND_HZ`; what is missing to whole values is silence.
    sound_field : free or diffuse.

    Returns
    -------
    No value depends on sound that comes later.
    """
    values = -(-len(pressure) * LOUDNESS_HZ // SOUND_HZ)
    whole = np.zeros(values * SOUND_HZ // LOUDNESS_HZ)
    whole[: len(pressure)] = pressure
    core = np.concatenate(
        [
            _core_loudness(whole, begin, sound_field)
            for begin in range(0, len(whole), _BLOCK * SOUND_HZ)
        ],
        axis=1,
    )
    every = _CORE_HZ // LOUDNESS_HZ
    return _with_slopes(_decayed(core)[:, ::every])


def _core_loudness(pressure: Array, begin: int, sound_field: str) -> Array:
    """Return the core loudness of a block of a sound that begins at a sample, (21, n)."""
    from mosqito.sq_metrics.loudness.loudness_zwst._main_loudness import _main_loudness
    from mosqito.sq_metrics.loudness.loudness_zwtv._third_octave_levels import (
        _third_octave_levels,
    )

    heard = max(0, begin - _BEFORE * SOUND_HZ)
    block = pressure[heard : begin + _BLOCK * SOUND_HZ]
    levels = _third_octave_levels(block, SOUND_HZ)[0]
    levels = levels[:, (begin - heard) * _CORE_HZ // SOUND_HZ :]
    found = [
        _main_loudness(levels[:, some : some + _AT_ONCE], sound_field)
        for some in range(0, levels.shape[1], _AT_ONCE)
    ]
    return np.concatenate(found, axis=1)


def _decayed(core: Array) -> Array:
    """Return core loudness, (21, n), that falls no faster than in the ear (ISO 532-1, 6.4).

    A capacitor is charged at once and discharges over two resistors, with a second capacitor
    beside it: `main` and `beside` are their charges.
    """
    length, before = round(_STRETCH * _CORE_HZ), round(_DECAYED * _CORE_HZ)
    if core.shape[1] <= length:
        return _decayed_alike(np.pad(core, ((0, 0), (0, 1))).T).T
    stretches = -(-core.shape[1] // length)
    padded = np.zeros((len(core), before + stretches * length + 1))
    padded[:, before : before + core.shape[1]] = core
    found = np.empty((len(core), stretches * length))
    for begin in range(0, stretches, _SIDE_BY_SIDE):
        starts = np.arange(begin, min(begin + _SIDE_BY_SIDE, stretches)) * length
        # Time first: (before + length + 1, bands, stretches).
        course = np.stack([padded.T[at : at + before + length + 1] for at in starts], axis=-1)
        kept = _decayed_alike(course.reshape(len(course), -1))[before:]
        kept = kept.reshape(length, len(core), -1)
        found[:, starts[0] : starts[-1] + length] = kept.transpose(1, 2, 0).reshape(len(core), -1)
    return found[:, : core.shape[1]]


def _decayed_alike(course: Array) -> Array:
    """Return what becomes of values, (n + 1, many), each following itself, from nothing: (n, many).

    Between two values the standard goes along the line in steps; so the last needs a next one.
    """
    main, beside = np.zeros(course.shape[1]), np.zeros(course.shape[1])
    found = np.empty((len(course) - 1, course.shape[1]))
    for at in range(len(found)):
        rise = (course[at + 1] - course[at]) / _SUBSTEPS
        value = course[at].copy()
        main, beside = _discharged(main, beside, value)
        found[at] = main
        for _ in range(1, _SUBSTEPS):
            value += rise
            main, beside = _discharged(main, beside, value)
    return found


def _discharge_factors() -> tuple[float, ...]:
    """Return the factors of one step of the decay (ISO 532-1, program: f_init_nl_lp)."""
    step = 1 / (_CORE_HZ * _SUBSTEPS)
    half = (_VARIABLE + _LONG) / (_VARIABLE * _SHORT) / 2
    root = math.sqrt(half * half - 1 / (_SHORT * _VARIABLE))
    slow, fast = -half + root, -half - root
    divisor = _VARIABLE * (slow - fast)
    one, two = math.exp(slow * step), math.exp(fast * step)
    by_slow, by_fast = _VARIABLE * slow + 1, _VARIABLE * fast + 1
    return (
        (one - two) / divisor,
        (by_fast * one - by_slow * two) / divisor,
        (by_slow * one - by_fast * two) / divisor,
        by_slow * by_fast * (one - two) / divisor,
        math.exp(-step / _LONG),
        math.exp(-step / _VARIABLE),
    )


_B = _discharge_factors()


def _discharged(main: Array, beside: Array, value: Array) -> tuple[Array, Array]:
    """Return the charges after one step in which a value is put in."""
    flows = main > beside
    falls = value < main
    new = np.maximum(np.where(flows, main * _B[2] - beside * _B[3], main * _B[4]), value)
    along = np.where(flows, np.minimum(main * _B[0] - beside * _B[1], new), new)
    charged = (beside - value) * _B[5] + value
    same = (np.abs(value - main) < _NEARLY) & (value <= beside)
    return new, np.where(falls, along, np.where(same, value, charged))


def _with_slopes(core: Array) -> Loudness:
    """Return the loudness that core loudness, (21, n) at `LOUDNESS_HZ`, gives with its slopes."""
    from mosqito.sq_metrics import sharpness_din_from_loudness
    from mosqito.sq_metrics.loudness.loudness_zwst._calc_slopes import _calc_slopes

    n = core.shape[1]
    sudden, sharpness, specific = np.empty(n), np.empty(n), np.empty((24, n))
    for begin in range(0, n, _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        sudden[some], found = _calc_slopes(core[:, some])
        # Silence has no sharpness: MoSQITo divides by 0 and then sets it to 0.
        with np.errstate(invalid="ignore", divide="ignore"):
            sharpness[some] = sharpness_din_from_loudness(sudden[some], found)
        specific[:, some] = found.reshape(24, _PER_BARK, -1).mean(axis=1)
    total = sum(share * _slow(sudden, constant) for share, constant in _WEIGHTS)
    return Loudness(np.asarray(total), sudden, sharpness, specific)


def _slow(loudness: Array, constant: float) -> Array:
    """Return loudness through a low-pass with a time constant, seconds (ISO 532-1, 6.6).

    The standard runs it in steps along the line between two values, which this sums up.
    """
    keeps = math.exp(-1 / (LOUDNESS_HZ * _SUBSTEPS * constant))
    weights = (1 - keeps) * keeps ** np.arange(_SUBSTEPS - 1, -1, -1)
    later = float(weights @ (np.arange(1, _SUBSTEPS + 1) / _SUBSTEPS))
    earlier = float(weights.sum()) - later
    found: Array = signal.lfilter([later, earlier], [1, -(keeps**_SUBSTEPS)], loudness)
    return found
