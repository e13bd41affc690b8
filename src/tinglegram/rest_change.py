"""Pulse rate and RMSSD during the clips against the person's own rest."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from tinglegram.multiplicity import adjust
from tinglegram.resampling import draw_weights

# Measure -> column of the pulse blocks, and its unit.
MEASURES = {"pulse_rate": ("pulse_rate_bpm", "bpm"), "rmssd": ("rmssd_ms", "ms")}
# The mean of all rests of a person.
ALL_RESTS = "rest"
KEYS = ["windows", "measure", "unit", "condition", "against"]
COLUMNS = [
    *KEYS,
    *("mean_change", "ci_low", "ci_high", "t", "df", "p_value", "p_holm", "p_bh", "family"),
    *("n_participants", "reason"),
]


def changes(blocks: pd.DataFrame, conditions: Sequence[str]) -> pd.DataFrame:
    """Change of every person, condition and measure against all rests and against each.

    Parameters
    ----------
    blocks : subject, block, segment (rest, clips), windows (all, good), pulse_rate_bpm, rmssd_ms,
        as `tinglegram.rests.block_table` gives them.
    conditions : in the order in which they are reported; each is also set against those after it,
        where the rest falls out.

    Returns
    -------
    pandas.DataFrame
        windows, measure, unit, condition, against (rest: the mean of the person's rests, each
        rest counted once; a rest's name; a condition's), subject, change (bpm or ms; NaN where one
        is missing).
    """
    rests = list(dict.fromkeys(blocks.loc[blocks["segment"] == "rest", "block"]))
    parts = []
    for kept, of_kind in blocks.groupby("windows", sort=False):
        for measure, (column, unit) in MEASURES.items():
            wide = of_kind.pivot(index="subject", columns="block", values=column).sort_index()
            wide = wide.reindex(columns=[*rests, *conditions])
            against = {ALL_RESTS: wide[rests].mean(axis=1)} | {r: wide[r] for r in rests}
            found = {
                (c, name): wide[c] - rest for c in conditions for name, rest in against.items()
            }
            found |= {(a, b): wide[a] - wide[b] for a, b in combinations(conditions, 2)}
            for (condition, name), change in found.items():
                keys = dict(zip(KEYS, (kept, measure, unit, condition, name), strict=True))
                parts.append(change.rename("change").reset_index().assign(**keys))
    if not parts:
        return pd.DataFrame(columns=[*KEYS, "subject", "change"])
    return pd.concat(parts, ignore_index=True)[[*KEYS, "subject", "change"]]


def rest_change(
    blocks: pd.DataFrame,
    conditions: Sequence[str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Mean change against rest with participant-level bootstrap interval and t-test.

    Parameters
    ----------
    blocks, conditions : see `changes`.
    resamples : bootstrap resamples of participants.
    confidence : level of the intervals, a fraction.
    seed : seed of the study.

    Returns
    -------
    pandas.DataFrame
        windows, measure, unit, condition, against, mean_change, ci_low, ci_high, t, df, p_value
        (one-sample t-test against 0), p_holm, p_bh, family, n_participants, reason (why there is
        no test; empty: there is). The family is all tests of the table on the same windows.
    """
    table = changes(blocks, conditions)
    wide = table.set_index([*KEYS, "subject"])["change"].unstack("subject")
    wide = wide.reindex(pd.MultiIndex.from_frame(table[KEYS].drop_duplicates()))
    values = wide.to_numpy(dtype=float)
    intervals = _bootstrap(values, resamples, confidence, seed)
    rows = []
    for keys, change, interval in zip(wide.index, values, intervals, strict=True):
        present = change[~np.isnan(change)]
        t, df, p_value, reason = _one_sample(present)
        rows.append(
            dict(zip(KEYS, keys, strict=True))
            | {
                "mean_change": present.mean() if len(present) else np.nan,
                "ci_low": interval[0] if len(present) > 1 else np.nan,
                "ci_high": interval[1] if len(present) > 1 else np.nan,
                "t": t,
                "df": df,
                "p_value": p_value,
                "n_participants": len(present),
                "reason": reason,
            }
        )
    tests = pd.DataFrame(
        rows, columns=[c for c in COLUMNS if c not in ("p_holm", "p_bh", "family")]
    )
    family = [f"change against rest, {kept} windows" for kept in tests["windows"]]
    return tests.join(adjust(tests["p_value"].astype(float), family))[COLUMNS]


def _bootstrap(values: np.ndarray, resamples: int, confidence: float, seed: int) -> np.ndarray:
    """Percentile intervals (rows x 2) of the mean of each row (rows x people, NaN: missing)."""
    generator = np.random.default_rng(np.random.SeedSequence([seed, values.shape[1]]))
    weights = draw_weights(values.shape[1], resamples, generator)
    there = ~np.isnan(values)
    counts = weights @ there.T
    sums = weights @ np.nan_to_num(values).T
    # A resample may hold nobody who has the value.
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    limits = np.full((len(values), 2), np.nan)
    some = there.any(axis=1)
    tail = (1 - confidence) / 2
    limits[some] = np.nanquantile(means[:, some], [tail, 1 - tail], axis=0).T
    return limits


def _one_sample(values: np.ndarray) -> tuple[float, float, float, str]:
    """t, df, p of a one-sample t-test against 0, and why there is none."""
    if len(values) < 2:
        return np.nan, np.nan, np.nan, f"{len(values)} participant(s) with both values"
    if np.ptp(values) == 0:
        return np.nan, np.nan, np.nan, "the same change in everybody"
    result = stats.ttest_1samp(values, 0.0)
    return float(result.statistic), float(result.df), float(result.pvalue), ""
