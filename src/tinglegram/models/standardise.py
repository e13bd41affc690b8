"""Features in units of the training fold's mean and SD, without a dense copy of the trials."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinglegram.models.settings import SCALE_OF_VALUES
from tinglegram.trials.trials import Trials, ordered


@dataclass(frozen=True, eq=False)
class Scaling:
    """Mean and SD of each column of one modality, (width,) float64."""

    mean: np.ndarray
    sd: np.ndarray


def column_statistics(
    matrix: np.ndarray,
    index: np.ndarray,
    n_steps: np.ndarray,
    rows: np.ndarray,
    nothing: Sequence[int] | np.ndarray = (),
) -> Scaling:
    """Return mean and population SD over the valid frames of the trials `rows`.

    Parameters
    ----------
    matrix : (m, T, width) shared features.
    index, n_steps : (n,) row of `matrix` and number of valid steps of each trial.
    nothing : rows of `matrix` that hold no values, and are left out.

    A frame of a shared matrix counts once for every trial that shows it, so the result equals
    that over the dense frames.
    """
    shown = np.zeros(matrix.shape[:2])
    for row in rows:
        shown[index[row], : n_steps[row]] += 1
    shown[np.asarray(nothing, dtype=np.int64)] = 0
    if not shown.any():
        # Nothing is known of the columns. Divided by infinity they are 0, which says nothing.
        return Scaling(np.zeros(matrix.shape[2]), np.full(matrix.shape[2], np.inf))
    weight = shown.ravel() / shown.sum()
    frames = matrix.reshape(-1, matrix.shape[2]).astype(np.float64)
    mean = weight @ frames
    sd = np.sqrt(weight @ np.square(frames - mean))
    # A column that is constant to the precision of its values is only centred.
    constant = sd <= np.finfo(np.float32).eps * np.abs(mean)
    return Scaling(mean, np.where(constant, 1.0, sd))


def fit_scaling(
    trials: Trials, rows: np.ndarray, modalities: Collection[str]
) -> dict[str, Scaling]:
    """Measure every modality on the valid frames of the trials `rows` (the training fold).

    Clips without picture or sound count for nothing there. Where all of the training clips are
    without, the modality is 0 in all trials.
    """
    return {
        modality: column_statistics(
            *trials.stream(modality), trials.n_steps, rows, trials.without_stream.get(modality, ())
        )
        for modality in ordered(modalities)
    }


def stored_scaling(arrays: Mapping[str, np.ndarray]) -> dict[str, Scaling]:
    """Find the scalings of features among a model's arrays, `scaling.<modality>.mean` and `.sd`."""
    first, last = "scaling.", ".mean"
    scaled = [
        name.removeprefix(first).removesuffix(last)
        for name in arrays
        if name.startswith(first) and name.endswith(last)
    ]
    features = [name for name in scaled if name != SCALE_OF_VALUES]
    return {
        modality: Scaling(arrays[f"scaling.{modality}.mean"], arrays[f"scaling.{modality}.sd"])
        for modality in (ordered(features) if features else ())
    }


def standardise(trials: Trials, scalings: dict[str, Scaling]) -> Trials:
    """Return trials whose modalities are (x - mean) / SD; padding stays zero in `features`.

    So do clips without picture or sound, for which 0, the mean, says nothing.
    """
    scaled: dict[str, Any] = {}
    sensors, sets = dict(trials.sensors), dict(trials.feature_sets)
    for modality, scaling in scalings.items():
        values = (trials.stream(modality)[0] - scaling.mean) / scaling.sd
        if modality in trials.without_stream:
            values[trials.without_stream[modality]] = 0.0
        own = next((of for of in (sensors, sets) if modality in of), scaled)
        own[modality] = (values[..., 0] if modality == "pulse" else values).astype(np.float32)
    return replace(trials, sensors=sensors, feature_sets=sets, **scaled)
