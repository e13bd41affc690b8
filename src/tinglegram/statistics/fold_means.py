"""Scores and their intervals from what each person, or each fold, adds to their counts.

Of the switch `score_inference: folds`. A score is the mean over folds of each fold's own. Its
interval is of other people with *these clips and networks*, from people within folds, or of *any
clips of the kind*, from folds.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tinglegram.inference.counts import ratio, sums_of
from tinglegram.inference.jackknife import ROUNDING, EstimateScale
from tinglegram.inference.populations import ALIKE_PEOPLE, NOT_DEFINED, reason_of, two_intervals
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    participant_index,
)

# From sums over people (..., parts) to one score (...).
Score = Callable[[np.ndarray], np.ndarray]
# Intervals of what few people have, such as frames in a bin or onsets, cover too little: of bins
# with 1 to 4 people, 49 % of the intervals hold the share of very many.
FEWEST_PEOPLE = 10
# Why there is no p where one would always be 1.
UNMOVED = "no exchange of labels changes it"
FEW_PEOPLE = f"fewer than {FEWEST_PEOPLE} people"


class Units(NamedTuple):
    """Who and what the intervals of a model's scores are over.

    A cell is a person in a fold. cell : (trials,) number of each trial's. person, fold : (cells,)
    number of its person and of its fold. fold_of_person : (people,) the fold that tests each.
    held_out : whether each clip is tested in one fold alone; if not, what varies between folds
    tells nothing of other clips.
    """

    cell: np.ndarray
    person: np.ndarray
    fold: np.ndarray
    fold_of_person: np.ndarray
    held_out: bool


def units_of(trials: ScoredTrials) -> Units:
    """Return the people and folds of trials."""
    fold = np.unique(trials.names["fold"].to_numpy(), return_inverse=True)[1]
    pairs = np.stack([participant_index(trials), fold], axis=1)
    known, cell = np.unique(pairs, axis=0, return_inverse=True)
    return Units(
        cell.ravel(), known[:, 0], known[:, 1], folds_of_people(trials), clips_are_held_out(trials)
    )


class FoldMean(NamedTuple):
    """The mean over folds of a score, the same without each person, and that of each fold.

    left_out : (people,) NaN for who adds nothing, infinite for who alone defines a fold's score.
    by_fold : (folds,) NaN where a fold has no score; such folds are not in the mean.
    """

    value: float
    left_out: np.ndarray
    by_fold: np.ndarray


def mean_over_folds(units: Units, cells: np.ndarray, score: Score) -> FoldMean:
    """Return the mean over folds of a score, each fold with the same weight.

    Pooled over folds, a score of trained models is biased: people of a fold who report more than
    others train the models of the other folds to call more, so that calls and reports of folds are
    negatively related (Parker, Gunter & Bedo, 2007, doi:10.1186/1471-2105-8-326). No fold's own
    score is: its people trained nothing of what they are tested with.

    Parameters
    ----------
    units : see the class.
    cells : (cells, ...) what each person adds in each fold.
    score : of sums.
    """
    sums = sums_of(units.fold, cells)
    by_fold = np.asarray(score(sums), dtype=float)
    enters = (cells != 0).reshape(len(cells), -1).any(axis=1) & ~np.isnan(by_fold)[units.fold]
    people = len(units.fold_of_person)
    left_out = np.full(people, np.nan)
    number = int((~np.isnan(by_fold)).sum())
    if not number:
        return FoldMean(np.nan, left_out, by_fold)
    person, fold = units.person[enters], units.fold[enters]
    others = np.asarray(score(sums[fold] - cells[enters]), dtype=float)
    # Whose fold has nobody else leaves the folds of others.
    alone = np.bincount(fold, minlength=len(by_fold))[fold] == 1
    rest = np.full(people, np.nansum(by_fold))
    np.add.at(rest, person, np.where(alone, 0.0, others) - by_fold[fold])
    left = number - np.bincount(person[alone], minlength=people)
    found = ratio(rest, left, np.inf)
    found[np.isnan(found)] = np.inf
    member = np.bincount(person, minlength=people) > 0
    return FoldMean(float(np.nanmean(by_fold)), np.where(member, found, np.nan), by_fold)


def score_columns(
    units: Units,
    cells: np.ndarray,
    score: Score,
    scale: EstimateScale,
    confidence: float,
    *,
    null: float = np.nan,
    these: tuple[float, float] | None = None,
    fewest: int = 0,
    no_ci: str = "",
    no_any: str = "",
) -> dict[str, Any]:
    """Return a score as the mean over folds, its two intervals and the reason of what is missing.

    Parameters
    ----------
    units, cells, score : as for `mean_over_folds`.
    scale : on which the score is about normal.
    confidence : level of the intervals, a fraction.
    null : of p for any clips of the kind; NaN: there is none.
    these : the interval of other people with these clips and networks, where it is not the
        jackknife's.
    fewest : with fewer people who add anything there is no interval.
    no_ci, no_any : there is no interval for these clips and networks, or for any clips and no p,
        for this reason.

    Returns
    -------
    value, ci_low, ci_high, any_low, any_high, p_any, n_folds and reason (of what is missing; folds
    without a score are counted there).
    """
    mean = mean_over_folds(units, cells, score)
    found = two_intervals(
        mean.value,
        mean.left_out,
        units.fold_of_person,
        mean.by_fold,
        scale=scale,
        confidence=confidence,
        null=null,
        held_out=units.held_out,
        mean_of_folds=True,
    )
    ends, any_ends = [found.ci_low, found.ci_high], [found.any_low, found.any_high, found.p_any]
    if these is not None:
        ends = list(these)
    missing = {
        "ci": no_ci or (found.no_ci or ALIKE_PEOPLE if np.isnan(ends[0]) else ""),
        "any": no_any or found.no_any,
    }
    ends = [np.nan] * 2 if no_ci else ends
    any_ends = [np.nan] * 3 if no_any else any_ends
    if np.isnan(mean.value):
        missing = {"value": NOT_DEFINED}
    elif (~np.isnan(mean.left_out)).sum() < fewest:
        ends, any_ends = [np.nan] * 2, [np.nan] * 3
        missing = {"ci and any": FEW_PEOPLE}
    without = int(np.isnan(mean.by_fold).sum())
    if without and not np.isnan(mean.value):
        missing["value"] = f"{without} of {len(mean.by_fold)} folds without a score"
    names = ("value", "ci_low", "ci_high", "any_low", "any_high", "p_any", "n_folds", "reason")
    numbers = (mean.value, *ends, *any_ends, found.n_folds, reason_of(missing))
    return dict(zip(names, numbers, strict=True))


def with_exchange_p(
    row: Mapping[str, Any], column: str, p_value: float, drawn: np.ndarray
) -> dict[str, Any]:
    """Return a row of `score_columns` with the p of exchanged labels, or why it has none.

    Parameters
    ----------
    column : p_value, or another name that begins with p.
    drawn : (1 + draws,) the score of labels as they are, and after each exchange. Where none
        changes it, p would be 1 whatever the labels, and could not reject.
    """
    why = UNMOVED if np.ptp(drawn) <= ROUNDING else ""
    why = NOT_DEFINED if np.isnan(drawn[0]) else why
    row = {**row, column: np.nan if why else p_value}
    return add_reason(row, column.removesuffix("_value"), why)


def add_reason(row: Mapping[str, Any], name: str, why: str) -> dict[str, Any]:
    """Return a row of `score_columns` that also says why it has no `name`; empty: it has."""
    said = [str(row["reason"]), reason_of({name: why})]
    return {**row, "reason": "; ".join(filter(None, said))}
