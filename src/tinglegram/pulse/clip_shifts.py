"""Ratings moved in time clip by clip: the test of coupling and of slopes.

A test over participants takes their clips for the only ones there are: a response of the pulse
that all viewers of a clip share, and that has nothing to do with their ratings, counts as coupling
(Judd, Westfall & Kenny, 2012, doi:10.1037/a0028347). Here the ratings of each clip are moved in a
circle against the pulse, by the same steps for all its viewers, and the statistic is computed
again. What viewers share stays, and so does every series; when things happen goes. What all clips
share from their start on, such as an onset of rating and pulse alike, is no coincidence of clips:
against it the pulse is also taken less its course on the other clips of its condition. Neither
people nor clips are drawn: p speaks of these people and clips.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from tinglegram.behaviour.showings import showing_keys
from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.inference.multiple_testing import with_p_values
from tinglegram.inference.resampling import Permutations, Use, exceedance
from tinglegram.pulse.coupling import AGAINST_ZERO, by_quality
from tinglegram.pulse.measures import Measure
from tinglegram.pulse.moved_reports import course_of_others
from tinglegram.settings import only

SHIFT_COLUMNS = ("p_shift", "p_shift_course")
REASON = "reason"
NO_COURSE = (
    "no course of other clips to take off: p_shift describes, as a common onset counts in it"
)
# Fisher's z of a correlation of 1 is infinite; a shift may make one of few windows.
_LARGEST_R = 1 - 1e-12
# Spread below this share of the sum of squares is rounding.
_ROUNDING = 1e-10
# Columns of the sums of a trial.
_N, _X, _Y, _XX, _YY, _XY = range(6)


@dataclass(frozen=True)
class ClipShifts:
    """How often clips are moved, from which seed, and how p is counted.

    Attributes
    ----------
    draws : random shifts behind a p.
    seed : of the study and the use, as `numpy.random.SeedSequence` takes it.
    p_value : see `tinglegram.inference.resampling.exceedance`.
    """

    draws: int
    seed: tuple[int, ...]
    p_value: str

    @classmethod
    def of(cls, drawn: Any) -> "ClipShifts":
        """Return the shifts of a study, from its `DrawnShifts`."""
        return cls(drawn.permutations, (drawn.seed, int(Use.CLIP_SHIFTS)), drawn.p_value)

    def steps(self, lengths: np.ndarray) -> np.ndarray:
        """Return by how many windows each clip is moved, (1 + draws, clips); first: by none.

        Parameters
        ----------
        lengths : (clips,) windows of the longest showing of each clip. Any step of it alike, back
            or on, so that a shorter showing of the clip goes with the others.
        """
        lengths = np.asarray(lengths, dtype=int)
        generator = np.random.default_rng(np.random.SeedSequence(self.seed))
        drawn = draw_clip_shifts(lengths, self.draws, generator)
        moved: np.ndarray = np.where(drawn > lengths // 2, drawn - lengths, drawn)
        return moved

    def p_of(self, values: np.ndarray) -> float:
        """Return the two-sided p of the first of (1 + draws,) values, around the mean of all.

        That mean is what clips contribute whose levels of pulse and rating go together, whenever.
        """
        away = np.abs(values - values.mean())
        # In units of the largest, as ties are told apart by an absolute difference.
        away = away / max(float(away.max()), np.finfo(float).tiny)
        return float(exceedance(away[1:], away[0], self.p_value))


# Settings of a script that moves clips.
DrawnShifts = only(Permutations, "permutations", "seed", "p_value")


class _Trial(NamedTuple):
    """Windows of one showing, (n,) each: number of its clip and condition, pulse and rating."""

    clip: int
    condition: int
    x: np.ndarray
    y: np.ndarray


def less_course(windows: pd.DataFrame, column: str) -> pd.Series:
    """Return a measure less its mean course on the other clips of the condition.

    Parameters
    ----------
    windows : subject, video, order where a clip was shown again, condition, start_s, `column`; all
        windows of each showing, valid or not.

    Returns
    -------
    pandas.Series
        the measure minus the mean, over all viewers and the other clips of the condition, of what
        the windows with the same number in their clip have over the mean of their showing. Missing
        where no other clip has that window.
    """
    keys = showing_keys(windows, "subject")
    table = windows.reset_index(drop=True)
    place = _numbers(table, keys).to_numpy()
    showing = table.groupby(keys, dropna=False).ngroup().to_numpy()
    values = table[column].to_numpy(dtype=float)
    left = np.full(len(table), np.nan)
    for _, of_condition in table.groupby("condition"):
        clips = [rows.to_numpy() for rows in of_condition.groupby("video").groups.values()]
        shown = []
        for rows in clips:
            row = np.unique(showing[rows], return_inverse=True)[1]
            shown.append(np.full((row.max() + 1, place[rows].max() + 1), np.nan))
            shown[-1][row, place[rows]] = values[rows]
        for rows, course in zip(clips, course_of_others(shown), strict=True):
            left[rows] = values[rows] - course[place[rows]]
    return pd.Series(left, index=windows.index, name=column)


def shifted_coupling(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure],
    shifts: ClipShifts,
    tested: Sequence[Measure] | None = None,
) -> pd.DataFrame:
    """Test the coupling of each measure and the rating with the clips moved in time.

    The statistic is that of `tinglegram.pulse.coupling.compare_conditions`: the mean over
    participants of the difference of Fisher's z of two conditions, and of z itself. Ranks are those
    of all windows of a participant and condition; where windows without pulse or rating meet others
    after a shift, the windows that have both count.

    Parameters
    ----------
    windows : subject, video, order where a clip was shown again, condition, start_s, mean_rating,
        and the column of each measure; all windows of each showing, valid or not. Values count
        where every measure that the study has is there, as in `correlate`.
    conditions, minimum_windows, measures : see `tinglegram.pulse.coupling.correlate`.
    tested : which of the measures; None: all.

    Returns
    -------
    pandas.DataFrame
        measure, comparison, p_shift, p_shift_course (the same with the measure less its course on
        other clips; missing where a condition has one clip).
    """
    every = [measure.column for measure in measures]
    there = [column for column in every if windows[column].notna().any()]
    whole = windows[there].notna().all(axis=1)
    rows = []
    for measure in measures if tested is None else tested:
        own = windows.assign(**{measure.column: windows[measure.column].where(whole)})
        without = own.assign(**{measure.column: less_course(own, measure.column)})
        alone, beside = [
            coupling_shift_p(table, measure.column, conditions, minimum_windows, shifts)
            for table in (own, without)
        ]
        rows += [
            {"measure": measure.name, "comparison": name, "p_shift": p, "p_shift_course": course}
            for (name, p), course in zip(alone.items(), beside.values(), strict=True)
        ]
    return pd.DataFrame(rows, columns=["measure", "comparison", *SHIFT_COLUMNS])


def coupling_by_shifts(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    minimum_windows: int,
    measures: Sequence[Measure],
    shifts: ClipShifts,
    tested: Sequence[Measure] | None = None,
) -> pd.DataFrame:
    """`shifted_coupling` on all windows and on the good ones, in the column windows (all, good).

    Parameters
    ----------
    windows : the columns of `shifted_coupling`, and poor (bool).
    others : see there.
    """
    parts = []
    for kept, used in by_quality(windows, measures).items():
        part = shifted_coupling(used, conditions, minimum_windows, measures, shifts, tested)
        part.insert(0, "windows", kept)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def shifted_slopes(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    measure: Measure,
    covariance: np.ndarray,
    contrasts: np.ndarray,
    steps: np.ndarray,
) -> np.ndarray:
    """Estimate slopes of the mixed model again after each shift of the clips.

    The variances are those of the observed fit, so that each shift is one generalised least squares
    (`tinglegram.pulse.mixed_model`), from sums of the participants' windows.

    Parameters
    ----------
    windows : subject, video, order where a clip was shown again, condition, start_s, mean_rating,
        and the column of the measure; all windows without overlap, valid or not.
    conditions : of the model, in its order.
    covariance : D (q, q) of the random intercept and slope (q = 2), intercept (1) or none (0), in
        units of the residual variance.
    contrasts : (k, conditions) weights of the slopes in each condition.
    steps : (draws, clips) of `ClipShifts.steps`, clips in sorted order.

    Returns
    -------
    (draws, k) : the contrasts of the slopes.
    """
    n, q, n_draws = len(conditions), len(covariance), len(steps)
    left, right = np.zeros((n_draws, 2 * n, 2 * n)), np.zeros((n_draws, 2 * n))
    level, slope = np.arange(n), n + np.arange(n)
    for trials in _people(windows, measure.column, conditions, ranked=False):
        sums = _moved_sums(trials, steps, n)
        # Means of conditions, and slopes of ratings centred within participant and condition.
        counts = sums[..., _N]
        mean = np.divide(sums[..., _Y], counts, out=np.zeros_like(counts), where=counts > 0)
        squares = sums[..., _YY] - mean * sums[..., _Y]
        products = sums[..., _XY] - mean * sums[..., _X]
        left[:, level, level] += counts
        left[:, slope, slope] += squares
        right[:, level] += sums[..., _X]
        right[:, slope] += products
        if not q:
            continue
        # X'V^-1 X = X'X - X'Z D (1 + Z'Z D)^-1 Z'X, where Z'X has few entries that are not 0.
        between = np.zeros((n_draws, 2, 2 * n))
        between[:, 0, :n], between[:, 1, n:] = counts, squares
        inner = np.zeros((n_draws, 2, 2))
        inner[:, 0, 0], inner[:, 1, 1] = counts.sum(axis=1), squares.sum(axis=1)
        outcome = np.stack([sums[..., _X].sum(axis=1), products.sum(axis=1)], axis=1)
        between, inner, outcome = between[:, :q], inner[:, :q, :q], outcome[:, :q]
        weight = covariance @ np.linalg.inv(np.eye(q) + inner @ covariance)
        pulled = np.einsum("dik,dij->dkj", between, weight)
        left -= np.einsum("dki,dil->dkl", pulled, between)
        right -= np.einsum("dki,di->dk", pulled, outcome)
    # A shift may leave a condition without a rating that changes where the measure is there.
    slopes = np.einsum("dij,dj->di", np.linalg.pinv(left, hermitian=True), right)[:, n:]
    found: np.ndarray = np.einsum("dc,kc->dk", slopes, contrasts)
    return found


def slope_p_values(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    measure: Measure,
    covariance: np.ndarray,
    contrasts: dict[str, np.ndarray],
    shifts: ClipShifts,
) -> pd.DataFrame:
    """Return term (a slope), p_shift and p_shift_course of the slopes of a mixed model.

    Parameters
    ----------
    contrasts : term -> weights (conditions,) of the slopes in each condition.
    others : see `shifted_slopes`.
    """
    used = windows[windows["condition"].isin(list(conditions))]
    without = used.assign(**{measure.column: less_course(used, measure.column)})
    weights = np.array(list(contrasts.values()), dtype=float)
    found: dict[str, list[Any]] = {"term": list(contrasts)}
    for name, table in zip(SHIFT_COLUMNS, (used, without), strict=True):
        steps = _steps_of(table, shifts)
        if _lacks_a_condition(table, measure.column, conditions):
            found[name] = [np.nan] * len(weights)
            continue
        slopes = shifted_slopes(table, conditions, measure, covariance, weights, steps)
        found[name] = [shifts.p_of(values) for values in slopes.T]
    return pd.DataFrame(found)


def decided_by_shifts(
    tests: pd.DataFrame, shifted: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    """Return tests whose p is that of clips moved in time, corrected anew in their families.

    p_value becomes p_shift_course, which takes neither a coincidence of clips nor what all of them
    share from their start on for coupling. Where the course cannot be taken off, as where a
    condition has one clip, there is no p_value and column `reason` says so: p_shift describes, as
    it is open to an onset of pulse and ratings alike.

    Parameters
    ----------
    tests : t (missing: there is no test), p_value, p_holm, p_bh, family, and `by`; reason where the
        table has one.
    shifted : `by`, p_shift, p_shift_course. Tests without a row here have no p.
    """
    order = [*tests.columns, *SHIFT_COLUMNS]
    if REASON not in tests:
        tests, order = tests.assign(**{REASON: ""}), [*order, REASON]
    both = tests.merge(shifted, on=list(by), how="left", validate="many_to_one")
    both = both.set_axis(tests.index)
    alone, course, tested = both[SHIFT_COLUMNS[0]], both[SHIFT_COLUMNS[1]], both["t"].notna()
    both[REASON] = both[REASON].mask(tested & alone.notna() & course.isna(), NO_COURSE)
    return with_p_values(both, course.where(tested))[order]


def coupling_shift_p(
    windows: pd.DataFrame,
    column: str,
    conditions: Sequence[str],
    minimum_windows: int,
    shifts: ClipShifts,
) -> dict[str, float]:
    """Return comparison -> p of its statistic among those of moved clips; NaN: no statistic.

    Parameters
    ----------
    windows : as for `shifted_coupling`, with the measure's `column` as it is tested: the measure
        itself (p_shift), or what `less_course` leaves of it (p_shift_course).
    others : see there.
    """
    n = len(conditions)
    pairs: dict[str, tuple[int, ...]] = {
        f"{c} {AGAINST_ZERO}": (i,) for i, c in enumerate(conditions)
    }
    pairs |= {f"{conditions[i]} - {conditions[j]}": (i, j) for i, j in combinations(range(n), 2)}
    steps = _steps_of(windows, shifts)
    total = {name: np.zeros(len(steps)) for name in pairs}
    people = dict.fromkeys(pairs, 0)
    for trials in _people(windows, column, conditions, ranked=True):
        sums = _moved_sums(trials, steps, n)
        r, there = _correlations(sums)
        enough = there[0] & (sums[0, :, _N] > minimum_windows) & (np.abs(r[0]) < _LARGEST_R)
        z = np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R))
        for name, chosen in pairs.items():
            if enough[list(chosen)].all():
                people[name] += 1
                total[name] += z[:, chosen[0]] - (z[:, chosen[1]] if len(chosen) > 1 else 0.0)
    return {
        name: shifts.p_of(total[name] / count) if count > 1 else np.nan
        for name, count in people.items()
    }


def _correlations(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Pearson's r of sums (..., 6), 0 where a series does not vary, and where it does."""
    n = np.maximum(sums[..., _N], 1)
    xx = sums[..., _XX] - sums[..., _X] ** 2 / n
    yy = sums[..., _YY] - sums[..., _Y] ** 2 / n
    varies = (xx > _ROUNDING * sums[..., _XX]) & (yy > _ROUNDING * sums[..., _YY])
    xy = sums[..., _XY] - sums[..., _X] * sums[..., _Y] / n
    scale = np.sqrt(np.where(varies, xx * yy, 1.0))
    return np.where(varies, xy / scale, 0.0), varies


