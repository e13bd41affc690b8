"""Whole trials called ASMR or not, against the condition of their clip (paper, "Video-level")."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.counts import OUTCOMES, accuracy, f1_of_counts, scores, sums_of
from tinglegram.inference.jackknife import LOGIT
from tinglegram.inference.multiple_testing import ADJUSTED_COLUMNS, adjust
from tinglegram.inference.populations import ALIKE_FOLDS, NO_FAMILY, SHARED_CLIPS
from tinglegram.inference.resampling import Resamples, Use, draw_orders, draw_weights, summary_table
from tinglegram.inference.shares import wilson_within_folds
from tinglegram.settings import SHARE, SWITCH, section
from tinglegram.statistics.fold_means import (
    Units,
    add_reason,
    mean_over_folds,
    score_columns,
    units_of,
)
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    participant_index,
    tells_conditions_apart,
)
from tinglegram.statistics.within_target import balanced_accuracy

TRIAL_LEVEL_FAMILY = "whole-trial scores of one model"
TRIAL_LEVEL_METRICS = ("accuracy", "macro_f1")
# Columns where `score_inference` is `folds`; those that nothing fills are not given.
BY_FOLD_COLUMNS = (
    *("metric", "value", "ci_low", "ci_high", "p_value", *OUTCOMES, "n_bootstrap"),
    *("n_permutations", *ADJUSTED_COLUMNS, "any_low", "any_high", "n_folds", "reason"),
)


@section("statistics")
class TrialLevel:
    """When a whole trial is called, and what is resampled."""

    video_threshold: Annotated[
        float,
        SHARE,
        "A trial is called one of the target condition when at least this share of its frames is "
        "predicted 1.",
    ] = 0.15
    video_level_resampling: Annotated[
        Literal["trials", "participants"], SWITCH, "Units that the trial level resamples."
    ]


def trial_calls(trials: ScoredTrials, share: float) -> np.ndarray:
    """Return which trials are called ASMR: predicted 1 on at least int(share x frames) frames.

    The released code truncates: int(0.15 x 550) = 82, while the text says 82.5.
    """
    return mostly(trials.predicted, trials.counted, share)


def mostly(frames: np.ndarray, counted: np.ndarray, share: float) -> np.ndarray:
    """Return (trials,) whether at least int(share x counted frames), and one, of each are True.

    `frames` and `counted` are trials x steps.
    """
    # At least one: of few frames, or none, nothing predicted would be enough.
    needed = np.maximum((share * counted.sum(axis=1)).astype(int), 1)
    found: np.ndarray = (frames & counted).sum(axis=1) >= needed
    return found


def trial_level_table(trials: ScoredTrials, settings: Resamples, level: TrialLevel) -> pd.DataFrame:
    """Score whole trials: called ASMR or not, against the condition of their clip.

    Parameters
    ----------
    trials, settings, level : see the classes. The released code resamples `trials`.

    Returns
    -------
    Rows accuracy and macro_f1: value, ci_low, ci_high, p_value (labels shuffled over trials), tn,
    fp, fn, tp, n_bootstrap, n_permutations; p_holm, p_bh, family. Where all trials are of one
    condition there is nothing to tell apart: value, interval and p are NaN, the counts stay.

    Where `settings.score_inference` is `folds`, values are means over folds of each fold's score
    (`fold_means.mean_over_folds`); ci_low and ci_high are of other people with these
    clips and networks, p_value of any clips of the kind (one test, in the row of accuracy), which
    is not corrected, and there are any_low, any_high (any clips of the kind), n_folds and reason
    (of what is not given).
    """
    truth, calls = ~trials.control, trial_calls(trials, level.video_threshold)
    cells = np.eye(4, dtype=np.int64)[2 * truth + calls]
    if settings.score_inference == "folds":
        return _by_fold(trials, cells, settings.confidence)
    by_trial = level.video_level_resampling == "trials"
    units = np.arange(len(cells)) if by_trial else participant_index(trials)
    sums = sums_of(units, cells)
    weights = draw_weights(len(sums), settings.bootstrap, settings.stream(Use.VIDEO_BOOTSTRAP))
    orders = draw_orders(len(cells), settings.permutations, settings.stream(Use.VIDEO_PERMUTATION))
    shuffled = np.eye(4, dtype=np.int64)[2 * truth[orders] + calls].sum(axis=1)
    value, boot, null = (
        np.stack([accuracy(c), scores(c, c)[..., 1]], axis=-1)
        for c in (cells.sum(axis=0), weights @ sums, shuffled)
    )
    if not tells_conditions_apart(trials):
        value, boot, null = (np.full_like(found, np.nan) for found in (value, boot, null))
    table = summary_table(TRIAL_LEVEL_METRICS, value, boot, null, settings)
    table = table.join(adjust(table["p_value"], TRIAL_LEVEL_FAMILY))
    for place, (name, count) in enumerate(zip(OUTCOMES, cells.sum(axis=0), strict=True), 5):
        table.insert(place, name, int(count))
    return table


def _by_fold(trials: ScoredTrials, cells: np.ndarray, confidence: float) -> pd.DataFrame:
    """Score whole trials with intervals from people within folds, and from folds.

    Whether calls tell the conditions apart is tested once: sensitivity + specificity - 1 of each
    fold (Youden, 1950), which is 0 on average of calls that know nothing of the condition, however
    often they are made and whatever all viewers of a clip have in common.
    """
    units = units_of(trials)
    sums, counts = sums_of(units.cell, cells), cells.sum(axis=0)
    right = mean_over_folds(units, sums, accuracy)
    correct = wilson_within_folds(right.value, right.left_out, units.fold_of_person, confidence)
    p_value, why = _test_of_folds(units, sums, confidence)
    rows = []
    for metric, score in zip(TRIAL_LEVEL_METRICS, (accuracy, f1_of_counts), strict=True):
        first = metric == TRIAL_LEVEL_METRICS[0]
        these = correct if first else None
        found = score_columns(units, sums, score, LOGIT, confidence, these=these)
        found |= {"metric": metric, "p_value": p_value if first else np.nan}
        rows.append(add_reason(found, "p", why if first else "one test, in the row accuracy"))
    table = pd.DataFrame(rows)
    if not tells_conditions_apart(trials):
        table[["value", "ci_low", "ci_high", "p_value", "any_low", "any_high"]] = np.nan
        table["reason"] = "value: all trials are of one condition"
    table = table.assign(**dict(zip(OUTCOMES, counts.tolist(), strict=True)))
    table = table.assign(family=NO_FAMILY, n_bootstrap=0, n_permutations=0)
    return table.reindex(columns=list(BY_FOLD_COLUMNS))


def _test_of_folds(units: Units, sums: np.ndarray, confidence: float) -> tuple[float, str]:
    """Return p that calls tell conditions apart in any clips of the kind, or why there is none."""
    if not units.held_out:
        return np.nan, SHARED_CLIPS
    told = mean_over_folds(units, sums, _youden).by_fold
    p_value = corrected_fold_test(told, 0.0, confidence).p_value
    return p_value, ALIKE_FOLDS if np.isnan(p_value) else ""


def _youden(counts: np.ndarray) -> np.ndarray:
    """Return sensitivity + specificity - 1 from (..., 4) counts; NaN where a class has no trial."""
    found: np.ndarray = 2 * balanced_accuracy(counts) - 1
    return found
