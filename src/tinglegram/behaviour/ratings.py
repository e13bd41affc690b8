"""Sparse key presses to a dense series of ratings (paper, "Dense Upsampling")."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.clock import TICKS_PER_SECOND

RATING_COLUMNS = {
    "subject": "int64",
    "video": "str",
    "condition": "str",
    "order": "int64",
    "step": "int64",
    "time_s": "float64",
    "rating": "int64",
}


def hold(press_ticks: np.ndarray, ratings: np.ndarray, n_steps: int, grid: int) -> np.ndarray:
    """Hold each rating until the next press (zero-order hold), in exact integer arithmetic.

    A press applies to step t when its time <= t. Presses before the first step set the initial
    state, which is 0 without any ("State-Aware Buffering"). At 10 Hz this equals the released
    code's comparison of floating-point seconds for every possible press.

    Parameters
    ----------
    press_ticks : (n_presses,) int, 0.1 ms since the first step, ascending; negative in the warm-up.
    ratings : (n_presses,) int, the state each press sets.
    n_steps : length of the series.
    grid : steps per second, Hz.

    Returns
    -------
    (n_steps,) int64.
    """
    states = np.concatenate([[0], ratings]).astype(np.int64)
    steps = np.arange(n_steps, dtype=np.int64) * TICKS_PER_SECOND
    return states[np.searchsorted(press_ticks * grid, steps, side="right")]


def rating_grid(timeline: pd.DataFrame, key_presses: pd.DataFrame, grid: int) -> pd.DataFrame:
    """Return one participant's ratings on a regular grid, one row per step of every trial.

    Parameters
    ----------
    timeline, key_presses : tables of `tinglegram.behaviour.timeline.timeline`.
    grid : steps per second, Hz.

    Returns
    -------
    Table with the columns subject, video, condition, order, step (from 0), time_s (seconds from
    the end of the warm-up) and rating, trials in the order shown.
    """
    tables = [
        _rate_trial(trial, key_presses[key_presses["video"] == trial["video"]], grid)
        for trial in timeline.to_dict("records")
    ]
    empty = pd.DataFrame(columns=list(RATING_COLUMNS))
    return pd.concat([empty, *tables], ignore_index=True).astype(RATING_COLUMNS)


def _rate_trial(
    trial: Mapping[Hashable, Any], key_presses: pd.DataFrame, grid: int
) -> pd.DataFrame:
    start, valid_start, end = _ticks([trial["start_s"], trial["valid_start_s"], trial["end_s"]])
    times, ratings = _ticks(key_presses["time_s"]), key_presses["rating"].to_numpy(dtype=np.int64)
    within = (times >= start) & (times < end)
    times, ratings = times[within], ratings[within]
    order = np.argsort(times, kind="stable")
    steps = np.arange(trial["n_steps"])
    return pd.DataFrame(
        {name: trial[name] for name in ("subject", "video", "condition", "order")}
        | {
            "step": steps,
            "time_s": steps / grid,
            "rating": hold(times[order] - valid_start, ratings[order], trial["n_steps"], grid),
        },
        columns=list(RATING_COLUMNS),
    )


def _ticks(seconds: pd.Series | list[float]) -> np.ndarray:
    """Return seconds, written to 0.1 ms, as the integers they were."""
    return np.rint(np.asarray(seconds, dtype=np.float64) * TICKS_PER_SECOND).astype(np.int64)
