"""What scores come to among very many people, with the clips and the models of one study.

The same quantities as in the tables of `tinglegram.statistics`, without their intervals, which
nobody needs of thousands of people.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy

from tinglegram.inference.counts import METRICS, accuracy, outcome_counts, scores
from tinglegram.statistics.calibration import SCOPES
from tinglegram.statistics.events import EVENT_METRICS, distance_to, edges
from tinglegram.statistics.ranking import ranking_scores
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.self_report import SELF_REPORT_METRICS, self_reports
from tinglegram.statistics.trial_level import TRIAL_LEVEL_METRICS, trial_calls
from tinglegram.statistics.within_target import (
    RESIDUAL_AUC,
    WITHIN_TARGET_METRICS,
    balanced_accuracy,
    matthews_correlation,
)

# Table -> row -> value. Rows of the calibration are `scope bin`, bins numbered from 0, and
# `scope slope` and `scope intercept`.
Values = Mapping[str, Mapping[str, float]]
# The table whose values are of all folds together, whatever the others are.
CALIBRATION = "calibration"


def expected_values(
    trials: ScoredTrials, *, share: float, tolerance: float, bins: int, grid: float
) -> Values:
    """Return every value of a model's tables, of all folds together.

    Parameters
    ----------
    trials : of many people, each tested once in each condition.
    share : of frames that calls a whole trial. tolerance : seconds, of events. bins : of the
        calibration. grid : steps per second.
    """
    return _expected(trials, _residual_auc(trials), share, tolerance, bins, grid)


def means_over_folds(
    trials: ScoredTrials, *, share: float, tolerance: float, bins: int, grid: float
) -> Values:
    """Return the means over folds of what `expected_values` returns; those of the calibration not.

    Parameters
    ----------
    trials, share, tolerance, bins, grid : as there.
    """
    fold, residual = trials.names["fold"].to_numpy(), _residual_auc(trials)
    found = []
    for number in np.unique(fold):
        own = fold == number
        ranked = residual[own[~trials.control]]
        found.append(_expected(trials.rows(own), ranked, share, tolerance, bins, grid))
    return {
        table: {row: _mean_of_known(np.array([one[table][row] for one in found])) for row in rows}
        for table, rows in found[0].items()
        if table != CALIBRATION
    }


def _expected(
    trials: ScoredTrials,
    residual: np.ndarray,
    share: float,
    tolerance: float,
    bins: int,
    grid: float,
) -> dict[str, dict[str, float]]:
    """Return the values of all tables; `residual` is the residual ROC AUC of target trials."""
    return {
        "pooled": _named(METRICS, _pooled(trials)),
        "within": _named((*WITHIN_TARGET_METRICS, RESIDUAL_AUC), _within_target(trials, residual)),
        "video_level": _named(TRIAL_LEVEL_METRICS, _whole_trials(trials, share)),
        "video_level_own_report": _named(SELF_REPORT_METRICS, _own_reports(trials, share)),
        "events": _named(EVENT_METRICS, _events(trials, tolerance, grid)),
        CALIBRATION: _shares(trials, bins) | _lines(trials),
    }


def _named(names: Sequence[str], values: Sequence[float] | np.ndarray) -> dict[str, float]:
    return dict(zip(names, map(float, values), strict=True))


def _pooled(trials: ScoredTrials) -> np.ndarray:
    counts = trials.counts()
    return scores(counts.sum(axis=0), counts[trials.control].sum(axis=0))


def _residual_auc(trials: ScoredTrials) -> np.ndarray:
    """Return (target trials,) ROC AUC of what predictions add to their mean on other clips."""
    target = trials.within_target()
    found: np.ndarray = target_ranking(target, _residual(target))[0]
    return found


def _within_target(trials: ScoredTrials, residual: np.ndarray) -> list[float]:
    target = trials.within_target()
    counts = target.counts().sum(axis=0)
    wrong = np.square(trials.probability - trials.label)
    ranking = target_ranking(target, target.probability)
    return [
        float(balanced_accuracy(counts)),
        float(matthews_correlation(counts)),
        *map(_mean_of_known, ranking),
        float(wrong[~trials.control].mean()),
        float(wrong.mean()),
        _mean_of_known(residual),
    ]


def _mean_of_known(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _residual(target: ScoredTrials) -> np.ndarray:
    """Return (trials, steps) what predictions add to their mean on other clips, on the logit."""
    told = scipy.special.logit(target.probability)
    found: np.ndarray = np.empty_like(told)
    of_clip = target.names.groupby("video", sort=False).indices
    sums = {clip: told[rows].sum(axis=0) for clip, rows in of_clip.items()}
    total = np.sum(list(sums.values()), axis=0)
    for clip, rows in of_clip.items():
        course = (total - sums[clip]) / (len(told) - len(rows))
        # Equal but for the rounding of sums: the same rank.
        found[rows] = np.round(told[rows] - course, 9)
    return found


def target_ranking(target: ScoredTrials, values: np.ndarray) -> np.ndarray:
    """Return (2, trials) ROC AUC and average precision of trials, all of whose frames are valid.

    Trials of a clip that a model says the same of are ranked together.

    Parameters
    ----------
    target : trials of the target condition. values : (trials, steps) that rank their frames.
    """
    found = np.full((2, len(target.label)), np.nan)
    places = target.names.groupby(["fold", "video"], sort=False).indices.values()
    for rows in places:
        given = values[rows]
        if (given == given[0]).all():
            found[:, rows] = ranking_scores(given[0], target.label[rows])
        else:
            for row in rows:
                found[:, row] = ranking_scores(values[row], target.label[[row]])[:, 0]
    return found


def _whole_trials(trials: ScoredTrials, share: float) -> list[float]:
    counts = outcome_counts(~trials.control, trial_calls(trials, share))
    return [float(accuracy(counts)), float(scores(counts, counts)[1])]


def _own_reports(trials: ScoredTrials, share: float) -> list[float]:
    truth, calls = self_reports(trials, share), trial_calls(trials, share)
    every = outcome_counts(truth, calls)
    own = outcome_counts(truth[~trials.control], calls[~trials.control])
    return [
        float(accuracy(every)),
        float(scores(every, every)[1]),
        float(accuracy(own)),
        float(balanced_accuracy(own)),
    ]


def _events(trials: ScoredTrials, tolerance: float, grid: float) -> list[float]:
    """Return the values of `EVENT_METRICS`, of people with one target trial each."""
    target = trials.within_target()
    ours, theirs = (edges(called, target.valid) for called in (target.label, target.predicted))
    found = []
    for reported, predicted in ((ours.onset, theirs.onset), (ours.offset, theirs.offset)):
        near = tolerance + 1e-9
        to_predicted, to_reported = distance_to(predicted) / grid, distance_to(reported) / grid
        known = reported & np.isfinite(to_predicted)
        found += [
            _mean_of_medians(np.nonzero(known)[0], to_predicted[known]),
            _ratio((reported & (to_predicted <= near)).sum(), reported.sum()),
            _ratio((predicted & (to_reported <= near)).sum(), predicted.sum()),
        ]
    return found + [float(e.start.sum(axis=1).mean()) for e in (ours, theirs)]


def _mean_of_medians(groups: np.ndarray, values: np.ndarray) -> float:
    """Return the mean over groups, (n,) numbers that never fall, of the median of their values."""
    if not len(values):
        return np.nan
    ordered = values[np.lexsort((values, groups))]
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    size = np.diff(first, append=len(groups))
    low, high = ordered[first + (size - 1) // 2], ordered[first + size // 2]
    return float((low + high).mean() / 2)


def _shares(trials: ScoredTrials, bins: int) -> dict[str, float]:
    """Return the share of frames with a report in each bin of the calibration."""
    place = np.minimum((trials.probability * bins).astype(int), bins - 1)
    cell = (place + bins * trials.control[:, None]).ravel()
    # Of the target's frames, and of the others.
    frames = np.bincount(cell, minlength=2 * bins).reshape(2, bins)
    reported = np.bincount(cell, trials.label.ravel(), minlength=2 * bins).reshape(2, bins)
    both, target = SCOPES
    parts = {both: (reported.sum(axis=0), frames.sum(axis=0)), target: (reported[0], frames[0])}
    return {
        f"{scope} {number}": _ratio(part[number], whole[number])
        for scope, (part, whole) in parts.items()
        for number in range(bins)
    }


def _lines(trials: ScoredTrials) -> dict[str, float]:
    """Return slope and intercept of logistic recalibration, of both conditions and the target.

    What a model says the same of is fitted once, by how many people saw it and how many reported.
    """
    both, target = SCOPES
    found: dict[str, float] = {}
    for scope, part in ((both, trials), (target, trials.within_target())):
        told, numbers, reported = [], [], []
        for rows in part.names.groupby(["fold", "video"], sort=False).indices.values():
            given = part.probability[rows]
            alike = (given == given[0]).all()
            label = part.label[rows]
            told.append(given[0] if alike else given.ravel())
            reported.append(label.sum(axis=0) if alike else label.ravel())
            numbers.append(np.full(told[-1].shape, len(rows) if alike else 1))
        line = _recalibration(*(np.concatenate(v) for v in (told, numbers, reported)))
        found |= {f"{scope} {name}": value for name, value in line.items()}
    return found


def _recalibration(
    probability: np.ndarray, numbers: np.ndarray, reported: np.ndarray
) -> dict[str, float]:
    """Fit logit P(reported) = intercept + slope x logit(probability); NaN where nothing varies."""
    x = scipy.special.logit(probability)
    if np.ptp(x) == 0 or not 0 < reported.sum() < numbers.sum():
        return {"slope": np.nan, "intercept": np.nan}
    columns = np.stack([np.ones_like(x), x])
    line = np.array([scipy.special.logit(reported.sum() / numbers.sum()), 0.0])
    # Newton's method; a dozen steps are far more than a curve this smooth needs.
    for _ in range(12):
        chance = scipy.special.expit(line @ columns)
        weights = numbers * chance * (1 - chance)
        step = columns @ (reported - numbers * chance)
        line = line + np.linalg.solve((columns * weights) @ columns.T, step)
    return {"slope": float(line[1]), "intercept": float(line[0])}


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else np.nan


def rows_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return table -> row -> column -> what it says; rows are named as in `Values`.

    The column `value` is there in all tables.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, table in tables.items():
        if "metric" in table.columns:
            found[name] = {row["metric"]: row for row in _records(table)}
    last, number, bins = "", 0, {}
    for row in _records(tables[CALIBRATION]):
        number = 0 if row["scope"] != last else number + 1
        last = row["scope"]
        bins[f"{last} {number}"] = row | {"value": row["observed_share"]}
        for line in ("slope", "intercept") if "line_slope" in row else ():
            bins[f"{last} {line}"] = {"value": row[f"line_{line}"]}
    return found | {CALIBRATION: bins}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
