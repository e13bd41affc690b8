"""How close a predicted series of ratings comes to the reported one, trial by trial."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.inference.counts import ratio
from tinglegram.inference.jackknife import FISHER_Z, LOG, EstimateScale
from tinglegram.inference.populations import two_intervals
from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.statistics.scored_trials import each_clip_in_one_fold, fold_of_each_person

CONTINUOUS_METRICS = ("concordance", "rmse", "pearson")
# On which each mean is about normal.
SCALES: Mapping[str, EstimateScale] = {
    "concordance": FISHER_Z,
    "rmse": LOG,
    "pearson": FISHER_Z,
}


def concordance(reported: np.ndarray, predicted: np.ndarray) -> float:
    """Return the concordance correlation coefficient of two series.

    2 s_xy / (s_x^2 + s_y^2 + (mean x - mean y)^2) with moments over n (Lin, 1989,
    doi:10.2307/2532051): Pearson's r times what is lost by another mean or another spread, so that
    only the identity reaches 1.

    Parameters
    ----------
    reported, predicted : (n,) of one unit.

    Returns
    -------
    -1 to 1; 0 where one of them never changes; NaN where both are the same constant or n is 0.
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (reported, predicted))
    if not len(x):
        return np.nan
    if not (np.ptp(x) > 0 and np.ptp(y) > 0):
        # Not by moments: the mean of equal values may round to another one.
        return np.nan if np.array_equal(x, y) else 0.0
    apart = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    return float(2 * np.mean((x - x.mean()) * (y - y.mean())) / apart)


def root_mean_square_error(reported: np.ndarray, predicted: np.ndarray) -> float:
    """Return the root of the mean squared difference of two series (n,), in their unit.

    NaN without any value.
    """
    difference = np.asarray(reported, dtype=np.float64) - np.asarray(predicted, dtype=np.float64)
    return float(np.sqrt(np.mean(difference**2))) if len(difference) else np.nan


def pearson(reported: np.ndarray, predicted: np.ndarray) -> float:
    """Return Pearson's r of two series (n,); NaN where one of them never changes."""
    x, y = (np.asarray(values, dtype=np.float64) for values in (reported, predicted))
    if len(x) < 2 or not np.ptp(x) > 0 or not np.ptp(y) > 0:
        return np.nan
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2)), -1.0, 1.0))


def continuous_trials(
    reported: np.ndarray, predicted: np.ndarray, valid: np.ndarray, names: pd.DataFrame
) -> pd.DataFrame:
    """Score every trial by itself.

    Parameters
    ----------
    reported, predicted : (trials, steps), of one unit.
    valid : (trials, steps) True where a trial was shown; other steps are left out.
    names : a row for each trial, in order: subject, video and whatever else names it.

    Returns
    -------
    `names` with n_frames, concordance, rmse, pearson; NaN where a score is not defined.
    """
    rows = [
        {
            "n_frames": int(shown.sum()),
            "concordance": concordance(given[shown], said[shown]),
            "rmse": root_mean_square_error(given[shown], said[shown]),
            "pearson": pearson(given[shown], said[shown]),
        }
        for given, said, shown in zip(reported, predicted, valid, strict=True)
    ]
    columns = ["n_frames", *CONTINUOUS_METRICS]
    return names.reset_index(drop=True).join(pd.DataFrame(rows, columns=columns))


def continuous_summary(
    trials: pd.DataFrame,
    settings: Resamples,
    metrics: Sequence[str] = CONTINUOUS_METRICS,
    everybody: Collection[int] = (),
    scales: Mapping[str, EstimateScale] = SCALES,
) -> pd.DataFrame:
    """Return the mean of each score over the trials that have it, with its interval.

    Participants are resampled with all their trials, as trials of one participant go together.
    With `score_inference: folds` they are left out one by one instead, within folds: ci_low and
    ci_high speak of other people with these clips and models, any_low and any_high, a corrected t
    over n_folds folds, of any clips of the kind (missing where folds do not hold clips out).

    Parameters
    ----------
    trials : table of `continuous_trials`; for `folds` with a column fold.
    settings : resamples, confidence and seed.
    everybody : participants that are drawn from, so that tables of some of them meet the same
        resamples; by default, and always, those of the table.
    scales : metric -> the scale of its interval for these clips (`folds`).

    Returns
    -------
    A row per metric: metric, value, ci_low, ci_high, n_trials (with the score), n_participants
    (with such a trial), n_bootstrap; with `folds` also any_low, any_high, n_folds. NaN where no
    trial has the score.
    """
    if settings.score_inference == "folds":
        rows = [_by_fold(trials, m, scales[m], settings.confidence) for m in metrics]
        return pd.DataFrame(rows)
    subjects = trials["subject"].to_numpy()
    participants = np.unique([*subjects, *everybody])
    who = np.searchsorted(participants, subjects)
    drawn = draw_weights(
        len(participants), settings.bootstrap, settings.stream(Use.CONTINUOUS_BOOTSTRAP)
    )
    rows = []
    for metric in metrics:
        scores = trials[metric].to_numpy(dtype=np.float64)
        known = ~np.isnan(scores)
        sums, counts = (
            np.bincount(who[known], weights, minlength=len(participants))
            for weights in (scores[known], np.ones(int(known.sum())))
        )
        with np.errstate(invalid="ignore"):
            resampled = (drawn @ sums) / (drawn @ counts)
        low, high = defined_interval(resampled[:, None], settings.confidence)
        rows.append(
            {
                "metric": metric,
                "value": float(scores[known].mean()) if known.any() else np.nan,
                "ci_low": float(low[0]),
                "ci_high": float(high[0]),
                "n_trials": int(known.sum()),
                "n_participants": int((counts > 0).sum()),
                "n_bootstrap": settings.bootstrap,
            }
        )
    return pd.DataFrame(rows)


def _by_fold(
    trials: pd.DataFrame, metric: str, scale: EstimateScale, confidence: float
) -> dict[str, object]:
    """Return the row of one metric with its interval for each population."""
    known = trials[trials[metric].notna()]
    scores = known[metric].to_numpy(dtype=np.float64)
    people, who = np.unique(known["subject"].to_numpy(), return_inverse=True)
    sums, counts = np.bincount(who, scores), np.bincount(who)
    value = float(scores.mean()) if len(scores) else np.nan
    others = len(scores) - counts
    without = ratio(scores.sum() - sums, others)
    by_fold = known.groupby("fold")[metric].mean().to_numpy()
    found = two_intervals(
        value,
        without,
        fold_of_each_person(known),
        by_fold,
        scale=scale,
        confidence=confidence,
        held_out=each_clip_in_one_fold(trials),
    )
    row = {"metric": metric, "value": value, "ci_low": found.ci_low, "ci_high": found.ci_high}
    row |= {"n_trials": len(scores), "n_participants": len(people), "n_bootstrap": 0}
    names = ("any_low", "any_high", "n_folds", "reason")
    return row | {name: getattr(found, name) for name in names}
