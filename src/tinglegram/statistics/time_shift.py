"""Tests of when a model predicts reports: its predictions moved in time within each clip.

Exchanging label sequences between viewers of a clip cannot see a time course that all of them
share, because every viewer's sequence has it. And an interval over participants takes viewers of
one clip as independent, though a model gives them much the same course. Moving a clip's
predictions around in a circle, by the same step for all its viewers, keeps both as they are and
breaks only the alignment with the reports (Theiler et al., 1992, surrogate data).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.rank_sums import rank_auc
from tinglegram.inference.resampling import Permutations, Use, exceedance
from tinglegram.statistics.comparison import sign_flip
from tinglegram.statistics.scored_trials import ScoredTrials, only_held_out, participant_index


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
    both = np.full((len(target.names), 2), np.nan)
    for trial, kept, course in _courses_of_others(target, target.probability):
        label = target.label[trial, kept]
        both[trial] = [rank_auc(x[kept], label) for x in (target.probability[trial], course)]
    members = ~np.isnan(both).any(axis=1)
    if not members.any():
        return CourseTest(np.nan, np.nan, np.nan, 0)
    who = np.unique(participant_index(target)[members], return_inverse=True)[1]
    means = np.stack([np.bincount(who, column) / np.bincount(who) for column in both[members].T])
    p_value = sign_flip(means[0] - means[1], settings.permutations, settings.seed, settings.p_value)
    return CourseTest(float(means[0].mean()), float(means[1].mean()), p_value, means.shape[1])


def _courses_of_others(
    target: ScoredTrials, values: np.ndarray
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield the trials of each clip with the course of `values` (trials x steps) on other clips.

    A trial's number, which of its valid frames another clip reaches (steps,), and the mean over the
    trials of the other clips at each step.
    """
    clips = target.names["video"].to_numpy().astype(str)
    counted = np.where(target.valid, values, 0.0)
    for clip in np.unique(clips):
        others = clips != clip
        given = target.valid[others].sum(axis=0)
        course = counted[others].sum(axis=0) / np.maximum(given, 1)
        for trial in np.flatnonzero(~others):
            yield int(trial), target.valid[trial] & (given > 0), course


# A probability of 0 or 1 has no logit. ASSUMPTION: the last probabilities that single precision,
# in which networks compute, can tell from 1.
_NEAREST = float(np.finfo(np.float32).epsneg)
# Residuals that are equal but for the rounding of their sums share a rank.
_DECIMALS = 9


class ResidualCourse(NamedTuple):
    """ROC AUC of what a model says of a clip beyond its course on others, for any clips.

    auc : mean over folds. any_low, any_high : its interval. p_value : one-sided, that it is above
    0.5. n_folds : folds behind these three; 0 where they do not hold their clips out.
    """

    auc: float
    any_low: float
    any_high: float
    p_value: float
    n_folds: int


def residual_aucs(trials: ScoredTrials) -> np.ndarray:
    """Return the ROC AUC of what each target trial's prediction adds to a course of other clips.

    The residual is the logit of the probability less its mean, at the same step, over the trials of
    the *other* target clips. What all clips have in common, such as a start without reports or a
    slow rise, is no part of it, so that a model that knows nothing else has an AUC of 0.5.

    Returns
    -------
    (target trials,) in the order of `within_target`; NaN where the reports are of one class, and
    without a second target clip.
    """
    target = trials.within_target()
    told = special.logit(np.clip(target.probability, _NEAREST, 1 - _NEAREST))
    found = np.full(len(told), np.nan)
    for trial, kept, course in _courses_of_others(target, told):
        residual = np.round(told[trial, kept] - course[kept], _DECIMALS)
        found[trial] = rank_auc(residual, target.label[trial, kept])
    return found


def frames_of_residual(trials: ScoredTrials) -> float:
    """Return the share of the target trials' valid frames that `residual_aucs` ranks.

    Below 1 where a clip is longer than all others: no course of others is known of its end. NaN
    without target trials.
    """
    target = trials.within_target()
    courses = _courses_of_others(target, target.probability)
    ranked, n_valid = sum(int(kept.sum()) for _, kept, _ in courses), int(target.valid.sum())
    return ranked / n_valid if n_valid else float("nan")


def residual_auc_by_fold(trials: ScoredTrials) -> np.ndarray:
    """Return (folds,) the mean of `residual_aucs` over the participants of each fold."""
    auc, target = residual_aucs(trials), trials.within_target()
    folds, everyone = target.names["fold"].to_numpy(), participant_index(target)
    found = np.full(len(np.unique(folds)), np.nan)
    for place, fold in enumerate(np.unique(folds)):
        own = (folds == fold) & ~np.isnan(auc)
        if own.any():
            who = np.unique(everyone[own], return_inverse=True)[1]
            found[place] = np.mean(np.bincount(who, auc[own]) / np.bincount(who))
    return found


def residual_course_test(trials: ScoredTrials, *, confidence: float) -> ResidualCourse:
    """Ask whether a model knows more of any clip of the kind than the time since its start.

    The corrected t of Nadeau & Bengio over the folds' residual ROC AUC, against 0.5. Unlike
    `course_test`, it takes neither the viewers of a clip nor the folds as independent: of models
    that know a course common to all clips it calls about 1 in 100.

    Parameters
    ----------
    trials : of all folds.
    confidence : level of the interval, a fraction; 0.9 for an equivalence test at 0.05.

    Returns
    -------
    ResidualCourse : no interval and no p where fewer than two folds have a value, where these are
        alike, or where folds do not hold their clips out.
    """
    by_fold = residual_auc_by_fold(trials)
    found = corrected_fold_test(only_held_out(by_fold, trials), 0.5, confidence)
    low, high = np.clip([found.ci_low, found.ci_high], 0.0, 1.0).tolist()
    auc = corrected_fold_test(by_fold, 0.5, confidence).mean
    return ResidualCourse(auc, low, high, found.p_value, found.n_folds)


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
