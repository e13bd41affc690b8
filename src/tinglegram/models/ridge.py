"""Ridge regression of the reported value on the features of a step and of some steps before.

Hoerl & Kennard (1970), doi:10.1080/00401706.1970.10488634. Solved by the normal equations, trial by
trial, because the lagged features of all frames take gigabytes in one matrix.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.models.standardise import fit_scaling, standardise, stored_scaling
from tinglegram.models.value_settings import RidgeFit
from tinglegram.models.values import shown_values, training_rows
from tinglegram.trials.trials import Array, Split, Trials


@dataclass(frozen=True, eq=False)
class FittedRidge:
    """A fitted model: predicted values (test trials, T), history, and the arrays of its file."""

    predicted: Array
    history: pd.DataFrame
    arrays: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over n frames of features x (p columns) and values y."""

    n: int
    x: Array
    xx: Array
    y: float
    xy: Array
    yy: float


def lag_steps(lags: Sequence[float], grid: float) -> list[int]:
    """Return lags in seconds as whole steps of a grid in Hz."""
    return [round(lag * grid) for lag in lags]


def lagged(features: Array, steps: Sequence[int]) -> Array:
    """Return the features of a trial now and before, (T, len(steps) * columns) float64.

    ASSUMPTION: before the first step of a trial the features are 0, for standardised ones their
    mean, because the warm-up has none.
    """
    n, width = features.shape
    found = np.zeros((n, len(steps) * width))
    for place, lag in enumerate(steps):
        found[lag:, place * width : (place + 1) * width] = features[: max(n - lag, 0)]
    return found


def moments(
    trials: Trials, rows: Array, modalities: Collection[str], steps: Sequence[int]
) -> Moments:
    """Sum over the frames of `rows` that were shown; features are standardised already."""
    width = trials.width(modalities) * len(steps)
    n, y, yy = 0, 0.0, 0.0
    x, xx, xy = np.zeros(width), np.zeros((width, width)), np.zeros(width)
    for row in rows:
        shown = trials.n_steps[row]
        given = lagged(trials.features([row], modalities)[0, :shown], steps)
        values = trials.ratings[row, :shown].astype(np.float64)
        n += int(shown)
        x += given.sum(axis=0)
        xx += given.T @ given
        y += float(values.sum())
        xy += given.T @ values
        yy += float(values @ values)
    return Moments(n, x, xx, y, xy, yy)


def solved(found: Moments, penalties: Sequence[float]) -> list[tuple[Array, float]]:
    """Return coefficients (p,) and intercept for each penalty.

    They minimise the mean squared error over the frames + penalty * sum of squared coefficients;
    the intercept is not shrunk.
    """
    mean, level = found.x / found.n, found.y / found.n
    covariance = found.xx / found.n - np.outer(mean, mean)
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    turned = vectors.T @ (found.xy / found.n - mean * level)
    answers = []
    for penalty in penalties:
        coefficients = vectors @ (turned / (values + penalty))
        answers.append((coefficients, level - float(coefficients @ mean)))
    return answers


def squared_error(held: Moments, coefficients: Array, intercept: float) -> float:
    """Return the mean squared error of a linear model over the frames of `held`."""
    total = (
        held.yy
        - 2 * (coefficients @ held.xy + intercept * held.y)
        + coefficients @ held.xx @ coefficients
        + 2 * intercept * (coefficients @ held.x)
        + held.n * intercept**2
    )
    return float(total) / held.n


def inner_folds(trials: Trials, split: Split, n_folds: int) -> list[tuple[Array, Array]]:
    """Return the rows that train and that are held out in every inner fold.

    Held out is what the test trials hold out: other participants, other clips, or both. A penalty
    chosen on clips that were seen would be too small for clips that were not.

    Parameters
    ----------
    n_folds : at most; fewer where there are not as many participants or clips.

    Raises
    ------
    InputProblem : nothing can be held out of the training trials.
    """
    rows = training_rows(split)
    units = [
        names
        for names in (trials.subject, trials.video)
        if not set(names[split.test]) & set(names[rows]) and len(set(names[rows])) > 1
    ]
    # ASSUMPTION: where training has a single participant or clip, it can only be held out by the
    # other of both; a study of one in each has no folds.
    units = units or [trials.subject if len(set(trials.subject[rows])) > 1 else trials.video]
    # ASSUMPTION: where no training trial is left without the participants and the clips that are
    # held out, participants alone are the next best to hold out, then clips.
    for chosen in (units, *([unit] for unit in units)):
        found = _held_out(rows, chosen, n_folds)
        if found:
            return found
    raise InputProblem(
        "regression",
        where=f"fold {split.fold}",
        expected="training trials of two participants or clips, to choose the penalty of ridge by",
        found=f"those of one participant and one clip ({len(rows)} trials)",
        remedy="Name a single penalty under regression: ridge: penalties, or choose another "
        "folds: scheme.",
    )


