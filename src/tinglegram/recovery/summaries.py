"""Bias, coverage, false positives and power over simulated studies, each with its own interval."""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

# Confidence of the intervals of what is counted over studies.
OVER_STUDIES = 0.95
STUDY_KEYS = ["topic", "cell", "result", "test"]


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
    needs it: n_estimates, n_intervals and n_tests count the others.
    """
    rows = []
    for keys, part in studies.groupby(STUDY_KEYS, sort=False, dropna=False):
        error = (part["estimate"] - part["truth"]).dropna()
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
                "studies": part["study"].nunique(),
                "n_estimates": len(error),
                "n_intervals": len(held),
                "n_tests": len(p_values),
                "truth": part["truth"].mean(),
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
