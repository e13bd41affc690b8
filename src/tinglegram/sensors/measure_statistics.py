"""The statistics of the pulse for each measure of other signals, corrected over all measures.

Each measure is tested on its own windows: a window without one of them counts for the others, and
good windows are those in which its own signal is good. All tests of one kind on the same windows
are one family. Where nobody has a measure, its rows stand in the tables with the reason.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.multiple_testing import ADJUSTED_COLUMNS, adjust
from tinglegram.pulse.clip_shifts import ClipShifts, coupling_by_shifts, decided_by_shifts
from tinglegram.pulse.coupling import AGAINST_ZERO, compare_conditions, correlate_by_quality
from tinglegram.pulse.measures import Measure
from tinglegram.pulse.mixed_model_checks import MixedModels, fit_by_quality
from tinglegram.pulse.rest_change import Interval, rest_change
from tinglegram.sensors.measures import POOR_COLUMNS

COUPLING_FAMILY = "coupling of sensor measures"
REST_FAMILY = "change of sensor measures against rest"
MODEL_FAMILY = "mixed models of sensor measures"
# Windows used -> the ending of their columns.
_ENDINGS = {"all": "", "good": "_good"}


def with_columns(table: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return windows or blocks with a column of numbers for every measure; NaN: nobody has it."""
    return table.assign(
        **{
            m.column: table[m.column].astype(float) if m.column in table else np.nan
            for m in measures
        }
    )


def absent_measures(table: pd.DataFrame, measures: Sequence[Measure]) -> dict[str, str]:
    """Return name of each measure that no row of `table` has -> the reason, a sentence's part."""
    return {
        m.name: f"nobody has a value of the {m.words}"
        for m in measures
        if not table[m.column].notna().any()
    }


def poor_shares(windows: pd.DataFrame, measures: Sequence[Measure]) -> dict[str, float]:
    """Return name of each measure -> share of poor windows of those people who have it.

    Parameters
    ----------
    windows : subject, and for each measure its column and that of `POOR_COLUMNS`. NaN where nobody
        has the measure.
    """
    found = {}
    for measure in measures:
        has = windows.loc[windows[measure.column].notna(), "subject"]
        own = windows.loc[windows["subject"].isin(has), POOR_COLUMNS[measure.name]].astype(bool)
        found[measure.name] = float(own.mean()) if len(own) else np.nan
    return found


def couple_measures(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure],
) -> pd.DataFrame:
    """Spearman correlation of each measure with the mean rating, per participant and condition.

    Parameters
    ----------
    windows : subject, condition, mean_rating, and for each measure its column and that of
        `POOR_COLUMNS`.
    conditions, minimum_windows : see `tinglegram.pulse.coupling.correlate`.
    measures : each is correlated on the windows that have it and a rating.

    Returns
    -------
    pandas.DataFrame
        measure, subject, condition, n_windows, r (all windows), n_windows_good, r_good (without
        poor ones): every measure x every subject x every condition; NaN where there are too few
        windows or a series never changes.
    """
    parts = []
    for measure in measures:
        used = windows.assign(poor=windows[POOR_COLUMNS[measure.name]])
        own = correlate_by_quality(used, conditions, minimum_windows, [measure])
        own.insert(0, "measure", measure.name)
        parts.append(
            own.rename(columns={f"r_{measure.name}{end}": f"r{end}" for end in _ENDINGS.values()})
        )
    return pd.concat(parts, ignore_index=True)


def compare_measures(
    coupling: pd.DataFrame,
    conditions: Sequence[str],
    measures: Sequence[Measure],
    shares_poor: Mapping[str, float],
    absent: Mapping[str, str],
    *,
    each: bool = False,
) -> pd.DataFrame:
    """Test the coupling of every measure, with all windows and without the poor ones.

    Parameters
    ----------
    coupling : the table of `couple_measures`.
    conditions, each : see `tinglegram.pulse.coupling.compare_conditions`.
    measures : those of `coupling`.
    shares_poor : of `poor_shares`.
    absent : of `absent_measures`.

    Returns
    -------
    pandas.DataFrame
        windows (all, good), the columns of `compare_conditions`, n_windows (used, of the measure),
        share_poor (of the measure), reason (why there is no test; empty: there is). A family is
        all tests on the same windows, of all measures.
    """
    parts = []
    for kept, ending in _ENDINGS.items():
        r = coupling.pivot(index=["subject", "condition"], columns="measure", values=f"r{ending}")
        test = compare_conditions(
            r.add_prefix("r_").reset_index(),
            conditions,
            measures,
            f"{COUPLING_FAMILY}, {kept} windows",
            each=each,
        )
        test.insert(0, "windows", kept)
        used = coupling.groupby("measure")[f"n_windows{ending}"].sum()
        test["n_windows"] = test["measure"].map(used)
        test["share_poor"] = test["measure"].map(shares_poor)
        test["reason"] = [_no_test(row, absent) for row in test.to_dict("records")]
        parts.append(test)
    return pd.concat(parts, ignore_index=True)


