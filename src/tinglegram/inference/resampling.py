"""Bootstrap and permutation: random draws, percentile intervals and p-values."""

from enum import IntEnum
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.inference.seeding import Confidence, PValue, Seeding
from tinglegram.settings import AT_LEAST_ONE, SWITCH, section


class Use(IntEnum):
    """What random numbers are drawn for: one stream each, so that adding one never shifts others.

    Bootstraps draw participants (the video level: or trials), permutations draw orders of the
    labels.
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
    SELF_REPORT_BOOTSTRAP = 10
    SELF_REPORT_PERMUTATION = 11
    SHIFTS = 12
    CONTINUOUS_BOOTSTRAP = 13
    CLIP_SHIFTS = 20
    CLIP_LAGS = 21
    CLIP_EVENTS = 22
    RESPONSE_SHIFTS = 23


# How the scores of a model are inferred from: a switch of the protocols, declared for every table.
ScoreInference = Annotated[
    Literal["resampled", "folds"],
    SWITCH,
    "Intervals of scores from resampled participants, or by fold: for these clips and networks by "
    "a jackknife over people within folds, for any clips of the kind by a corrected t over folds.",
]


@section("statistics")
class Bootstrap:
    """How often to resample."""

    bootstrap: Annotated[
        int, AT_LEAST_ONE, "Participant-level resamples for confidence intervals."
    ] = 2000


@section("statistics")
class Permutations(Seeding):
    """How often to permute, from which seed, at which confidence, and how p is counted.

    `p_value`: `count` is the share of the null that reaches the observed score, as in the released
    code (0 means below 1 / permutations); `plus_one` is (count + 1) / (permutations + 1), which
    counts the observed order as one of the permutations (Phipson & Smyth, 2010).
    """

    permutations: Annotated[
        int, AT_LEAST_ONE, "Sequence-level permutations and random shifts for p-values."
    ] = 5000
    confidence: Confidence = 0.95
    p_value: PValue

    def stream(self, use: Use) -> np.random.Generator:
        """Return the generator of one use."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, int(use)]))


@section("statistics")
class Resamples(Permutations, Bootstrap):
    """Resamples for intervals, permutations for p-values, and which of the two inference uses.

    `score_inference`: `resampled` is the participant-level bootstrap of the released code; `folds`
    says of each interval which population it speaks of (`inference.jackknife` for other people
    with these clips and networks, `inference.corrected_folds` for any clips of the kind).
    """

    score_inference: ScoreInference


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


def percentile_interval(resampled: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
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
    ends = [percentile_interval(c, confidence) if len(c) else (np.nan, np.nan) for c in defined]
    low, high = np.array(ends, dtype=float).reshape(-1, 2).T
    return low.reshape(resampled.shape[1:]), high.reshape(resampled.shape[1:])


def exceedance(null: np.ndarray, observed: np.ndarray, p_value: str) -> np.ndarray:
    """Return the one-sided p of scores against their null (first axis): `count` or `plus_one`."""
    # Ties are decided by the counts behind the scores, not by the rounding of their ratios.
    reached = np.sum(null >= np.asarray(observed) - 1e-12, axis=0)
    share = (reached + 1) / (len(null) + 1) if p_value == "plus_one" else reached / len(null)
    return np.where(np.isnan(observed), np.nan, share)


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
    low, high = percentile_interval(resampled, settings.confidence)
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
