"""One tidy table of a study: a row for every step of the grid, a named column for every feature."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import showing_names
from tinglegram.errors import InputProblem

FIRST = "_first"


def tidy_steps(
    ratings: pd.DataFrame,
    signals: Mapping[str, Mapping[str, np.ndarray]],
    stimuli: Mapping[str, Mapping[str, np.ndarray]],
    columns: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Return the table of one participant: the columns of `ratings`, signals, features of stimuli.

    Parameters
    ----------
    ratings : of one participant: subject, video, order, step and more, in the order of its rows.
    signals : name of the column -> video, or name of a later showing (`showing_names`) ->
        (n_steps,) values; NaN where a trial has none.
    stimuli : video -> kind -> (T, k) features of the whole stimulus. `<kind>_first`, where there is
        one, is that of the trial shown first, which is shorter.
    columns : kind -> names of its k columns; the kinds to join. NaN where a stimulus has no such
        kind: a sound has no picture.

    Raises
    ------
    InputProblem : a signal or feature has fewer steps than the trial.
    """
    parts = []
    trials = [trial for _, trial in ratings.groupby(["order", "video"], sort=True)]
    shown = [(str(trial["video"].iloc[0]), int(trial["order"].iloc[0])) for trial in trials]
    for showing, (code, order), trial in zip(showing_names(shown), shown, trials, strict=True):
        n = len(trial)
        found = [trial.reset_index(drop=True)]
        for name, of_video in signals.items():
            values = of_video.get(showing, np.full(n, np.nan, np.float32))
            found.append(pd.DataFrame({name: _steps(values, n, showing, name)}))
        for kind, names in columns.items():
            arrays = stimuli.get(code, {})
            first = arrays.get(f"{kind}{FIRST}") if order == 0 else None
            values = arrays.get(kind, np.full((n, len(names)), np.nan, np.float32))
            rows = _steps(values if first is None else first, n, code, kind)
            found.append(pd.DataFrame(rows, columns=list(names)))
        parts.append(pd.concat(found, axis=1))
    return pd.concat(parts, ignore_index=True) if parts else ratings.iloc[:0]


def _steps(values: np.ndarray, n: int, video: str, name: str) -> np.ndarray:
    if len(values) < n:
        raise InputProblem(
            video,
            where=name,
            expected=f"{n} steps, as the trial has",
            found=str(len(values)),
            remedy="Run the study to its end before it is exported.",
        )
    return values[:n]


def set_columns(name: str, clips: Mapping[str, Mapping[str, np.ndarray]]) -> list[str]:
    """Return the names of the columns of a feature set, its own name in front.

    Parameters
    ----------
    name : of the set.
    clips : video -> its file's arrays; those with values name the same columns.
    """
    arrays = next(arrays for arrays in clips.values() if "values" in arrays)
    return [f"{name}_{column}" for column in arrays["columns"].tolist()]


def feature_columns(
    stimuli: Mapping[str, Mapping[str, np.ndarray]],
    kinds: Sequence[str],
    named: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Return kind -> names of its columns, of those kinds that any stimulus has.

    Parameters
    ----------
    stimuli : as for `tidy_steps`.
    kinds : to look for.
    named : kind -> names of its columns; others are numbered: visual_1, visual_2, ...
    """
    found = {}
    for kind in kinds:
        widths = {arrays[kind].shape[1] for arrays in stimuli.values() if kind in arrays}
        if widths:
            width = max(widths)
            names = list(named.get(kind, ()))
            numbered = [f"{kind}_{i}" for i in range(1, width + 1)]
            found[kind] = [f"{kind}_{n}" for n in names] if len(names) == width else numbered
    return found
