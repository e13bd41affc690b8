"""Sparse responses to a dense series of ratings (paper, "Dense Upsampling")."""

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import Dimension
from tinglegram.clock import TICKS_PER_SECOND
from tinglegram.errors import InputProblem

# Columns beside the ratings, and the rating of the dimension that is predicted.
RATING_COLUMNS = {
    "subject": "int64",
    "video": "str",
    "condition": "str",
    "order": "int64",
    "step": "int64",
    "time_s": "float64",
    "rating": "int64",
}
_TRIAL = ("subject", "video", "condition", "order")
# Levels by key, of a study that reports on one thing.
ONE_DIMENSION: Mapping[str, Dimension] = MappingProxyType({"response": Dimension()})


def hold(
    press_ticks: np.ndarray, ratings: np.ndarray, n_steps: int, grid: int, initial: float = 0
) -> np.ndarray:
    """Hold each rating until the next press (zero-order hold), in exact integer arithmetic.

    A press applies to step t when its time <= t. Presses before the first step set the initial
    state, which is `initial` without any ("State-Aware Buffering"). At 10 Hz this equals the
    released code's comparison of floating-point seconds for every possible press.

    Parameters
    ----------
    press_ticks : (n_presses,) int, 0.1 ms since the first step, ascending; negative in the warm-up.
    ratings : (n_presses,) int or float, the state each press sets.
    n_steps : length of the series.
    grid : steps per second, Hz.
    initial : state before the first press.

    Returns
    -------
    (n_steps,) of the kind of `ratings` and `initial`.
    """
    states = np.concatenate([[initial], ratings])
    steps = np.arange(n_steps, dtype=np.int64) * TICKS_PER_SECOND
    return states[np.searchsorted(press_ticks * grid, steps, side="right")]


def interpolate(
    press_ticks: np.ndarray, ratings: np.ndarray, n_steps: int, grid: int, initial: float = 0
) -> np.ndarray:
    """Join samples by straight lines.

    Before the first sample the series has the level `initial`, from the last one on that of the
    last. Of two samples at one time the later row counts. Parameters as for `hold`.

    Returns
    -------
    (n_steps,) float64.
    """
    found = hold(press_ticks, ratings, n_steps, grid, initial).astype(np.float64)
    if not len(press_ticks):
        return found
    last = np.append(press_ticks[1:] != press_ticks[:-1], True)
    # Ticks are whole numbers far below 2^53, so the times of samples and steps are exact.
    at = (press_ticks[last] * grid).astype(np.float64)
    steps = np.arange(n_steps, dtype=np.float64) * TICKS_PER_SECOND
    between = steps >= at[0]
    found[between] = np.interp(steps[between], at, np.asarray(ratings, dtype=float)[last])
    return found


def rating_grid(
    timeline: pd.DataFrame,
    key_presses: pd.DataFrame,
    grid: int,
    *,
    dimensions: Mapping[str, Dimension] = ONE_DIMENSION,
    target: str = "response",
    source: str = "responses",
) -> pd.DataFrame:
    """Return one participant's ratings on a regular grid, one row per step of every trial.

    Parameters
    ----------
    timeline : trials: subject, video, condition, order, start_s, valid_start_s, end_s, n_steps.
    key_presses : responses: video, time_s (clock of the timeline), rating (the value). With a
        column order they belong to the trial of that order, and those before its start set its
        first level; without, to the trial of their video that they lie in, and others are ignored.
        With a column dimension there may be several; without, all are of `target`.
    grid : steps per second, Hz.
    dimensions : name -> how it is given.
    target : the dimension that is predicted.
    source : name of the responses, for messages.

    Returns
    -------
    Table with the columns subject, video, condition, order, step (from 0), time_s (seconds from
    the end of the warm-up), rating (of `target`) and rating_<dimension> of each other dimension,
    trials in the order shown. A rating is a whole number where its dimension is not continuous
    and all its values are, else float64.

    Raises
    ------
    InputProblem : a response of no trial or of an unknown dimension, or a value that is no number
        or outside the range of its dimension.
    """
    given = _responses(key_presses, target)
    _check(given, timeline, dimensions, source)
    columns = {name: f"rating_{name}" for name in dimensions} | {target: "rating"}
    columns = {name: columns[name] for name in (target, *dimensions)}
    tables = []
    for trial in timeline.to_dict("records"):
        own = _of_trial(given, trial)
        tables.append(
            _steps(trial, grid).assign(
                **{
                    column: _series(trial, own[own["dimension"] == name], grid, dimensions[name])
                    for name, column in columns.items()
                }
            )
        )
    empty = pd.DataFrame(columns=list(dict.fromkeys([*RATING_COLUMNS, *columns.values()])))
    found = pd.concat([empty, *tables], ignore_index=True)
    kinds = {
        column: "int64" if _whole(found[column], dimensions[name]) else "float64"
        for name, column in columns.items()
    }
    return found.astype(RATING_COLUMNS | kinds)


