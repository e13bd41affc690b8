"""Scores of the test frames of all folds together, with intervals and p-values (paper, Table 1).

Resampling participants or shuffling label sequences never touches a frame: participants are
weighted sums of their counts, and a shuffled label sequence is a look-up in a table of trial x
trial counts.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.counts import METRICS, scores
from tinglegram.inference.jackknife import LOGIT
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.populations import NO_FAMILY
from tinglegram.inference.resampling import (
    Resamples,
    Use,
    draw_orders,
    draw_orders_within,
    draw_weights,
    exceedance,
    summary_table,
)
from tinglegram.statistics.fold_means import score_columns, units_of, with_exchange_p
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    common_frames,
    group_sums,
    overlap_counts,
    participant_index,
    strata_of,
)

# Why macro recall has no interval for any clips: where a model mistakes the category of some clips,
# most folds are alike and one is far off, and the interval covers 86 to 89 %.
SKEWED = "descriptive, few folds that are far off decide it"
POOLED_FAMILY = "metrics of one model"


def bootstrap_scores(trials: ScoredTrials, weights: np.ndarray) -> np.ndarray:
    """Return (resamples x 5) pooled scores, participant j counted `weights[:, j]` times."""
    sums = np.tensordot(weights, group_sums(trials, participant_index(trials)), axes=1)
    return scores(sums[:, 0], sums[:, 1])


def permutation_scores(
    trials: ScoredTrials, orders: np.ndarray, overlap: np.ndarray | None = None
) -> np.ndarray:
    """Return (permutations x 5) scores with trial i against the labels of trial `orders[:, i]`.

    The control condition stays with the predictions (released code). `overlap`: the table of
    `overlap_counts`, where it is at hand.
    """
    table = overlap_counts(trials) if overlap is None else overlap
    drawn = table[np.arange(len(table)), orders]
    return scores(drawn.sum(axis=1), drawn[:, trials.control].sum(axis=1))


def pooled_table(trials: ScoredTrials, settings: Resamples) -> pd.DataFrame:
    """Score the test frames of all folds together (paper, Table 1).

    Returns
    -------
    One row per metric: value, ci_low, ci_high, p_value and cohens_d (sequence-level permutation),
    n_bootstrap, n_permutations.

    With `score_inference: resampled` the interval is a participant-level bootstrap, and `cohens_d`
    is what the paper calls so: (value - null mean) / null SD, a z-score against the null. Bounds
    and value come from pooled frames, so they need not lie around the mean over folds. p_holm, p_bh
    (of `p_value`) and p_within_holm, p_within_bh are corrected for the family of the five metrics.

    With `folds` the value is the mean over folds of each fold's own
    (`fold_means.mean_over_folds`). Its interval speaks of other people with these clips and
    networks, and any_low, any_high of any clips of the kind, from n_folds (missing where folds hold
    no clips out; reason: of what is).
    Macro recall has no interval for any clips (`SKEWED`).
    p_value and cohens_d are empty: exchanging all trials rejects in 11.5 % of studies without any
    signal, since trials of a fold and condition go together. So are corrected p-values, as all five
    metrics of a model test one hypothesis.

    `p_within` is the p of the same scores, over the frames that count in every trial of a fold and
    condition, when label sequences are exchanged within fold and condition only: telling the
    conditions apart, which `p_value` rewards, does not help there. Knowing where the padding is
    still does while padded frames are counted; `within_target.within_target_table` leaves them
    out. With `folds` there is none where no exchange changes the score, as it could not reject.
    """
    counts = trials.counts()
    value = scores(counts.sum(axis=0), counts[trials.control].sum(axis=0))
    strata = strata_of(trials)
    kept = draw_orders_within(
        strata, settings.permutations, settings.stream(Use.POOLED_WITHIN_PERMUTATION)
    )
    alike = replace(trials, counted=common_frames(trials.counted, strata))
    # The first order leaves every label sequence where it is: the observed scores.
    drawn = permutation_scores(alike, np.vstack([np.arange(len(counts)), kept]))
    p_within = exceedance(drawn[1:], drawn[0], settings.p_value)
    if settings.score_inference == "folds":
        rows = [
            with_exchange_p(row, "p_within", p, of_labels)
            for row, p, of_labels in zip(
                _by_fold(trials, settings.confidence), p_within, drawn.T, strict=True
            )
        ]
        table = pd.DataFrame(rows).assign(family=NO_FAMILY, n_bootstrap=0)
        table["n_permutations"] = settings.permutations
        # Columns that nothing fills are those of statistics that are not given.
        return table.reindex(columns=list(_BY_FOLD))
    table = _by_resampling(trials, value, settings)
    within = adjust(p_within, POOLED_FAMILY)
    table = table.assign(p_within=p_within).join(adjust(table["p_value"], POOLED_FAMILY))
    return table.assign(p_within_holm=within["p_holm"], p_within_bh=within["p_bh"])


_BY_FOLD = (
    *("metric", "value", "ci_low", "ci_high", "p_value", "cohens_d", "n_bootstrap"),
    *("n_permutations", "p_within", "p_holm", "p_bh", "family", "p_within_holm", "p_within_bh"),
    *("any_low", "any_high", "n_folds", "reason"),
)


def _by_resampling(trials: ScoredTrials, value: np.ndarray, settings: Resamples) -> pd.DataFrame:
    """Return values with bootstrap intervals, p and effect size over all permutations."""
    subjects = trials.names["subject"].nunique()
    weights = draw_weights(subjects, settings.bootstrap, settings.stream(Use.POOLED_BOOTSTRAP))
    orders = draw_orders(
        len(trials.names), settings.permutations, settings.stream(Use.POOLED_PERMUTATION)
    )
    null = permutation_scores(trials, orders)
    table = summary_table(METRICS, value, bootstrap_scores(trials, weights), null, settings)
    table.insert(5, "cohens_d", effect_size(trials, value, null))
    return table


def _by_fold(trials: ScoredTrials, confidence: float) -> list[dict[str, Any]]:
    """Return rows of means over folds with the interval for each population."""
    units = units_of(trials)
    # What each person adds in each fold: counts of all trials, and of the control condition's.
    cells = group_sums(trials, units.cell)
    rows = []
    for place, metric in enumerate(METRICS):
        control = metric == "nature_specificity"

        def score(counts: np.ndarray, place: int = place) -> np.ndarray:
            found: np.ndarray = scores(counts, counts)[..., place]
            return found

        found = score_columns(
            units,
            cells[:, int(control)],
            score,
            LOGIT,
            confidence,
            no_any=SKEWED if metric == "macro_recall" else "",
        )
        rows.append({"metric": metric, **found})
    return rows


def effect_size(trials: ScoredTrials, value: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Return (value - null mean) / null SD of the five scores; NaN where the null never varies.

    While every frame counts, shuffling leaves the numbers of labelled and of called frames alone,
    so all scores are linear in the number of hits, and the null's mean and SD over all n! orders
    are known exactly (Hoeffding, 1951): no Monte-Carlo error. With padding masked they are taken
    from `null` (permutations x 5).
    """
    if trials.counted.all():
        hits = overlap_counts(trials)[..., [0, 3]].sum(axis=-1)
        overall, control = _exact_effect(hits), _exact_effect(hits * trials.control[:, None])
        return np.array([overall] * (len(METRICS) - 1) + [control])
    # A null of equal scores has an SD of rounding errors, not of zero.
    spread = np.where(np.ptp(null, axis=0) > 1e-12, null.std(axis=0), np.nan)
    found: np.ndarray = (value - null.mean(axis=0)) / spread
    return found


def _exact_effect(hits: np.ndarray) -> float:
    """Return the z-score of the trace among all sums over i of hits[i, order(i)]."""
    n_trials = len(hits)
    residual = hits - hits.mean(axis=0) - hits.mean(axis=1, keepdims=True) + hits.mean()
    if n_trials < 2 or np.ptp(residual) < 1e-9:
        return float("nan")
    spread = np.sqrt((residual**2).sum() / (n_trials - 1))
    return float((np.trace(hits) - n_trials * hits.mean()) / spread)
