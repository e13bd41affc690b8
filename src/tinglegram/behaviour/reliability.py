"""Reliability of continuous ratings: how far the mean of all viewers could be repeated."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.behaviour.agreement import LARGEST_R, viewers_by_steps
from tinglegram.inference.jackknife import jackknife_interval
from tinglegram.settings import AT_LEAST_ONE, section

Level = Literal["ordinal", "interval"]


@section("statistics")
class ReliabilityDraws:
    """How often the viewers of a clip are halved."""

    halvings: Annotated[int, AT_LEAST_ONE, "Random halves of the viewers of a clip."] = 1000


def intraclass_correlation(series: np.ndarray) -> float:
    """Return ICC(2, k): reliability of the mean of all viewers, in absolute agreement.

    Two-way random effects of steps and viewers (Shrout & Fleiss, 1979,
    doi:10.1037/0033-2909.86.2.420): (MS_steps - MS_error) / (MS_steps + (MS_viewers - MS_error) /
    steps).

    Parameters
    ----------
    series : (n_viewers, n_steps) ratings of one clip.

    Returns
    -------
    At most 1; NaN with fewer than two viewers or steps, or where nothing changes.
    """
    values = np.asarray(series, dtype=np.float64)
    n_viewers, n_steps = values.shape
    if min(values.shape) < 2 or np.ptp(values) == 0:
        return np.nan
    mean = values.mean()
    of_step, of_viewer = values.mean(axis=0) - mean, values.mean(axis=1) - mean
    residual = values - mean - of_step - of_viewer[:, None]
    steps = n_viewers * np.sum(of_step**2) / (n_steps - 1)
    viewers = n_steps * np.sum(of_viewer**2) / (n_viewers - 1)
    error = np.sum(residual**2) / ((n_steps - 1) * (n_viewers - 1))
    below = steps + (viewers - error) / n_steps
    return float((steps - error) / below) if below > 0 else np.nan


def split_half(series: np.ndarray, halvings: int, generator: np.random.Generator) -> float:
    """Return the reliability of the mean by random halves of the viewers.

    Mean over halvings of 2 r / (1 + r), with r the correlation of the mean courses of the halves
    (Spearman, 1910; Brown, 1910). Of an odd number of viewers one half has one more.

    Parameters
    ----------
    series : (n_viewers, n_steps) ratings of one clip.
    halvings : random halves.
    generator : of the halves.

    Returns
    -------
    At most 1; NaN where in every halving one of the means never changes.
    """
    values = np.asarray(series, dtype=np.float64)
    n = len(values)
    if n < 2 or values.shape[1] < 2:
        return np.nan
    # Not to move everybody by one value, which changes no correlation.
    centred = values - values.mean(axis=1, keepdims=True)
    products = np.einsum("it,jt->ij", centred, centred)
    sides = np.zeros((halvings, n))
    sides[:, : n // 2] = 1.0
    first = generator.permuted(sides, axis=1)
    second = 1.0 - first
    own, other = (np.einsum("hi,ij,hj->h", s, products, s) for s in (first, second))
    both = np.einsum("hi,ij,hj->h", first, products, second)
    # A mean that never changes has a spread of 0, but for rounding.
    moves = np.minimum(own, other) > 1e-9 * np.trace(products)
    r = np.divide(both, np.sqrt(own * other), out=np.full(halvings, np.nan), where=moves)
    # At r = -1 the corrected value has no end.
    stepped = np.divide(2 * r, 1 + r, out=np.full(halvings, np.nan), where=r > -1 + 1e-9)
    known = stepped[~np.isnan(stepped)]
    return float(known.mean()) if len(known) else np.nan


def krippendorff_alpha(series: np.ndarray, level: Level) -> float:
    """Return Krippendorff's alpha: 1 minus observed over expected disagreement.

    Parameters
    ----------
    series : (n_viewers, n_steps) ratings of one clip, none missing.
    level : `ordinal`: the distance of two ratings is how many values lie between them (squared
        sum of the values' frequencies from one to the other, less half of both ends);
        `interval`: their squared difference (Krippendorff, 2011, "Computing Krippendorff's
        Alpha-Reliability").

    Returns
    -------
    At most 1, 0 by chance; NaN with fewer than two viewers or where nothing changes.
    """
    n_viewers, n_steps = series.shape
    if n_viewers < 2 or n_steps < 1 or np.ptp(series) == 0:
        return np.nan
    if level == "interval":
        values = np.asarray(series, dtype=np.float64)
        within = np.sum(np.square(values - values.mean(axis=0))) * n_viewers / (n_viewers - 1)
        total = np.sum(np.square(values - values.mean())) * values.size / (values.size - 1)
        return float(1 - within / total)
    found, place = np.unique(series, return_inverse=True)
    place = place.reshape(series.shape)
    counts = np.stack([(place == value).sum(axis=0) for value in range(len(found))], axis=1)
    frequency = counts.sum(axis=0).astype(np.float64)
    # Values up to the middle of each: their differences are the ordinal distances.
    middle = np.cumsum(frequency) - frequency / 2
    distance = np.square(middle[:, None] - middle)
    together = counts.T.astype(np.float64) @ counts - np.diag(frequency)
    observed = np.sum(together * distance) / (n_viewers - 1)
    expected = np.sum(np.outer(frequency, frequency) * distance) / (series.size - 1)
    return float(1 - observed / expected)


def without_each(
    series: np.ndarray, statistic: Callable[[np.ndarray], float], confidence: float
) -> tuple[float, float, float]:
    """Return a statistic of all viewers, with its interval by the jackknife over viewers.

    On the scale -ln(1 - statistic), since reliabilities end at 1 (Bonett, 2002,
    doi:10.3102/10769986027004335). The interval is missing where the statistic is, of all viewers
    or without one of them, or where it is 1.
    """
    estimate = statistic(series)
    left = np.array([statistic(np.delete(series, i, axis=0)) for i in range(len(series))])
    if not (estimate < 1 and (left < 1).all()):
        return estimate, np.nan, np.nan
    low, high = jackknife_interval(-np.log1p(-estimate), -np.log1p(-left), confidence)
    return estimate, float(-np.expm1(-low)), float(-np.expm1(-high))


def reliability_table(
    ratings: pd.DataFrame,
    conditions: Mapping[str, str],
    *,
    level: Level,
    halvings: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the reliability of the ratings of every clip, in the order of `conditions`.

    Parameters
    ----------
    ratings : tables of `rating_grid` (behaviour.ratings) of all participants, one below the other.
    conditions : video -> condition.
    level : of the ratings, for `krippendorff_alpha`.
    halvings, confidence, seed : of `split_half`; level of the intervals, a fraction.

    Returns
    -------
    Table of video, condition, n_viewers, icc_2k, icc_ci_low, icc_ci_high, split_half, alpha,
    alpha_ci_low, alpha_ci_high, level, r_other_clips: the mean correlation (Fisher z) of a viewer
    with the mean of all other viewers over *other* clips, at the same time: what needs no knowledge
    of the clip.
    """
    tables = {v: viewers_by_steps(ratings[ratings["video"] == v]) for v in conditions}
    rows = []
    for place, (video, condition) in enumerate(conditions.items()):
        own = tables[video].to_numpy()
        generator = np.random.default_rng(np.random.SeedSequence([seed, place]))
        icc = without_each(own, intraclass_correlation, confidence)
        alpha = without_each(own, lambda one: krippendorff_alpha(one, level), confidence)
        rows.append(
            {
                "video": video,
                "condition": condition,
                "n_viewers": len(own),
                **dict(zip(("icc_2k", "icc_ci_low", "icc_ci_high"), icc, strict=True)),
                "split_half": split_half(own, halvings, generator),
                **dict(zip(("alpha", "alpha_ci_low", "alpha_ci_high"), alpha, strict=True)),
                "level": level,
                "r_other_clips": _with_other_clips(tables, video),
            }
        )
    return pd.DataFrame(rows)


def _with_other_clips(tables: Mapping[str, pd.DataFrame], video: str) -> float:
    """Mean correlation of the viewers of a clip with the others' mean over all other clips."""
    own = tables[video]
    found = []
    for subject, rated in own.iterrows():
        rest = [
            table.drop(index=subject, errors="ignore") for v, table in tables.items() if v != video
        ]
        means = [table.mean() for table in rest if len(table)]
        if not means:
            continue
        # Steps that all of these clips have.
        both = pd.concat(
            [rated, pd.concat(means, axis=1, join="inner").mean(axis=1)], axis=1, join="inner"
        )
        x, y = both.to_numpy(dtype=np.float64).T
        if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0:
            found.append(np.corrcoef(x, y)[0, 1])
    z = np.arctanh(np.clip(found, -LARGEST_R, LARGEST_R))
    return float(np.tanh(z.mean())) if len(z) else np.nan
