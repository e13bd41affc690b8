"""Resampling statistics of one model: bootstrap over people, permutation of label sequences."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from tinglegram.files import read_arrays
from tinglegram.inference.resampling import Resamples
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import ScoredTrials

COLUMNS = ["value", "ci_low", "ci_high", "p_value"]


class Inputs(NamedTuple):
    """Test trials of all folds, the number of draws, and of those the plain way runs."""

    trials: ScoredTrials
    settings: Resamples
    few: Resamples


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """Read the predictions."""
    arrays, ask = read_arrays(folder / "predictions.npz"), settings["statistics"]
    names = pd.DataFrame({"fold": arrays["fold"], "subject": arrays["subject"]})
    trials = ScoredTrials(
        names.assign(video=""),
        arrays["control"],
        arrays["label"],
        arrays["predicted"],
        np.ones_like(arrays["label"]),
        arrays["predicted"].astype(float),
        np.ones_like(arrays["label"]),
    )
    share = settings["bench"]["draws_per_reference_draw"]

    def draws(part: int) -> Resamples:
        return Resamples(
            bootstrap=ask["bootstrap"] // part,
            permutations=ask["permutations"] // part,
            confidence=ask["confidence"],
            seed=settings["seed"],
            p_value="count",
            score_inference="resampled",
        )

    return Inputs(trials, draws(1), draws(share))


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Arithmetic on counts; scores every draw."""
    table = pooled_table(inputs.trials, inputs.settings)
    return {"value": table["value"].to_numpy()}


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Score all frames of every draw with scikit-learn; runs `few` of the draws."""
    trials, ask = inputs.trials, inputs.few
    label, predicted = trials.label.astype(int), trials.predicted.astype(int)
    subjects = np.unique(trials.names["subject"])
    rows_of = [np.flatnonzero(trials.names["subject"] == subject) for subject in subjects]
    value = _scores(label, predicted, trials.control)
    people = np.random.default_rng(np.random.SeedSequence([ask.seed, 1])).multinomial(
        len(subjects), np.full(len(subjects), 1 / len(subjects)), size=ask.bootstrap
    )
    resampled = []
    for drawn in people:
        chosen = [rows_of[person] for person, times in enumerate(drawn) for _ in range(times)]
        rows = np.concatenate(chosen)
        resampled.append(_scores(label[rows], predicted[rows], trials.control[rows]))
    shuffler = np.random.default_rng(np.random.SeedSequence([ask.seed, 2]))
    orders = shuffler.permuted(np.tile(np.arange(len(label)), (ask.permutations, 1)), axis=1)
    null = [_scores(label[order], predicted, trials.control) for order in orders]
    tail = 50 * (1 - ask.confidence)
    low, high = np.percentile(resampled, [tail, 100 - tail], axis=0)
    reached = np.array(null) >= np.array(value) - 1e-12
    return {"value": np.array(value), "table": np.array([value, low, high, reached.mean(axis=0)]).T}


def scale(inputs: Inputs) -> float:
    """Return by how much the plain way's time is multiplied: it runs fewer draws."""
    return inputs.settings.bootstrap / inputs.few.bootstrap


def also_compare(inputs: Inputs) -> dict[str, np.ndarray]:
    """Return our table for the very draws the plain way ran (not timed)."""
    return {"table": pooled_table(inputs.trials, inputs.few)[COLUMNS].to_numpy()}


def _scores(label: np.ndarray, predicted: np.ndarray, control: np.ndarray) -> list[float]:
    truth, called = label.ravel(), predicted.ravel()
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, called, average="macro", zero_division=0
    )
    specificity = accuracy_score(label[control].ravel(), predicted[control].ravel())
    return [accuracy_score(truth, called), f1, precision, recall, specificity]
