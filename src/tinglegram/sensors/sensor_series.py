"""Sensors on the grid of the ratings, as models take them."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import timeline_names
from tinglegram.sensors.cleaning import CleanSensor
from tinglegram.sensors.settings import SERIES_OF, series_columns, series_name


def sensor_series(
    sensors: Mapping[str, CleanSensor], timeline: pd.DataFrame, coverage: float
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the series of every trial and sensor, and the trials that have none.

    Parameters
    ----------
    sensors : kind -> of a participant; those without it lack it.
    timeline : trials of the participant: valid_start_s, end_s, n_steps.
    coverage : least share of a trial in which a sensor must be usable.

    Returns
    -------
    arrays : `<trial>@<kind>` -> float32 (n_steps, columns), z-scores over the trial with the
        population SD; between samples and across gaps that `coverage` lets pass, values are
        interpolated by a line. A column that does not change is zero.
    lacking : names of the series that are not there.
    """
    arrays, lacking = {}, []
    trials = timeline.to_dict("records")
    for name, trial in zip(timeline_names(timeline), trials, strict=True):
        start_s, end_s, n_steps = trial["valid_start_s"], trial["end_s"], int(trial["n_steps"])
        steps = start_s + np.arange(n_steps) * (end_s - start_s) / n_steps
        for kind, clean in sensors.items():
            own = clean.grid.at(start_s, end_s)
            usable = clean.usable[own]
            expected = (end_s - start_s) * clean.rate_hz
            if usable.sum() < max(2.0, coverage * expected - 1.0):
                lacking.append(series_name(name, kind))
                continue
            columns = [clean.parts[column] for column in SERIES_OF[kind]]
            arrays[series_name(name, kind)] = np.column_stack(
                [_on_steps(steps, clean.grid.times_s, c, clean.usable) for c in columns]
            )
    return arrays, lacking


def series_by_column(
    arrays: Mapping[str, np.ndarray], kinds: Collection[str]
) -> dict[str, dict[str, np.ndarray]]:
    """Return name of a column (`series_columns`) -> trial -> (n_steps,) values.

    Parameters
    ----------
    arrays : of one participant, as `sensor_series` gives them.
    kinds : whose columns to return; a sensor that the participant lacks has no trial.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for kind in kinds:
        ending = series_name("", kind)
        own = {name.removesuffix(ending): a for name, a in arrays.items() if name.endswith(ending)}
        for place, column in enumerate(series_columns(kind)):
            found[column] = {trial: array[:, place] for trial, array in own.items()}
    return found


def _on_steps(
    steps_s: np.ndarray, times_s: np.ndarray, values: np.ndarray, usable: np.ndarray
) -> np.ndarray:
    series = np.interp(steps_s, times_s[usable], values[usable])
    spread = float(series.std())
    # Rounding of what does not change is no signal.
    if spread <= 1e-9 * max(1.0, float(np.abs(series).max())):
        return np.zeros(len(series), dtype=np.float32)
    found: np.ndarray = ((series - series.mean()) / spread).astype(np.float32)
    return found
