"""Bias, coverage, false positives and power over simulated studies, each with its own interval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from tinglegram.recovery.results import ANY, FOLD_AUC

# Confidence of the intervals of what is counted over studies.
OVER_STUDIES = 0.95
STUDY_KEYS = ["topic", "cell", "result", "test"]
# Columns of words and of counts, and those that only the dependence between folds has.
WORDS = ("test", "population", "interval", "level")
COUNTS = dict.fromkeys(("n_estimates", "n_intervals", "n_tests"), "int64")
OF_FOLDS = ("folds", "auc", "correlation", "correlation_low", "correlation_high", "assumed")


def share(hits: int, studies: int) -> tuple[float, float, float]:
    """Return a share with its Wilson interval (Wilson, 1927); NaN without studies."""
    if not studies:
        return np.nan, np.nan, np.nan
    low, high = binomtest(hits, studies).proportion_ci(OVER_STUDIES, method="wilson")
    return hits / studies, float(low), float(high)


def beside(low: float, high: float, nominal: float, below: str, within: str, above: str) -> str:
    """Return where an interval lies beside a nominal value; nothing without an interval."""
    if np.isnan(low):
        return ""
    return below if high < nominal else above if low > nominal else within


def summarise_studies(studies: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Summarise simulated studies.

    Parameters
    ----------
    studies : tables of `run_studies`, one below the other.
    confidence : nominal coverage of the intervals; tests reject at p <= 1 - confidence.

    Returns
    -------
    One row per topic, cell, result and test, in the order of appearance: studies, truth (mean),
    bias (estimate - truth) with its interval, coverage with its interval and `interval` (covers
    `too little`, `as stated`, `too much`), `null` (whether what the test denies is true),
    rejected (false positives where it is, else power) with its interval, and `level` (only under
    the null: `level`, `liberal`, `conservative`). Studies without a number are left out of what
    needs it: n_estimates, n_intervals and n_tests count the others. `population`: whom interval
    and test speak of.

    Of intervals for any clips without a truth, that is the mean estimate of all studies, each with
    clips of its own; they have no bias.
    """
    rows = []
    shown = studies[studies["result"] != FOLD_AUC]
    for keys, part in shown.groupby(STUDY_KEYS, sort=False, dropna=False):
        error = (part["estimate"] - part["truth"]).dropna()
        population = part["population"].iloc[0]
        if population == ANY and part["truth"].isna().all():
            part = part.assign(truth=part["estimate"].mean())
        held = part.dropna(subset=["truth", "ci_low", "ci_high"])
        inside = held["truth"].between(held["ci_low"], held["ci_high"])
        p_values = part["p_value"].dropna()
        # The nominal level as a decimal: 1 - 0.95 is a little above 0.05.
        alpha = round(1 - confidence, 12)
        half = 1.96 * error.std() / np.sqrt(len(error)) if len(error) > 1 else np.nan
        covered = share(int(inside.sum()), len(held))
        rejected = share(int((p_values <= alpha).sum()), len(p_values))
        null = part["null"].iloc[0]
        is_null = not pd.isna(null) and bool(null)
        rows.append(
            dict(zip(STUDY_KEYS, keys, strict=True))
            | {
                "population": population,
                "studies": part["study"].nunique(),
                "n_estimates": len(error),
                "n_intervals": len(held),
                "n_tests": len(p_values),
                "truth": part["truth"].mean() if len(part["truth"].dropna()) else np.nan,
                "bias": error.mean(),
                "bias_low": error.mean() - half,
                "bias_high": error.mean() + half,
                **dict(zip(("coverage", "coverage_low", "coverage_high"), covered, strict=True)),
                "interval": beside(*covered[1:], confidence, "too little", "as stated", "too much"),
                "null": null,
                **dict(zip(("rejected", "rejected_low", "rejected_high"), rejected, strict=True)),
                "level": beside(*rejected[1:], alpha, "conservative", "level", "liberal")
                if is_null
                else "",
            }
        )
    return pd.DataFrame(rows)


def fold_dependence(studies: pd.DataFrame) -> pd.DataFrame:
    """Return how far the folds' ROC AUC of a study depend on each other, over simulated studies.

    Between folds of the same study, with clips and people of its own, the values of one fold are
    correlated over studies with those of another. The corrected variance of Nadeau & Bengio (2003)
    assumes a correlation of test / (test + train), 1 / K for K folds.

    Parameters
    ----------
    studies : tables of `run_studies`, with the rows `FOLD_AUC`.

    Returns
    -------
    One row per topic and cell: topic, cell, studies, folds, auc (mean), correlation (mean over
    pairs of folds), correlation_low, correlation_high (jackknife over studies), assumed.
    """
    rows = []
    own = studies[studies["result"] == FOLD_AUC]
    for (topic, cell), part in own.groupby(["topic", "cell"], sort=False):
        wide = part.pivot(index="study", columns="test", values="estimate").dropna().to_numpy()
        n, folds = wide.shape
        every = np.arange(n)
        value = mean_correlation(wide)
        left = np.array([mean_correlation(wide[every != i]) for i in every] if n > 3 else [np.nan])
        reach = 1.96 * np.sqrt(np.sum(np.square(left - left.mean())) * (n - 1) / max(n, 1))
        rows.append(
            {
                "topic": topic,
                "cell": cell,
                "studies": n,
                "folds": folds,
                "auc": wide.mean() if n else np.nan,
                "correlation": value,
                "correlation_low": value - reach,
                "correlation_high": value + reach,
                "assumed": 1 / folds,
            }
        )
    return pd.DataFrame(rows)


def mean_correlation(values: np.ndarray) -> float:
    """Return the mean correlation of pairs of columns (n, columns); NaN of fewer than 3 rows."""
    if len(values) < 3:
        return np.nan
    centred = values - values.mean(axis=0)
    products = centred.T @ centred
    scale = np.sqrt(np.diag(products))
    if (scale == 0).any():
        return np.nan
    pairs = np.triu_indices(values.shape[1], 1)
    return float((products / np.outer(scale, scale))[pairs].mean())


def topic_summary(studies: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return what is kept of the studies of a statistic.

    Returns
    -------
    The rows of `summarise_studies`; and, where a model is trained, those of `fold_dependence`, with
    `FOLD_AUC` as their result and columns of their own.
    """
    summary, dependence = summarise_studies(studies, confidence), fold_dependence(studies)
    named = dependence.assign(result=FOLD_AUC, **dict.fromkeys(WORDS, ""))
    parts = [part for part in (summary, named) if len(part)]
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(COUNTS, "Int64"))


def parted_summaries(tables: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of `summarise_studies` and of `fold_dependence` of kept tables."""
    joined = pd.concat([table.astype({"null": "boolean"}) for table in tables], ignore_index=True)
    of_folds = joined["result"] == FOLD_AUC
    summary = joined[~of_folds].drop(columns=list(OF_FOLDS), errors="ignore")
    dependence = joined[of_folds].reindex(columns=["topic", "cell", "studies", *OF_FOLDS])
    return summary.astype(COUNTS).reset_index(drop=True), dependence.reset_index(drop=True)
