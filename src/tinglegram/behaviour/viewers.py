"""Viewers whose ratings run against those of all others: the scale used upside down?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.agreement import correlations_of_people

# ASSUMPTION: who used the scale upside down has a mean correlation with the others below this, and
# a negative one in so large a share of their clips, which are at least so many. Where the viewers
# themselves agree less than this (median), nobody can be said to run against them.
# tests/unit/behaviour/test_viewers.py has the rates.
OPPOSITE_R, NEGATIVE_SHARE, OPPOSITE_CLIPS, LEAST_AGREEMENT = -0.3, 0.75, 3, 0.1
# Of two viewers of a clip, none can say who is the other way round.
LEAST_VIEWERS = 3


def viewer_table(ratings: pd.DataFrame, conditions: Mapping[str, str]) -> pd.DataFrame:
    """Return how far each viewer goes with the others, and whether they run the other way.

    Parameters
    ----------
    ratings : tables of `rating_grid` (behaviour.ratings) of all participants, one below the other.
    conditions : video -> condition.

    Returns
    -------
    One row per participant, by number: subject; n_clips, those with `LEAST_VIEWERS` in which the
    own rating and the others' mean change; r_others, the mean correlation with it (Fisher z),
    missing without such a clip; n_negative, clips with a correlation below 0; opposite, whether
    r_others is below `OPPOSITE_R` and n_negative `NEGATIVE_SHARE` of n_clips or more.
    """
    found = correlations_of_people(ratings, conditions, LEAST_VIEWERS)
    by_person = found.assign(negative=found["z"] < 0).groupby("subject")
    table = pd.DataFrame(
        {
            "n_clips": by_person.size(),
            "r_others": np.tanh(by_person["z"].mean()),
            "n_negative": by_person["negative"].sum(),
        }
    ).reindex(np.unique(ratings["subject"].to_numpy(dtype=np.int64)))
    counts = ["n_clips", "n_negative"]
    table[counts] = table[counts].fillna(0).astype(np.int64)
    against = table["n_negative"] >= NEGATIVE_SHARE * table["n_clips"]
    against &= (table["n_clips"] >= OPPOSITE_CLIPS) & (table["r_others"] < OPPOSITE_R)
    table["opposite"] = against & bool(table["r_others"].median() > LEAST_AGREEMENT)
    return table.rename_axis("subject").reset_index()


def opposite_warning(viewers: pd.DataFrame) -> list[str]:
    """Return a sentence on the participants that `viewer_table` finds; nothing without any."""
    told = viewers[viewers["opposite"].astype(bool)]
    if not len(told):
        return []
    who = ", ".join(
        f"{row.subject} (r = {row.r_others:.2f}, "
        f"below 0 in {row.n_negative} of {row.n_clips} clips)"
        for row in told.itertuples()
    )
    return [
        f"Opposite ratings: those of participant {who} run against the mean of the other viewers: "
        "was the scale used upside down? (statistics/viewers.tsv)"
    ]
