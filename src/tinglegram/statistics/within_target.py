"""Scores that knowing the condition of a clip cannot win: those of the target condition alone.

A rule that calls every frame of the target condition a tingle has a balanced accuracy of 0.5 here,
a Matthews correlation of 0 and ranks nothing. Padded frames hold no report and are left out,
whatever the padding switch says. As in `resampling`, no frame is touched while resampling.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.counts import ratio, ratio_of_sums, sums_of
from tinglegram.inference.jackknife import FISHER_Z, LOG, LOGIT, EstimateScale
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.populations import NO_FAMILY
from tinglegram.inference.resampling import (
    Resamples,
    Use,
    defined_interval,
    draw_orders_within,
    draw_weights,
    exceedance,
)
from tinglegram.statistics.fold_means import Score, Units, score_columns, units_of, with_exchange_p
from tinglegram.statistics.ranking import ranking_scores, ranking_tables
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    common_frames,
    overlap_counts,
    participant_index,
    strata_of,
)
from tinglegram.statistics.time_shift import residual_aucs

WITHIN_TARGET_METRICS = (
    "balanced_accuracy",
    "matthews_correlation",
    "roc_auc",
    "average_precision",
    "brier_within_target",
    "brier",
)
# The row beside them with `score_inference: folds`.
RESIDUAL_AUC = "residual_roc_auc"
WITHIN_TARGET_FAMILY = "within-condition scores of one model"


class _About(NamedTuple):
    """The scale of a metric's interval for these clips, and its value by chance, if it has one."""

    scale: EstimateScale
    chance: float = np.nan


_ABOUT = {
    "balanced_accuracy": _About(LOGIT, 0.5),
    "matthews_correlation": _About(FISHER_Z, 0.0),
    "roc_auc": _About(LOGIT, 0.5),
    "average_precision": _About(LOGIT),
    "brier_within_target": _About(LOG),
    "brier": _About(LOG),
}


class _Own(NamedTuple):
    """What every trial's predictions give against its own labels.

    counts (target x 4), ranking (2 x target), errors (trials x 2: sum of squared errors, frames).
    """

    counts: np.ndarray
    ranking: np.ndarray
    errors: np.ndarray


class _Pairs(NamedTuple):
    """What every trial's predictions give against every trial's labels.

    counts (target x target x 4), ranking (2 x target x target), errors (trials x trials x 2).
    """

    counts: np.ndarray
    ranking: np.ndarray
    errors: np.ndarray


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """Return the mean of sensitivity and specificity from (..., 4) tn, fp, fn, tp.

    NaN where a class has no frame.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    found: np.ndarray = (ratio(tp, fn + tp) + ratio(tn, tn + fp)) / 2
    return found


def matthews_correlation(counts: np.ndarray) -> np.ndarray:
    """Return the Matthews correlation from (..., 4) tn, fp, fn, tp.

    0 where labels or predictions are all of one class, as in scikit-learn; NaN without frames.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    spread = np.sqrt((tn + fp) * (fn + tp) * (tn + fn) * (fp + tp))
    value = np.divide(tp * tn - fp * fn, spread, out=np.zeros(spread.shape), where=spread > 0)
    return np.where(tn + fp + fn + tp > 0, value, np.nan)


def squared_errors(trials: ScoredTrials) -> np.ndarray:
    """Return (n x n x 2) sums of squared errors, and frames, of trial i against the labels of j.

    Over frames valid in both; error: probability minus label (Brier, 1950).
    """
    valid = trials.valid.astype(float)
    predicted, reported = trials.probability * valid, trials.label * valid
    sums = (predicted**2) @ valid.T - 2 * predicted @ reported.T + valid @ reported.T
    return np.stack([sums, valid @ valid.T], axis=-1)


