"""Does a model say when it tingles? Predictions moved in time within each clip, as a test.

Exchanging label sequences between viewers of a clip cannot see a time course that all of them
share, because everybody's sequence carries it. And an interval over participants takes viewers of
one clip as independent, though a model gives them much the same course. Moving a clip's
predictions around in a circle, by the same step for all its viewers, keeps both as they are and
breaks only the alignment with the reports (Theiler et al., 1992, surrogate data).
"""

from typing import NamedTuple

import numpy as np

from tinglegram.metrics import Trials
from tinglegram.resampling import Resamples, Use, exceedance, people, strata_of


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


def shift_test(trials: Trials, settings: Resamples) -> ShiftTest:
    """Test the mean ROC AUC per participant within the target condition against moved predictions.

    Each draw moves the predictions of each clip of each fold by one random step, the same for all
    its viewers; a shorter trial turns within its own frames. Only valid frames are ranked.
    ASSUMPTION: under the null any step is as likely as any other, which holds for time courses
    without a trend; a trend that model and reports share counts as following the reports.

    Parameters
    ----------
    trials : see the class. settings : permutations, seed and p_value are used.

    Returns
    -------
    ShiftTest : NaN where no target trial has reports of both classes.
    """
    target = trials.within_target()
    everyone, strata = people(target), strata_of(target)
    clips = np.unique(target.names["video"].to_numpy().astype(str), return_inverse=True)[1]
    groups = np.unique(np.stack([strata, clips]), axis=1, return_inverse=True)[1].ravel()
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
    steps = np.vstack([np.zeros_like(steps[:1]), steps])
    values = np.stack([tables[i][steps[:, groups[i]] % len(tables[i])] for i in members], axis=1)
    # Trials of one person are averaged first, so that everybody counts once.
    who = np.unique(everyone[members], return_inverse=True)[1]
    belongs = (who == np.arange(who.max() + 1)[:, None]).astype(float)
    means = (values @ (belongs / belongs.sum(axis=1, keepdims=True)).T).mean(axis=1)
    p_value = exceedance(means[1:], means[0], settings.p_value)
    n_clips = len(np.unique(groups[members]))
    return ShiftTest(
        float(means[0]), float(means[1:].mean()), float(p_value), len(belongs), n_clips
    )
