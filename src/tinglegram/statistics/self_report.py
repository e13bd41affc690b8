"""Whole trials called a tingle trial or not, against what the participant reported.

The paper's video level (`trial_level.trial_level_table`) asks for the category of the clip instead.
"""

import numpy as np
import pandas as pd

from tinglegram.inference.counts import OUTCOMES, accuracy, scores, sums_of
from tinglegram.inference.jackknife import LOGIT
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
from tinglegram.statistics.fold_means import add_reason, score_columns, units_of, with_exchange_p
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index, strata_of
from tinglegram.statistics.trial_level import BY_FOLD_COLUMNS, mostly, trial_calls
from tinglegram.statistics.within_target import balanced_accuracy

SELF_REPORT_METRICS = (
    "accuracy",
    "macro_f1",
    "accuracy_within_target",
    "balanced_accuracy_within_target",
)
SELF_REPORT_FAMILY = "whole-trial scores of one model"
# Why balanced accuracy has no interval: a fold of 8 people has few target trials that are not
# reported, or not called, and is without a score, or has one through one person alone.
FEW_OF_A_KIND = "descriptive, folds have few trials of both kinds"
# The row that holds the test, where there is one.
_PRIMARY = SELF_REPORT_METRICS.index("balanced_accuracy_within_target")


def self_reports(trials: ScoredTrials, share: float) -> np.ndarray:
    """Return which trials are tingle trials by the participant's self-report.

    The rule of `trial_level.trial_calls`: labelled 1 on at least int(share x frames) frames that
    count.
    """
    return mostly(trials.label, trials.counted, share)


def self_report_table(trials: ScoredTrials, settings: Resamples, *, share: float) -> pd.DataFrame:
    """Score whole trials against the participant's self-report.

    Parameters
    ----------
    trials, settings : see the classes.
    share : the share of frames that makes a call, and a report.

    Returns
    -------
    Rows accuracy and macro_f1 of all trials, accuracy_within_target and
    balanced_accuracy_within_target of the target condition's: value, ci_low, ci_high (participants
    resampled), p_value (reports exchanged within fold and condition), p_holm, p_bh, family, tn,
    fp, fn, tp, n_bootstrap, n_permutations.

    Where `settings.score_inference` is `folds`, values are means over folds of each fold's score
    (`fold_means.mean_over_folds`); ci_low and ci_high are of other people with these
    clips and networks, and there are any_low, any_high (any clips of the kind), n_folds and reason
    (of what is not given). There is one p_value, in the row of balanced accuracy, which is not
    corrected: given how many trials of a fold and condition are called and reported, all four
    scores rise with the number of hits, and their tests are one.
    """
    truth, calls = self_reports(trials, share), trial_calls(trials, share)
    target = ~trials.control
    participant, one_hot = participant_index(trials), np.eye(4, dtype=np.int64)
    cells = one_hot[2 * truth + calls]
    # Of all trials, and of the target condition's (trials x 2 x 4).
    both = np.stack([cells, cells * target[:, None]], axis=1)
    orders = draw_orders_within(
        strata_of(trials), settings.permutations, settings.stream(Use.SELF_REPORT_PERMUTATION)
    )
    drawn = one_hot[2 * truth[orders] + calls]
    shuffled = np.stack([drawn.sum(axis=1), drawn[:, target].sum(axis=1)], axis=1)
    counts = both.sum(axis=0)
    value, null = _scores(counts), _scores(shuffled)
    p_values = exceedance(null, value, settings.p_value)
    rows = counts[[0, 0, 1, 1]]
    outcomes = {name: rows[:, place] for place, name in enumerate(OUTCOMES)}
    if settings.score_inference == "folds":
        drawn = np.r_[value[_PRIMARY], null[:, _PRIMARY]]
        table = _by_fold(trials, both, float(p_values[_PRIMARY]), drawn, settings.confidence)
        table = table.assign(**outcomes, n_permutations=settings.permutations, n_bootstrap=0)
        return table.assign(family=NO_FAMILY).reindex(columns=list(BY_FOLD_COLUMNS))
    sums = sums_of(participant, both)
    weights = draw_weights(
        len(sums), settings.bootstrap, settings.stream(Use.SELF_REPORT_BOOTSTRAP)
    )
    low, high = defined_interval(_scores(np.tensordot(weights, sums, axes=1)), settings.confidence)
    table = pd.DataFrame(
        {"metric": SELF_REPORT_METRICS, "value": value, "ci_low": low, "ci_high": high}
    )
    table["p_value"] = p_values
    table = table.join(adjust(table["p_value"], SELF_REPORT_FAMILY))
    return table.assign(
        **outcomes,
        n_bootstrap=settings.bootstrap,
        n_permutations=settings.permutations,
    )


def _by_fold(
    trials: ScoredTrials, both: np.ndarray, p_value: float, drawn: np.ndarray, confidence: float
) -> pd.DataFrame:
    """Return the scores with intervals from people within folds, and from folds."""
    units = units_of(trials)
    cells, rows = sums_of(units.cell, both), []
    for place, metric in enumerate(SELF_REPORT_METRICS):

        def score(counts: np.ndarray, place: int = place) -> np.ndarray:
            found: np.ndarray = _scores(counts)[..., place]
            return found

        no = FEW_OF_A_KIND if place == _PRIMARY else ""
        found = score_columns(units, cells, score, LOGIT, confidence, no_ci=no, no_any=no)
        found |= {"metric": metric}
        if place == _PRIMARY:
            rows.append(with_exchange_p(found, "p_value", p_value, drawn))
        else:
            why = f"one test, in the row {SELF_REPORT_METRICS[_PRIMARY]}"
            rows.append(add_reason(found | {"p_value": np.nan}, "p", why))
    return pd.DataFrame(rows)


def _scores(counts: np.ndarray) -> np.ndarray:
    """Return (..., 4) scores from (..., 2, 4) counts of all and of target trials."""
    every, own = counts[..., 0, :], counts[..., 1, :]
    parts = [accuracy(every), scores(every, every)[..., 1], accuracy(own), balanced_accuracy(own)]
    return np.stack(parts, axis=-1)
