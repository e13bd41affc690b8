"""Whole trials called a tingle trial or not, against what the participant reported.

The paper's video level (`trial_level.trial_level_table`) asks for the category of the clip instead.
"""

import numpy as np
import pandas as pd

from tinglegram.inference.counts import OUTCOMES, accuracy, scores
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import (
    Resamples,
    Use,
    defined_interval,
    draw_orders_within,
    draw_weights,
    exceedance,
)
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index, strata_of
from tinglegram.statistics.trial_level import mostly, trial_calls
from tinglegram.statistics.within_target import balanced_accuracy

SELF_REPORT_METRICS = (
    "accuracy",
    "macro_f1",
    "accuracy_within_target",
    "balanced_accuracy_within_target",
)
SELF_REPORT_FAMILY = "whole-trial scores of one model"


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
    """
    truth, calls = self_reports(trials, share), trial_calls(trials, share)
    target = ~trials.control
    participant, one_hot = participant_index(trials), np.eye(4, dtype=np.int64)
    cells = one_hot[2 * truth + calls]
    # Of all trials, and of the target condition's (trials x 2 x 4).
    both = np.stack([cells, cells * target[:, None]], axis=1)
    sums = np.zeros((int(participant.max()) + 1, 2, 4), dtype=np.int64)
    np.add.at(sums, participant, both)
    weights = draw_weights(
        len(sums), settings.bootstrap, settings.stream(Use.SELF_REPORT_BOOTSTRAP)
    )
    orders = draw_orders_within(
        strata_of(trials), settings.permutations, settings.stream(Use.SELF_REPORT_PERMUTATION)
    )
    drawn = one_hot[2 * truth[orders] + calls]
    shuffled = np.stack([drawn.sum(axis=1), drawn[:, target].sum(axis=1)], axis=1)
    counts = both.sum(axis=0)
    value, null = _scores(counts), _scores(shuffled)
    low, high = defined_interval(_scores(np.tensordot(weights, sums, axes=1)), settings.confidence)
    table = pd.DataFrame(
        {"metric": SELF_REPORT_METRICS, "value": value, "ci_low": low, "ci_high": high}
    )
    table["p_value"] = exceedance(null, value, settings.p_value)
    table = table.join(adjust(table["p_value"], SELF_REPORT_FAMILY))
    rows = counts[[0, 0, 1, 1]]
    return table.assign(
        **{name: rows[:, place] for place, name in enumerate(OUTCOMES)},
        n_bootstrap=settings.bootstrap,
        n_permutations=settings.permutations,
    )


def _scores(counts: np.ndarray) -> np.ndarray:
    """Return (..., 4) scores from (..., 2, 4) counts of all and of target trials."""
    every, own = counts[..., 0, :], counts[..., 1, :]
    parts = [accuracy(every), scores(every, every)[..., 1], accuracy(own), balanced_accuracy(own)]
    return np.stack(parts, axis=-1)
