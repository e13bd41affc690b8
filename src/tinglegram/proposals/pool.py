"""The sounds that closed loops choose from: made once, within the limits, for all repetitions."""

from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinglegram.proposals.features import summarise_sound, summary_names
from tinglegram.settings import AT_LEAST_ONE, Bounds, section
from tinglegram.sounds.measured import SoundMeasures, measure_sound
from tinglegram.sounds.recipe import draw_recipe
from tinglegram.sounds.safety import SoundSafety, make_safe
from tinglegram.sounds.synthesis import level_at, synthesise


@section("loop.pool")
class PoolOfSounds:
    """How many sounds the pool has, how long and at which rate."""

    sounds: Annotated[int, AT_LEAST_ONE, "Sounds of the pool, for all repetitions."] = 900
    sound_s: Annotated[float, Bounds(minimum=1), "Length of a sound, seconds."] = 3.0
    pool_rate: Annotated[int, Bounds(minimum=8000), "Sampling rate, Hz; a multiple of 10."] = 22050


@dataclass(frozen=True, eq=False)
class SoundPool:
    """Sounds that a loop may propose.

    Attributes
    ----------
    features : what the model knows of each, (sounds, features).
    measures : what listeners respond to, a row for each, columns of `SoundMeasures`.
    """

    features: NDArray[np.float64]
    measures: pd.DataFrame

    def some(self, rows: NDArray[np.intp]) -> "SoundPool":
        """Return the pool of these sounds alone."""
        return SoundPool(self.features[rows], self.measures.iloc[rows].reset_index(drop=True))


def pool_table(
    settings: PoolOfSounds, safety: SoundSafety, first: int, number: int, seed: int
) -> pd.DataFrame:
    """Return sounds of the pool: number, parameters, measures and features, a row for each.

    Parameters
    ----------
    first, number : which sounds; each depends on its own number and the seed alone.
    """
    rows = []
    for sound in range(first, first + number):
        recipe = draw_recipe(np.random.default_rng([seed, sound]))
        made = synthesise(recipe, settings.sound_s, settings.pool_rate, sound)
        heard = make_safe(made, settings.pool_rate, safety, level_at(recipe.distance_m)).samples
        measures = measure_sound(heard, settings.pool_rate)
        features = summarise_sound(heard, settings.pool_rate)
        rows.append(
            {"sound": sound}
            | {f"recipe_{name}": value for name, value in asdict(recipe).items()}
            | {f"measured_{name}": value for name, value in measures._asdict().items()}
            | dict(zip(summary_names(), features, strict=True))
        )
    return pd.DataFrame(rows)


def pool_of(table: pd.DataFrame) -> SoundPool:
    """Return the pool of a table of `pool_table`."""
    measures = table[[f"measured_{name}" for name in SoundMeasures._fields]]
    return SoundPool(
        table[summary_names()].to_numpy(float),
        measures.set_axis(SoundMeasures._fields, axis=1).reset_index(drop=True),
    )
