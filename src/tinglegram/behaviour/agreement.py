"""Agreement among the viewers of a clip (paper, "Behavioral Agreement"), and tests of it."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.behaviour.showings import mean_of_showings
from tinglegram.inference.circular_shifts import draw_clip_shifts, summed_products
from tinglegram.inference.jackknife import jackknife_interval
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import exceedance
from tinglegram.settings import AT_LEAST_ONE, SWITCH, section

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


class PairwiseAgreement(NamedTuple):
    """Mean r over all pairs of viewers, and its confidence interval."""

    r: float
    ci_low: float
    ci_high: float


def pairwise_agreement(series: np.ndarray, confidence: float) -> PairwiseAgreement:
    """Return the mean correlation of all pairs of viewers.

    Unlike the correlation with all others it does not grow with the number of viewers. The
    interval is that of the jackknife over viewers, since pairs that share one go together
    (Chen et al., 2016, doi:10.1016/j.neuroimage.2016.05.023), on Fisher's z of the mean. The mean
    is that of r itself: z of one pair that is all alike is infinite and would outweigh all others.

    Parameters
    ----------
    series : (n_viewers, n_steps) ratings of one clip; viewers whose rating never changes are
        skipped.
    confidence : level of the interval, a fraction.

    Returns
    -------
    PairwiseAgreement : r is missing with fewer than two viewers, the interval with fewer than
        three.
    """
    moving = series[np.ptp(series, axis=1) > 0]
    n = len(moving)
    if n < 2:
        return PairwiseAgreement(np.nan, np.nan, np.nan)
    centred = moving - moving.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt(np.sum(np.square(centred), axis=1, keepdims=True))
    # Not by @, whose last bits may depend on the number of cores.
    r = np.einsum("it,jt->ij", scaled, scaled)
    np.fill_diagonal(r, 0.0)
    of_viewer = r.sum(axis=1)
    total = of_viewer.sum()
    mean = float(total / (n * (n - 1)))
    if n < 3:
        return PairwiseAgreement(mean, np.nan, np.nan)
    without = (total - 2 * of_viewer) / ((n - 1) * (n - 2))
    z, z_without = (np.arctanh(np.clip(x, -LARGEST_R, LARGEST_R)) for x in (mean, without))
    low, high = jackknife_interval(float(z), z_without, confidence)
    return PairwiseAgreement(mean, float(np.tanh(low)), float(np.tanh(high)))


def shifted_agreement(series: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Return the mean Fisher z of `leave_one_out` after each viewer was moved in time.

    Every viewer is moved by steps of their own, in a circle: what each reports stays, and what they
    share in time goes (Kauppi et al., 2014, doi:10.3389/fninf.2014.00002). To move only the viewer
    who is left out keeps what the others share, and rejects too often.

    Parameters
    ----------
    series : (n_viewers, n_steps) int or float, of viewers whose rating changes.
    shifts : (n_shifts, n_viewers) steps; a row of zeros gives the observed agreement.

    Returns
    -------
    (n_shifts,) mean z; NaN where no viewer's others change.
    """
    steps = series.shape[1]
    with_all = summed_products(series, shifts)
    sums = series.sum(axis=1)
    squares = np.sum(np.square(series), axis=1)
    others = sums.sum() - sums
    products = with_all - squares
    # The square of the sum of all others: that of all, less what the viewer brings.
    others_squares = with_all.sum(axis=1, keepdims=True) - 2 * with_all + squares
    # Times the number of steps, so that whole numbers stay whole.
    covariance = steps * products - sums * others
    own = steps * squares - np.square(sums)
    spread = steps * others_squares - np.square(others)
    # What never changes has a spread of 0, but for the rounding of floats.
    moves = spread > 1e-9 * steps * np.abs(others_squares)
    r = np.divide(covariance, np.sqrt(own * np.where(moves, spread, 1.0)))
    z = np.where(moves, np.arctanh(np.clip(r, -LARGEST_R, LARGEST_R)), 0.0)
    n = moves.sum(axis=1)
    mean: np.ndarray = np.divide(z.sum(axis=1), n, out=np.full(len(shifts), np.nan), where=n > 0)
    return mean