def within_target_table(trials: ScoredTrials, settings: Resamples) -> pd.DataFrame:
    """Score one model where only the participant's self-report decides.

    balanced_accuracy, matthews_correlation : of the target condition's frames pooled.
    roc_auc, average_precision : of each target trial, averaged over the participant's trials and
        then over participants. A trial whose frames are all of one class has none, and a
        participant with no other trial is left out (`n_participants` counts who is in). In the
        double-independent scheme a participant has one target trial, so this is the score per
        participant.
    brier_within_target, brier : mean squared error of the probability, of the target condition's
        frames and of both conditions'; lower is better.

    Intervals resample participants (`score_inference: resampled`). With `folds` values are means
    over folds of each fold's score, with the two intervals of `fold_means.score_columns`: for other
    people with these clips and networks, and for any clips of the kind. p exchanges whole label
    sequences within fold and condition, over the frames that are valid in every trial of the fold
    and condition, and is of the scores of all folds together. Where a fold tests one clip of each
    condition, that is between viewers of the same clip: p then asks whether a prediction fits its
    own participant better than the other viewers, and a time course that all viewers share, which
    can lift the value above chance, is no evidence. Folds of n target trials have n! orders each,
    so with few participants p cannot be small; with `folds` there is none where no exchange
    changes the score.

    Returns
    -------
    One row per metric: metric, value, ci_low, ci_high, p_value, p_holm, p_bh, family,
    n_participants, n_trials, n_bootstrap, n_permutations. With `folds` also any_low, any_high,
    p_any (above chance, any clips of the kind), n_folds (behind the last three) and reason (of what
    is not given), and a row `residual_roc_auc` (`time_shift.residual_aucs`, averaged as roc_auc
    is), which has no p_value; p_holm and p_bh are empty, since all metrics of a model test one
    hypothesis.
    """
    target = np.flatnonzero(~trials.control)
    strata, everyone, belongs = strata_of(trials), participant_index(trials), _belongs(trials)
    orders = draw_orders_within(
        strata, settings.permutations, settings.stream(Use.WITHIN_PERMUTATION)
    )
    # Target trials are exchanged among themselves: their place among all -> among the target's.
    place = np.cumsum(~trials.control) - 1
    # The first order leaves every label sequence where it is: the observed scores.
    orders = np.vstack([np.arange(len(strata)), orders])
    alike = replace(trials, valid=common_frames(trials.valid, strata))
    drawn = _scores(_pairs(alike, strata), orders, place[orders[:, target]], belongs, target)
    own, by_fold = _own(trials), settings.score_inference == "folds"
    lower_is_better = np.array([metric.startswith("brier") for metric in WITHIN_TARGET_METRICS])
    sign = np.where(lower_is_better, -1.0, 1.0)
    # A draw in which the score is not defined counts as reached: it must not lower p.
    reached = np.where(np.isnan(drawn[1:]), np.inf, sign * drawn[1:])
    p_value = exceedance(reached, sign * drawn[0], settings.p_value)
    ranked = ~np.isnan(own.ranking[0])
    members = [np.ones(len(target), bool)] * 2 + [ranked] * 2 + [np.ones(len(target), bool)]
    if by_fold:
        rows = [
            {"metric": metric} | with_exchange_p(row, "p_value", p, of_labels)
            for metric, row, p, of_labels in zip(
                WITHIN_TARGET_METRICS,
                _by_fold(trials, own, settings.confidence),
                p_value,
                drawn.T,
                strict=True,
            )
        ]
        scored = pd.DataFrame(rows).assign(p_holm=np.nan, p_bh=np.nan, family=NO_FAMILY)
    else:
        scored = _by_resampling(trials, own, settings).assign(p_value=p_value)
        scored = scored.join(adjust(scored["p_value"], WITHIN_TARGET_FAMILY))
    of_target = everyone[target]
    table = scored.assign(
        n_participants=[len(set(of_target[m])) for m in members] + [len(belongs)],
        n_trials=[int(m.sum()) for m in members] + [len(strata)],
        n_bootstrap=0 if by_fold else settings.bootstrap,
        n_permutations=settings.permutations,
    )
    if not by_fold:
        return table
    table = table[[name for name in table if name not in _LAST] + list(_LAST)]
    return pd.concat([table, _residual_row(trials, settings.confidence)], ignore_index=True)


# Columns of the switch `score_inference: folds`.
_LAST = ("any_low", "any_high", "p_any", "n_folds", "reason")


def _by_resampling(trials: ScoredTrials, own: _Own, settings: Resamples) -> pd.DataFrame:
    """Return metric, value and the ends of its interval from resampled participants."""
    belongs, target = _belongs(trials), np.flatnonzero(~trials.control)
    weights = draw_weights(len(belongs), settings.bootstrap, settings.stream(Use.WITHIN_BOOTSTRAP))
    low, high = defined_interval(_resampled(own, weights, belongs, target), settings.confidence)
    value = _resampled(own, np.ones((1, len(belongs))), belongs, target)[0]
    return pd.DataFrame(
        {"metric": WITHIN_TARGET_METRICS, "value": value, "ci_low": low, "ci_high": high}
    )


def _by_fold(trials: ScoredTrials, own: _Own, confidence: float) -> list[dict[str, Any]]:
    """Return the columns of `score_columns` of every metric."""
    units, target = units_of(trials), ~trials.control
    counts, errors = np.zeros((len(target), 4), dtype=np.int64), own.errors * target[:, None]
    counts[target] = own.counts
    ranking = np.full((2, len(target)), np.nan)
    ranking[:, target] = own.ranking
    sums = [sums_of(units.cell, values) for values in (counts, errors, own.errors)]
    auc, precision = (_means_of_cells(units, values) for values in ranking)
    parts: list[tuple[np.ndarray, Score]] = [
        (sums[0], balanced_accuracy),
        (sums[0], matthews_correlation),
        (auc, ratio_of_sums),
        (precision, ratio_of_sums),
        (sums[1], ratio_of_sums),
        (sums[2], ratio_of_sums),
    ]
    return [
        score_columns(units, cells, score, about.scale, confidence, null=about.chance)
        for about, (cells, score) in zip(_ABOUT.values(), parts, strict=True)
    ]


