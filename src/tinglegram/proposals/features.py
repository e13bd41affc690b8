"""What a quick model knows of a sound: its acoustic features, summed up over time.

The 31 columns of `tinglegram.stimuli.acoustic` on a grid of 10 Hz, of both ears together: mean,
standard deviation, and mean step from one value to the next, which tells how fast it changes. The
power of the modulation of the envelope in octaves from 0.5 to 64 Hz beside the squared mean (one
band of the modulation spectra of McDermott & Simoncelli, 2011, doi:10.1016/j.neuron.2011.06.032).
And how much of the sound differs between the ears.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tinglegram.sounds.measured import ENVELOPE_HZ, sound_envelope

_GRID_HZ = 10
_FULL_SCALE = 32767.0
_TINY = 1e-6
# Edges of the bands of modulation, Hz.
_MODULATION_HZ = tuple(2.0**power for power in range(-1, 7))


def summary_names() -> list[str]:
    """Return the names of the values of `summarise_sound`."""
    from tinglegram.stimuli.acoustic import column_names

    names = column_names()
    parts = [f"{name}_{how}" for how in ("mean", "sd", "step") for name in names]
    bands = [f"modulation_from_{low:g}_hz_db" for low in _MODULATION_HZ[:-1]]
    return [*parts, *bands, "side_db"]


def summarise_sound(samples: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Return the features of a sound as a whole, (features,).

    Parameters
    ----------
    samples : (n, 2), full scale 1. sample_rate : Hz, a multiple of 10.
    """
    from tinglegram.stimuli.acoustic import features, hop_samples, window_samples

    hop = hop_samples(sample_rate, _GRID_HZ)
    sound = np.asarray(samples, float)
    middle, side = sound.mean(axis=1), 0.5 * (sound[:, 0] - sound[:, 1])
    table = features(
        (np.clip(middle, -1, 1) * _FULL_SCALE).astype(np.int16),
        len(middle) // hop,
        sample_rate=sample_rate,
        hop=hop,
        window=window_samples("cover_hop", 2048, hop),
    ).astype(float)
    strengths = [np.sqrt(np.mean(np.square(part))) + _TINY for part in (side, middle)]
    return np.concatenate(
        [
            table.mean(axis=0),
            table.std(axis=0),
            np.abs(np.diff(table, axis=0)).mean(axis=0),
            modulation_powers(sound_envelope(sound, sample_rate), ENVELOPE_HZ),
            [20 * np.log10(strengths[0] / strengths[1])],
        ]
    )


def modulation_powers(envelope: NDArray[np.float64], envelope_hz: float) -> NDArray[np.float64]:
    """Return the power of an envelope's modulation in octaves, dB beside its squared mean, (7,).

    Parameters
    ----------
    envelope : (n,), of `envelope_hz` values per second.
    """
    relative = envelope / max(float(envelope.mean()), _TINY) - 1
    frequency, density = signal.periodogram(relative, envelope_hz, window="hann")
    place = np.digitize(frequency, _MODULATION_HZ)
    width = float(frequency[1] - frequency[0])
    powers = [density[place == band].sum() * width for band in range(1, len(_MODULATION_HZ))]
    found: NDArray[np.float64] = 10 * np.log10(np.array(powers) + _TINY)
    return found
