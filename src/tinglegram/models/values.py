"""What models of the reported value share: their target, and the layout of their predictions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.models.baselines import (
    Question,
    condition_only,
    human_agreement,
    majority,
    mean_reports,
    other_clips,
)
from tinglegram.models.value_settings import ValueBaseline
from tinglegram.trials.trials import Array, Split, Trials, trial_frames

SETTING = "regression: baselines"
# Reports of every condition are predicted, and no padded frame enters.
EVERY_CONDITION = ResponseTarget(condition=None)
PADDING: Literal["masked"] = "masked"


def with_values(trials: Trials) -> Trials:
    """Return the trials with the reported values, float64, in place of the labels of class 1.

    Whatever averages labels or learns them then does so with values.
    """
    return replace(trials, labels=np.where(trials.valid, trials.ratings, 0.0))


def training_rows(split: Split) -> Array:
    """Return the rows of all training participants, those of the inner validation among them."""
    return np.sort(np.concatenate([split.train, split.validation]))


def shown_values(trials: Trials, rows: Array, fold: int) -> Array:
    """Return the values of all frames of `rows` that were shown, (frames,) float64.

    Raises
    ------
    InputProblem : all of them are the same, so that there is nothing to learn.
    """
    found: Array = trials.ratings[rows][trials.valid[rows]].astype(np.float64)
    if not np.ptp(found) > 0:
        raise InputProblem(
            "regression",
            where=f"fold {fold}",
            expected="training trials in which something changes",
            found=f"the value {found[0]:g} in all {len(found)} frames",
            remedy="Include people or clips with other values, name another responses: target: "
            "dimension, or take all models out of regression.",
        )
    return found


def value_table(trials: Trials, rows: Array, predicted: Array) -> pd.DataFrame:
    """Lay out predicted values (len(rows), T), one row per trial and step.

    Returns
    -------
    subject, video, order (where somebody saw a clip more than once), condition, step, time_s, valid
    (False: padding), reported, predicted (both in the unit of the dimension).
    """
    columns = {
        "reported": trials.ratings[rows].astype(np.float64),
        "predicted": np.asarray(predicted, dtype=np.float64),
    }
    return trial_frames(trials, rows, columns)


def time_course(question: Question) -> Array:
    """Return the mean of all training trials at the step."""
    everybody = question.training
    key = np.zeros(len(question.trials.subject), dtype=np.int64)
    return mean_reports(question, lambda _: everybody, "training trials", "", key=key)


def same_clip_mean(question: Question) -> Array:
    """Return the mean of the clip's training viewers at the step.

    Where a fold holds clips out, nobody in training saw it: then that over the condition's other
    clips, as the baseline of the same name of classifiers.

    Raises
    ------
    InputProblem : training has no other clip either.
    """
    trials, rows = question.trials, question.training

    def others(row: int) -> Array:
        same: Array = rows[trials.video[rows] == trials.video[row]]
        return same if len(same) else other_clips(question, row)

    expected = "training trials of any clip"
    remedy = f"Take stimulus_mean out of {question.setting}, or include more clips."
    return mean_reports(question, others, expected, remedy, key=trials.video)


VALUE_BASELINES: Mapping[ValueBaseline, Callable[[Question], Array]] = {
    "mean": majority,
    "time_course": time_course,
    "condition_mean": condition_only,
    "stimulus_mean": same_clip_mean,
    "human_agreement": human_agreement,
}


def value_baseline_tables(
    trials: Trials, splits: Sequence[Split], names: Sequence[ValueBaseline]
) -> Iterator[pd.DataFrame]:
    """Yield the prediction table of every baseline in every fold: all folds of the first, ...

    `human_agreement` has no value (NaN) in trials of clips that nobody else saw.

    Parameters
    ----------
    trials : features are not needed.
    names : keys of `VALUE_BASELINES`.

    Raises
    ------
    InputProblem : a baseline has nothing to go by.
    """
    valued = with_values(trials)
    for name in names:
        for split in splits:
            question = Question(
                valued, training_rows(split), split.test, EVERY_CONDITION, PADDING, SETTING
            )
            yield value_table(trials, split.test, VALUE_BASELINES[name](question))