def after_the_end(timeline: pd.DataFrame, key_presses: pd.DataFrame) -> int:
    """Count responses at or after the end of their trial, which no step is rated by.

    Parameters
    ----------
    timeline, key_presses : as for `rating_grid`; the responses have a column order.
    """
    ends = key_presses["order"].map(timeline.set_index("order")["end_s"])
    return int((_ticks(key_presses["time_s"]) >= _ticks(ends)).sum())


def _responses(key_presses: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return responses with every column that is looked at, in ticks and as float64."""
    wanted = ["video", "order", "dimension", "time_s", "rating"]
    found = key_presses.reindex(columns=wanted).astype({"time_s": float, "rating": float})
    if "dimension" not in key_presses:
        found["dimension"] = target
    if "order" not in key_presses:
        found["order"] = -1
    return found


def _check(
    given: pd.DataFrame,
    timeline: pd.DataFrame,
    dimensions: Mapping[str, Dimension],
    source: str,
) -> None:
    strange = given[(given["order"] >= 0) & ~given["order"].isin(timeline["order"])]
    if len(strange):
        raise InputProblem(
            source,
            where=_place(strange.iloc[0]),
            expected=f"responses of the {len(timeline)} trials of the participant",
            found=f"{len(strange)} of trials that the timeline does not have",
            remedy="Correct the reader: a response belongs to a trial that was shown.",
        )
    unknown = given[~given["dimension"].isin(list(dimensions))]
    if len(unknown):
        raise InputProblem(
            source,
            where=_place(unknown.iloc[0]),
            expected=f"a dimension out of {', '.join(dimensions)}",
            found=f"'{unknown['dimension'].iloc[0]}'",
            remedy="Add it to responses: dimensions in the configuration, or leave it out by the "
            "reader's options.",
        )
    lacking = given[~np.isfinite(given["rating"]) | ~np.isfinite(given["time_s"])]
    if len(lacking):
        raise InputProblem(
            source,
            where=_place(lacking.iloc[0]),
            expected="a number as time and value of every response",
            found=f"{len(lacking)} without",
            remedy="Correct the file, or leave out rows without a value and count them.",
        )
    for name, dimension in dimensions.items():
        if dimension.range is None:
            continue
        low, high = dimension.range
        own = given[given["dimension"] == name]
        outside = own[(own["rating"] < low) | (own["rating"] > high)]
        if len(outside):
            raise InputProblem(
                source,
                where=_place(outside.iloc[0]),
                expected=f"{name} from {low:g} to {high:g}",
                found=f"{outside['rating'].iloc[0]:g}, and {len(outside) - 1} more outside",
                remedy=f"Correct the file, or responses: dimensions: {name}: range.",
            )


def _place(response: "pd.Series[Any]") -> str:
    order = int(response["order"])
    trial = f"trial {order + 1} ({response['video']})" if order >= 0 else f"{response['video']}"
    return f"{trial}, second {response['time_s']:.4f}"


def _of_trial(given: pd.DataFrame, trial: Mapping[Hashable, Any]) -> pd.DataFrame:
    """Return the responses of a trial, by time."""
    start, end = _ticks([trial["start_s"], trial["end_s"]])
    named = given["order"] == trial["order"]
    times = _ticks(given["time_s"])
    within = (given["order"] < 0) & (given["video"] == trial["video"])
    within &= (times >= start) & (times < end)
    found: pd.DataFrame = given[named | within].sort_values("time_s", kind="stable")
    return found


def _steps(trial: Mapping[Hashable, Any], grid: int) -> pd.DataFrame:
    steps = np.arange(trial["n_steps"])
    return pd.DataFrame(
        {name: trial[name] for name in _TRIAL} | {"step": steps, "time_s": steps / grid}
    )


def _series(
    trial: Mapping[Hashable, Any], own: pd.DataFrame, grid: int, dimension: Dimension
) -> np.ndarray:
    """Return (n_steps,) ratings of one dimension in one trial."""
    ticks = _ticks(own["time_s"]) - _ticks([trial["valid_start_s"]])
    read = interpolate if dimension.interpolation == "linear" else hold
    values = own["rating"].to_numpy(dtype=np.float64)
    return read(ticks, values, trial["n_steps"], grid, dimension.initial)


def _whole(values: "pd.Series[Any]", dimension: Dimension) -> bool:
    return dimension.is_whole and bool((values.astype(float) % 1 == 0).all())


def _ticks(seconds: "pd.Series[Any] | list[float]") -> np.ndarray:
    """Return seconds, written to 0.1 ms, as the integers they were."""
    return np.rint(np.asarray(seconds, dtype=np.float64) * TICKS_PER_SECOND).astype(np.int64)
