"""Coupling of a measure to the reported state: one correlation per participant and condition.

Without other measures, those of the pulse are taken.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import scipy

from tinglegram.inference.multiple_testing import adjust, with_p_values
from tinglegram.pulse.measures import PULSE_MEASURES, Measure
from tinglegram.settings import SWITCH, Bounds, section

# How the test of one condition alone is called, after the condition.
AGAINST_ZERO = "against 0"


@section("pulse")
class Coupling:
    """When the windows of a participant and condition are enough for a correlation."""

    minimum_windows: Annotated[
        int, Bounds(minimum=2), "A participant and condition needs more windows than this."
    ] = 10


@section("")
class CouplingTest:
    """What the coupling of a measure to the rating is held against."""

    coupling_test: Annotated[
        Literal["participants", "shifted_clips"],
        SWITCH,
        "Coupling, and slopes of the mixed model: a test over participants, whose clips are taken "
        "for the only ones, or against ratings moved in time, each clip for all its viewers alike.",
    ]


def correlate(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure] = PULSE_MEASURES,
) -> pd.DataFrame:
    """Spearman correlation of each measure with the mean rating.

    Parameters
    ----------
    windows : subject, condition, mean_rating, and the column of each measure; one row per window.
    conditions : in the order in which they are reported.
    minimum_windows : more valid windows than this are needed (released code: 10); a window is
        valid when it has a mean rating and every measure that the study has: where no window has
        an RMSSD (heart rates hold no intervals), it is not asked for.
    measures : to be correlated, all on the same windows.

    Returns
    -------
    pandas.DataFrame
        subject, condition, n_windows (valid ones), r_<measure>: every subject x every condition;
        NaN where there are too few windows or a series never changes.
    """
    every = [measure.column for measure in measures]
    there = [column for column in every if windows[column].notna().any()]
    valid = windows.dropna(subset=[*(there or every), "mean_rating"])
    rows = []
    for subject in sorted(windows["subject"].unique()):
        for condition in conditions:
            part = valid[(valid["subject"] == subject) & (valid["condition"] == condition)]
            enough = len(part) > minimum_windows
            row: dict[str, object] = {
                "subject": subject,
                "condition": condition,
                "n_windows": len(part),
            }
            for measure in measures:
                row[f"r_{measure.name}"] = _spearman(
                    part[measure.column], part["mean_rating"], enough
                )
            rows.append(row)
    columns = ["subject", "condition", "n_windows", *(f"r_{m.name}" for m in measures)]
    return pd.DataFrame(rows, columns=columns)


def compare_conditions(
    coupling: pd.DataFrame,
    conditions: Sequence[str],
    measures: Sequence[Measure] = PULSE_MEASURES,
    family: str = "pulse measures",
    *,
    each: bool = False,
) -> pd.DataFrame:
    """Paired t-test of the Fisher-transformed correlations between two conditions.

    Where there are not exactly two, each condition is tested against 0 first (one-sample t-test),
    because a difference is then not what the study is about, or there is none.

    Participants with a correlation in both conditions take part (paper: t = -2.085, p = 0.0454,
    which is 31 degrees of freedom, so 32 pairs). A correlation of exactly 1 or -1 has no finite
    transform, and its participant is left out as well.

    Parameters
    ----------
    coupling : the table of `correlate`.
    conditions : with one there is nothing to compare; with more than two, every two of them are.
    measures : in the order in which they are reported.
    family : the name of the family of all these tests.
    each : two conditions are also tested against 0, each after their difference.

    Returns
    -------
    pandas.DataFrame
        measure, comparison ("ASMR - Nature"; "ASMR against 0"), t, df, p_value,
        n_pairs (against 0: participants), r_mean_<condition> over the pairs (of the untransformed
        r), and p_holm, p_bh, family: corrected over measures and comparisons. NaN with fewer than
        two pairs, or when all differences are equal.
    """
    columns = ["measure", "comparison", "t", "df", "p_value", "n_pairs"]
    columns += [f"r_mean_{c}" for c in conditions]
    rows: list[dict[str, object]] = []
    for measure in (m.name for m in measures):
        wide = coupling.pivot(index="subject", columns="condition", values=f"r_{measure}")
        wide = wide.where(wide.abs() < 1)
        alone = [_against_zero(measure, wide, c) for c in conditions]
        pairs = [_paired(measure, wide, *pair) for pair in combinations(conditions, 2)]
        if len(conditions) != 2:
            rows += [*alone, *pairs]
        else:
            rows += [*pairs, *(alone if each else [])]
    table = pd.DataFrame(rows, columns=columns)
    return table.join(adjust(table["p_value"], family))


def correlate_by_quality(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure] = PULSE_MEASURES,
) -> pd.DataFrame:
    """`correlate` on all windows and on the good ones.

    Parameters
    ----------
    windows : the columns of `correlate`, and poor (bool).
    conditions, minimum_windows, measures : see `correlate`.

    Returns
    -------
    pandas.DataFrame
        The table of `correlate`, then its numbers without poor windows, in columns that end in
        _good.
    """
    every, good = (
        correlate(used, conditions, minimum_windows, measures)
        for used in by_quality(windows, measures).values()
    )
    return every.merge(
        good, on=["subject", "condition"], suffixes=("", "_good"), validate="one_to_one"
    )


def by_quality(windows: pd.DataFrame, measures: Sequence[Measure]) -> dict[str, pd.DataFrame]:
    """Return `all` windows, and the same where poor ones have no value of the measures (`good`)."""
    poor = windows["poor"].astype(bool)
    good = windows.assign(**{m.column: windows[m.column].mask(poor) for m in measures})
    return {"all": windows, "good": good}


def compare_by_quality(
    coupling: pd.DataFrame,
    conditions: Sequence[str],
    share_poor: float,
    measures: Sequence[Measure] = PULSE_MEASURES,
    family: str = "pulse measures",
    *,
    each: bool = False,
) -> pd.DataFrame:
    """Test the coupling with all windows and without the poor ones.

    Parameters
    ----------
    coupling : the table of `correlate_by_quality`.
    conditions : see `compare_conditions`.
    share_poor : share of poor windows among all, to be said beside the tests.
    measures, family, each : see `compare_conditions`.

    Returns
    -------
    pandas.DataFrame
        windows (all, good), the columns of `compare_conditions`, n_windows (used), share_poor (of
        all windows; the same in every row), p_holm, p_bh, family (all measures and pairs of
        conditions on the same windows).
    """
    keys, numbers = ["subject", "condition"], ["n_windows", *(f"r_{m.name}" for m in measures)]
    parts = []
    for kept, ending in (("all", ""), ("good", "_good")):
        part = coupling[[*keys, *(f"{name}{ending}" for name in numbers)]]
        part = part.set_axis([*keys, *numbers], axis="columns")
        test = compare_conditions(part, conditions, measures, family, each=each)
        test.insert(0, "windows", kept)
        test = test.assign(n_windows=part["n_windows"].sum(), share_poor=share_poor)
        # The same tests as in the table of all windows, in families of their own.
        parts.append(test.assign(family=test["family"] + f", {kept} windows"))
    return pd.concat(parts, ignore_index=True)


def described_alone(tests: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return tests without the p of some measures, the others corrected anew in their families.

    Parameters
    ----------
    tests : measure, p_value, p_holm, p_bh, family.
    measures : whose numbers describe and are no evidence.
    """
    told = tests["measure"].isin([measure.name for measure in measures])
    return with_p_values(tests, tests["p_value"].mask(told))


