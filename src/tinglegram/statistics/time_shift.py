"""Tests of when a model predicts reports: its predictions moved in time within each clip.

Exchanging label sequences between viewers of a clip cannot see a time course that all of them
share, because every viewer's sequence has it. And an interval over participants takes viewers of
one clip as independent, though a model gives them much the same course. Moving a clip's
predictions around in a circle, by the same step for all its viewers, keeps both as they are and
breaks only the alignment with the reports (Theiler et al., 1992, surrogate data).
"""

from typing import NamedTuple

import numpy as np
import scipy

from tinglegram.inference.resampling import Permutations, Use, exceedance
from tinglegram.statistics.comparison import sign_flip
from tinglegram.statistics.ranking import ranking_scores
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index


class ShiftTest(NamedTuple):
    """Mean ROC AUC per participant within the target condition, its null mean, and p."""

    roc_auc: float
    null_mean: float
    p_value: float
    n_participants: int
    n_clips: int


def shifted_auc(probability: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return the ROC AUC of one trial for every circular shift of its predictions.

    Parameters
    ----------
    probability, label : (frames,) of the frames that hold a report.

    Returns
    -------
    (frames,) entry s: predictions moved s frames later. NaN where labels are all of one class.
    """
    positive = int(label.sum())
    negative = len(label) - positive
    if not positive or not negative:
        return np.full(len(label), np.nan)
    ordered = np.sort(probability)
    low, high = (np.searchsorted(ordered, probability, side) for side in ("left", "right"))
    rank = (low + high + 1) / 2
    # Sum over frames of rank(t - s) label(t), for all s at once.
    crossed = np.fft.rfft(label.astype(float)) * np.conj(np.fft.rfft(rank))
    sums = np.fft.irfft(crossed, len(label))
    # Sums of ranks are whole or half numbers: the transform's rounding must not break ties.
    sums = np.round(2 * sums) / 2
    return (sums - positive * (positive + 1) / 2) / (positive * negative)


def shift_test(trials: ScoredTrials, settings: Permutations) -> ShiftTest:
    """Test the mean ROC AUC per participant within the target condition against moved predictions.

    Each draw moves the predictions of each clip by one random step, the same for all its viewers
    and folds; a shorter trial turns within its own frames. Only valid frames are ranked.
    ASSUMPTION: under the null any step is as likely as any other, which holds for time courses
    without a trend; a trend that model and reports share (reports that start some seconds into
    every clip, for instance) counts as following the reports. `course_test` asks for more.

    Parameters
    ----------
    trials, settings : see the classes; confidence is not used.

    Returns
    -------
    ShiftTest : NaN where no target trial has reports of both classes.
    """
    target = trials.within_target()
    everyone = participant_index(target)
    groups = np.unique(target.names["video"].to_numpy().astype(str), return_inverse=True)[1]
    tables = [
        shifted_auc(probability[valid], label[valid])
        for probability, label, valid in zip(
            target.probability, target.label, target.valid, strict=True
        )
    ]
    ranked = np.array([not np.isnan(table).all() for table in tables], dtype=bool)
    if not ranked.any():
        return ShiftTest(np.nan, np.nan, np.nan, 0, 0)
    members = np.flatnonzero(ranked)
    n_steps = target.valid.shape[1]
    generator = settings.stream(Use.SHIFTS)
    steps = generator.integers(n_steps, size=(settings.permutations, int(groups.max()) + 1))
    if target.of_clip is not None:
        # Any step of a clip that is shorter than others is as likely as any other.
        longest = np.zeros(int(groups.max()) + 1, dtype=np.int64)
        np.maximum.at(longest, groups, target.of_clip.sum(axis=1))
        steps = steps * longest // n_steps
    steps = np.vstack([np.zeros_like(steps[:1]), steps])
    values = np.stack([tables[i][steps[:, groups[i]] % len(tables[i])] for i in members], axis=1)
    # Trials of one participant are averaged first, so that everybody counts once.
    who = np.unique(everyone[members], return_inverse=True)[1]
    belongs = (who == np.arange(who.max() + 1)[:, None]).astype(float)
    means = (values @ (belongs / belongs.sum(axis=1, keepdims=True)).T).mean(axis=1)
    p_value = exceedance(means[1:], means[0], settings.p_value)
    n_clips = len(np.unique(groups[members]))
    return ShiftTest(
        float(means[0]), float(means[1:].mean()), float(p_value), len(belongs), n_clips
    )


class CourseTest(NamedTuple):
    """ROC AUC within the target condition of a model and of its own course on other clips.

    Means over participants who have both, and p that the model's is higher.
    """

    roc_auc: float
    course_auc: float
    p_value: float
    n_participants: int


def course_test(trials: ScoredTrials, settings: Permutations) -> CourseTest:
    """Ask whether a model knows more of a clip than the time since its start.

    Each target trial is also ranked by the mean probability that the model gave at the same step of
    the *other* target clips. What that ranking reaches needs no knowledge of the clip: a start
    without reports, or a slow rise, is enough. One-sided random signs of the participants'
    differences. ASSUMPTION: participants are taken as independent, though viewers of a clip share
    its predictions.

    Parameters
    ----------
    trials, settings : see the classes; confidence is not used.

    Returns
    -------
    CourseTest : NaN without a second target clip, or where no trial has reports of both classes.
    """
    target = trials.within_target()
    clips = target.names["video"].to_numpy().astype(str)
    predicted = np.where(target.valid, target.probability, 0.0)
    both = np.full((len(clips), 2), np.nan)
    for clip in np.unique(clips):
        others = clips != clip
        given = target.valid[others].sum(axis=0)
        course = predicted[others].sum(axis=0) / np.maximum(given, 1)
        for trial in np.flatnonzero(clips == clip):
            kept = target.valid[trial] & (given > 0)
            label = target.label[trial, kept][None]
            for place, ranking in enumerate((target.probability[trial], course)):
                if kept.any():
                    both[trial, place] = ranking_scores(ranking[kept], label)[0, 0]
    members = ~np.isnan(both).any(axis=1)
    if not members.any():
        return CourseTest(np.nan, np.nan, np.nan, 0)
    who = np.unique(participant_index(target)[members], return_inverse=True)[1]
    means = np.stack([np.bincount(who, column) / np.bincount(who) for column in both[members].T])
    p_value = sign_flip(means[0] - means[1], settings.permutations, settings.seed, settings.p_value)
    return CourseTest(float(means[0].mean()), float(means[1].mean()), p_value, means.shape[1])


def fold_aucs(trials: ScoredTrials) -> np.ndarray:
    """Return the mean ROC AUC of each fold's target trials, NaN where none is of both classes."""
    target = trials.within_target()
    auc = np.array(
        [
            ranking_scores(probability[valid], label[None, valid])[0, 0]
            for probability, label, valid in zip(
                target.probability, target.label, target.valid, strict=True
            )
        ]
    )
    return _means_of_folds(auc, target)


def residual_fold_aucs(trials: ScoredTrials) -> np.ndarray:
    """Return the mean ROC AUC of each fold of the logit minus its mean course on other clips.

    Returns
    -------
    (folds,) NaN where no target trial of a fold has both classes, or there is no other clip.
    """
    target = trials.within_target()
    clips = target.names["video"].to_numpy().astype(str)
    logit = scipy.special.logit(np.clip(target.probability, 1e-6, 1 - 1e-6))
    given = np.where(target.valid, logit, 0.0)
    auc = np.full(len(clips), np.nan)
    for clip in np.unique(clips):
        others = clips != clip
        number = target.valid[others].sum(axis=0)
        course = given[others].sum(axis=0) / np.maximum(number, 1)
        for trial in np.flatnonzero(clips == clip):
            kept = target.valid[trial] & (number > 0)
            if kept.any():
                rest = (logit[trial] - course)[kept]
                auc[trial] = ranking_scores(rest, target.label[trial, kept][None])[0, 0]
    return _means_of_folds(auc, target)


def _means_of_folds(values: np.ndarray, trials: ScoredTrials) -> np.ndarray:
    fold = trials.names["fold"].to_numpy()
    parts = [values[(fold == number) & ~np.isnan(values)] for number in np.unique(fold)]
    return np.array([part.mean() if len(part) else np.nan for part in parts])


def common_share(trials: ScoredTrials) -> float:
    """Return the share of the variance of target probabilities that viewers of a clip share.

    One minus the variance around the mean of all viewers of the clip at that step, over the
    variance around the overall mean; valid frames, clips with at least two viewers. 1: the model
    predicts the same whoever watches. NaN where no clip has two viewers or nothing varies.
    """
    target = trials.within_target()
    clips = target.names["video"].to_numpy().astype(str)
    seen, around = [], []
    for clip in np.unique(clips):
        rows = np.flatnonzero(clips == clip)
        valid = target.valid[rows]
        number = valid.sum(axis=0)
        if len(rows) < 2:
            continue
        predicted = target.probability[rows]
        mean = np.where(valid, predicted, 0.0).sum(axis=0) / np.maximum(number, 1)
        kept = valid & (number > 1)
        seen.append(predicted[kept])
        around.append((predicted - mean)[kept])
    values = np.concatenate(seen) if seen else np.empty(0)
    if not len(values) or np.ptp(values) == 0:
        return float("nan")
    return float(
        1 - np.square(np.concatenate(around)).sum() / np.square(values - values.mean()).sum()
    )
