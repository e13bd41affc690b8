"""XGBoost on single frames: what can be predicted without temporal context (paper, baseline)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xgboost

from tinglegram.models.settings import Boosting
from tinglegram.trials.trials import Split, Trials, class_counts, ordered

# Trials whose frames stand in memory at once. All training trials of the paper's study are one
# part: how frames are cut into parts moves the bins of the columns, and so the scores, a little.
PART = 300


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

    Padded frames are included (class 0, all features 0) unless `padding` is `masked`; `every`:
    also those after the end of a clip that is shorter than others.
    """
    chosen = ordered(modalities)
    steps = _steps_of(trials, padding)
    matrix = np.empty((int(steps[rows].sum()), trials.width(chosen)), dtype=np.float32)
    start = 0
    for row in rows:
        end = start + steps[row]
        matrix[start:end] = trials.features([row], chosen)[0, : steps[row]]
        start = end
    return matrix, _labels(trials, rows, padding)


def _steps_of(trials: Trials, padding: str) -> np.ndarray:
    """Return the frames of each trial that `frames` takes, (n,)."""
    if padding == "every":
        return np.full(len(trials.subject), trials.steps)
    found: np.ndarray = trials.counted(padding).sum(axis=1)
    return found


def _labels(trials: Trials, rows: np.ndarray, padding: str) -> np.ndarray:
    """Return the labels of the frames of `rows` below each other."""
    steps = _steps_of(trials, padding)
    return np.concatenate([trials.labels[row, : steps[row]] for row in rows])


class _Parts(xgboost.DataIter):
    """Hands the frames of `rows` to XGBoost part by part, as often as it asks for them."""

    def __init__(
        self, trials: Trials, rows: np.ndarray, modalities: Collection[str], padding: str
    ) -> None:
        super().__init__()
        self.trials, self.modalities, self.padding = trials, modalities, padding
        self.parts, self.position = _cut(rows), 0

    def next(self, input_data: Callable[..., object]) -> bool:
        """Hand over the next part; False once there is none."""
        if self.position == len(self.parts):
            return False
        rows = self.parts[self.position]
        matrix, labels = frames(self.trials, rows, self.modalities, self.padding)
        input_data(data=matrix, label=labels)
        self.position += 1
        return True

    def reset(self) -> None:
        """Begin again with the first part."""
        self.position = 0


def _cut(rows: np.ndarray) -> list[np.ndarray]:
    """Cut rows into parts of at most `PART` trials."""
    return [rows[start : start + PART] for start in range(0, len(rows), PART)]


def each_frame(
    booster: xgboost.Booster, trials: Trials, rows: np.ndarray, modalities: Collection[str]
) -> np.ndarray:
    """Return what the trees say of every frame, (len(rows), T) float64, padded ones included."""
    found = [
        booster.predict(
            xgboost.DMatrix(frames(trials, part, modalities, "every")[0], nthread=1)
        ).reshape(len(part), trials.steps)
        for part in _cut(rows)
    ]
    return np.concatenate([np.empty((0, trials.steps)), *found]).astype(np.float64)


def predict_boosting(
    trials: Trials, rows: np.ndarray, modalities: Collection[str], weights: bytes
) -> np.ndarray:
    """Return what a fitted model says of the trials `rows`: as `fit` said, bit for bit.

    Parameters
    ----------
    weights : the model in UBJSON or in JSON, as XGBoost writes it.

    Returns
    -------
    Probability of class 1, or value, (len(rows), T) float64.
    """
    booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(weights))
    return each_frame(booster, trials, rows, modalities)