def _against_zero(measure: str, wide: pd.DataFrame, condition: str) -> dict[str, object]:
    own = wide.reindex(columns=[condition])[condition].dropna()
    t, df, p_value = _paired_t(np.arctanh(own), pd.Series(0.0, index=own.index))
    return {
        "measure": measure,
        "comparison": f"{condition} {AGAINST_ZERO}",
        "t": t,
        "df": df,
        "p_value": p_value,
        "n_pairs": len(own),
        f"r_mean_{condition}": own.mean(),
    }


def _paired(measure: str, wide: pd.DataFrame, first: str, second: str) -> dict[str, object]:
    pairs = wide.reindex(columns=[first, second]).dropna()
    t, df, p_value = _paired_t(np.arctanh(pairs[first]), np.arctanh(pairs[second]))
    return {
        "measure": measure,
        "comparison": f"{first} - {second}",
        "t": t,
        "df": df,
        "p_value": p_value,
        "n_pairs": len(pairs),
        f"r_mean_{first}": pairs[first].mean(),
        f"r_mean_{second}": pairs[second].mean(),
    }


def _spearman(values: pd.Series, rating: pd.Series, enough: bool) -> float:
    if not enough or values.nunique() < 2 or rating.nunique() < 2:
        return np.nan
    return float(scipy.stats.spearmanr(values, rating).statistic)


def _paired_t(first: pd.Series, second: pd.Series) -> tuple[float, float, float]:
    if len(first) < 2 or np.ptp(first - second) == 0:
        return np.nan, np.nan, np.nan
    result = scipy.stats.ttest_rel(first, second)
    return float(result.statistic), float(result.df), float(result.pvalue)
