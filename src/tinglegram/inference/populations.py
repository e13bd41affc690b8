"""The interval of a score for each population it can speak of: these clips, or any of the kind.

Other people with *these clips and networks*: people of a fold share its clips and its network, so
that a jackknife over people within folds holds all that differs (`inference.jackknife`). *Any clips
of the kind*, which other networks would be trained with: a t over folds whose variance is corrected
for the training data that folds share (`inference.corrected_folds`). The second is wider wherever
clips matter, and no interval of the first kind says anything of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import EstimateScale, interval_on
from tinglegram.inference.shares import ROUNDING, unless_equal

# What captions and pages call them.
THESE_CLIPS = "these clips and networks"
ANY_CLIPS = "any clips of the kind"
# Why a number is not given.
AT_BOUND = "at a bound"
ALIKE_PEOPLE = "people of a fold are alike, or one person alone defines it"
ALIKE_FOLDS = "folds are alike, or one alone defines it"
SHARED_CLIPS = "folds test the same clips"
NOT_DEFINED = "not defined"
# The family of a p-value that is one of a kind: a question asked once is not corrected.
NO_FAMILY = "none"


class TwoIntervals(NamedTuple):
    """The interval of a score for other people with these clips and networks, and for any clips.

    ci_low, ci_high : these clips and networks; around the score.
    any_low, any_high : any clips of the kind; around the mean over folds.
    p_any : one-sided, that this mean is above the null value; missing where there is none.
    n_folds : folds with a value, behind the second one.
    no_ci, no_any : why there is no such interval; empty where there is.
    """

    ci_low: float
    ci_high: float
    any_low: float
    any_high: float
    p_any: float
    n_folds: int
    no_ci: str
    no_any: str

    @property
    def reason(self) -> str:
        """Why numbers are missing, in one cell."""
        return reason_of({"ci": self.no_ci, "any": self.no_any})


def two_intervals(
    estimate: float,
    left_out: np.ndarray,
    folds: np.ndarray,
    by_fold: np.ndarray,
    *,
    scale: EstimateScale,
    confidence: float,
    null: float = np.nan,
    held_out: bool = True,
    mean_of_folds: bool = False,
) -> TwoIntervals:
    """Return the interval of a score for each population.

    Parameters
    ----------
    estimate : of all people.
    left_out, folds : (people,) the estimate without each, NaN for who does not enter it, and the
        fold that tests each, as for `jackknife_within_folds`.
    by_fold : (folds,) the score of each fold; NaN where it has none.
    scale : on which the first interval is made. The second one is made on the score's own scale,
        as a fold may be at a bound, and ends at the bounds.
    confidence : level of the intervals, a fraction.
    null : value under the null hypothesis; NaN: there is none.
    held_out : whether folds differ in clips that train no model of their own; if not, nothing is
        said of any clips.
    mean_of_folds : the estimate is the mean of `by_fold`, as for `error_within_folds`.

    Returns
    -------
    TwoIntervals : where people of a fold are alike, or all folds are, their spread is unknown, and
        an interval of no width would be false certainty: it is missing, and so is its p.
    """
    if np.isnan(estimate):
        return TwoIntervals(*(np.nan,) * 5, 0, NOT_DEFINED, NOT_DEFINED)
    low, high = unless_equal(
        *interval_on(scale, estimate, left_out, folds, confidence, mean_of_folds=mean_of_folds)
    )
    at_bound = AT_BOUND if estimate in (scale.low, scale.high) else ""
    no_ci = (at_bound or ALIKE_PEOPLE) if np.isnan(low) else ""
    if not held_out:
        return TwoIntervals(low, high, np.nan, np.nan, np.nan, 0, no_ci, SHARED_CLIPS)
    found = corrected_fold_test(by_fold, null, confidence)
    if folds_are_alike(by_fold):
        no_any = at_bound or ALIKE_FOLDS
        return TwoIntervals(low, high, np.nan, np.nan, np.nan, found.n_folds, no_ci, no_any)
    any_low, any_high = np.clip([found.ci_low, found.ci_high], scale.low, scale.high).tolist()
    return TwoIntervals(low, high, any_low, any_high, found.p_value, found.n_folds, no_ci, "")


def folds_are_alike(by_fold: np.ndarray) -> bool:
    """Return whether the values of folds tell nothing of how others would vary.

    Parameters
    ----------
    by_fold : (folds,) NaN where a fold has none.

    Returns
    -------
    bool : True with fewer than two values, or where all are the same, as of a model that calls all
        frames alike in every fold.
    """
    known = np.asarray(by_fold, dtype=float)
    known = known[~np.isnan(known)]
    return len(known) < 2 or bool(np.ptp(known) < ROUNDING)


def reason_of(missing: Mapping[str, str]) -> str:
    """Return in one cell why numbers are missing: `ci: ...; any: ...`; those without are given."""
    return "; ".join(f"{name}: {why}" for name, why in missing.items() if why)
