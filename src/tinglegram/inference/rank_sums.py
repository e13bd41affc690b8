"""The area under the ROC curve of one ranking, as a rank sum."""

import numpy as np
import scipy


def rank_auc(probability: np.ndarray, label: np.ndarray) -> float:
    """Return the ROC AUC of frames, as the rank sum of those of class 1 (Mann & Whitney, 1947).

    Parameters
    ----------
    probability : (frames,) that the frames are ranked by; equal ones share their rank.
    label : (frames,) bool or 0 and 1.

    Returns
    -------
    The area; NaN where all frames are of one class.
    """
    ones = np.asarray(label, dtype=bool)
    positive = int(ones.sum())
    negative = len(ones) - positive
    if not positive or not negative:
        return float("nan")
    ranks = scipy.stats.rankdata(probability)
    return float((ranks[ones].sum() - positive * (positive + 1) / 2) / (positive * negative))
