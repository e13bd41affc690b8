"""Whole trials called ASMR or not, against the condition of their clip (paper, "Video-level")."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.inference.counts import OUTCOMES, accuracy, scores
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import Resamples, Use, draw_orders, draw_weights, summary_table
from tinglegram.settings import SHARE, SWITCH, section
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    participant_index,
    tells_conditions_apart,
)

TRIAL_LEVEL_FAMILY = "whole-trial scores of one model"


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
    """Return (trials,) whether at least int(share x counted frames) of a trial's frames are True.

    `frames` and `counted` are trials x steps.
    """
    needed = (share * counted.sum(axis=1)).astype(int)
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
    """
    truth, calls = ~trials.control, trial_calls(trials, level.video_threshold)
    cells = np.eye(4, dtype=np.int64)[2 * truth + calls]
    by_trial = level.video_level_resampling == "trials"
    units = np.arange(len(cells)) if by_trial else participant_index(trials)
    sums = np.zeros((int(units.max()) + 1, 4), dtype=np.int64)
    np.add.at(sums, units, cells)
    weights = draw_weights(len(sums), settings.bootstrap, settings.stream(Use.VIDEO_BOOTSTRAP))
    orders = draw_orders(len(cells), settings.permutations, settings.stream(Use.VIDEO_PERMUTATION))
    shuffled = np.eye(4, dtype=np.int64)[2 * truth[orders] + calls].sum(axis=1)
    value, boot, null = (
        np.stack([accuracy(c), scores(c, c)[..., 1]], axis=-1)
        for c in (cells.sum(axis=0), weights @ sums, shuffled)
    )
    if not tells_conditions_apart(trials):
        value, boot, null = (np.full_like(found, np.nan) for found in (value, boot, null))
    table = summary_table(("accuracy", "macro_f1"), value, boot, null, settings)
    table = table.join(adjust(table["p_value"], TRIAL_LEVEL_FAMILY))
    for place, (name, count) in enumerate(zip(OUTCOMES, cells.sum(axis=0), strict=True), 5):
        table.insert(place, name, int(count))
    return table
