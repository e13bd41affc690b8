"""Baselines: predictions made without any feature, beside which every score stands.

A score says that a model has learned something only as far as it is above what such a rule scores.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.trials.trials import (
    Array,
    Split,
    Trials,
    binary_labels,
    prediction_table,
    rating_kind,
)


@dataclass(frozen=True, eq=False)
class Question:
    """What a baseline is asked: trials with their reports, and who trains and who is tested.

    trials : features are not needed.
    training : rows whose reports may be learned from (training and validation trials).
    test : rows to predict.
    target : what class 1 is.
    padding : `counted` (padded frames are class 0) or `masked`.
    setting : where its baselines are configured, for messages.
    """

    trials: Trials
    training: Array
    test: Array
    target: ResponseTarget
    padding: str
    setting: str = "controls"

    def constant(self, value: float) -> Array:
        """Return one value for every frame of the test trials."""
        return np.full((len(self.test), self.trials.steps), value)


def majority(question: Question) -> Array:
    """Return the share of class 1 among the training frames, for every frame."""
    return question.constant(_share(question, question.training))


def _share(question: Question, rows: Array) -> float:
    """Return the share of class 1 among the frames of these trials."""
    trials = question.trials
    frames = trials.counted(question.padding)[rows].sum()
    return float(trials.labels[rows].sum() / frames)


def condition_only(question: Question) -> Array:
    """Return 1 on every frame of the target condition, padding included, and 0 elsewhere.

    Where reports of any condition are class 1, or all trials are of one condition: the share of
    class 1 among the training frames of the condition; of all where no training trial is of it.
    """
    trials, rows = question.trials, question.training
    shown = trials.condition[question.test]
    called = (shown == question.target.condition).astype(np.float64)
    if question.target.condition is None or len(set(trials.condition)) < 2:
        called = np.full(len(shown), _share(question, rows))
        for condition in set(shown) & set(trials.condition[rows]):
            own = rows[trials.condition[rows] == condition]
            called[shown == condition] = _share(question, own)
    found: Array = question.constant(1.0) * called[:, None]
    return found


def padding_only(question: Question) -> Array:
    """Return 1 on every frame that was shown and 0 in the padding."""
    found: Array = question.trials.valid[question.test].astype(np.float64)
    return found


def condition_and_padding(question: Question) -> Array:
    """Return 1 on the frames of the target condition that were shown, and 0 elsewhere."""
    found: Array = condition_only(question) * padding_only(question)
    return found


def stimulus_mean(question: Question) -> Array:
    """Return the mean training report of the step over the condition's other clips.

    ASSUMPTION: where training has no other clip of the condition, that over all other clips is the
    best that is known of the step.

    Raises
    ------
    InputProblem : no other clip is among the training trials.
    """

    def others(row: int) -> Array:
        return other_clips(question, row)

    expected = "training trials of another clip"
    remedy = f"Take stimulus_mean out of {question.setting}, or include more clips."
    return mean_reports(question, others, expected, remedy, key=question.trials.video)


def other_clips(question: Question, row: int) -> Array:
    """Return the training trials of other clips than that of a trial.

    Of its condition, where training has any of it.
    """
    trials, rows = question.trials, question.training
    other: Array = rows[trials.video[rows] != trials.video[row]]
    same: Array = other[trials.condition[other] == trials.condition[row]]
    return same if len(same) else other


def human_agreement(question: Question) -> Array:
    """Return the mean report of the step over all other viewers of the same clip.

    NaN in a trial of a clip that nobody else saw: there is nothing to agree with.
    """
    trials = question.trials

    def others(row: int) -> Array:
        same = trials.video == trials.video[row]
        return np.flatnonzero(same & (trials.subject != trials.subject[row]))

    found = question.constant(np.nan)
    shared = np.array([len(others(row)) > 0 for row in question.test], dtype=bool)
    if shared.any():
        asked, key = replace(question, test=question.test[shared]), np.arange(len(trials.subject))
        found[shared] = mean_reports(asked, others, "another viewer", "", key=key)
    return found


def mean_reports(
    question: Question, others: Callable[[int], Array], expected: str, remedy: str, *, key: Array
) -> Array:
    """Return, for each test trial, the mean label of the trials `others` says.

    Test trials of the same `key` have the same others. Only valid frames are averaged; a step that
    nobody reports takes the mean of the last one that somebody did.
    """
    trials = question.trials
    found: dict[object, Array] = {}
    for row in question.test:
        if key[row] in found:
            continue
        rows = others(row)
        if not len(rows):
            place = f"subject {trials.subject[row]}, {trials.video[row]}"
            raise InputProblem(
                "trials", where=place, expected=expected, found="none", remedy=remedy
            )
        reporting = trials.valid[rows].sum(axis=0)
        # Everybody who saw a clip reports from its first step on.
        last = np.maximum.accumulate(np.where(reporting > 0, np.arange(trials.steps), 0))
        found[key[row]] = (trials.labels[rows].sum(axis=0) / np.maximum(reporting, 1))[last]
    return np.stack([found[key[row]] for row in question.test])


@dataclass(frozen=True)
class Baseline:
    """A baseline: how it predicts, what it is to a model's score, and what it knows.

    kind : `competitor` (a model must beat it) or `noise_ceiling` (a model that has not seen the
        test clip is not expected to reach it).
    """

    predict: Callable[[Question], Array]
    kind: str
    knows: str


BASELINES: Mapping[str, Baseline] = {
    "condition_only": Baseline(
        condition_only,
        "competitor",
        "Knows the condition of the clip: every frame of the target condition is called class 1.",
    ),
    "stimulus_mean": Baseline(
        stimulus_mean,
        "competitor",
        "Knows how often training people reported at the same step of the condition's other clips.",
    ),
    "majority": Baseline(
        majority, "competitor", "Knows how frequent reports are in the training trials."
    ),
    "padding_only": Baseline(
        padding_only, "competitor", "Knows which frames were shown and which are padding."
    ),
    "condition_and_padding": Baseline(
        condition_and_padding,
        "competitor",
        "Knows the condition of the clip and which of its frames are padding.",
    ),
    "human_agreement": Baseline(
        human_agreement,
        "noise_ceiling",
        "Knows what all other viewers of the same clip reported at the same step.",
    ),
}


def baseline_predictions(
    trials: Trials,
    splits: Sequence[Split],
    names: Sequence[str],
    *,
    target: ResponseTarget,
    padding: str,
) -> Iterator[pd.DataFrame]:
    """Yield the prediction table of every baseline in every fold: all folds of the first, ...

    Trials of which a baseline knows nothing, as `human_agreement` of clips that nobody else saw,
    are not in its table, and are logged; the table of a fold without any other trial has no row.

    Parameters
    ----------
    target, padding : see `Question`.

    Raises
    ------
    InputProblem : a baseline has nothing to go by, or knows of no trial of any fold.
    """
    for name in names:
        asked, found = 0, 0
        for split in splits:
            known = np.sort(np.concatenate([split.train, split.validation]))
            question = Question(trials, known, split.test, target, padding)
            probability = BASELINES[name].predict(question)
            told = ~np.isnan(probability).any(axis=1)
            asked, found = asked + len(told), found + int(told.sum())
            if not told.all():
                count = int((~told).sum())
                logging.warning(
                    "%s: fold %d: nothing of %d of %d trial(s)", name, split.fold, count, len(told)
                )
            yield prediction_table(trials, split.test[told], probability[told])
        if not found:
            raise InputProblem(
                name,
                expected="a clip with two viewers",
                found=f"none in {asked} test trials",
                remedy=f"Take {name} out of {Question.setting}, or include more people.",
            )


def imported_trials(
    folds: Sequence[pd.DataFrame], source: str, *, target: ResponseTarget, grid: float
) -> tuple[Trials, list[Split]]:
    """Take trials and splits from predictions alone, as from the authors' published file.

    The training rows of a fold are the test trials of the others. In double-independent folds
    these are other participants and other clips. What is not in a table of predictions (order,
    features) is left empty.

    Parameters
    ----------
    folds : predictions of fold 1, 2, ..., as `prediction_table` lays them out.
    source : name of the model, for messages.
    target : what class 1 is.
    grid : steps per second.

    Raises
    ------
    InputProblem : trials of unequal length, or steps out of order.
    """
    table = pd.concat(
        [fold.assign(fold=number) for number, fold in enumerate(folds, 1)], ignore_index=True
    )
    first = table[table["step"] == 0]
    shape = (len(first), int(table["step"].max()) + 1)
    if not np.array_equal(table["step"], np.tile(np.arange(shape[1]), shape[0])):
        raise InputProblem(
            source,
            expected="every test trial with the same steps, in order",
            found=f"{shape[0]} trials and {len(table)} frames of up to {shape[1]} steps",
            remedy="Delete this model's predictions and run the workflow again.",
        )
    condition = first["condition"].to_numpy(dtype=object)
    reported = table["rating"].to_numpy()
    ratings = reported.astype(rating_kind(reported)).reshape(shape)
    valid = table["valid"].to_numpy(dtype=bool).reshape(shape)
    unknown = np.full(len(first), -1)
    trials = Trials(
        subject=first["subject"].to_numpy(dtype=np.int64),
        video=first["video"].to_numpy(dtype=object),
        condition=condition,
        order=unknown,
        n_steps=valid.sum(axis=1),
        ratings=ratings,
        labels=binary_labels(ratings, valid, condition, target),
        clip_index=unknown,
        acoustic_index=unknown,
        visual=None,
        acoustic=None,
        pulse=None,
        grid=grid,
    )
    fold, nobody = first["fold"].to_numpy(), np.array([], dtype=np.int64)
    return trials, [
        Split(k, np.flatnonzero(fold != k), nobody, np.flatnonzero(fold == k))
        for k in range(1, len(folds) + 1)
    ]
