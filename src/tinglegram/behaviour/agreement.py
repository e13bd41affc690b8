"""Leave-one-out agreement among the viewers of a clip (paper, "Behavioral Agreement")."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.behaviour.showings import mean_of_showings
from tinglegram.inference.multiple_testing import adjust
from tinglegram.settings import AT_LEAST_ONE, section

# Fisher's z of a correlation of exactly 1 is infinite; the largest number below 1 keeps the mean
# finite (z = 18.7) and gives back r = 1 when everybody agrees perfectly.
LARGEST_R = np.nextafter(1.0, 0.0)


class Agreement(NamedTuple):
    """Number of correlations, mean r, its confidence interval, and p of r <= 0."""

    n: int
    r: float
    ci_low: float
    ci_high: float
    p_value: float


def leave_one_out(series: np.ndarray) -> np.ndarray:
    """Correlate each viewer's ratings with the mean of all the others'.

    Viewers whose rating never changes have no correlation and are skipped as targets, but stay in
    the others' mean (released code). So is a target whose others' mean never changes.

    Parameters
    ----------
    series : (n_viewers, n_steps) int or float, ratings of one clip, equally long.

    Returns
    -------
    (n_correlations,) Pearson r, in the order of the viewers.
    """
    return _with_others(series)[1]


def _with_others(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which viewers have a correlation with the others, (n_viewers,), and these."""
    if len(series) < 2:
        return np.zeros(len(series), dtype=bool), np.empty(0)
    # The sum of the others correlates as their mean does, and stays an exact integer.
    others = _sums_of_others(series)
    varies = (np.ptp(series, axis=1) > 0) & (np.ptp(others, axis=1) > 0)
    if not varies.any():
        return varies, np.empty(0)
    found: np.ndarray = scipy.stats.pearsonr(series[varies], others[varies], axis=1).statistic
    return varies, found


def _sums_of_others(series: np.ndarray) -> np.ndarray:
    """Return (n_viewers, n_steps): the sum of all others.

    Floats are added up, never taken off a total: so the sum of others who never change does not
    change either, by no rounding.
    """
    if series.dtype.kind != "f":
        found: np.ndarray = series.sum(axis=0) - series
        return found
    before, after = np.zeros_like(series), np.zeros_like(series)
    before[1:] = np.cumsum(series[:-1], axis=0)
    after[:-1] = np.cumsum(series[:0:-1], axis=0)[::-1]
    found = before + after
    return found


def bootstrap_agreement(
    correlations: np.ndarray,
    *,
    resamples: int,
    confidence: float,
    seed: int,
    p_value: Literal["count", "plus_one"],
) -> Agreement:
    """Return the mean correlation over resampled viewers, through Fisher's z.

    Correlations of exactly +-1 are taken as the nearest number inside, as z would be infinite.

    Parameters
    ----------
    correlations : (n,) Pearson r of `leave_one_out`.
    resamples : number of bootstrap resamples of the n values.
    confidence : coverage of the percentile interval, 0 to 1.
    seed : start of the random stream.
    p_value : the share of resampled means <= 0 (`count`, released code), or the same with one
        added to both counts, which is never 0 (`plus_one`).

    Returns
    -------
    Agreement : interval and p are missing with fewer than two correlations, r with none.
    """
    z = np.arctanh(np.clip(correlations, -LARGEST_R, LARGEST_R))
    n = len(z)
    if n < 2:
        r = float(np.tanh(z[0])) if n else np.nan
        return Agreement(n, r, np.nan, np.nan, np.nan)
    # The legacy stream, because the released code draws np.random.choice after np.random.seed:
    # one draw of all resamples gives the same numbers as its loop.
    drawn = np.random.RandomState(seed).randint(0, n, size=(resamples, n))
    means = z[drawn].mean(axis=1)
    tail = 100 * (1 - confidence) / 2
    low, high = np.tanh(np.percentile(means, [tail, 100 - tail]))
    extra = int(p_value == "plus_one")
    p = (int((means <= 0).sum()) + extra) / (resamples + extra)
    return Agreement(n, float(np.tanh(means.mean())), float(low), float(high), p)


@section("statistics")
class AgreementDraws:
    """Resamples of the viewers of a clip."""

    agreement_bootstrap: Annotated[
        int, AT_LEAST_ONE, "Resamples of the agreement among viewers."
    ] = 10000


def agreement_table(
    ratings: pd.DataFrame,
    conditions: Mapping[str, str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
    p_value: Literal["count", "plus_one"],
) -> pd.DataFrame:
    """Return the agreement among the viewers of every clip, in the order of `conditions`.

    The series of a clip are cut to the shortest among its viewers, and the same seed starts the
    bootstrap of every clip (released code).

    Parameters
    ----------
    ratings : tables of `rating_grid` (behaviour.ratings) of all participants, one below the other.
    conditions : video -> condition.
    resamples, confidence, seed, p_value : as for `bootstrap_agreement`.

    Returns
    -------
    Table with the columns video, condition, n (participants whose correlation enters), r, ci_low,
    ci_high, p_value, and p_holm, p_bh, family: corrected over all clips.
    """
    rows = []
    for video, condition in conditions.items():
        found = bootstrap_agreement(
            leave_one_out(_series(ratings[ratings["video"] == video])),
            resamples=resamples,
            confidence=confidence,
            seed=seed,
            p_value=p_value,
        )
        rows.append({"video": video, "condition": condition} | found._asdict())
    table = pd.DataFrame(rows)
    return table.join(adjust(table["p_value"], "all clips"))


def agreement_of_people(ratings: pd.DataFrame, conditions: Mapping[str, str]) -> pd.DataFrame:
    """Return how far each viewer agrees with all others, in each condition.

    Parameters
    ----------
    ratings, conditions : as for `agreement_table`.

    Returns
    -------
    condition, subject, r: the mean of Fisher's z over the clips of the condition, back as r; only
    viewers who have a correlation at one of them.
    """
    rows = []
    for video, condition in conditions.items():
        own = ratings[ratings["video"] == video]
        varies, found = _with_others(_series(own))
        z = np.arctanh(np.clip(found, -LARGEST_R, LARGEST_R))
        viewers = np.unique(own["subject"].to_numpy())[varies]
        rows += [(condition, who, one) for who, one in zip(viewers.tolist(), z, strict=True)]
    table = pd.DataFrame(rows, columns=["condition", "subject", "z"])
    means = table.groupby(["condition", "subject"], sort=False)["z"].mean()
    people: pd.DataFrame = np.tanh(means).rename("r").reset_index()
    return people


def _series(ratings: pd.DataFrame) -> np.ndarray:
    """Return (n_viewers, n_steps): viewers by number, steps that every viewer has.

    ASSUMPTION: viewers are taken by number; the released code takes the order of the folder, on
    which the third decimal of r depends.
    """
    # ASSUMPTION: who saw the clip more than once enters once, with the mean of the showings.
    ratings = mean_of_showings(ratings)
    table = ratings.pivot(index="subject", columns="step", values="rating").dropna(axis="columns")
    return table.to_numpy(dtype=np.float64 if ratings["rating"].dtype.kind == "f" else np.int64)