def _held_out(rows: Array, units: Sequence[Array], n_folds: int) -> list[tuple[Array, Array]]:
    """Return the inner folds that hold out these units, participants or clips, at once."""
    known = [list(dict.fromkeys(names[rows])) for names in units]
    number = min(n_folds, *map(len, known))
    groups = [
        np.array([names.index(name) % number for name in of[rows]])
        for of, names in zip(units, known, strict=True)
    ]
    found = []
    for fold in range(number):
        held = np.all([group == fold for group in groups], axis=0)
        trains = np.all([group != fold for group in groups], axis=0)
        if held.any() and trains.any():
            found.append((rows[trains], rows[held]))
    return found


def fit_ridge(
    trials: Trials, split: Split, modalities: Collection[str], fit: RidgeFit
) -> FittedRidge:
    """Fit to every training participant of a fold and predict its test trials.

    The inner validation participants train as well. On more than one CPU thread sums round
    differently; the workflow gives it one.

    Returns
    -------
    Predicted values (len(split.test), T), in the unit of the dimension; a history of penalty,
    validation_loss (mean squared error over all held-out frames; missing where there is one
    penalty) and selected (the lowest loss; of equal ones the largest penalty); arrays of its file:
    coefficients (lags, columns), intercept, lag_steps, penalty, and the scaling.

    Raises
    ------
    InputProblem : the training values are all the same, or no penalty can be chosen by them.
    """
    rows = training_rows(split)
    shown_values(trials, rows, split.fold)
    scalings = fit_scaling(trials, rows, modalities)
    scaled, steps = standardise(trials, scalings), lag_steps(fit.lags, trials.grid)
    history = choose_penalty(scaled, split, modalities, steps, fit)
    penalty = float(history.loc[history["selected"], "penalty"].iloc[0])
    ((coefficients, intercept),) = solved(moments(scaled, rows, modalities, steps), [penalty])
    arrays = {
        "coefficients": coefficients.reshape(len(steps), -1),
        "intercept": np.array(intercept),
        "lag_steps": np.array(steps),
        "penalty": np.array(penalty),
    }
    for name, scaling in scalings.items():
        arrays |= {f"scaling.{name}.mean": scaling.mean, f"scaling.{name}.sd": scaling.sd}
    predicted = predict_ridge(trials, split.test, modalities, arrays)
    return FittedRidge(predicted, history, arrays)


def choose_penalty(
    scaled: Trials, split: Split, modalities: Collection[str], steps: Sequence[int], fit: RidgeFit
) -> pd.DataFrame:
    """Return penalty, its validation_loss over the inner folds, and which is selected."""
    penalties = sorted(fit.penalties)
    if len(penalties) == 1:
        one = {"penalty": penalties, "validation_loss": [np.nan], "selected": [True]}
        return pd.DataFrame(one)
    losses, frames = np.zeros(len(penalties)), 0
    for trains, held in inner_folds(scaled, split, fit.inner_folds):
        tested = moments(scaled, held, modalities, steps)
        answers = solved(moments(scaled, trains, modalities, steps), penalties)
        losses += tested.n * np.array([squared_error(tested, *answer) for answer in answers])
        frames += tested.n
    losses /= frames
    chosen = len(penalties) - 1 - int(np.argmin(losses[::-1]))
    return pd.DataFrame(
        {
            "penalty": penalties,
            "validation_loss": losses,
            "selected": np.arange(len(penalties)) == chosen,
        }
    )


def predict_ridge(
    trials: Trials, rows: Array, modalities: Collection[str], arrays: Mapping[str, Array]
) -> Array:
    """Return what a fitted model says of the trials `rows`: as `fit_ridge` said, bit for bit.

    Parameters
    ----------
    trials : with features as they were measured.
    arrays : of the model's file.

    Returns
    -------
    Values (len(rows), T) float64; in the padding, those of features at their mean.
    """
    scaled, steps = standardise(trials, stored_scaling(arrays)), list(arrays["lag_steps"])
    weights, intercept = arrays["coefficients"].ravel(), float(arrays["intercept"])
    found = np.empty((len(rows), trials.steps))
    for place, row in enumerate(rows):
        own = lagged(scaled.features([row], modalities)[0], steps)
        found[place] = own @ weights + intercept
    return found
