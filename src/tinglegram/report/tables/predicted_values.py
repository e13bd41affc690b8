"""Models of the reported value beside their baselines, a row each, as printed text."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.inferred import descriptive_note
from tinglegram.report.text import ABSENT, SOURCE

# Metric -> its heading.
VALUE_METRICS = {"concordance": "Concordance", "rmse": "RMSE", "pearson": "Pearson r"}
NAMES_OF_KINDS = {"baseline": "baseline", "noise_ceiling": "noise ceiling"}
# What every sentence about these intervals must say.
DESCRIPTIVE = (
    "Intervals resample participants: they are about other people with these clips and these "
    "fitted models. Folds share their training trials, and neither that nor other clips are in "
    "them, so they are descriptive, and no p is given."
)

# What is said instead where intervals are those of folds.
_OF_FOLDS = (
    f"First interval: other people, {THESE_CLIPS} (jackknife over people within folds, "
    f"around the mean over trials). Second interval: {ANY_CLIPS} (t over folds with a variance "
    "corrected for the training data they share, around the mean over folds; n/a where folds do "
    "not hold clips out). They are descriptive, and no p is given."
)


def value_cell(value: float, low: float, high: float) -> str:
    """Return a number with its interval, to three places."""
    if not np.isfinite(value):
        return ABSENT
    ends = f" [{low:.3f}, {high:.3f}]" if np.isfinite(low) and np.isfinite(high) else ""
    return f"{value:.3f}{ends}"


def values_table(summary: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return a row for every model and baseline: its scores and the trials behind them.

    Parameters
    ----------
    summary : table of `tinglegram.statistics.regression.regression_summary`.
    source : file it was read from.
    """
    return _printed(summary, ["model", "kind"], "value", source)


def value_differences_table(differences: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return a row for every model and baseline: the differences of their scores.

    Parameters
    ----------
    differences : table of `tinglegram.statistics.regression.regression_differences`.
    source : file it was read from.
    """
    return _printed(differences, ["model", "baseline", "kind"], "mean_difference", source)


def _printed(table: pd.DataFrame, keys: list[str], value: str, source: str) -> pd.DataFrame:
    rows = []
    for names, own in table.groupby(keys, sort=False):
        by_metric = own.set_index("metric")
        row = dict(zip(map(str.capitalize, keys), names, strict=True))
        row["Kind"] = NAMES_OF_KINDS.get(str(row["Kind"]), str(row["Kind"]))
        for metric, heading in VALUE_METRICS.items():
            cells = by_metric.loc[metric, [value, "ci_low", "ci_high"]].to_numpy(dtype=float)
            row[heading] = value_cell(*cells)
            if "any_low" in by_metric and np.isfinite(cells[0]):
                low, high = by_metric.loc[metric, ["any_low", "any_high"]].to_numpy(dtype=float)
                second = f"[{low:.3f}, {high:.3f}]" if np.isfinite(low) else ABSENT
                row[heading] = f"{row[heading]}; {second}"
        for metric, heading in VALUE_METRICS.items():
            row[f"{heading}: trials"] = str(by_metric.loc[metric, "n_trials"])
        row["Participants"] = str(own["n_participants"].max())
        row["Constant reports"] = str(own["n_constant"].iloc[0])
        rows.append(row)
    return pd.DataFrame(rows).assign(**{SOURCE: source})


def describe_values(summary: pd.DataFrame) -> str:
    """Return the caption of `values_table`."""
    return (
        "How close the predicted value comes to the reported one, step by step within a trial, "
        "then the mean over trials: Lin's concordance correlation (1: equal), root mean squared "
        "error (unit of the dimension) and Pearson's r. Trials: those in which the score is "
        "defined. Constant reports: trials in which the reported value never changes; r is not "
        "defined there, and concordance is 0, or not defined. A prediction that never changes has "
        "concordance 0 and no r. Noise ceiling: the mean of the clip's other viewers. "
        f"{_intervals(summary)}"
    )


def describe_value_differences(differences: pd.DataFrame) -> str:
    """Return the caption of `value_differences_table`."""
    return (
        "Score of the model minus that of the baseline on the same trial, mean over the trials "
        "that have both. Above 0 the model's score is higher; an RMSE is better below 0. "
        f"{_intervals(differences)}"
    )


def _intervals(table: pd.DataFrame) -> str:
    """Say of which population the intervals of a table speak, and that they describe."""
    return _population(table) + descriptive_note("regression", table.columns)


def _population(table: pd.DataFrame) -> str:
    if "any_low" in table:
        return _OF_FOLDS
    return f"{DESCRIPTIVE} {int(table['n_bootstrap'].iloc[0])} resamples."


class ValuePrinter(NamedTuple):
    """How a kind of table is printed and described."""

    printed: Callable[[pd.DataFrame, str], pd.DataFrame]
    described: Callable[[pd.DataFrame], str]


VALUE_PRINTERS = {
    "values": ValuePrinter(values_table, describe_values),
    "value_differences": ValuePrinter(value_differences_table, describe_value_differences),
}
