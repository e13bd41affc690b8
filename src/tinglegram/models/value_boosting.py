"""Boosted trees that predict the reported value of single frames."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from tinglegram.models.boosting import boost, boosting_history, each_frame
from tinglegram.models.settings import Boosting
from tinglegram.models.values import PADDING, shown_values, training_rows, with_values
from tinglegram.trials.trials import Array, Split, Trials


@dataclass(frozen=True, eq=False)
class BoostedValues:
    """A fitted model: predicted values (test trials, T), history, model in UBJSON."""

    predicted: Array
    history: pd.DataFrame
    weights: bytes


def fit_value_boosting(
    trials: Trials, split: Split, modalities: Collection[str], boosting: Boosting, *, seed: int
) -> BoostedValues:
    """Fit to every training participant of a fold and predict its test trials.

    As `tinglegram.models.boosting.fit_boosting`, with squared errors of values as they are; padded
    frames are left out, whatever `boosting.padding` says.

    Returns
    -------
    Predicted values (len(split.test), T), in the unit of the dimension; a history of epoch
    (boosting round), train_loss (root mean squared error), validation_loss (missing) and selected
    (the last round); the model.

    Raises
    ------
    InputProblem : the training values are all the same.
    """
    rows = training_rows(split)
    shown_values(trials, rows, split.fold)
    objective = {"objective": "reg:squarederror", "eval_metric": "rmse"}
    unpadded = replace(boosting, padding=PADDING)
    booster, losses = boost(with_values(trials), rows, modalities, unpadded, objective, seed=seed)
    predicted = each_frame(booster, trials, split.test, modalities)
    return BoostedValues(predicted, boosting_history(losses), bytes(booster.save_raw("ubj")))
