"""Intervals of shares whose parts come from people: what one person gives is not independent.

They speak of other people with *these* clips and *these* networks, as `jackknife_within_folds`
does, which gives their spread.
"""

import numpy as np
from scipy import special

from tinglegram.inference.jackknife import LOGIT, jackknife_within_folds


def share_within_folds(
    part: np.ndarray, whole: np.ndarray, folds: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return the linearised t interval, on the logit, of a share of two sums over people.

    A share of random numbers of things, such as frames in a bin, is a ratio of two sums. Its error
    is that of the residuals part - share x whole (Cochran, 1977, Sampling techniques, chapter 6),
    here of people within folds; divided by share x (1 - share) it is that of the logit.

    Parameters
    ----------
    part, whole : (people,) what counts, and out of how much; 0 of 0 for who has nothing.
    folds : (people,) the fold that tests each person.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : NaN where the share is 0 or 1, where nothing differs between people of a fold,
        or with fewer than two people.
    """
    total = float(whole.sum())
    share = float(part.sum()) / total if total else np.nan
    if not 0 < share < 1:
        return np.nan, np.nan
    influence = (part - share * whole) / (total * share * (1 - share))
    centre, n = float(special.logit(share)), len(part)
    if n < 2:
        return np.nan, np.nan
    without = centre - n / (n - 1) * influence
    low, high = jackknife_within_folds(centre, without, folds, confidence)
    return float(LOGIT.back(np.asarray(low))), float(LOGIT.back(np.asarray(high)))


def wilson_within_folds(
    share: float, without: np.ndarray, folds: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a share of trials, with a design effect and t.

    Trials of one person, and people of one fold, are not independent. The share of n trials has the
    variance of n / design effect independent ones (Kish, 1965, Survey sampling; Wilson's interval
    with it: Korn & Graubard, 1998). The variance is that of people within folds, of the mean over
    folds of each fold's share.

    Parameters
    ----------
    share : of trials, mean over folds.
    without : (people,) the same without each person; NaN for who has no trial.
    folds : (people,) the fold that tests each person.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : where all trials count, or none, each person is taken as one trial. Where some
        do, but people of a fold are all alike, there is nothing to infer from people: NaN.
    """
    n = int((~np.isnan(without)).sum())
    if n < 2 or np.isnan(share):
        return np.nan, np.nan
    if 0 < share < 1:
        low, high = jackknife_within_folds(share, without, folds, confidence, mean_of_folds=True)
        if np.isnan(low):
            return np.nan, np.nan
        # t^2 x design effect / n.
        spread = ((high - low) / 2) ** 2 / (share * (1 - share))
    else:
        freedom = max(n - len(np.unique(folds)), 1)
        spread = float(special.stdtrit(freedom, (1 + confidence) / 2)) ** 2 / n
    centre = (share + spread / 2) / (1 + spread)
    reach = np.sqrt(spread * share * (1 - share) + spread**2 / 4) / (1 + spread)
    return max(float(centre - reach), 0.0), min(float(centre + reach), 1.0)
