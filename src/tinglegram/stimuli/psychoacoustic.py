"""How loud, sharp, rough and fluctuating a sound is to a listener, on the time grid.

Loudness after ISO 532-1:2017 (sounds that change), sharpness after DIN 45692:2009, roughness after
Daniel & Weber (1997): `tinglegram.stimuli.zwicker` and `tinglegram.stimuli.roughness`, with what
MoSQITo has of them. It has no fluctuation strength; that is here, in the form of Osses, García &
Kohlrausch (2016, doi:10.1121/2.0000410), but of specific loudness, and with the band-pass around
4 Hz of Fastl & Zwicker (2007, chapter 10).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tinglegram.errors import TinglegramError, require
from tinglegram.stimuli.bands import resampled, sound_of_steps
from tinglegram.stimuli.roughness import ROUGHNESS_WINDOW, roughness, roughness_model
from tinglegram.stimuli.settings import PsychoacousticFeatures
from tinglegram.stimuli.zwicker import LOUDNESS_HZ, SOUND_HZ, zwicker_loudness

Array = NDArray[Any]

_COLUMNS = ("loudness_sone", "sharpness_acum", "roughness_asper", "fluctuation_vacil")
# Root mean square of a sound pressure of 0 dB, pascal.
_REFERENCE = 2e-5
# Fluctuation: values of specific loudness per second, seconds that a step's is about, centre of the
# band-pass, Hz, and its quality. A filter of second order of quality 1/2 has the magnitude
# 2 / (f/4 + 4/f), the dependence that Fastl & Zwicker give.
_COURSE_HZ, _WINDOW, _CENTRE, _QUALITY = 100, 2.0, 4.0, 0.5
# Values after which specific loudness has risen from silence.
_RISE = 3
# The longest window, and 0.5 s after which loudness and the band-pass have forgotten the sound
# before it.
PSYCHOACOUSTIC_MEMORY = _WINDOW + 0.5
# Power of modulation depth and of correlation (Osses et al., 2016), and the factor that makes the
# reference sound 1 vacil: 1 kHz, 60 dB, all modulated at 4 Hz.
_POWER, _CALIBRATION = 1.7, 0.1413
# ASSUMPTION: below so many sone per Bark nothing is heard that could fluctuate.
_FAINT = 0.02


def psychoacoustic_columns() -> tuple[str, ...]:
    """Return the names of the columns of `psychoacoustic`, in order."""
    return _COLUMNS


def psychoacoustic(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    settings: PsychoacousticFeatures,
) -> NDArray[np.float32]:
    """Return what a sound is to a listener, (n_steps, 4), as `psychoacoustic_columns` says.

    Parameters
    ----------
    samples : mono 16-bit sound from the first step on; silence is added where it is shorter.
    sample_rate : of them, Hz; hop: of them per grid step.

    Returns
    -------
    Of each step: mean loudness, sone. Sharpness, acum: its mean weighted with loudness. Roughness,
    asper, of 0.2 s that end with the step. Fluctuation strength, vacil, of 2 s that end with the
    step. Where less was heard before the end of a step, roughness is that of the first 0.2 s, and
    fluctuation that of what was heard.

    Raises
    ------
    TinglegramError : MoSQITo is not installed; a step is shorter than the values of loudness.
    """
    require("mosqito", "psychoacoustics", "The feature set psychoacoustic")
    step_s = hop / sample_rate
    if step_s * LOUDNESS_HZ < 1:
        raise TinglegramError(
            f"Psychoacoustic features stand every {1000 / LOUDNESS_HZ:g} ms: a step of "
            f"{1000 * step_s:g} ms is too short. Choose a grid of at most {LOUDNESS_HZ} Hz, or "
            "leave the psychoacoustic features out."
        )
    pressure = _pressure(samples, n_steps, sample_rate, hop, settings.full_scale_spl)
    heard = zwicker_loudness(pressure, settings.sound_field)
    edges = _edges(n_steps, step_s, LOUDNESS_HZ)
    sudden = _sums(heard.sudden, edges)
    sharp = _sums(heard.sudden * heard.sharpness, edges)
    return np.column_stack(
        [
            _sums(heard.total, edges) / np.diff(edges),
            np.divide(sharp, sudden, out=np.zeros(n_steps), where=sudden > 0),
            _roughness(pressure, n_steps, step_s),
            _fluctuation(heard.specific, n_steps, step_s),
        ]
    ).astype(np.float32)


def _pressure(
    samples: NDArray[np.int16], n_steps: int, sample_rate: int, hop: int, full_scale_spl: float
) -> Array:
    """Return the sound pressure at `SOUND_HZ`, pascal, of whole steps."""
    sound = resampled(sound_of_steps(samples, n_steps, hop), sample_rate, SOUND_HZ)
    return sound * (math.sqrt(2) * _REFERENCE * 10 ** (full_scale_spl / 20))


def _edges(n_steps: int, step_s: float, rate: int) -> Array:
    """Return where steps begin and the last one ends, in values of a rate, (n_steps + 1,)."""
    return np.round(np.arange(n_steps + 1) * step_s * rate).astype(int)


def _sums(values: Array, edges: Array) -> Array:
    """Return the sum of the values of each step."""
    found: Array = np.add.reduceat(values[: edges[-1]], edges[:-1])
    return found


def _roughness(pressure: Array, n_steps: int, step_s: float) -> list[float]:
    """Return the roughness of the window that ends with each step."""
    n = round(ROUGHNESS_WINDOW * SOUND_HZ)
    model = roughness_model(n, SOUND_HZ)
    sound = np.pad(pressure, (0, max(0, n - len(pressure))))
    ends = np.clip(_edges(n_steps, step_s, SOUND_HZ)[1:], n, len(sound))
    found = {end: roughness(sound[end - n : end], model) for end in dict.fromkeys(ends.tolist())}
    return [found[end] for end in ends.tolist()]


def _fluctuation(specific: Array, n_steps: int, step_s: float) -> list[float]:
    """Return the fluctuation strength of the window that ends with each step.

    Parameters
    ----------
    specific : loudness of each Bark, (24, n).
    """
    every = LOUDNESS_HZ // _COURSE_HZ
    missing = max(-specific.shape[1] % every, (_RISE + 1) * every - specific.shape[1])
    whole = np.pad(specific, ((0, 0), (0, missing)), mode="edge")
    course = whole.reshape(len(specific), -1, every).mean(axis=2)
    # A clip begins amid its sound: as if it had always been as loud as after the rise of hearing.
    course[:, :_RISE] = course[:, _RISE : _RISE + 1]
    above, below = signal.iirpeak(_CENTRE, _QUALITY, fs=_COURSE_HZ)
    state = signal.lfilter_zi(above, below) * course[:, :1]
    modulation = signal.lfilter(above, below, course, axis=1, zi=state)[0]
    window = round(_WINDOW * _COURSE_HZ)
    # A value of which a part lies after the step is not taken; the first is, in any case.
    ends = np.maximum(np.floor(np.arange(1, n_steps + 1) * step_s * _COURSE_HZ + 1e-6), 1)
    return [
        fluctuation_strength(
            course[:, max(0, end - window) : end], modulation[:, :end][:, -window:]
        )
        for end in ends.astype(int)
    ]


def fluctuation_strength(course: Array, modulation: Array) -> float:
    """Return the fluctuation strength of a window, vacil.

    Parameters
    ----------
    course : specific loudness of each Bark, sone/Bark, (24, n).
    modulation : the same through the band-pass around 4 Hz.
    """
    mean = course.mean(axis=1)
    heard = mean > _FAINT
    power = np.square(modulation).mean(axis=1)
    depth = np.where(heard, np.sqrt(2 * power) / np.where(heard, mean, 1.0), 0.0)
    centred = modulation - modulation.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=1))
    product = spread[:-1] * spread[1:]
    shared = (centred[:-1] * centred[1:]).mean(axis=1)
    alike = np.abs(np.divide(shared, product, out=np.zeros(len(product)), where=product > 0))
    # Barks at the ends have one neighbour.
    both = np.concatenate([[1.0], alike]) * np.concatenate([alike, [1.0]])
    return float(_CALIBRATION * np.sum((np.minimum(depth, 1.0) * both) ** _POWER))