def fit_boosting(
    trials: Trials, split: Split, modalities: Collection[str], boosting: Boosting, *, seed: int
) -> Boosted:
    """Fit on the frames of every training participant and predict the test trials.

    The inner validation participants train as well, and nothing is stopped early: so the released
    code. The positive class is weighted by negatives / positives.

    Returns
    -------
    Probabilities (len(split.test), T); a history of epoch (boosting round), train_loss (log loss),
    validation_loss and validation_macro_f1 (missing), selected (the last round); the model.

    Raises
    ------
    TinglegramError : a class is missing from the training frames.
    """
    rows = _fitted_rows(split)
    objective = _of_classes(class_counts(trials, rows, boosting.padding, split.fold))
    booster, losses = boost(trials, rows, modalities, boosting, objective, seed=seed)
    history = boosting_history(losses).assign(validation_macro_f1=np.nan)
    history = history[["epoch", "train_loss", "validation_loss", "validation_macro_f1", "selected"]]
    probability = each_frame(booster, trials, split.test, modalities)
    return Boosted(probability, history, bytes(booster.save_raw("ubj")))


def boosting_refit(
    trials: Trials, split: Split, modalities: Collection[str], boosting: Boosting, *, seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Return how trees are fitted to one fold as by `fit_boosting`, with other labels.

    The frames are binned once, whatever the number of labels that are tried. The function takes
    labels (n, T) of all trials and returns probabilities (len(split.test), T).
    """
    rows = _fitted_rows(split)
    binned = _binned(trials, rows, modalities, boosting.padding)

    def fit(labels: np.ndarray) -> np.ndarray:
        own = replace(trials, labels=labels)
        objective = _of_classes(class_counts(own, rows, boosting.padding, split.fold))
        binned.set_label(_labels(own, rows, boosting.padding))
        booster, _ = _boosted(binned, boosting, objective, seed=seed)
        return each_frame(booster, trials, split.test, modalities)

    return fit


def _fitted_rows(split: Split) -> np.ndarray:
    """Return the trials that trees are fitted to, in the order in which they are binned."""
    return np.sort(np.concatenate([split.train, split.validation]))


def _of_classes(counts: tuple[int, int]) -> dict[str, object]:
    """Return XGBoost's objective for two classes with these numbers of frames."""
    negatives, positives = counts
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "scale_pos_weight": negatives / positives,
    }


def boost(
    trials: Trials,
    rows: np.ndarray,
    modalities: Collection[str],
    boosting: Boosting,
    objective: Mapping[str, object],
    *,
    seed: int,
) -> tuple[xgboost.Booster, list[float]]:
    """Fit trees for an objective to the frames of `rows`; the loss after every round beside them.

    Parameters
    ----------
    objective : XGBoost's `objective`, `eval_metric` (one) and what else belongs to them.
    """
    binned = _binned(trials, rows, modalities, boosting.padding)
    return _boosted(binned, boosting, objective, seed=seed)


def _binned(
    trials: Trials, rows: np.ndarray, modalities: Collection[str], padding: str
) -> xgboost.QuantileDMatrix:
    """Return the frames of `rows` in the bins of their columns, which no label moves."""
    # The binned copy is a quarter of the frames' size and all that training needs.
    return xgboost.QuantileDMatrix(_Parts(trials, rows, modalities, padding), nthread=1)


def _boosted(
    binned: xgboost.QuantileDMatrix,
    boosting: Boosting,
    objective: Mapping[str, object],
    *,
    seed: int,
) -> tuple[xgboost.Booster, list[float]]:
    progress: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {
            "tree_method": "hist",
            "max_depth": boosting.depth,
            "learning_rate": boosting.learning_rate,
            "seed": seed,
            # Sums split over threads round differently with each number of threads.
            "nthread": 1,
            **objective,
        },
        binned,
        num_boost_round=boosting.trees,
        evals=[(binned, "train")],
        evals_result=progress,
        verbose_eval=False,
    )
    return booster, progress["train"][str(objective["eval_metric"])]


def boosting_history(losses: Sequence[float]) -> pd.DataFrame:
    """Return epoch (boosting round), train_loss, validation_loss (missing) and selected."""
    rounds = np.arange(1, len(losses) + 1)
    return pd.DataFrame(
        {
            "epoch": rounds,
            "train_loss": losses,
            "validation_loss": np.nan,
            "selected": rounds == len(losses),
        }
    )
