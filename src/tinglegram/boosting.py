"""XGBoost on single frames: what can be predicted without temporal context (paper, baseline)."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost

from tinglegram.trials import Split, Trials, class_counts, ordered


@dataclass(frozen=True)
class Boosting:
    """Number of trees, their depth, learning rate; `padding` is `counted` or `masked`."""

    trees: int
    depth: int
    learning_rate: float
    padding: str


@dataclass(frozen=True, eq=False)
class Boosted:
    """A fitted model: probability of class 1 (test trials, T), history, model in UBJSON."""

    probability: np.ndarray
    history: pd.DataFrame
    weights: bytes


def frames(
    trials: Trials, rows: np.ndarray, modalities: Collection[str], padding: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames of `rows` below each other, (frames, columns) float32, and their labels.

    Padded frames are included (class 0, all features 0) unless `padding` is `masked`.
    """
    chosen = ordered(modalities)
    steps = trials.n_steps if padding == "masked" else np.full(len(trials.subject), trials.steps)
    matrix = np.empty((int(steps[rows].sum()), trials.width(chosen)), dtype=np.float32)
    start = 0
    for row in rows:
        end = start + steps[row]
        matrix[start:end] = trials.features([row], chosen)[0, : steps[row]]
        start = end
    return matrix, np.concatenate([trials.labels[row, : steps[row]] for row in rows])


def _probability(
    booster: xgboost.Booster, trials: Trials, rows: np.ndarray, modalities: Collection[str]
) -> np.ndarray:
    """Return the probability of class 1, (len(rows), T) float64, padded frames included."""
    matrix, _ = frames(trials, rows, modalities, "counted")
    probability = booster.predict(xgboost.DMatrix(matrix, nthread=1))
    return np.asarray(probability.reshape(len(rows), trials.steps), dtype=np.float64)


def predict(
    trials: Trials, rows: np.ndarray, modalities: Collection[str], weights: bytes
) -> np.ndarray:
    """Return what a fitted model (UBJSON) says of the trials `rows`: as `fit` said, bit for bit.

    The result is the probability of class 1, (len(rows), T) float64.
    """
    booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(weights))
    return _probability(booster, trials, rows, modalities)


def fit(
    trials: Trials, split: Split, modalities: Collection[str], boosting: Boosting, *, seed: int
) -> Boosted:
    """Fit on the frames of every training person and predict the test trials.

    The inner validation people train as well, and nothing is stopped early: so the released code.
    The positive class is weighted by negatives / positives.

    Returns
    -------
    Probabilities (len(split.test), T); a history of epoch (boosting round), train_loss (log loss),
    validation_loss and validation_macro_f1 (missing), selected (the last round); the model.

    Raises
    ------
    TinglegramError : a class is missing from the training frames.
    """
    rows = np.sort(np.concatenate([split.train, split.validation]))
    negatives, positives = class_counts(trials, rows, boosting.padding, split.fold)
    matrix, labels = frames(trials, rows, modalities, boosting.padding)
    binned = xgboost.QuantileDMatrix(matrix, labels, nthread=1)
    # The binned copy is a quarter of the frames' size and all that training needs.
    del matrix
    progress: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {
            "objective": "binary:logistic",
            "eval_metric": "logloss",
            "tree_method": "hist",
            "max_depth": boosting.depth,
            "learning_rate": boosting.learning_rate,
            "scale_pos_weight": negatives / positives,
            "seed": seed,
            # Sums split over threads round differently with each number of threads.
            "nthread": 1,
        },
        binned,
        num_boost_round=boosting.trees,
        evals=[(binned, "train")],
        evals_result=progress,
        verbose_eval=False,
    )
    rounds = np.arange(1, boosting.trees + 1)
    history = pd.DataFrame(
        {
            "epoch": rounds,
            "train_loss": progress["train"]["logloss"],
            "validation_loss": np.nan,
            "validation_macro_f1": np.nan,
            "selected": rounds == boosting.trees,
        }
    )
    probability = _probability(booster, trials, split.test, modalities)
    return Boosted(probability, history, bytes(booster.save_raw("ubj")))
