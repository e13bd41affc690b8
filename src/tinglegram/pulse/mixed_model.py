"""Linear mixed model of a measure on rating x condition, with cluster-robust inference.

measure = b0 + b1 target + b2 rating + b3 rating x target + u0 + u1 rating + e, for every window
of every participant, with random intercept u0 and random slope u1 per participant. Every further
condition adds its own b1 and b3; a study of one condition has neither. The rating is
centred within participant and condition, so that its slopes say how a participant's measure
moves with their own rating, not that participants who rate higher have other values. Without
another measure, that of the pulse rate is taken.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from tinglegram.behaviour.showings import showing_keys
from tinglegram.inference import cluster_robust
from tinglegram.inference.multiple_testing import adjust
from tinglegram.pulse.measures import PULSE_RATE, ROUNDING, Measure

BOTH, INTERCEPT, NONE = "intercept and slope", "intercept", "none"
RANDOM_COLUMNS = {BOTH: 2, INTERCEPT: 1, NONE: 0}
# Random effects that add less than this share of the residual variance to an average participant's
# fit are not there.
NEGLIGIBLE = 1e-2
MIXED_MODEL_COLUMNS = [
    *("term", "estimate", "se", "df", "t", "p_value", "ci_low", "ci_high", "se_naive", "p_naive"),
    *("p_holm", "p_bh", "family", "n_participants", "n_windows", "random_effects", "reason"),
]


@dataclass(frozen=True, eq=False)
class MixedModel:
    """A fitted model.

    Parameters
    ----------
    table : one row per term, see `fit_mixed_model`.
    rows : windows used: subject, video, order (where a clip was shown again), condition,
        start_s, position (window of the trial, from 0), the measure, rating (centred), fitted_bpm
        (with the participant's random effects), residual_bpm; another measure has its own endings.
    participants : subject, intercept_bpm, slope_bpm: predicted random effects.
    random_effects : intercept and slope, intercept, or none.
    findings : why simpler random effects than the full ones were taken, and why there is no model.
    measure : what is explained.
    covariance : (q, q) of the random effects, in units of the residual variance.
    """

    table: pd.DataFrame
    rows: pd.DataFrame
    participants: pd.DataFrame
    random_effects: str = NONE
    findings: tuple[str, ...] = field(default=())
    measure: Measure = PULSE_RATE
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))


def spread_out(windows: pd.DataFrame, window_s: float, step_s: float) -> pd.DataFrame:
    """Keep windows that do not overlap: every ceil(window / step)-th of each showing of a clip.

    Parameters
    ----------
    windows : subject, video, start_s, order of who saw a clip again; all windows of each clip,
        valid or not.

    Returns
    -------
    pandas.DataFrame
        the kept rows with `position`, the number of the kept window in its clip, from 0.
    """
    stride = math.ceil(window_s / step_s - 1e-9)
    keys = showing_keys(windows, "subject")
    ordered = windows.sort_values([*keys, "start_s"], kind="stable")
    # Who saw each clip once has no order.
    rank = ordered.groupby(keys, sort=False, dropna=False).cumcount()
    kept = ordered[rank % stride == 0]
    return kept.assign(position=rank[rank % stride == 0] // stride)


def fit_mixed_model(
    windows: pd.DataFrame,
    *conditions: str,
    confidence: float,
    family: str,
    measure: Measure = PULSE_RATE,
) -> MixedModel:
    """Fit the model by restricted maximum likelihood and test its slopes.

    Parameters
    ----------
    windows : subject, video, condition, start_s, position, mean_rating, and the column of the
        measure; without overlap (`spread_out`). Rows without measure or rating are left out.
    conditions : any number, at least one; the last is the one that the others are compared with
        (of a target and its control: differences are target - control). With one there is neither
        a difference nor a term of the condition.
    confidence : level of the intervals, a fraction.
    family : name of the family of its tests (all terms but the intercept).
    measure : what is explained.

    Returns
    -------
    MixedModel
        whose table has the columns term, estimate (the measure's unit, or that per rating unit),
        se, df, t, p_value, ci_low, ci_high (CR2 sandwich by participant, Satterthwaite df),
        se_naive, p_naive (the model's own, normal), p_holm, p_bh, family, n_participants,
        n_windows, random_effects, reason. Where the data hold no model: NaN, and the reason.
    """
    rows = _rows(windows, conditions, measure)
    contrasts = _contrasts(conditions, measure)
    reason = _unfit(rows, conditions, measure)
    effects_columns = [measure.column_of(name) for name in ("intercept", "slope")]
    fit_columns = [measure.column_of(name) for name in ("fitted", "residual")]
    counts = {"n_participants": rows["subject"].nunique(), "n_windows": len(rows)}
    if reason:
        table = pd.DataFrame({"term": list(contrasts), "family": family, "reason": reason})
        table = table.assign(random_effects=NONE, **counts).reindex(columns=MIXED_MODEL_COLUMNS)
        participants = pd.DataFrame(columns=["subject", *effects_columns])
        rows = rows.assign(**dict.fromkeys(fit_columns, np.nan))
        return MixedModel(table, rows, participants, findings=(reason,), measure=measure)
    endog = rows[measure.column].to_numpy()
    is_other = [(rows["condition"] == c).to_numpy(dtype=float) for c in conditions[:-1]]
    rating = rows["rating"].to_numpy()
    slopes = [rating, *(rating * member for member in is_other)]
    exog = np.column_stack([np.ones(len(rows)), *is_other, *slopes])
    random = exog[:, [0, len(conditions)]]
    subjects, groups = np.unique(rows["subject"].to_numpy(), return_inverse=True)
    kind, covariance, findings = _variances(endog, exog, random, groups)
    random = random[:, : RANDOM_COLUMNS[kind]]
    members = [groups == g for g in range(len(subjects))]
    clusters = [cluster_robust.whiten(exog[m], random[m], endog[m], covariance) for m in members]
    result = cluster_robust.fit_cluster_robust(clusters)
    table = pd.DataFrame(
        [_test(name, result, np.array(c, dtype=float), confidence) for name, c in contrasts.items()]
    )
    # That a mean is not 0 is no finding: the intercept belongs to no family.
    table.loc[0, ["t", "p_value", "p_naive"]] = np.nan
    table = table.join(adjust(table["p_value"], family)).assign(
        random_effects=kind, reason="", **counts
    )
    predicted = np.zeros((len(subjects), 2))
    fitted = exog @ result.estimate
    for g, (member, cluster) in enumerate(zip(members, clusters, strict=True)):
        left = cluster.endog - cluster.exog @ result.estimate
        effects = covariance @ (cluster.random.T @ left)
        predicted[g, : len(effects)] = effects
        fitted[member] += random[member] @ effects
    participants = pd.DataFrame(predicted, columns=effects_columns)
    participants.insert(0, "subject", subjects)
    rows = rows.assign(**dict(zip(fit_columns, (fitted, endog - fitted), strict=True)))
    table = table[MIXED_MODEL_COLUMNS]
    return MixedModel(table, rows, participants, kind, tuple(findings), measure, covariance)


def _contrasts(conditions: Sequence[str], measure: Measure) -> dict[str, np.ndarray]:
    """Return name of a term -> its weights of the fixed effects.

    Fixed effects: the mean of the last condition, what each other one adds to it, the slope of the
    last one, what each other one adds to that.
    """
    *others, last = conditions
    mean = np.eye(2 * len(conditions))[: len(conditions)]
    # From slopes of the conditions to what the last one has and the others add.
    added = np.zeros((len(conditions), 2 * len(conditions)))
    added[:, len(conditions)] = 1
    added[:-1, len(conditions) + 1 :] = np.eye(len(others))
    return {
        f"{measure.words} in {last}": mean[0],
        **{f"{measure.words}, {c} - {last}": mean[i] for i, c in enumerate(others, 1)},
        **{name: weights @ added for name, weights in slope_weights(conditions).items()},
    }


def slope_weights(conditions: Sequence[str]) -> dict[str, np.ndarray]:
    """Return name of each term that is a slope -> its weights (conditions,) of their slopes."""
    *others, last = conditions
    unit = np.eye(len(conditions))
    return {
        **{f"slope in {c}": unit[i] for i, c in enumerate(conditions)},
        **{f"slope, {c} - {last}": unit[i] - unit[-1] for i, c in enumerate(others)},
    }


def _rows(windows: pd.DataFrame, conditions: Sequence[str], measure: Measure) -> pd.DataFrame:
    """Return valid windows of these conditions, ratings centred by participant and condition."""
    used = windows[windows["condition"].isin(conditions)]
    used = used.dropna(subset=[measure.column, "mean_rating"])
    keys = showing_keys(used, "subject")
    used = used.sort_values([*keys, "position"], kind="stable", ignore_index=True)
    means = used.groupby(["subject", "condition"])["mean_rating"].transform("mean")
    columns = [*keys, "condition", "start_s", "position", measure.column]
    return used[columns].assign(rating=(used["mean_rating"] - means).to_numpy(dtype=float))


def _unfit(rows: pd.DataFrame, conditions: Sequence[str], measure: Measure) -> str:
    """Say why these rows cannot hold the model; empty: they can."""
    for condition in conditions:
        part = rows[rows["condition"] == condition]
        if part["subject"].nunique() < 3:
            return f"fewer than 3 participants with windows in {condition}"
        if not np.any(np.abs(part["rating"]) > 1e-9):
            return f"nobody's rating changes between windows in {condition}"
    values = rows[measure.column].to_numpy(dtype=float)
    rounding = ROUNDING * np.abs(values).max()
    if np.ptp(values) <= rounding:
        return f"the {measure.words} is the same in all windows"
    means = rows.groupby(["subject", "condition"])[measure.column].transform("mean")
    own = values - means.to_numpy(dtype=float)
    rating = rows["rating"].to_numpy()
    left = np.zeros(len(rows))
    for condition in conditions:
        here = (rows["condition"] == condition).to_numpy()
        if np.abs(own[here]).max() <= rounding:
            return f"nobody's {measure.words} changes between windows in {condition}"
        slope = (rating[here] @ own[here]) / (rating[here] @ rating[here])
        left[here] = own[here] - slope * rating[here]
    if np.abs(left).max() <= rounding:
        return f"nothing is left of the {measure.words} beside means and one slope of the rating"
    return ""


def _variances(
    endog: np.ndarray, exog: np.ndarray, random: np.ndarray, groups: np.ndarray
) -> tuple[str, np.ndarray, list[str]]:
    """Estimate D of the richest random effects the data hold, by restricted maximum likelihood."""
    findings = []
    sizes = np.bincount(groups)
    for kind in (BOTH, INTERCEPT):
        columns = random[:, : RANDOM_COLUMNS[kind]]
        start = _starting_values(endog, exog, columns, groups)
        with warnings.catch_warnings():
            # Convergence and boundary are judged below, and reported.
            warnings.simplefilter("ignore")
            try:
                result = MixedLM(endog, exog, groups, exog_re=columns).fit(
                    start_params=start, method="lbfgs", gtol=1e-7, ftol=1e-12
                )
            except np.linalg.LinAlgError as fault:
                findings.append(f"random {kind}: {fault}")
                continue
        covariance = np.asarray(result.cov_re) / result.scale
        information = columns.T @ columns / len(sizes)
        least = np.linalg.eigvals(covariance @ information).real.min()
        # On the edge of the possible covariances the optimisation has no reason to stop.
        if not least > NEGLIGIBLE:
            findings.append(f"random {kind}: a variance of 0 or a correlation of 1 (singular)")
        elif not result.converged:
            findings.append(f"random {kind}: the optimisation did not converge")
        else:
            return kind, covariance, findings
    return NONE, np.zeros((0, 0)), findings


def _starting_values(
    endog: np.ndarray, exog: np.ndarray, random: np.ndarray, groups: np.ndarray
) -> MixedLMParams:
    """Return moment estimates of D from each participant's regression, a few steps off the goal."""
    beta = np.linalg.lstsq(exog, endog, rcond=None)[0]
    left = endog - exog @ beta
    n_groups, q = groups.max() + 1, random.shape[1]
    gram, moment = np.zeros((n_groups, q, q)), np.zeros((n_groups, q))
    np.add.at(gram, groups, random[:, :, None] * random[:, None, :])
    np.add.at(moment, groups, random * left[:, None])
    inverse = np.linalg.pinv(gram, hermitian=True)
    own = np.einsum("gij,gj->gi", inverse, moment)
    residual = left - np.einsum("ij,ij->i", random, own[groups])
    # Relative to the measure, whose unit may be any.
    floor = 1e-12 * float(np.var(endog))
    scale = max(residual @ residual / max(len(left) - q * n_groups, 1), floor)
    spread = np.var(own, axis=0) - scale * np.median(inverse[:, range(q), range(q)], axis=0)
    covariance = np.diag(np.maximum(spread / scale, 0.01))
    return MixedLMParams.from_components(fe_params=beta, cov_re=covariance)


def _test(
    term: str, result: cluster_robust.Robust, contrast: np.ndarray, confidence: float
) -> dict[str, object]:
    """One row of the table: a contrast of the fixed effects with both inferences."""
    estimate = float(contrast @ result.estimate)
    se = math.sqrt(contrast @ result.robust @ contrast)
    naive = math.sqrt(contrast @ result.naive @ contrast)
    df = cluster_robust.degrees_of_freedom(result, contrast)
    t = estimate / se if se > 0 else np.nan
    reach = special.stdtrit(df, (1 + confidence) / 2) * se
    return {
        "term": term,
        "estimate": estimate,
        "se": se,
        "df": df,
        "t": t,
        "p_value": 2 * special.stdtr(df, -abs(t)),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "se_naive": naive,
        "p_naive": 2 * special.ndtr(-abs(estimate / naive)) if naive > 0 else np.nan,
    }
