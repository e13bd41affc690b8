"""Does a model track reports? Its ROC AUC against that of models trained on moved reports.

`models.retraining` says what is moved and why. p is one-sided: the share of the models trained on
moved reports, each tested against reports moved alike, whose mean ROC AUC reaches the observed one.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.inference.rank_sums import rank_auc
from tinglegram.inference.resampling import exceedance
from tinglegram.statistics.scored_trials import ScoredTrials


class Retrained(NamedTuple):
    """Mean ROC AUC per participant within the target condition, its null mean, and p."""

    roc_auc: float
    null_mean: float
    p_value: float
    n_shifts: int
    n_participants: int
    n_clips: int


def _ranked(trials: ScoredTrials) -> pd.DataFrame:
    """Return the target trials with reports of both classes: what names them, and roc_auc."""
    target = trials.within_target()
    auc = [
        rank_auc(probability[valid], label[valid])
        for probability, label, valid in zip(
            target.probability, target.label, target.valid, strict=True
        )
    ]
    return target.names.assign(roc_auc=auc).dropna(subset="roc_auc")


def retrained_test(
    observed: ScoredTrials, moved: pd.DataFrame, *, p_value: str, source: str = ""
) -> Retrained:
    """Test whether a model follows reports within clips of the target condition.

    Everybody counts once: trials of one participant are averaged first.

    Parameters
    ----------
    observed : test trials of the model, trained as those on moved reports were.
    moved : shift (from 1), subject, video, order where a clip was seen again, and roc_auc, of all
        folds (`models.retraining.retrained_scores`).
    p_value : `count` or `plus_one`; see `exceedance`.
    source : name of the model, for messages.

    Returns
    -------
    Retrained : NaN where no target trial has reports of both classes.

    Raises
    ------
    InputProblem : the models trained again were not tested on the trials of the model.
    """
    own = _ranked(observed)
    keys = [name for name in ("subject", "video", "order") if name in own.columns]
    ranked, n_shifts = moved.dropna(subset="roc_auc"), moved["shift"].nunique()
    expected, counts = pd.MultiIndex.from_frame(own[keys]), ranked.groupby(keys).size()
    complete = int((counts.reindex(expected) == n_shifts).sum())
    others = int((~counts.index.isin(expected)).sum())
    if complete < len(expected) or others:
        raise InputProblem(
            source,
            expected=f"scores of {len(expected)} target trials for each of {n_shifts} shifts",
            found=f"{complete} of these trials with all scores, and {others} other trials",
            remedy="Delete the folders retrained of this model and run the workflow again.",
        )
    if not len(own):
        return Retrained(np.nan, np.nan, np.nan, n_shifts, 0, 0)
    reached = np.array(own.groupby("subject")["roc_auc"].mean().mean())
    of_people = ranked.groupby(["shift", "subject"])["roc_auc"].mean()
    null = of_people.groupby("shift").mean().to_numpy()
    return Retrained(
        roc_auc=float(reached),
        null_mean=float(null.mean()),
        p_value=float(exceedance(null, reached, p_value)),
        n_shifts=n_shifts,
        n_participants=own["subject"].nunique(),
        n_clips=own["video"].nunique(),
    )


def retrained_table(tests: Mapping[str, Retrained]) -> pd.DataFrame:
    """Return one row for each model: its name and the fields of `Retrained`."""
    rows = [(model, *test) for model, test in tests.items()]
    return pd.DataFrame(rows, columns=["model", *Retrained._fields])
