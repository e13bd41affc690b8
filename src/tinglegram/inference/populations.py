"""The interval of a score for each population it can speak of: these clips, or any of the kind.

Other people with *these clips and networks*: people of a fold share its clips and its network, so
that a jackknife over people within folds holds all that differs (`inference.jackknife`). *Any clips
of the kind*, which other networks would be trained with: a t over folds whose variance is corrected
for the training data that folds share (`inference.corrected_folds`). The second is wider wherever
clips matter, and no interval of the first kind says anything of it.
"""

from typing import NamedTuple

import numpy as np

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import EstimateScale, interval_on

# What captions and pages call them.
THESE_CLIPS = "these clips and networks"
ANY_CLIPS = "any clips of the kind"
# The family of a p-value that is one of a kind: a question asked once is not corrected.
NO_FAMILY = "none"


class TwoIntervals(NamedTuple):
    """The interval of a score for other people with these clips and networks, and for any clips.

    ci_low, ci_high : these clips and networks; around the score of all people.
    any_low, any_high : any clips of the kind; around the mean over folds.
    p_any : one-sided, that this mean is above the null value; missing where there is none.
    n_folds : folds with a value, behind the second one.
    """

    ci_low: float
    ci_high: float
    any_low: float
    any_high: float
    p_any: float
    n_folds: int


def two_intervals(
    estimate: float,
    left_out: np.ndarray,
    folds: np.ndarray,
    by_fold: np.ndarray,
    *,
    scale: EstimateScale,
    confidence: float,
    null: float = np.nan,
) -> TwoIntervals:
    """Return the interval of a score for each population.

    Parameters
    ----------
    estimate : of all people.
    left_out, folds : (people,) the estimate without each, NaN for who does not enter it, and the
        fold that tests each, as for `jackknife_within_folds`.
    by_fold : (folds,) the score of each fold; NaN where it has none.
    scale : on which the first interval is made. The second one is made on the score's own scale,
        as a fold may be at a bound, and ends at the bounds; missing where all folds are at one.
    confidence : level of the intervals, a fraction.
    null : value under the null hypothesis; NaN: there is none.
    """
    low, high = interval_on(scale, estimate, left_out, folds, confidence)
    anywhere = corrected_fold_test(by_fold, null, confidence)
    ends = np.clip([anywhere.ci_low, anywhere.ci_high], scale.low, scale.high)
    if not scale.low < anywhere.mean < scale.high:
        # All folds at a bound do not vary, which tells nothing of how others would.
        ends = np.full(2, np.nan)
    any_low, any_high = ends.tolist()
    return TwoIntervals(low, high, any_low, any_high, anywhere.p_value, anywhere.n_folds)


def leave_one_out_weights(n: int) -> np.ndarray:
    """Return (n, n) weights of people in which row i leaves out person i."""
    weights: np.ndarray = 1.0 - np.eye(n)
    return weights


def left_out_values(values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Mark who does not enter an estimate, and where it is lost with a single person.

    Parameters
    ----------
    values : (people,) the estimate without each; NaN where it is not defined then.
    members : (people,) bool, who enters it.

    Returns
    -------
    (people,) NaN for who does not enter it; infinite for who is the only one to define it, so that
    there is no interval.
    """
    return np.where(members, np.where(np.isnan(values), np.inf, values), np.nan)