def agreement_of_shifted(
    series: np.ndarray, *, shifts: int, confidence: float, seed: int, p_value: str
) -> dict[str, float]:
    """Return the agreement of a clip, p of it, and the mean correlation of pairs with its interval.

    Parameters
    ----------
    series : (n_viewers, n_steps) ratings of one clip.
    shifts : random shifts behind p.
    confidence, seed, p_value : as for `bootstrap_agreement`; p is the share of shifts whose
        agreement is as high as the observed one.

    Returns
    -------
    n, r, ci_low, ci_high (missing: it depends on the number of viewers), p_value, and r_pairwise
    with pairwise_ci_low and pairwise_ci_high.
    """
    moving = series[np.ptp(series, axis=1) > 0]
    pairs = pairwise_agreement(series, confidence)
    n, r, p = len(leave_one_out(series)), np.nan, np.nan
    if n >= 2:
        generator = np.random.default_rng(seed)
        steps = draw_clip_shifts([moving.shape[1]] * len(moving), shifts, generator)
        observed, *null = shifted_agreement(moving, steps)
        r, p = float(np.tanh(observed)), float(exceedance(np.array(null), observed, p_value))
    return {
        **Agreement(n, r, np.nan, np.nan, p)._asdict(),
        "r_pairwise": pairs.r,
        "pairwise_ci_low": pairs.ci_low,
        "pairwise_ci_high": pairs.ci_high,
    }


@section("statistics")
class AgreementDraws:
    """How the agreement of the viewers of a clip is tested, and with how many draws."""

    agreement_bootstrap: Annotated[
        int, AT_LEAST_ONE, "Resamples, or random shifts, of the agreement among viewers."
    ] = 10000
    agreement_test: Annotated[
        Literal["resampled_viewers", "shifted_viewers"],
        SWITCH,
        "Agreement among viewers against that of resampled viewers, or of viewers moved in time.",
    ]


def agreement_table(
    ratings: pd.DataFrame,
    conditions: Mapping[str, str],
    *,
    test: Literal["resampled_viewers", "shifted_viewers"],
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
    test : `bootstrap_agreement` (released code), or `agreement_of_shifted`.
    resamples, confidence, seed, p_value : as for these.

    Returns
    -------
    Table with the columns video, condition, n (participants whose correlation enters), r, ci_low,
    ci_high, p_value, those of pairs with `shifted_viewers`, and p_holm, p_bh, family: corrected
    over all clips.
    """
    rows = []
    for video, condition in conditions.items():
        series = viewers_by_steps(ratings[ratings["video"] == video]).to_numpy()
        if test == "shifted_viewers":
            found = agreement_of_shifted(
                series, shifts=resamples, confidence=confidence, seed=seed, p_value=p_value
            )
        else:
            found = bootstrap_agreement(
                leave_one_out(series),
                resamples=resamples,
                confidence=confidence,
                seed=seed,
                p_value=p_value,
            )._asdict()
        rows.append({"video": video, "condition": condition} | found)
    table = pd.DataFrame(rows)
    return table.join(adjust(table["p_value"], "all clips"))


def correlations_of_people(
    ratings: pd.DataFrame, conditions: Mapping[str, str], least_viewers: int = 2
) -> pd.DataFrame:
    """Return how far each viewer's rating goes with the mean of all others', at each clip.

    Parameters
    ----------
    ratings, conditions : as for `agreement_table`.
    least_viewers : of a clip; those with fewer are left out.

    Returns
    -------
    video, condition, subject, z: Fisher's z; only viewers who have a correlation at the clip.
    """
    rows = []
    for video, condition in conditions.items():
        series = viewers_by_steps(ratings[ratings["video"] == video])
        if len(series) < least_viewers:
            continue
        varies, found = _with_others(series.to_numpy())
        z = np.arctanh(np.clip(found, -LARGEST_R, LARGEST_R))
        viewers = series.index.to_numpy()[varies]
        rows += [(video, condition, who, one) for who, one in zip(viewers.tolist(), z, strict=True)]
    return pd.DataFrame(rows, columns=["video", "condition", "subject", "z"])


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
    table = correlations_of_people(ratings, conditions)
    means = table.groupby(["condition", "subject"], sort=False)["z"].mean()
    people: pd.DataFrame = np.tanh(means).rename("r").reset_index()
    return people


def viewers_by_steps(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings of one clip: viewers by number (rows), steps that every viewer has.

    ASSUMPTION: viewers are taken by number; the released code takes the order of the folder, on
    which the third decimal of r depends.
    """
    # ASSUMPTION: who saw the clip more than once enters once, with the mean of the showings.
    ratings = mean_of_showings(ratings)
    table = ratings.pivot(index="subject", columns="step", values="rating").dropna(axis="columns")
    return table.astype(np.float64 if ratings["rating"].dtype.kind == "f" else np.int64)
