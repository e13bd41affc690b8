"""Whether a mixed model's assumptions hold: a value, a test and a sentence for each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from tinglegram.inference.multiple_testing import with_p_values
from tinglegram.pulse.autocorrelation import autocorrelation
from tinglegram.pulse.clip_shifts import (
    REASON,
    SHIFT_COLUMNS,
    ClipShifts,
    decided_by_shifts,
    slope_p_values,
)
from tinglegram.pulse.measures import PULSE_RATE, Measure
from tinglegram.pulse.mixed_model import (
    BOTH,
    MixedModel,
    fit_mixed_model,
    slope_weights,
    spread_out,
)

CHECK_COLUMNS = ["check", "statistic", "value", "p_value", "n", "holds", "verdict"]
# Why a slope has a p and no interval.
NO_INTERVAL = "no interval: it would take these clips for the only ones"
# Sample sizes that D'Agostino's and Shapiro's tests are made for.
LEAST_RESIDUALS, LEAST_PEOPLE = 20, 3


class MixedModels(NamedTuple):
    """The model on all windows and on good ones, below each other (column `windows`).

    Attributes
    ----------
    model : estimates and tests, of `MixedModel.table`.
    checks : of `check_assumptions`.
    residuals, participants : fitted value and residual of each window; random effects.
    findings : what a careful reader should know and is no error.
    random_effects : windows -> the random effects that the data could carry.
    """

    model: pd.DataFrame
    checks: pd.DataFrame
    residuals: pd.DataFrame
    participants: pd.DataFrame
    findings: tuple[str, ...]
    random_effects: dict[str, str]


def fit_by_quality(
    windows: pd.DataFrame,
    *conditions: str,
    window_s: float,
    step_s: float,
    confidence: float,
    measure: Measure = PULSE_RATE,
    shifts: ClipShifts | None = None,
) -> MixedModels:
    """Fit the mixed model to windows that do not overlap: all of them, then the good ones alone.

    Parameters
    ----------
    windows : one row per window: subject, video, condition, start_s, mean_rating, poor, and the
        column of the measure.
    conditions : see `tinglegram.pulse.mixed_model.fit_mixed_model`.
    window_s, step_s : length of a window, and from one to the next.
    confidence : level of the intervals; assumptions are tested at 1 - confidence.
    measure : what is explained.
    shifts : of clips, behind the p of slopes, which the table then has in p_value, with p_shift
        and p_shift_course; slopes then have no interval, and nothing the p of the model itself.
        None: every p is that of the sandwich.
    """
    apart = spread_out(windows, window_s, step_s)
    parts: list[list[pd.DataFrame]] = [[], [], [], []]
    findings, random_effects = [], {}
    good = ~apart["poor"].astype(bool)
    for kept, used in (("all", apart), ("good", apart[good])):
        model = fit_mixed_model(
            used,
            *conditions,
            confidence=confidence,
            family=f"mixed model of the {measure.words}, {kept} windows",
            measure=measure,
        )
        findings += [f"mixed model, {kept} windows: {finding}" for finding in model.findings]
        random_effects[kept] = model.random_effects
        checked = check_assumptions(model, alpha=1 - confidence)
        table = model.table
        if shifts is not None:
            # All windows, since a rating moves through those without a value too.
            there = apart.assign(
                **{measure.column: apart[measure.column].where(good | (kept == "all"))}
            )
            table = _decided(model, there, conditions, shifts)
        tables = (table, checked, model.rows, model.participants)
        for part, table in zip(parts, tables, strict=True):
            part.append(table.assign(windows=kept))
    model_table, checks, residuals, participants = (pd.concat(p, ignore_index=True) for p in parts)
    # What a protocol adds stands after all others.
    added = [name for name in SHIFT_COLUMNS if name in model_table]
    model_table = model_table[[*model_table.columns.drop(added), *added]]
    return MixedModels(
        model_table, checks, residuals, participants, tuple(findings), random_effects
    )


def _decided(
    model: MixedModel, windows: pd.DataFrame, conditions: Sequence[str], shifts: ClipShifts
) -> pd.DataFrame:
    """Return the table of a model whose slopes have the p of clips moved in time.

    The sandwich's interval of a slope takes the clips for the only ones: where viewers share a
    response it leaves out the true slope in 13 % of studies, and it is no inversion of p. The
    model's own p takes windows for independent. Neither is given beside p.
    """
    slopes = slope_weights(conditions)
    if not len(model.participants):
        return model.table.assign(p_naive=np.nan, **dict.fromkeys(SHIFT_COLUMNS, np.nan))
    found = slope_p_values(windows, conditions, model.measure, model.covariance, slopes, shifts)
    of_slopes = model.table["term"].isin(list(slopes))
    decided = decided_by_shifts(model.table, found, ["term"])
    p_value = decided["p_value"].where(of_slopes, model.table["p_value"])
    decided = with_p_values(decided, p_value).assign(p_naive=np.nan)
    decided.loc[of_slopes, ["ci_low", "ci_high"]] = np.nan
    untold = of_slopes & (decided[REASON] == "")
    return decided.assign(**{REASON: decided[REASON].mask(untold, NO_INTERVAL)})


def check_assumptions(model: MixedModel, *, alpha: float) -> pd.DataFrame:
    """Check the assumptions of a fitted model.

    Parameters
    ----------
    model : of `tinglegram.pulse.mixed_model.fit_mixed_model`.
    alpha : p-values below it count against an assumption. They are not corrected: an assumption
        should be given up rather too early than too late.

    Returns
    -------
    pandas.DataFrame
        check, statistic, value, p_value, n, holds (True, False; n/a: not computable), verdict.
    """
    found = [_random_effects(model)]
    of = model.measure.column_of
    residuals = model.rows[of("residual")].to_numpy(dtype=float)
    if not np.isfinite(residuals).all() or not len(residuals):
        return pd.DataFrame(found, columns=CHECK_COLUMNS)
    first = autocorrelation(model.rows, 1, of("residual")).iloc[0]
    r, n_pairs = float(first["r"]), int(first["n_pairs"])
    # Bartlett: without autocorrelation r has the variance 1 / n.
    p = 2 * stats.norm.sf(abs(r) * np.sqrt(n_pairs)) if n_pairs else np.nan
    found.append(
        _row(
            ("independence of neighbouring windows", "lag-1 r within clips", r, p, n_pairs),
            alpha,
            "Neighbouring windows are not found to depend on each other.",
            "Neighbouring windows depend on each other: the model's own standard errors are not "
            "to be trusted, the cluster-robust ones allow for it.",
        )
    )
    enough = len(residuals) >= LEAST_RESIDUALS and np.ptp(residuals) > 0
    value, p = stats.normaltest(residuals) if enough else (np.nan, np.nan)
    found.append(
        _row(
            ("normal residuals", "D'Agostino-Pearson K2", value, p, len(residuals)),
            alpha,
            "Residuals are not found to differ from a normal distribution.",
            "Residuals are not normal: look at the quantile plot; the estimates stay unbiased, and "
            "the test rests on the number of participants.",
        )
    )
    intercepts = model.participants[of("intercept")].to_numpy(dtype=float)
    enough = len(intercepts) >= LEAST_PEOPLE and np.ptp(intercepts) > 0
    value, p = stats.shapiro(intercepts) if enough else (np.nan, np.nan)
    found.append(
        _row(
            ("normal random intercepts", "Shapiro-Wilk W", value, p, len(intercepts)),
            alpha,
            "People's intercepts are not found to differ from a normal distribution.",
            "People's intercepts are not normal: look for single people far from the others.",
        )
    )
    fitted, words = model.rows[of("fitted")].to_numpy(dtype=float), model.measure.words
    enough = np.ptp(residuals) > 0 and np.ptp(fitted) > 0
    value, p = stats.spearmanr(np.abs(residuals), fitted) if enough else (np.nan, np.nan)
    found.append(
        _row(
            ("equal variance", "Spearman r of |residual| and fitted", value, p, len(residuals)),
            alpha,
            f"The spread of residuals is not found to change with the fitted {words}.",
            f"The spread of residuals changes with the fitted {words}: the model's own standard "
            "errors are not to be trusted, the cluster-robust ones allow for it.",
        )
    )
    return pd.DataFrame(found, columns=CHECK_COLUMNS)


def _random_effects(model: MixedModel) -> dict[str, object]:
    full = model.random_effects == BOTH
    told = "; ".join(model.findings)
    return {
        "check": "random effects",
        "statistic": model.random_effects,
        "value": np.nan,
        "p_value": np.nan,
        "n": len(model.participants),
        "holds": full,
        "verdict": (
            "Random intercept and slope of every person, converged."
            if full
            else f"Random effects used: {model.random_effects}. {told[:1].upper()}{told[1:]}."
        ),
    }


def _row(
    measured: tuple[str, str, float, float, int], alpha: float, fine: str, broken: str
) -> dict[str, object]:
    check, statistic, value, p_value, n = measured
    known = bool(np.isfinite(p_value))
    holds = bool(p_value >= alpha) if known else None
    verdict = (fine if holds else broken) if known else "Too few values to check."
    row = dict(
        zip(CHECK_COLUMNS, (check, statistic, float(value), float(p_value), n), strict=False)
    )
    return row | {"holds": holds, "verdict": verdict}
