"""Scores of every fold and of every seed (paper, Tables 1 and 2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.inference.counts import METRICS, scores
from tinglegram.statistics.scored_trials import ScoredTrials, group_sums


def group_scores(trials: ScoredTrials, groups: np.ndarray) -> np.ndarray:
    """Return (groups x 5) scores of the trials in each group; `groups` is 0-based, one a trial."""
    sums = group_sums(trials, groups)
    return scores(sums[:, 0], sums[:, 1])


def fold_scores(trials: ScoredTrials) -> np.ndarray:
    """Return (folds x 5) scores; frames of a fold are scored together.

    Of the folds that test a trial: a noise ceiling has none where nobody else saw the clips.
    """
    return group_scores(trials, np.unique(trials.names["fold"], return_inverse=True)[1])


def fold_table(trials: ScoredTrials) -> pd.DataFrame:
    """Return each fold's scores, then their mean and population SD (rows `mean`, `sd`).

    The population SD is what the released code prints (paper, Tables 1 and 2).
    """
    values = fold_scores(trials)
    rows = np.vstack([values, values.mean(axis=0), values.std(axis=0)])
    table = pd.DataFrame(rows, columns=list(METRICS))
    table.insert(0, "fold", [*map(str, np.unique(trials.names["fold"])), "mean", "sd"])
    return table


def seed_table(replicates: Sequence[ScoredTrials]) -> pd.DataFrame:
    """Return the scores of networks that differ only in their seed, then their spread.

    Parameters
    ----------
    replicates : test trials as each network predicted them, in the order of the seeds.

    Returns
    -------
    One row per network (`seed` 1, 2, ...) with the mean over folds of every metric, then rows
    `mean` and `sd`: the sample SD, because the seeds stand for all that could have been drawn; NaN
    with a single network.
    """
    values = np.array([fold_scores(trials).mean(axis=0) for trials in replicates])
    table = pd.DataFrame(values, columns=list(METRICS))
    ends = pd.DataFrame([table.mean(), table.std(ddof=1)])
    table = pd.concat([table, ends], ignore_index=True)
    table.insert(0, "seed", [*map(str, range(1, len(values) + 1)), "mean", "sd"])
    return table


def join_seed_tables(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one table from model -> its `seed_table`, with a column `model` in front."""
    named = [table.assign(model=name) for name, table in tables.items()]
    joined = pd.concat(named, ignore_index=True)
    return joined[["model", *joined.columns.drop("model")]]
