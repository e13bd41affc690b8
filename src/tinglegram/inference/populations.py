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
from tinglegram.inference.jackknife import EstimateScale, jackknife_within_folds

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
        as a fold may be at a bound, and ends at the bounds; of a mean of folds without a null value
        by `interval_of_folds`.
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
    low, high = jackknife_within_folds(
        estimate, left_out, folds, confidence, scale=scale, mean_of_folds=mean_of_folds
    )
    at_bound = AT_BOUND if estimate in (scale.low, scale.high) else ""
    no_ci = (at_bound or ALIKE_PEOPLE) if np.isnan(low) else ""
    if not held_out:
        return TwoIntervals(low, high, np.nan, np.nan, np.nan, 0, no_ci, SHARED_CLIPS)
    found = corrected_fold_test(by_fold, null, confidence)
    any_low, any_high = np.clip([found.ci_low, found.ci_high], scale.low, scale.high).tolist()
    if mean_of_folds and np.isnan(null) and not np.isnan(any_low):
        any_low, any_high = interval_of_folds(by_fold, scale, confidence)
    no_any = (at_bound or ALIKE_FOLDS) if np.isnan(any_low) else ""
    return TwoIntervals(low, high, any_low, any_high, found.p_value, found.n_folds, no_ci, no_any)


def interval_of_folds(
    by_fold: np.ndarray, scale: EstimateScale, confidence: float
) -> tuple[float, float]:
    """Return the corrected t interval of a mean over folds, made on a scale and brought back.

    What a fold adds is its pseudo-value on the scale, K x mean of all - (K - 1) x mean of the
    others (Tukey, 1958), which is known where a fold is at a bound and the mean is not. Where a
    score of folds is skewed, this covers up to 20 points more than the score's own scale.

    Parameters
    ----------
    by_fold : (folds,) NaN where a fold has none.
    scale : on which the mean is about normal.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : NaN with fewer than two folds, or where the mean, or that without a fold, is at
        a bound.
    """
    known = np.asarray(by_fold, dtype=float)
    known = known[~np.isnan(known)]
    n = len(known)
    if n < 2:
        return np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = scale.to(np.asarray(known.mean()))
        without = scale.to((known.sum() - known) / (n - 1))
    if not np.isfinite([whole, *without]).all():
        return np.nan, np.nan
    found = corrected_fold_test(n * whole - (n - 1) * without, np.nan, confidence)
    # Pseudo-values of a curved scale do not lie around the mean: their spread does.
    reach = (found.ci_high - found.ci_low) / 2
    low, high = scale.back(np.array([whole - reach, whole + reach])).tolist()
    return low, high


def reason_of(missing: Mapping[str, str]) -> str:
    """Return in one cell why numbers are missing: `ci: ...; any: ...`; those without are given."""
    return "; ".join(f"{name}: {why}" for name, why in missing.items() if why)