def _means_of_cells(units: Units, values: np.ndarray) -> np.ndarray:
    """Return (cells, 2) the mean over a person's trials in a fold and 1; zeros without a value."""
    known = ~np.isnan(values)
    both = np.stack([np.where(known, values, 0.0), known], axis=-1)
    sums = sums_of(units.cell, both)
    return ratio(sums, sums[:, [1, 1]], 0.0)


def _residual_row(trials: ScoredTrials, confidence: float) -> pd.DataFrame:
    """Return the row of the ROC AUC of what predictions add to their course on other clips."""
    units, auc = units_of(trials), np.full(len(trials.names), np.nan)
    auc[~trials.control] = residual_aucs(trials)
    # ASSUMPTION: the course on other clips is that of the networks, as it is without one viewer.
    found = score_columns(
        units,
        _means_of_cells(units, auc),
        ratio_of_sums,
        LOGIT,
        confidence,
        null=0.5,
    )
    known = ~np.isnan(auc)
    people = len(np.unique(participant_index(trials)[known]))
    row = {"metric": RESIDUAL_AUC, "p_value": np.nan, "p_holm": np.nan}
    row |= {"p_bh": np.nan, "family": NO_FAMILY, "n_participants": people}
    row |= {"n_trials": int(known.sum()), "n_bootstrap": 0, "n_permutations": 0}
    return pd.DataFrame([row | found])


def within_target_by_fold(trials: ScoredTrials) -> np.ndarray:
    """Return (folds x metrics) values of `WITHIN_TARGET_METRICS` of the trials of each fold."""
    folds = trials.names["fold"].to_numpy()
    return np.stack([within_target_values(trials.rows(folds == fold)) for fold in np.unique(folds)])


def within_target_values(trials: ScoredTrials) -> np.ndarray:
    """Return the values of `WITHIN_TARGET_METRICS` alone, as in `within_target_table`."""
    belongs = _belongs(trials)
    found: np.ndarray = _resampled(
        _own(trials), np.ones((1, len(belongs))), belongs, np.flatnonzero(~trials.control)
    )[0]
    return found


def _belongs(trials: ScoredTrials) -> np.ndarray:
    """Return (participants x trials): 1 where the trial is that participant's."""
    everyone = participant_index(trials)
    found: np.ndarray = (everyone == np.arange(everyone.max() + 1)[:, None]).astype(float)
    return found


def _own(trials: ScoredTrials) -> _Own:
    target = trials.within_target()
    ranking = [
        ranking_scores(probability[kept], label[None, kept])[:, 0]
        for probability, label, kept in zip(
            target.probability, target.label, target.valid, strict=True
        )
    ]
    wrong = np.where(trials.valid, (trials.probability - trials.label) ** 2, 0.0)
    return _Own(
        counts=target.counts(),
        ranking=np.array(ranking).reshape(-1, 2).T,
        errors=np.stack([wrong.sum(axis=1), trials.valid.sum(axis=1)], axis=-1),
    )


def _pairs(trials: ScoredTrials, strata: np.ndarray) -> _Pairs:
    """Score every trial's predictions against the labels of the trials of its stratum."""
    target = trials.within_target()
    return _Pairs(
        counts=overlap_counts(target),
        ranking=ranking_tables(
            target.probability, target.label, target.valid, strata[~trials.control]
        ),
        errors=squared_errors(trials),
    )


def _mean_defined(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sums over the last axis of `values` (..., n), weighted by (m, n), as (..., m) means.

    NaN values have no weight; a mean of none is NaN.
    """
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0) @ weights.T, defined @ weights.T)


def _scores(
    pairs: _Pairs,
    orders: np.ndarray,
    target_orders: np.ndarray,
    belongs: np.ndarray,
    target: np.ndarray,
) -> np.ndarray:
    """Return (orders x metrics): trial i against the labels of trial `orders[:, i]`."""
    rows = np.arange(len(target))
    counts = pairs.counts[rows, target_orders].sum(axis=1)
    per_participant = _mean_defined(pairs.ranking[:, rows, target_orders], belongs[:, target])
    ranking = _mean_defined(per_participant, np.ones((1, len(belongs))))[..., 0]
    errors = pairs.errors[np.arange(orders.shape[1]), orders]
    return _columns(counts, ranking, errors[:, target].sum(axis=1), errors.sum(axis=1))


def _resampled(
    own: _Own, weights: np.ndarray, belongs: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return (resamples x metrics), participant j counted `weights[:, j]` times."""
    counts = weights @ (belongs[:, target] @ own.counts)
    per_participant = _mean_defined(own.ranking, belongs[:, target])
    ranking = _mean_defined(per_participant, weights.astype(float))
    errors = weights @ (belongs[:, target] @ own.errors[target])
    return _columns(counts, ranking, errors, weights @ (belongs @ own.errors))


def _columns(
    counts: np.ndarray, ranking: np.ndarray, errors: np.ndarray, all_errors: np.ndarray
) -> np.ndarray:
    brier = [ratio_of_sums(sums) for sums in (errors, all_errors)]
    parts = [balanced_accuracy(counts), matthews_correlation(counts), *ranking, *brier]
    return np.stack(parts, axis=-1)