def _steps_of(windows: pd.DataFrame, shifts: ClipShifts) -> np.ndarray:
    """Return the steps of the clips in sorted order, each over its longest showing."""
    sizes = windows.groupby(showing_keys(windows, "subject"), dropna=False).size()
    return shifts.steps(sizes.groupby(level="video").max().sort_index().to_numpy())


def _numbers(windows: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Return the number of each window in its showing, from 0, by its start."""
    ordered = windows.sort_values("start_s", kind="stable")
    return ordered.groupby(list(keys), dropna=False).cumcount().reindex(windows.index)


def _lacks_a_condition(windows: pd.DataFrame, column: str, conditions: Sequence[str]) -> bool:
    valid = windows.dropna(subset=[column, "mean_rating"])
    return not set(conditions) <= set(valid["condition"])


def _people(
    windows: pd.DataFrame, column: str, conditions: Sequence[str], *, ranked: bool
) -> Iterator[list[_Trial]]:
    """Yield the showings of each participant, values centred within condition, NaN: missing.

    Parameters
    ----------
    ranked : values are ranks among those of the participant and condition. Ratings, and pulses,
        that are ranked are those that are there.
    """
    keys = showing_keys(windows, "subject")
    table = windows[windows["condition"].isin(list(conditions))]
    table = table.sort_values([*keys, "start_s"], kind="stable", ignore_index=True)
    numbers = {video: i for i, video in enumerate(sorted(windows["video"].unique()))}
    clips = table["video"].map(numbers).to_numpy()
    condition = table["condition"].map({c: i for i, c in enumerate(conditions)}).to_numpy()
    showings = table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    values = [table[name].to_numpy(dtype=float) for name in (column, "mean_rating")]
    for own in _runs(table["subject"].to_numpy()):
        trials = []
        for i in range(len(conditions)):
            chosen = own[condition[own] == i]
            x, y = (_prepared(series[chosen], ranked=ranked) for series in values)
            trials += [
                _Trial(int(clips[chosen[run[0]]]), i, x[run], y[run])
                for run in _runs(showings[chosen])
            ]
        yield trials


def _runs(labels: np.ndarray) -> list[np.ndarray]:
    """Return the places of each run of equal labels."""
    if not len(labels):
        return []
    return np.split(np.arange(len(labels)), np.flatnonzero(labels[1:] != labels[:-1]) + 1)


def _prepared(values: np.ndarray, *, ranked: bool) -> np.ndarray:
    found = np.full(len(values), np.nan)
    there = np.isfinite(values)
    if there.any():
        known = stats.rankdata(values[there]) if ranked else values[there]
        # Sums of squares lose no digits to a mean; a pulse keeps its level for the model.
        found[there] = known - known.mean() if ranked else known
    return found


def _moved_sums(trials: Sequence[_Trial], steps: np.ndarray, n_conditions: int) -> np.ndarray:
    """Return sums over a participant's windows after each shift, (draws, conditions, 6)."""
    found = np.zeros((len(steps), n_conditions, 6))
    for trial in trials:
        lags = steps[:, trial.clip] % len(trial.x)
        found[:, trial.condition] += lagged_sums(trial.x, trial.y)[lags]
    return found


def lagged_sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return sums over the windows that have both, with y moved in a circle to every lag.

    Parameters
    ----------
    x, y : (n,) NaN where missing.

    Returns
    -------
    (n, 6) : for y moved to 0 ... n - 1 windows later: number, sum of x, of y, of x squared, of y
        squared, of the products.
    """
    n = len(x)
    moved = (np.arange(n)[None, :] - np.arange(n)[:, None]) % n
    known_x, known_y = np.isfinite(x), np.isfinite(y)
    x, y = np.where(known_x, x, 0.0), np.where(known_y, y, 0.0)
    left = np.stack([known_x.astype(float), x, x * x])
    right = np.stack([known_y.astype(float), y, y * y])[:, moved]
    sums = np.einsum("it,jlt->ijl", left, right)
    chosen = [sums[0, 0], sums[1, 0], sums[0, 1], sums[2, 0], sums[0, 2], sums[1, 1]]
    return np.stack(chosen, axis=1)
