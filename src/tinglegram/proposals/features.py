"""What a quick model knows of a sound: its acoustic features, summed up over time.

The 31 columns of `tinglegram.stimuli.acoustic` on a grid of 10 Hz, of both ears together: mean,
standard deviation, and mean step from one value to the next, which tells how fast it changes. And
how much of the sound differs between the ears.
"""

import numpy as np
from numpy.typing import NDArray

_GRID_HZ = 10
_FULL_SCALE = 32767.0
_TINY = 1e-6


def summary_names() -> list[str]:
    """Return the names of the values of `summarise_sound`."""
    from tinglegram.stimuli.acoustic import column_names

    names = column_names()
    parts = [f"{name}_{how}" for how in ("mean", "sd", "step") for name in names]
    return [*parts, "side_db"]


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
            [20 * np.log10(strengths[0] / strengths[1])],
        ]
    )
