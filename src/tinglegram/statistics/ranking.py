"""How well probabilities rank the frames of a trial: ROC AUC and average precision.

Against many label sequences at once, so that a permutation test is a look-up.
"""

import numpy as np


def ranking_scores(probability: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return ROC AUC and average precision of one ranking against each label sequence.

    Parameters
    ----------
    probability : (frames,) of a tingle; equal ones share their rank.
    labels : (sequences, frames) bool.

    Returns
    -------
    (2, sequences): the area under the ROC curve, as the rank sum of the labelled frames (Mann &
    Whitney, 1947), and the average precision, as in scikit-learn. NaN where the frames are all of
    one class.
    """
    order = np.argsort(-probability, kind="stable")
    ranked, reported = probability[order], labels[:, order]
    ends = np.r_[np.flatnonzero(np.diff(ranked)), len(ranked) - 1] if len(ranked) else order
    sizes = np.diff(ends, prepend=-1)
    last = np.repeat(ends, sizes)
    # Position of each frame from the lowest probability up, ties at their mean.
    rank = len(ranked) - last + (np.repeat(sizes, sizes) - 1) / 2
    positive = reported.sum(axis=1)
    negative = len(ranked) - positive
    wins = reported @ rank - positive * (positive + 1) / 2
    precision = np.cumsum(reported, axis=1)[:, last] / (last + 1)
    found = np.full((2, len(labels)), np.nan)
    mixed = (positive > 0) & (negative > 0)
    np.divide(wins, positive * negative, out=found[0], where=mixed)
    np.divide((precision * reported).sum(axis=1), positive, out=found[1], where=mixed)
    return found


def ranking_tables(
    probability: np.ndarray, label: np.ndarray, valid: np.ndarray, strata: np.ndarray
) -> np.ndarray:
    """Return (2, trials, trials) ROC AUC and average precision of trial i against labels of j.

    Parameters
    ----------
    probability, label, valid : trials x steps. Frames valid in both trials are ranked.
    strata : (trials,) only trials of the same stratum are set against each other; NaN elsewhere.
    """
    table = np.full((2, len(label), len(label)), np.nan)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        # Few patterns of padding occur, and trials that share one are ranked together.
        patterns = [row.tobytes() for row in valid[members]]
        for pattern in dict.fromkeys(patterns):
            against = members[[other == pattern for other in patterns]]
            for trial in members:
                kept = valid[trial] & valid[against[0]]
                table[:, trial, against] = ranking_scores(
                    probability[trial, kept], label[against][:, kept]
                )
    return table
