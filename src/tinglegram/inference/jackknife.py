"""Delete-one jackknife: an interval for any estimate that can be computed without each unit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special


def jackknife_interval(
    estimate: float, left_out: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return the t interval of an estimate from its values without each unit.

    estimate +- t(n - 1) se, with se^2 = (n - 1) / n x sum of (value without a unit - their mean)^2
    (Tukey, 1958; Efron & Stein, 1981, doi:10.1214/aos/1176345462). On a scale on which the estimate
    is about normal, such as Fisher's z.

    Parameters
    ----------
    estimate : of all units.
    left_out : (n,) the estimate without each unit.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : its ends; NaN with fewer than two units.
    """
    n = len(left_out)
    if n < 2:
        return np.nan, np.nan
    reach = special.stdtrit(n - 1, (1 + confidence) / 2) * jackknife_error(left_out)
    return float(estimate - reach), float(estimate + reach)


def jackknife_error(left_out: np.ndarray) -> np.ndarray:
    """Return the standard error of `jackknife_interval` of (n, ...) values without each unit."""
    n = len(left_out)
    apart = left_out - left_out.mean(axis=0)
    error: np.ndarray = np.sqrt((n - 1) / n * np.sum(np.square(apart), axis=0))
    return error


class EstimateScale(NamedTuple):
    """A scale on which an estimate is about normal: to it and back, and what the estimate can be.

    A value at a bound is infinite on the scale, and one beyond is not a number.
    """

    to: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    low: float = -np.inf
    high: float = np.inf


def _unchanged(values: np.ndarray) -> np.ndarray:
    return values


IDENTITY = EstimateScale(_unchanged, _unchanged)
# 0 to 1: shares, scores, areas under a curve.
LOGIT = EstimateScale(special.logit, special.expit, 0.0, 1.0)
# -1 to 1: correlations.
FISHER_Z = EstimateScale(np.arctanh, np.tanh, -1.0, 1.0)
# Above 0: errors, times, rates.
LOG = EstimateScale(np.log, np.exp, 0.0)


# Numbers that are no further apart differ by rounding alone.
ROUNDING = 1e-9


def _unless_equal(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an interval; NaN where they are equal, because nothing differs."""
    return (low, high) if high - low > ROUNDING else (np.nan, np.nan)


class JackknifeError(NamedTuple):
    """Standard error of an estimate, and its degrees of freedom."""

    error: float
    freedom: float


def error_within_folds(
    left_out: np.ndarray, folds: np.ndarray, *, mean_of_folds: bool = False
) -> JackknifeError:
    """Return the standard error of an estimate from its values without each person, fold by fold.

    It speaks of other people with *these* clips and *these* networks: people of a fold
    share both, so that only what differs between people of one fold counts as error.

        v_h = n_h / (n_h - 1) x ((N - 1) / N)^2 x sum over people of h of (left_out - its mean)^2
        se^2 = sum of v_h,   df = (sum of v_h)^2 / sum of v_h^2 / (n_h - 1)     (Satterthwaite)

    Of a mean over people this is exactly the variance of a stratified sample. The textbook's
    factor (n_h - 1) / n_h is that of n_h people alone, not of an estimate of all folds: with it the
    interval covers 3 to 5 points too little. Of a mean over folds of each fold's own estimate it is
    the right one, as a fold's estimate is of its n_h people alone.

    Parameters
    ----------
    left_out : (people,) the estimate without each person; NaN for a person who does not enter it,
        who is then counted nowhere.
    folds : (people,) the fold that tests each person.
    mean_of_folds : the estimate is the mean of the folds' own, each of its people alone.

    Returns
    -------
    JackknifeError : NaN with fewer than two people, or where a value is not finite; an error of 0
        where nothing differs. People who are alone in their folds, as when one is left out at a
        time, are one stratum; a single one belongs to that of the next fold. ASSUMPTION: what
        differs between these folds counts as error of people, which makes the interval wider.
    """
    left_out = np.asarray(left_out, dtype=np.float64)
    known = ~np.isnan(left_out)
    values, n = left_out[known], int(known.sum())
    if n < 2 or not np.isfinite(values).all():
        return JackknifeError(np.nan, np.nan)
    stratum = _strata_of_two(np.asarray(folds)[known])
    size = np.bincount(stratum)
    apart = values - (np.bincount(stratum, values) / size)[stratum]
    pooled = size / (size - 1) * ((n - 1) / n) ** 2
    factor = (size - 1) / size if mean_of_folds else pooled
    variance = factor * np.bincount(stratum, np.square(apart))
    total = variance.sum()
    if total == 0:
        return JackknifeError(0.0, float(n - len(size)))
    freedom = total**2 / np.sum(np.square(variance) / (size - 1))
    return JackknifeError(float(np.sqrt(total)), float(freedom))


def _strata_of_two(folds: np.ndarray) -> np.ndarray:
    """Return (people,) the 0-based stratum of each: the fold, of at least two people."""
    fold: np.ndarray = np.unique(folds, return_inverse=True)[1]
    size = np.bincount(fold)
    alone = np.flatnonzero(size == 1)
    if not len(alone):
        return fold
    # A single one goes to the next fold, or from the last to the one before.
    among = (
        alone[0] if len(alone) > 1 else alone[0] + 1 if alone[0] + 1 < len(size) else alone[0] - 1
    )
    stratum: np.ndarray = np.unique(
        np.where(np.isin(fold, alone), among, fold), return_inverse=True
    )[1]
    return stratum


def jackknife_within_folds(
    estimate: float,
    left_out: np.ndarray,
    folds: np.ndarray,
    confidence: float,
    *,
    scale: EstimateScale = IDENTITY,
    mean_of_folds: bool = False,
) -> tuple[float, float]:
    """Return the t interval of an estimate, with the error of `error_within_folds`.

    Parameters
    ----------
    estimate : of all people.
    left_out, folds, mean_of_folds : as there.
    confidence : level of the interval, a fraction.
    scale : on which the interval is made; it comes back.

    Returns
    -------
    (float, float) : its ends; NaN with fewer than two people, or where the estimate, or one without
        a person, is at or beyond a bound of the scale. Also where nothing differs between people of
        a fold: an interval of no width would be false certainty.
    """
    left_out = np.asarray(left_out, dtype=np.float64)
    known = ~np.isnan(left_out)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, without = float(scale.to(np.asarray(estimate))), scale.to(left_out)
    if not np.isfinite([centre, *without[known]]).all():
        return np.nan, np.nan
    error, freedom = error_within_folds(without, folds, mean_of_folds=mean_of_folds)
    reach = special.stdtrit(freedom, (1 + confidence) / 2) * error
    low, high = _unless_equal(centre - reach, centre + reach)
    return _unless_equal(*scale.back(np.array([low, high])).tolist())
