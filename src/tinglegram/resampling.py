"""Bootstrap and permutation statistics of one model, as arithmetic on per-trial counts.

Resampling people or shuffling label sequences never touches a frame: people are weighted sums of
their counts, and a shuffled label sequence is a look-up in a table of trial x trial counts.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pandas as pd

from tinglegram.metrics import METRICS, Trials, group_sums, scores
from tinglegram.multiplicity import adjust

FAMILY = "metrics of one model"


class Use(IntEnum):
    """What random numbers are drawn for: one stream each, so that adding one never shifts others.

    Bootstraps draw people (the video level: or trials), permutations draw orders of the labels.
    """

    POOLED_BOOTSTRAP = 1
    POOLED_PERMUTATION = 2
    VIDEO_BOOTSTRAP = 3
    VIDEO_PERMUTATION = 4
    POOLED_WITHIN_PERMUTATION = 5
    WITHIN_BOOTSTRAP = 6
    WITHIN_PERMUTATION = 7
    EVENTS_BOOTSTRAP = 8
    CALIBRATION_BOOTSTRAP = 9
    OWN_REPORT_BOOTSTRAP = 10
    OWN_REPORT_PERMUTATION = 11
    SHIFTS = 12


@dataclass(frozen=True)
class Resamples:
    """How often to resample, from which seed, at which confidence, and how p is counted.

    `p_value`: `count` is the share of the null that reaches the observed score, as in the released
    code (0 means below 1 / permutations); `plus_one` is (count + 1) / (permutations + 1), which
    counts the observed order as one of the permutations (Phipson & Smyth, 2010).
    """

    bootstrap: int
    permutations: int
    confidence: float
    seed: int
    p_value: str = "count"

    def stream(self, use: Use) -> np.random.Generator:
        """Return the generator of one use."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, int(use)]))


def people(trials: Trials) -> np.ndarray:
    """Return the 0-based index of each trial's participant, by rising participant number."""
    return np.unique(trials.names["subject"].to_numpy(), return_inverse=True)[1]


def draw_weights(n_units: int, n_resamples: int, generator: np.random.Generator) -> np.ndarray:
    """Draw how often each unit is in each bootstrap resample (resamples x units)."""
    return generator.multinomial(n_units, np.full(n_units, 1 / n_units), size=n_resamples)


def draw_orders(n_units: int, n_permutations: int, generator: np.random.Generator) -> np.ndarray:
    """Draw permutations of 0 ... n_units - 1 (permutations x units)."""
    return generator.permuted(np.tile(np.arange(n_units), (n_permutations, 1)), axis=1)


def draw_orders_within(
    strata: np.ndarray, n_permutations: int, generator: np.random.Generator
) -> np.ndarray:
    """Draw permutations (permutations x units) that exchange units of the same stratum alone.

    `strata` (units,) numbers the stratum of each unit. A unit alone in its stratum stays where it
    is.
    """
    orders = np.tile(np.arange(len(strata)), (n_permutations, 1))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        orders[:, members] = members[draw_orders(len(members), n_permutations, generator)]
    return orders


def strata_of(trials: Trials) -> np.ndarray:
    """Return the stratum of each trial, its fold and condition: what permutations must keep.

    Trials of one stratum come from the same trained model and the same kind of clip, so that
    knowing the condition, or the fold's base rate, gains nothing.
    """
    return 2 * trials.names["fold"].to_numpy() + trials.control


