"""A measure during the clips against the participant's own rest.

Without other measures, those of the pulse are taken.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from scipy import special

from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import draw_weights
from tinglegram.pulse.measures import PULSE_MEASURES, ROUNDING, Measure
from tinglegram.pulse.rests import ALL_RESTS, BASELINE, FINAL, WASHOUT
from tinglegram.settings import SWITCH, section

REST_CHANGE_KEYS = ["windows", "measure", "unit", "condition", "against"]
REST_CHANGE_COLUMNS = [
    *REST_CHANGE_KEYS,
    *("mean_change", "ci_low", "ci_high", "t", "df", "p_value", "p_holm", "p_bh", "family"),
    *("n_participants", "reason"),
]


# What the column `interval` holds.
OF_T = "t over participants: these clips, other people"
Interval = Literal["bootstrap", "t"]


@section("")
class ChangeInterval:
    """How the interval of a mean change is found."""

    change_interval: Annotated[
        Interval,
        SWITCH,
        "Interval of a mean change against rest: percentiles of resampled participants, or t.",
    ]


def changes(
    blocks: pd.DataFrame,
    conditions: Sequence[str],
    measures: Sequence[Measure] = PULSE_MEASURES,
) -> pd.DataFrame:
    """Change of every participant, condition and measure against all rests and against each.

    Parameters
    ----------
    blocks : subject, block, segment (rest, clips), windows (all, good), and the column of each
        measure, as `tinglegram.pulse.rests.block_table` gives them.
    conditions : in the order in which they are reported; each is also set against those after it,
        where the rest falls out.
    measures : in the order in which they are reported.

    Returns
    -------
    pandas.DataFrame
        windows, measure, unit, condition, against (rest: the mean of the participant's rests, each
        rest counted once; a rest's name; a condition's), subject, change (in the unit; NaN where
        one is missing). That of a ratio is in percent: 100 (value / value at rest - 1), with the
        geometric mean of the rests.
    """
    keys, subjects, values, _ = _matrix(blocks, conditions, measures)
    values = _printed(values, keys, measures)
    columns: dict[str, object] = {
        name: np.repeat(np.array(column, dtype=object), len(subjects))
        for name, column in zip(REST_CHANGE_KEYS, zip(*keys, strict=True), strict=True)
    }
    columns |= {"subject": np.tile(subjects, len(keys)), "change": values.ravel()}
    return pd.DataFrame(columns)


def rest_change(
    blocks: pd.DataFrame,
    conditions: Sequence[str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
    interval: Interval = "bootstrap",
    measures: Sequence[Measure] = PULSE_MEASURES,
    family: str = "change against rest",
) -> pd.DataFrame:
    """Mean change against rest with its interval over participants and t-test.

    Parameters
    ----------
    blocks, conditions, measures : see `changes`.
    resamples : bootstrap resamples of participants.
    confidence : level of the intervals, a fraction.
    seed : seed of the study.
    interval : percentiles of resampled participants, which cover too little of few people, or that
        of the t-test.
    family : begin of the names of the families of tests.

    Returns
    -------
    pandas.DataFrame
        windows, measure, unit, condition, against, mean_change, ci_low, ci_high, t, df, p_value
        (one-sample t-test against 0), p_holm, p_bh, family, n_participants, reason (why there is
        no test; empty: there is). The family is all tests of the table on the same windows. Of a
        ratio, mean and interval are those of its logarithm, printed as a change in percent; t is
        that of the logarithm. With the interval of t, a last column `interval` says so.
    """
    keys, _, values, size = _matrix(blocks, conditions, measures)
    there = ~np.isnan(values)
    n = there.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(values, axis=1) / n
        squares = np.nansum(np.square(values - mean[:, None]), axis=1)
        error = np.sqrt(squares / (n - 1) / n)
        t = mean / error
    least = np.where(there, values, np.inf).min(axis=1)
    most = np.where(there, values, -np.inf).max(axis=1)
    # Means of equal values over other numbers of windows differ by rounding.
    same = (n > 1) & (most - least <= ROUNDING * size)
    tested = (n > 1) & ~same
    if interval == "t":
        reach = special.stdtrit(np.maximum(n - 1, 1), (1 + confidence) / 2) * error
        limits = np.stack([mean - reach, mean + reach], axis=1)
        limits[~tested] = np.nan
    else:
        limits = _bootstrap(values, resamples, confidence, seed)
        limits[n < 2] = np.nan
    tests = pd.DataFrame(keys, columns=REST_CHANGE_KEYS).assign(
        mean_change=_printed(mean, keys, measures),
        ci_low=_printed(limits[:, 0], keys, measures),
        ci_high=_printed(limits[:, 1], keys, measures),
        t=np.where(tested, t, np.nan),
        df=np.where(tested, n - 1.0, np.nan),
        p_value=np.where(tested, 2 * special.stdtr(np.maximum(n - 1, 1), -np.abs(t)), np.nan),
        n_participants=n,
        reason=[_reason(count, alike) for count, alike in zip(n, same, strict=True)],
    )
    families = [f"{family}, {kept} windows" for kept in tests["windows"]]
    found = tests.join(adjust(tests["p_value"], families))[REST_CHANGE_COLUMNS]
    return found if interval == "bootstrap" else found.assign(interval=OF_T)


def _matrix(
    blocks: pd.DataFrame, conditions: Sequence[str], measures: Sequence[Measure]
) -> tuple[list[tuple[str, ...]], np.ndarray, np.ndarray, np.ndarray]:
    """Keys, subjects, change of each (rows x subjects; NaN: missing), largest value of the rows."""
    rests = _rests(blocks, measures)
    subjects = np.unique(blocks["subject"].to_numpy())
    keys: list[tuple[str, ...]] = []
    rows: list[np.ndarray] = []
    sizes: list[float] = []
    for kept in dict.fromkeys(blocks["windows"]):
        of_kind = blocks[blocks["windows"] == kept]
        for measure in measures:
            wide = of_kind.pivot(index="subject", columns="block", values=measure.column)
            value = {
                name: _on_scale(wide[name].reindex(subjects).to_numpy(dtype=float), measure)
                if name in wide
                else np.full(len(subjects), np.nan)
                for name in [*rests, *conditions]
            }
            resting = np.array([value[name] for name in rests]).reshape(-1, len(subjects))
            n_rests = (~np.isnan(resting)).sum(axis=0)
            # The mean of nothing is missing, without a warning.
            mean = np.nansum(resting, axis=0) / np.where(n_rests > 0, n_rests, np.nan)
            against = {ALL_RESTS: mean} | {name: value[name] for name in rests}
            found = {(c, name): value[c] - x for c in conditions for name, x in against.items()}
            found |= {(a, b): value[a] - value[b] for a, b in combinations(conditions, 2)}
            keys += [(kept, measure.name, measure.unit, *pair) for pair in found]
            rows += list(found.values())
            largest = np.nanmax(np.abs([*value.values()]), initial=0.0)
            sizes += [float(largest)] * len(found)
    changed = np.array(rows).reshape(len(keys), len(subjects))
    return keys, subjects, changed, np.array(sizes)


def _on_scale(values: np.ndarray, measure: Measure) -> np.ndarray:
    """Return values on the scale on which they are averaged and compared."""
    if not measure.ratio:
        return values
    # What is 0 has no ratio.
    logged: np.ndarray = np.log(np.where(values > 0, values, np.nan))
    return logged


def _printed(
    values: np.ndarray, keys: Sequence[tuple[str, ...]], measures: Sequence[Measure]
) -> np.ndarray:
    """Return changes, a row for each of `keys`, in the unit of their measure."""
    ratios = {measure.name for measure in measures if measure.ratio}
    found = values.copy()
    rows = np.array([measure in ratios for _, measure, *_ in keys], dtype=bool)
    found[rows] = 100 * np.expm1(values[rows])
    return found


def _rests(blocks: pd.DataFrame, measures: Sequence[Measure]) -> list[str]:
    """Return the rests to be set against.

    Where conditions alternate from clip to clip, every change is a gap of its own; a washout beyond
    the first is none where it is too short in everybody.
    """
    resting = blocks[blocks["segment"] == "rest"]
    measured = resting.dropna(subset=[m.column for m in measures], how="all")
    long_enough = {BASELINE, WASHOUT, FINAL, *measured["block"]}
    return [name for name in dict.fromkeys(resting["block"]) if name in long_enough]


def _bootstrap(values: np.ndarray, resamples: int, confidence: float, seed: int) -> np.ndarray:
    """Percentile intervals (rows x 2) of each row's mean (rows x participants, NaN: missing)."""
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
    # The slow form that passes over missing values only where there are any.
    quantile = np.quantile if np.isfinite(means[:, some]).all() else np.nanquantile
    limits[some] = quantile(means[:, some], [tail, 1 - tail], axis=0).T
    return limits


def _reason(n_participants: int, alike: bool) -> str:
    """Why there is no test; empty: there is one."""
    if n_participants < 2:
        return f"{n_participants} participant(s) with both values"
    return "the same change in everybody" if alike else ""