def decide_by_shifts(
    tests: pd.DataFrame,
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure],
    shifts: ClipShifts,
) -> pd.DataFrame:
    """Return the tests of coupling with the p of clips moved in time.

    Parameters
    ----------
    tests : of `compare_measures`.
    windows, conditions, minimum_windows, measures : of `couple_measures`; all windows of each
        showing, valid or not.

    Returns
    -------
    pandas.DataFrame
        see `tinglegram.pulse.clip_shifts.decided_by_shifts`.
    """
    parts = [
        coupling_by_shifts(
            windows.assign(poor=windows[POOR_COLUMNS[measure.name]]),
            *(conditions, minimum_windows, [measure], shifts),
        )
        for measure in measures
    ]
    shifted = pd.concat(parts, ignore_index=True)
    return decided_by_shifts(tests, shifted, ["windows", "measure", "comparison"])


def tests_of_all_windows(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `compare_measures` for all windows, without what tells them apart."""
    chosen = tests[tests["windows"] == "all"]
    chosen = chosen.drop(columns=["windows", "n_windows", "share_poor"])
    return chosen.assign(family=COUPLING_FAMILY).reset_index(drop=True)


def rest_change_of_measures(
    blocks: pd.DataFrame,
    conditions: Sequence[str],
    measures: Sequence[Measure],
    *,
    resamples: int,
    confidence: float,
    seed: int,
    interval: Interval = "bootstrap",
) -> pd.DataFrame:
    """Test the change of every measure against rest.

    Parameters
    ----------
    blocks : see `tinglegram.pulse.rest_change.changes`.
    conditions, resamples, confidence, seed, interval : see
        `tinglegram.pulse.rest_change.rest_change`, whose columns the table has.
    measures : one family with all their tests on the same windows.
    """
    change = rest_change(
        blocks,
        conditions,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        interval=interval,
        measures=measures,
        family=REST_FAMILY,
    )
    return _with_reasons(change, absent_measures(blocks, measures))


def fit_measures(
    windows: pd.DataFrame,
    *conditions: str,
    measures: Sequence[Measure],
    window_s: float,
    step_s: float,
    confidence: float,
    shifts: ClipShifts | None = None,
) -> MixedModels:
    """Fit the mixed model of every measure on rating and condition, all and good windows.

    Parameters
    ----------
    windows : see `tinglegram.pulse.mixed_model_checks.fit_by_quality`; for `poor`, the columns of
        `POOR_COLUMNS`.
    conditions, window_s, step_s, confidence, shifts : see there.
    measures : one model each; the tests of all on the same windows are one family.

    Returns
    -------
    MixedModels
        whose tables begin with measure and unit (of estimates, residuals and random effects; slopes
        are per rating unit). residuals: value, rating, fitted, residual; participants: intercept,
        slope. `random_effects`: "<measure>, <windows>" -> which.
    """
    absent = absent_measures(windows, measures)
    parts: list[list[pd.DataFrame]] = [[], [], [], []]
    findings: list[str] = []
    random_effects: dict[str, str] = {}
    for measure in measures:
        used = windows.assign(poor=windows[POOR_COLUMNS[measure.name]])
        fitted = fit_by_quality(
            used.rename(columns={measure.column: measure.name}),
            *conditions,
            window_s=window_s,
            step_s=step_s,
            confidence=confidence,
            measure=measure.without_ending,
            shifts=shifts,
        )
        tables = (fitted.model, fitted.checks, fitted.residuals, fitted.participants)
        for part, table in zip(parts, tables, strict=True):
            named = table.rename(columns={measure.name: "value"})
            named.insert(0, "measure", measure.name)
            named.insert(1, "unit", measure.unit)
            part.append(named)
        told = [f"{measure.words}: {finding}" for finding in fitted.findings]
        findings += [f"{measure.words}: {absent[measure.name]}"] if measure.name in absent else told
        random_effects |= {f"{measure.name}, {k}": v for k, v in fitted.random_effects.items()}
    model, checks, residuals, participants = (pd.concat(p, ignore_index=True) for p in parts)
    columns = list(model.columns)
    family = [f"{MODEL_FAMILY}, {kept} windows" for kept in model["windows"]]
    model = model.drop(columns=list(ADJUSTED_COLUMNS)).join(adjust(model["p_value"], family))
    model = _with_reasons(model[columns], absent)
    return MixedModels(model, checks, residuals, participants, tuple(findings), random_effects)


def _no_test(row: Mapping[Hashable, Any], absent: Mapping[str, str]) -> str:
    """Why a row of the tests of coupling has no p; empty: it has one."""
    if pd.notna(row["t"]):
        return ""
    if row["measure"] in absent:
        return absent[row["measure"]]
    alone = row["comparison"].endswith(AGAINST_ZERO)
    if row["n_pairs"] < 2:
        where = "" if alone else " in both conditions"
        return f"{row['n_pairs']} participant(s) with a correlation{where}"
    return "the same correlation in everybody" if alone else "the same difference in everybody"


def _with_reasons(tests: pd.DataFrame, absent: Mapping[str, str]) -> pd.DataFrame:
    """Say of every measure that nobody has that this is why its rows are empty."""
    found = tests["measure"].map(absent)
    return tests.assign(reason=tests["reason"].mask(found.notna(), found))
