"""Frame-level scores from counts of true and false answers (paper, "Evaluation Metrics").

Counts are arrays whose last axis holds tn, fp, fn, tp, so one call scores a trial, a fold or
thousands of resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem

METRICS = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "nature_specificity")
OUTCOMES = ("tn", "fp", "fn", "tp")


@dataclass(frozen=True)
class Trials:
    """Test trials of all folds: one row per trial, arrays of trials x steps.

    `names` has the columns fold, subject, video; `control` is True for trials of the control
    condition; `counted` is True for the frames that enter scores, `valid` for those before the
    end of the trial, whatever enters scores; `probability` is that of a tingle, 0 to 1.
    """

    names: pd.DataFrame
    control: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    counted: np.ndarray
    probability: np.ndarray
    valid: np.ndarray

    def counts(self) -> np.ndarray:
        """Return tn, fp, fn, tp of every trial (trials x 4)."""
        return outcome_counts(self.label, self.predicted, self.counted)

    def within_target(self) -> "Trials":
        """Return the trials of the target condition alone, scored on valid frames alone.

        A padded frame holds no report, so it is left out whatever the padding switch says.
        """
        own = self._rows(~self.control)
        return replace(own, counted=own.valid)

    def also_in(self, other: "Trials") -> "Trials":
        """Return the trials that another model was tested on too, in the same fold."""
        keys = ["fold", "subject", "video"]
        return self._rows(
            pd.MultiIndex.from_frame(self.names[keys]).isin(
                pd.MultiIndex.from_frame(other.names[keys])
            )
        )

    def _rows(self, own: np.ndarray) -> "Trials":
        return Trials(
            names=self.names[own].reset_index(drop=True),
            control=self.control[own],
            label=self.label[own],
            predicted=self.predicted[own],
            counted=self.counted[own],
            probability=self.probability[own],
            valid=self.valid[own],
        )


def as_trials(
    folds: Sequence[pd.DataFrame], *, padding: str, control: str = "Nature", source: str = ""
) -> Trials:
    """Arrange the predictions of all folds as trials x steps.

    Parameters
    ----------
    folds : predictions of fold 1, 2, ...: subject, video, condition, step, valid, label,
        predicted, probability; every trial with the same steps from 0 on.
    padding : `counted`: padded frames are scored as class 0, as in the released code;
        `masked`: they are left out.
    control : the condition whose labels are all 0.
    source : name of the model, for messages.

    Raises
    ------
    InputProblem : no trials, a trial twice, trials of unequal length, or a probability that is
        missing or outside 0 to 1.
    """
    table = pd.concat(
        [fold.assign(fold=number) for number, fold in enumerate(folds, 1)], ignore_index=True
    )
    keys = ["fold", "subject", "video"]
    table = table.sort_values([*keys, "step"], kind="stable")
    names = table[keys].drop_duplicates().reset_index(drop=True)
    n_steps = int(table["step"].max()) + 1 if len(table) else 0
    complete = len(table) == len(names) * n_steps and np.array_equal(
        table["step"], np.tile(np.arange(n_steps), len(names))
    )
    if not len(names) or not complete or names.duplicated(["subject", "video"]).any():
        raise InputProblem(
            source,
            expected="every test trial once, all with the same steps",
            found=f"{len(names)} trials and {len(table)} frames of up to {n_steps} steps",
            remedy="Delete this model's predictions and run the workflow again.",
        )

    def matrix(column: str) -> np.ndarray:
        return table[column].to_numpy().reshape(len(names), n_steps)

    valid = matrix("valid").astype(bool)
    probability = matrix("probability").astype(float)
    if not ((probability >= 0) & (probability <= 1)).all():
        raise InputProblem(
            source,
            expected="probabilities from 0 to 1",
            found=f"values from {np.min(probability):g} to {np.max(probability):g}",
            remedy="Delete this model's predictions and run the workflow again.",
        )
    return Trials(
        names=names,
        control=matrix("condition")[:, 0] == control,
        label=matrix("label").astype(bool),
        predicted=matrix("predicted").astype(bool),
        counted=valid if padding == "masked" else np.ones_like(valid),
        probability=probability,
        valid=valid,
    )


def outcome_counts(
    label: np.ndarray, predicted: np.ndarray, counted: np.ndarray | bool = True
) -> np.ndarray:
    """Count tn, fp, fn, tp along the last axis of boolean arrays; leading axes stay."""
    cells = (~label & ~predicted, ~label & predicted, label & ~predicted, label & predicted)
    return np.stack([np.sum(cell & counted, axis=-1) for cell in cells], axis=-1)


def scores(counts: np.ndarray, control_counts: np.ndarray) -> np.ndarray:
    """Return the five `METRICS` from counts.

    Parameters
    ----------
    counts : (..., 4) tn, fp, fn, tp of all frames scored.
    control_counts : (..., 4) the same of the control condition's frames alone.

    Returns
    -------
    (..., 5) fractions. As in scikit-learn with `zero_division=0`: a class without a prediction
    has precision 0, one without a label has recall 0, and the macro average goes over the classes
    that occur in labels or predictions. NaN where no frame is scored.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    hits = np.stack([tn, tp])
    labelled = np.stack([tn + fp, fn + tp])
    called = np.stack([tn + fn, fp + tp])
    occurs = labelled + called > 0
    macro = [
        _ratio(_ratio(part, whole, 0.0).sum(axis=0), occurs.sum(axis=0))
        for part, whole in ((2 * hits, labelled + called), (hits, called), (hits, labelled))
    ]
    return np.stack([accuracy(counts), *macro, accuracy(control_counts)], axis=-1)


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Return the share of correct frames from (..., 4) counts; NaN where there are none."""
    counts = np.asarray(counts, dtype=float)
    return _ratio(counts[..., 0] + counts[..., 3], counts.sum(axis=-1))


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), otherwise), where=whole > 0)


def group_scores(trials: Trials, groups: np.ndarray) -> np.ndarray:
    """Return (groups x 5) scores of the trials in each group; `groups` is 0-based, one a trial."""
    sums = group_sums(trials, groups)
    return scores(sums[:, 0], sums[:, 1])


def group_sums(trials: Trials, groups: np.ndarray) -> np.ndarray:
    """Return (groups x 2 x 4) counts: of all trials in a group, and of its control trials."""
    counts = trials.counts()
    both = np.stack([counts, counts * trials.control[:, None]], axis=1)
    sums = np.zeros((int(groups.max()) + 1, *both.shape[1:]), dtype=np.int64)
    np.add.at(sums, groups, both)
    return sums


def fold_scores(trials: Trials) -> np.ndarray:
    """Return (folds x 5) scores; frames of a fold are scored together."""
    return group_scores(trials, trials.names["fold"].to_numpy() - 1)


def fold_table(trials: Trials) -> pd.DataFrame:
    """Return each fold's scores, then their mean and population SD (rows `mean`, `sd`).

    The population SD is what the released code prints (paper, Tables 1 and 2).
    """
    values = fold_scores(trials)
    rows = np.vstack([values, values.mean(axis=0), values.std(axis=0)])
    table = pd.DataFrame(rows, columns=list(METRICS))
    table.insert(0, "fold", [*map(str, range(1, len(values) + 1)), "mean", "sd"])
    return table


def seed_table(replicates: Sequence[Trials]) -> pd.DataFrame:
    """Return the scores of networks that differ only in their seed, then their spread.

    Parameters
    ----------
    replicates : test trials as each network predicted them, in the order of the seeds.

    Returns
    -------
    One row per network (`seed` 1, 2, ...) with the mean over folds of every metric, then rows
    `mean` and `sd`: the sample SD, because the seeds stand for all that could have been drawn; NaN
    with a single network.
    """
    values = np.array([fold_scores(trials).mean(axis=0) for trials in replicates])
    table = pd.DataFrame(values, columns=list(METRICS))
    ends = pd.DataFrame([table.mean(), table.std(ddof=1)])
    table = pd.concat([table, ends], ignore_index=True)
    table.insert(0, "seed", [*map(str, range(1, len(values) + 1)), "mean", "sd"])
    return table