def common_frames(frames: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return (trials x steps) whether a frame is True in every trial of the same stratum.

    Label sequences are exchanged over these frames only: a shorter one would otherwise take frames
    away from the trial it comes to, and a score would move without any model knowing anything.
    """
    common = np.empty_like(frames)
    for stratum in np.unique(strata):
        members = strata == stratum
        common[members] = frames[members].all(axis=0)
    return common


def bootstrap_scores(trials: Trials, weights: np.ndarray) -> np.ndarray:
    """Return (resamples x 5) pooled scores, participant j counted `weights[:, j]` times."""
    sums = np.tensordot(weights, group_sums(trials, people(trials)), axes=1)
    return scores(sums[:, 0], sums[:, 1])


def overlap_counts(trials: Trials) -> np.ndarray:
    """Return (n x n x 4) counts of trial i's predictions against trial j's labels.

    A frame counts where it counts in both trials: a shuffled label sequence brings its padding.
    """
    counted = trials.counted.astype(float)
    said = trials.predicted * counted
    felt = trials.label * counted
    tp = said @ felt.T
    fp = said @ counted.T - tp
    fn = counted @ felt.T - tp
    tn = counted @ counted.T - tp - fp - fn
    return np.stack([tn, fp, fn, tp], axis=-1)


def permutation_scores(
    trials: Trials, orders: np.ndarray, overlap: np.ndarray | None = None
) -> np.ndarray:
    """Return (permutations x 5) scores with trial i against the labels of trial `orders[:, i]`.

    The control condition stays with the predictions (released code). `overlap`: the table of
    `overlap_counts`, where it is at hand.
    """
    table = overlap_counts(trials) if overlap is None else overlap
    drawn = table[np.arange(len(table)), orders]
    return scores(drawn.sum(axis=1), drawn[:, trials.control].sum(axis=1))


def interval(resampled: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile interval over the first axis."""
    tail = 50 * (1 - confidence)
    low, high = np.percentile(resampled, (tail, 100 - tail), axis=0)
    return low, high


def defined_interval(resampled: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile interval over the resamples (first axis) in which a score is defined.

    NaN where it is defined in none.
    """
    columns = resampled.reshape(len(resampled), -1).T
    defined = [column[~np.isnan(column)] for column in columns]
    ends = [interval(c, confidence) if len(c) else (np.nan, np.nan) for c in defined]
    low, high = np.array(ends, dtype=float).reshape(-1, 2).T
    return low.reshape(resampled.shape[1:]), high.reshape(resampled.shape[1:])


def exceedance(null: np.ndarray, observed: np.ndarray, p_value: str) -> np.ndarray:
    """Return the one-sided p of scores against their null (first axis): `count` or `plus_one`."""
    # Ties are decided by the counts behind the scores, not by the rounding of their ratios.
    reached = np.sum(null >= np.asarray(observed) - 1e-12, axis=0)
    share = (reached + 1) / (len(null) + 1) if p_value == "plus_one" else reached / len(null)
    return np.where(np.isnan(observed), np.nan, share)


def pooled_table(trials: Trials, settings: Resamples) -> pd.DataFrame:
    """Score the test frames of all folds together (paper, Table 1).

    Returns
    -------
    One row per metric: value, ci_low, ci_high (participant-level bootstrap), p_value and cohens_d
    (sequence-level permutation), n_bootstrap, n_permutations. `cohens_d` is what the paper calls
    so: (value - null mean) / null SD, a z-score against the null. Bounds and value come from
    pooled frames, so they need not lie around the mean over folds.

    `p_within` is the p of the same scores, over the frames that count in every trial of a fold and
    condition, when label sequences are exchanged within fold and condition only: telling the
    conditions apart, which `p_value` rewards, does not help there. Knowing where the padding is
    still does while padded frames are counted; `within.within_table` leaves them out.
    p_holm, p_bh (of `p_value`) and p_within_holm, p_within_bh are corrected for the family of the
    five metrics.
    """
    counts = trials.counts()
    value = scores(counts.sum(axis=0), counts[trials.control].sum(axis=0))
    subjects = trials.names["subject"].nunique()
    weights = draw_weights(subjects, settings.bootstrap, settings.stream(Use.POOLED_BOOTSTRAP))
    orders = draw_orders(
        len(counts), settings.permutations, settings.stream(Use.POOLED_PERMUTATION)
    )
    overlap = overlap_counts(trials)
    null = permutation_scores(trials, orders, overlap)
    table = summary_table(METRICS, value, bootstrap_scores(trials, weights), null, settings)
    table.insert(5, "cohens_d", effect_size(trials, value, null))
    strata = strata_of(trials)
    kept = draw_orders_within(
        strata, settings.permutations, settings.stream(Use.POOLED_WITHIN_PERMUTATION)
    )
    alike = replace(trials, counted=common_frames(trials.counted, strata))
    # The first order leaves every label sequence where it is: the observed scores.
    drawn = permutation_scores(alike, np.vstack([np.arange(len(counts)), kept]))
    p_within = exceedance(drawn[1:], drawn[0], settings.p_value)
    within = adjust(p_within, FAMILY)
    table = table.assign(p_within=p_within).join(adjust(table["p_value"], FAMILY))
    return table.assign(p_within_holm=within["p_holm"], p_within_bh=within["p_bh"])


def effect_size(trials: Trials, value: np.ndarray, null: np.ndarray) -> np.ndarray:
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
    return (value - null.mean(axis=0)) / spread


def _exact_effect(hits: np.ndarray) -> float:
    """Return the z-score of the trace among all sums over i of hits[i, order(i)]."""
    n_trials = len(hits)
    residual = hits - hits.mean(axis=0) - hits.mean(axis=1, keepdims=True) + hits.mean()
    if n_trials < 2 or np.ptp(residual) < 1e-9:
        return float("nan")
    spread = np.sqrt((residual**2).sum() / (n_trials - 1))
    return float((np.trace(hits) - n_trials * hits.mean()) / spread)


def summary_table(
    metrics: tuple[str, ...],
    value: np.ndarray,
    resampled: np.ndarray,
    null: np.ndarray,
    settings: Resamples,
) -> pd.DataFrame:
    """Return one row per metric: value, percentile interval, p, and the numbers of draws.

    `resampled` and `null` are draws x metrics.
    """
    low, high = interval(resampled, settings.confidence)
    return pd.DataFrame(
        {
            "metric": metrics,
            "value": value,
            "ci_low": low,
            "ci_high": high,
            "p_value": exceedance(null, value, settings.p_value),
            "n_bootstrap": settings.bootstrap,
            "n_permutations": settings.permutations,
        }
    )
