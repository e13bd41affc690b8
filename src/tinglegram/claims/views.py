"""Result tables arranged so that a claim of the paper can be looked up in them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.statistics.comparison import exact_bootstrap, exact_sign_flip, paired_bootstrap

# Stands for a number that the results do not show.
UNSEEN = "?"
_ROLES = ("train", "validation", "test")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, each by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def fold_people(folds: pd.DataFrame) -> pd.DataFrame:
    """Return fold and `people`: how many train, validate and test, as `24/2/8`.

    Parameters
    ----------
    folds : fold, subject, video, role.
    """
    counts = folds.groupby(["fold", "role"])["subject"].nunique()
    rows = [
        (fold, "/".join(str(counts.get((fold, role), 0)) for role in _ROLES))
        for fold in folds["fold"].unique()
    ]
    return pd.DataFrame(rows, columns=["fold", "people"])


def tested_people(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return fold and `people`, as far as test predictions (fold, subject) tell: `?/?/8`."""
    counts = predictions.groupby("fold")["subject"].nunique()
    participants = [f"{UNSEEN}/{UNSEEN}/{n}" for n in counts]
    return pd.DataFrame({"fold": counts.index, "people": participants})


def trial_level(video_level: pd.DataFrame) -> pd.DataFrame:
    """Add `sd`, the SD over folds of a score of whole trials, where the counts decide it.

    With every trial right, every fold is: SD 0. Otherwise the counts over all folds do not tell.
    """
    faultless = video_level["fp"] + video_level["fn"] == 0
    return video_level.assign(sd=np.where(faultless, 0.0, np.nan))


VIEWS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "": lambda table: table,
    "fold_people": fold_people,
    "tested_people": tested_people,
    "trial_level": trial_level,
}


def typed_scores(scores: pd.DataFrame, *, n_resamples: int, seed: int) -> pd.DataFrame:
    """Summarise the fold scores that the authors typed into their ablation test.

    Parameters
    ----------
    scores : model, reference (the model it is compared with), claim (id of the claim on its
        mean), fold, macro_f1 (fraction), source.
    n_resamples, seed : of the paired bootstrap; the released code has 10,000 and 42.

    Returns
    -------
    One row per model: model, claim, mean, sd (population, over folds), and the one-sided p of the
    reference being better, NaN for the reference itself: paired_bootstrap (what the paper prints),
    exact_bootstrap, exact_sign_flip.
    """
    wide = scores.pivot(index="model", columns="fold", values="macro_f1")
    rows = []
    named = scores[["model", "reference", "claim"]].drop_duplicates()
    for model, reference, claim in named.itertuples(index=False):
        own = wide.loc[model].to_numpy(dtype=float)
        # Typed with four decimals: a difference has no more.
        gaps = np.round(wide.loc[reference].to_numpy(dtype=float) - own, 4)
        tests = [np.nan] * 3
        if model != reference:
            bootstrap = paired_bootstrap(gaps, n_resamples, seed)
            tests = [bootstrap, exact_bootstrap(gaps), exact_sign_flip(gaps)]
        rows.append((model, claim, own.mean(), own.std(), *tests))
    tests_of = ["paired_bootstrap", "exact_bootstrap", "exact_sign_flip"]
    return pd.DataFrame(rows, columns=["model", "claim", "mean", "sd", *tests_of])
