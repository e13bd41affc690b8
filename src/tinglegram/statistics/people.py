"""Scores and their intervals from what each person, or each fold, adds to their counts.

Of the switch `score_inference: folds`. An interval is of other people with *these clips and
networks*, from people within folds, or of *any clips of the kind*, from folds.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import ROUNDING, EstimateScale, interval_on, unless_equal
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    participant_index,
)

# From sums over people (..., parts) to one score (...).
Score = Callable[[np.ndarray], np.ndarray]
# Why a number is not given.
AT_BOUND = "at a bound"
ALIKE_PEOPLE = "people of a fold are alike, or one person alone defines it"
ALIKE_FOLDS = "folds are alike, or one alone defines it"
SHARED_CLIPS = "folds test the same clips"
# Intervals of what few people have, such as frames in a bin or onsets, cover too little: of bins
# with 1 to 4 people, 49 % of the intervals hold the share of very many.
FEWEST_PEOPLE = 10
FEW_PEOPLE = f"fewer than {FEWEST_PEOPLE} people"


def sums_of(units: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (units, ...) sums of `values` (rows, ...); `units` (rows,) numbers them from 0."""
    found = np.zeros((int(units.max()) + 1, *values.shape[1:]), dtype=values.dtype)
    np.add.at(found, units, values)
    return found


def interval_of_people(
    sums: np.ndarray, score: Score, scale: EstimateScale, folds: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return the jackknife interval, within folds, of a score of sums over people.

    Parameters
    ----------
    sums : (people, parts) what each person adds; whoever adds nothing does not enter.
    score : of sums.
    scale : on which the score is about normal.
    folds : (people,) the fold that tests each person.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : NaN where the score, or that without a person, is not defined or at a bound of
        the scale, or where nothing differs between people of a fold.
    """
    total = sums.sum(axis=0)
    enters = (sums != 0).reshape(len(sums), -1).any(axis=1)
    estimate, left_out = float(score(total)), score(total - sums[enters])
    if np.isnan([estimate, *left_out]).any():
        return np.nan, np.nan
    return unless_equal(*interval_on(scale, estimate, left_out, folds[enters], confidence))


def interval_of_folds(
    sums: np.ndarray, score: Score, scale: EstimateScale, confidence: float
) -> tuple[float, float]:
    """Return the corrected t interval over folds of a score of sums over folds.

    What a fold adds to the score is its pseudo-value on the scale, K x score of all - (K - 1) x
    score without the fold (Tukey, 1958), so that folds of few people or events weigh less; their
    spread has the variance of Nadeau & Bengio (`inference.corrected_folds`).

    Parameters
    ----------
    sums : (folds, parts) what each fold adds.
    score, scale, confidence : as for `interval_of_people`.

    Returns
    -------
    (float, float) : NaN with fewer than two folds, where the score, or that without a fold, is not
        defined or at a bound of the scale, or where all folds are alike.
    """
    total, n = sums.sum(axis=0), len(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole, without = scale.to(score(total)), scale.to(score(total - sums))
    if n < 2 or not np.isfinite([whole, *without]).all():
        return np.nan, np.nan
    apart = (n - 1) * (without.mean() - without)
    if np.ptp(apart) < ROUNDING:
        return np.nan, np.nan
    found = corrected_fold_test(whole + apart, np.nan, confidence)
    low, high = scale.back(np.array([found.ci_low, found.ci_high]))
    return float(low), float(high)


class Units(NamedTuple):
    """Who and what the intervals of a model's scores are over.

    person : (trials,) number of each trial's participant. fold_of_person : (people,) the fold that
    tests each. fold : (trials,) number of each trial's fold; None where folds test the same clips,
    so that what varies between them tells nothing of other clips.
    """

    person: np.ndarray
    fold_of_person: np.ndarray
    fold: np.ndarray | None


def units_of(trials: ScoredTrials) -> Units:
    """Return the people and folds of trials."""
    fold = None
    if clips_are_held_out(trials):
        fold = np.unique(trials.names["fold"].to_numpy(), return_inverse=True)[1]
    return Units(participant_index(trials), folds_of_people(trials), fold)


def score_columns(
    units: Units,
    people: np.ndarray,
    folds: np.ndarray | None,
    score: Score,
    scale: EstimateScale,
    confidence: float,
    *,
    these: tuple[float, float] | None = None,
    fewest: int = 0,
    why: str = "",
) -> dict[str, Any]:
    """Return value, ci_low, ci_high, any_low, any_high, n_folds and the reason of what is missing.

    Parameters
    ----------
    units : see the class.
    people, folds : (people, ...) and (folds, ...) what each adds to the score; no folds: they test
        the same clips.
    score, scale, confidence : as for `interval_of_people`.
    these : the interval of other people with these clips and networks, where it is not the
        jackknife's.
    fewest : with fewer people who add anything there is no interval.
    why : there is no interval for these clips and networks, for this reason.
    """
    value = float(score(people.sum(axis=0)))
    if why:
        these = (np.nan, np.nan)
    if these is None:
        these = interval_of_people(people, score, scale, units.fold_of_person, confidence)
    other = (np.nan, np.nan)
    if folds is not None:
        other = interval_of_folds(folds, score, scale, confidence)
    missing = {"value": "not defined"} if np.isnan(value) else {}
    if (people != 0).reshape(len(people), -1).any(axis=1).sum() < fewest:
        these, other = (np.nan, np.nan), (np.nan, np.nan)
        missing = missing or {"ci and any": FEW_PEOPLE}
    if not missing:
        at_bound = AT_BOUND if value in (scale.low, scale.high) else ""
        alike = SHARED_CLIPS if folds is None else at_bound or ALIKE_FOLDS
        missing = {
            "ci": (why or at_bound or ALIKE_PEOPLE) if np.isnan(these[0]) else "",
            "any": alike if np.isnan(other[0]) else "",
        }
    return {
        "value": value,
        "ci_low": these[0],
        "ci_high": these[1],
        "any_low": other[0],
        "any_high": other[1],
        "n_folds": 0 if folds is None else len(folds),
        "reason": reason_of(missing),
    }


def reason_of(missing: Mapping[str, str]) -> str:
    """Return in one cell why numbers are missing: `ci: ...; any: ...`; those without are given."""
    return "; ".join(f"{name}: {why}" for name, why in missing.items() if why)


def add_reason(row: Mapping[str, Any], name: str, why: str) -> dict[str, Any]:
    """Return a row of `score_columns` that also says why it has no `name`; empty: it has."""
    said = [str(row["reason"]), reason_of({name: why})]
    return {**row, "reason": "; ".join(filter(None, said))}
