"""Windows and blocks of signals other than the pulse, with known effects, for the tests."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.sensors.measures import SENSOR_MEASURES, measures_of

MEASURES = measures_of(SENSOR_MEASURES)
# Usual value and standard deviation of the noise of each measure.
USUAL = {
    "eda_tonic": (5.0, 0.4),
    "eda_phasic": (0.2, 0.05),
    "eda_responses": (6.0, 1.5),
    "resp_rate": (15.0, 1.0),
    "resp_depth": (1.0, 0.1),
    "temperature": (33.0, 0.1),
}


def sensor_windows(
    seed: int,
    slopes: Mapping[str, Sequence[float]] | None = None,
    *,
    conditions: Sequence[str] = ("sea", "forest"),
    people: int = 10,
    clips: int = 3,
    n: int = 24,
    slope_sd: float = 0.15,
) -> pd.DataFrame:
    """Return windows of a study in which a measure follows the rating.

    Parameters
    ----------
    slopes : measure -> its slope in each condition, in SDs of its noise per rating unit; 0 for
        measures that are not named.
    clips : of each condition; `n` windows each.
    slope_sd : how far the slopes of people differ, in the same unit.
    """
    random = np.random.default_rng(seed)
    shape = (people, clips * len(conditions), n)
    rating = np.clip(np.cumsum(random.normal(0, 0.6, shape), axis=2) + 1, 0, 3)
    person, clip, position = np.indices(shape)
    which = clip // clips
    table = {
        "subject": person.ravel() + 1,
        "video": np.char.add("film", clip.ravel().astype(str)),
        "condition": np.array(conditions)[which.ravel()],
        "start_s": 2.0 * position.ravel(),
        "mean_rating": rating.ravel(),
    }
    for kind in SENSOR_MEASURES:
        table[f"{kind}_poor"] = random.random(rating.size) < 0.1
    for measure in MEASURES:
        usual, sd = USUAL[measure.name]
        planted = (slopes or {}).get(measure.name, [0.0] * len(conditions))
        own = np.array(planted)[which] + random.normal(0, slope_sd, people)[:, None, None]
        base = random.normal(0, 2, people)[:, None, None]
        values = usual + sd * (base + own * rating + random.normal(0, 1, shape))
        table[measure.column] = values.ravel()
    return pd.DataFrame(table)


def sensor_blocks(
    seed: int,
    shifts: Mapping[str, Sequence[float]] | None = None,
    *,
    conditions: Sequence[str] = ("sea", "forest"),
    people: int = 10,
    rests: Sequence[str] = ("baseline", "washout", "final"),
) -> pd.DataFrame:
    """Return blocks of a study in which a measure differs from rest by `shifts` of its noise's SDs.

    Parameters
    ----------
    shifts : measure -> its change in each condition; 0 for measures that are not named.
    """
    random = np.random.default_rng(seed)
    base = {m.name: random.normal(0, 2, people) for m in MEASURES}
    parts = []
    for k, name in enumerate([*rests, *conditions]):
        clip = k - len(rests)
        part = {"subject": np.arange(1, people + 1), "block": name, "problem": ""}
        part["segment"] = "rest" if clip < 0 else "clips"
        for m in MEASURES:
            usual, sd = USUAL[m.name]
            shift = (shifts or {}).get(m.name, [0.0] * len(conditions))[clip] if clip >= 0 else 0
            part[m.column] = usual + sd * (base[m.name] + shift + random.normal(0, 0.5, people))
        parts.append(pd.DataFrame(part))
    table = pd.concat(parts, ignore_index=True)
    return pd.concat([table.assign(windows=kept) for kept in ("all", "good")], ignore_index=True)
