"""Temporal response function: how ratings follow the features of a clip, lag by lag.

Ridge regression of the rating on the features at every lag (Crosse et al., 2016,
doi:10.3389/fnhum.2016.00604), with clips, and for single people also people, left out. A clip
enters by its own moments alone, with its mean and slow trend taken out, so that ratings moved in
time, ratings without a person and single ratings are nothing but further right-hand sides of the
same equations: each is fitted anew, with a penalty chosen anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np
import scipy

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import jackknife_interval
from tinglegram.inference.resampling import exceedance
from tinglegram.settings import ABOVE_ZERO, AT_LEAST_ONE, SWITCH, Bounds, Each, section

Array = np.ndarray

# A correlation of exactly 1 has no Fisher's z.
_LARGEST_R = 1 - 1e-12
# What varies less than this share of what there is does not vary, but for rounding.
_STILL = 1e-10
# Inner folds over which a penalty is chosen, at most.
_INNER_FOLDS = 5
# With more people than this the jackknife leaves out groups of them (Kott, 2001): as many as this.
_GROUPS = 40
# Right-hand sides that are solved at once, so that memory does not grow with their number.
_AT_ONCE = 2000
# Fewer clips leave none to choose a penalty by when one is held out.
LEAST_CLIPS = 3


@section("statistics")
class ResponseFunction:
    """How the temporal response function of the ratings is fitted and tested."""

    response_function: Annotated[
        Literal["none", "ridge"],
        SWITCH,
        "Temporal response function of the ratings: none, or ridge regression on lagged features.",
    ]
    response_lags: Annotated[
        tuple[float, float],
        "First and last lag, seconds from a feature to the rating; below 0: after the rating.",
    ] = (-0.6, 4.0)
    response_step: Annotated[
        float,
        ABOVE_ZERO,
        "Seconds over which features and ratings are averaged, and between lags; rounded to whole "
        "grid steps, at least one.",
    ] = 0.2
    response_trend: Annotated[
        int,
        Bounds(minimum=0, maximum=10),
        "Degree of the polynomial of time that is taken out of each clip; 0: its mean alone.",
    ] = 2
    response_penalties: Annotated[
        tuple[float, ...],
        Bounds(minItems=1, uniqueItems=True),
        Each(ABOVE_ZERO),
        "Penalties to choose from, per frame and for features in SDs.",
    ] = (0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0)
    response_shifts: Annotated[
        int, AT_LEAST_ONE, "Random shifts of the ratings behind p; each is fitted anew."
    ] = 1000


@dataclass(frozen=True, eq=False)
class RatedClip:
    """Features and ratings of a clip on one grid.

    Attributes
    ----------
    features : (steps, columns).
    ratings : (viewers, steps), at least one viewer.
    viewers : their numbers.
    """

    features: Array
    ratings: Array
    viewers: tuple[int, ...]


def block_means(values: Array, n: int) -> Array:
    """Return the means of every `n` rows; an incomplete last block is left out."""
    whole = len(values) // n
    found: Array = values[: whole * n].reshape(whole, n, *values.shape[1:]).mean(axis=1)
    return found


def lag_range(first_s: float, last_s: float, step_s: float) -> range:
    """Return the lags of a kernel in whole steps, both ends included."""
    return range(round(first_s / step_s), round(last_s / step_s) + 1)


def lagged_frames(features: Array, lags: range) -> tuple[slice, Array]:
    """Return which steps have features at every lag, and these, (frames, lags * columns).

    Nothing is padded: a step whose window leaves the clip is no frame.
    """
    n = len(features)
    frames = slice(max(lags[-1], 0), max(n + min(lags[0], 0), 0))
    inside = np.arange(n)[frames]
    return frames, np.concatenate([features[inside - lag] for lag in lags], axis=1)


class ClipMoments:
    """The sums over a clip's frames that all fits are made from.

    Attributes
    ----------
    n : frames.
    given : (frames, p) lagged features without their trend.
    xx : (p, p) sums of products of lagged features without their trend.
    """

    def __init__(self, features: Array, lags: range, trend: int) -> None:
        """Lay out the frames of a clip; its trend is a polynomial of this degree."""
        self.steps = len(features)
        self._frames, given = lagged_frames(features, lags)
        self.n = len(given)
        time = np.linspace(-1, 1, max(self.n, 1))[: self.n]
        self._trend = np.linalg.qr(np.polynomial.legendre.legvander(time, trend))[0]
        self.given = given - self._trend @ (self._trend.T @ given)
        self.xx = self.given.T @ self.given

    def sides(self, series: Array, shifts: Array | None = None) -> tuple[Array, Array]:
        """Return products with the features, (p, K), and own squares, (K,), of K ratings.

        Parameters
        ----------
        series : (K, steps) ratings; a row of NaN: there is none, and its squares are NaN.
        shifts : (K,) steps by which each is moved to later times, in a circle; None: none is.
        """
        at = np.arange(self.steps)[self._frames]
        if shifts is None:
            moved = series[:, at].T
        else:
            moved = np.take_along_axis(series.T, (at[:, None] - shifts) % self.steps, axis=0)
        level = np.nanmax(np.abs(moved), axis=0, initial=0.0)
        off = self._trend.T @ moved
        squares = np.maximum(np.einsum("tk,tk->k", moved, moved) - (off**2).sum(axis=0), 0.0)
        squares[squares <= _STILL * self.n * level**2] = 0.0
        return self.given.T @ np.nan_to_num(moved), squares


@dataclass(frozen=True, eq=False)
class Sides:
    """Right-hand sides: for every clip products, (p, K), and squares, (K,); NaN: none."""

    products: list[Array]
    squares: list[Array]

    def columns(self, which: Array) -> "Sides":
        """Return some of the K."""
        return Sides([x[:, which] for x in self.products], [y[which] for y in self.squares])


class _System:
    """The equations of some training clips, in the coordinates of their eigenvectors."""

    def __init__(self, clips: Sequence[ClipMoments], train: tuple[int, ...]) -> None:
        self.train = train
        self.n = sum(clips[i].n for i in train)
        xx = sum((clips[i].xx for i in train), np.zeros_like(clips[0].xx))
        sd = np.sqrt(np.diag(xx) / max(self.n, 1))
        # A feature that never changes in training has no weight.
        moves = sd > 1e-6 * sd.max(initial=0.0)
        self.sd = np.where(moves, sd, 1.0)
        self.scale = np.where(moves, 1 / self.sd, 0.0)
        scaled = self.scale[:, None] * xx * self.scale / self.n
        values, vectors = scipy.linalg.eigh(scaled)
        # Directions in which nothing varies have no weight, whatever the penalty.
        some = values > _STILL * max(values[-1], 0.0)
        self.values, self.vectors = values[some], vectors[:, some]
        self.turn = self.scale[:, None] * self.vectors

    def sought(self, sides: Sides) -> Array:
        """Return what the training clips give of each right-hand side, (p, K)."""
        total = sum(sides.products[i] for i in self.train)
        found: Array = self.turn.T @ total / self.n
        return found

    def weights(self, sought: Array, penalty: Array) -> Array:
        """Return the weights in these coordinates, one penalty per right-hand side or for all."""
        found: Array = sought / (self.values[:, None] + penalty)
        return found


class Equations:
    """The clips of a study, and the equations of every set of them that trains; each solved once.

    Attributes
    ----------
    clips : their moments.
    """

    def __init__(self, clips: Sequence[ClipMoments]) -> None:
        """Solve nothing yet."""
        self.clips = list(clips)
        self._systems: dict[tuple[int, ...], _System] = {}
        self._turned: dict[tuple[tuple[int, ...], tuple[int, ...]], Array] = {}

    def system(self, train: Sequence[int]) -> _System:
        """Return the equations of these training clips."""
        key = tuple(train)
        if key not in self._systems:
            self._systems[key] = _System(self.clips, key)
        return self._systems[key]

    def turned(self, system: _System, held: Sequence[int]) -> Array:
        """Return the features of other clips in the coordinates of a system, (rows, p).

        Rows are frames, or as many rows as columns with the same sums of products.
        """
        key = (system.train, tuple(held))
        if key not in self._turned:
            rows = np.concatenate([self.clips[i].given for i in held]) @ system.turn
            if len(rows) > rows.shape[1]:
                rows = np.linalg.qr(rows, mode="r")
            self._turned[key] = rows
        return self._turned[key]


def _products(one: Array, other: Array) -> Array:
    """Sum of products down the columns of two tables."""
    found: Array = np.einsum("pk,pk->k", one, other)
    return found


def _squares(table: Array) -> Array:
    return _products(table, table)


def _inner(train: Sequence[int]) -> list[list[int]]:
    """Deal training clips into the inner folds that are held out in turn."""
    n = min(_INNER_FOLDS, len(train))
    return [list(train[i::n]) for i in range(n)]


def chosen_penalties(
    known: Equations, train: Sequence[int], sides: Sides, penalties: Sequence[float]
) -> Array:
    """Return for each right-hand side the penalty with the least squared error, (K,).

    Over inner folds of the training clips; of equal ones the largest.
    """
    ordered = np.sort(np.asarray(penalties, dtype=float))[::-1]
    n_sides = sides.products[train[0]].shape[1]
    if len(ordered) == 1:
        return np.full(n_sides, ordered[0])
    losses = np.zeros((len(ordered), n_sides))
    for held in _inner(train):
        system = known.system([i for i in train if i not in held])
        sought = system.sought(sides)
        rows = known.turned(system, held)
        xy = system.turn.T @ sum(sides.products[i] for i in held)
        for place, penalty in enumerate(ordered):
            weights = system.weights(sought, np.array(penalty))
            losses[place] += _squares(rows @ weights) - 2 * _products(weights, xy)
    found: Array = ordered[losses.argmin(axis=0)]
    return found


def left_out_scores(
    equations: Equations, train: Sides, test: Sides, penalties: Sequence[float]
) -> Array:
    """Predict every clip from the others and return Fisher's z of the correlation, (clips, K).

    Parameters
    ----------
    equations : of the clips.
    train, test : what the fits see, and what is predicted; the clip that is predicted is in no fit.
    penalties : to choose from.

    Returns
    -------
    NaN where a clip has no such rating or one that does not change, or where fewer than two others
    have one; 0 where the prediction does not change.
    """
    n_clips, n_sides = len(equations.clips), len(test.squares[0])
    found = np.full((n_clips, n_sides), np.nan)
    known = ~np.isnan(np.stack(train.squares))
    for clip in range(n_clips):
        others = np.delete(np.arange(n_clips), clip)
        wanted = test.squares[clip] > 0
        # Right-hand sides that lack the same clips have the same equations.
        patterns, which = np.unique(known[others], axis=1, return_inverse=True)
        for place, pattern in enumerate(patterns.T):
            here = np.flatnonzero((which == place) & wanted)
            trains = others[pattern].tolist()
            if len(trains) < LEAST_CLIPS - 1 or not len(here):
                continue
            for part in np.array_split(here, -(-len(here) // _AT_ONCE)):
                found[clip, part] = _predicted(
                    equations, clip, trains, train, test, part, penalties
                )
    return found


def _predicted(
    equations: Equations,
    clip: int,
    trains: Sequence[int],
    train: Sides,
    test: Sides,
    part: Array,
    penalties: Sequence[float],
) -> Array:
    """Fisher's z of one clip, predicted from others, for some right-hand sides."""
    fitted = train.columns(part)
    penalty = chosen_penalties(equations, trains, fitted, penalties)
    system = equations.system(trains)
    weights = system.weights(system.sought(fitted), penalty)
    xy = system.turn.T @ test.products[clip][:, part]
    spread = _squares(equations.turned(system, [clip]) @ weights)
    together = _products(weights, xy)
    moves = spread > 0
    r = np.divide(
        together,
        np.sqrt(np.maximum(spread, 0.0) * test.squares[clip][part]),
        out=np.zeros(len(part)),
        where=moves,
    )
    found: Array = np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R))
    return found


def mean_without(ratings: Array, left_out: Array) -> Array:
    """Return the mean rating of all viewers but some, (K, steps); NaN where nobody is left.

    Parameters
    ----------
    ratings : (viewers, steps).
    left_out : (K, viewers) bool.
    """
    kept = (~left_out).astype(float)
    n = kept.sum(axis=1, keepdims=True)
    none = np.full((len(kept), ratings.shape[1]), np.nan)
    found: Array = np.divide(kept @ ratings, n, out=none, where=n > 0)
    return found


def sides_of(
    clips: Sequence[ClipMoments], series: Sequence[Array], shifts: Array | None = None
) -> Sides:
    """Return the right-hand sides of each clip's series, (K, steps); shifts: (K, clips)."""
    made = [
        clip.sides(own, None if shifts is None else shifts[:, i])
        for i, (clip, own) in enumerate(zip(clips, series, strict=True))
    ]
    return Sides([products for products, _ in made], [squares for _, squares in made])


def people_of(rated: Sequence[RatedClip]) -> list[int]:
    """Return everybody who saw a clip, by number."""
    return sorted({viewer for clip in rated for viewer in clip.viewers})


def people_groups(people: Sequence[int]) -> list[set[int]]:
    """Return the groups of people that the jackknife leaves out: each alone, or 40 groups."""
    n = min(len(people), _GROUPS)
    return [set(people[i::n]) for i in range(n)]


def _are(viewers: Sequence[int], who: set[int]) -> Array:
    return np.array([viewer in who for viewer in viewers])


def mean_rating_scores(
    rated: Sequence[RatedClip],
    equations: Equations,
    left_out: Sequence[set[int]],
    penalties: Sequence[float],
) -> Array:
    """Return Fisher's z of the mean rating of each left-out clip, (clips, len(left_out)).

    Parameters
    ----------
    left_out : people who are in no mean; an empty set: nobody is left out.
    """
    means = [
        mean_without(clip.ratings, np.stack([_are(clip.viewers, who) for who in left_out]))
        for clip in rated
    ]
    sides = sides_of(equations.clips, means)
    return left_out_scores(equations, sides, sides, penalties)


def person_series(
    rated: Sequence[RatedClip], without: Sequence[int] | set[int] = ()
) -> tuple[list[Array], list[Array]]:
    """Return each person's ratings and the mean of the others', per clip (people, steps).

    Parameters
    ----------
    without : people in neither.

    Returns
    -------
    People as in `people_of`; NaN where there is no rating.
    """
    people = people_of(rated)
    left = [{who, *without} for who in people]
    series, others = [], []
    for clip in rated:
        own = np.full((len(people), clip.ratings.shape[1]), np.nan)
        own[[people.index(viewer) for viewer in clip.viewers]] = clip.ratings
        own[_are(people, set(without))] = np.nan
        series.append(own)
        others.append(
            mean_without(clip.ratings, np.stack([_are(clip.viewers, who) for who in left]))
        )
    return series, others


def person_scores(
    rated: Sequence[RatedClip],
    equations: Equations,
    penalties: Sequence[float],
    *,
    without: Sequence[int] | set[int] = (),
    shifts: Array | None = None,
) -> Array:
    """Return Fisher's z of each person's rating of each left-out clip.

    The kernel and its penalty come from the mean ratings that the *other* people gave to the
    *other* clips.

    Parameters
    ----------
    without : people who are neither predicted nor learned from.
    shifts : (draws, clips) steps by which the ratings of a clip are moved, the same for all.

    Returns
    -------
    (clips, people, draws); one draw without shifts. People as in `people_of`.
    """
    people = people_of(rated)
    series, others = person_series(rated, without)
    if shifts is None:
        test, train = sides_of(equations.clips, series), sides_of(equations.clips, others)
        return left_out_scores(equations, train, test, penalties)[:, :, None]
    found = np.empty((len(rated), len(people), len(shifts)))
    for begin in range(0, len(shifts), max(1, _AT_ONCE // len(people))):
        part = slice(begin, begin + max(1, _AT_ONCE // len(people)))
        n = len(shifts[part])
        moved = np.repeat(shifts[part], len(people), axis=0)
        test = sides_of(equations.clips, [np.tile(one, (n, 1)) for one in series], moved)
        train = sides_of(equations.clips, [np.tile(one, (n, 1)) for one in others], moved)
        z = left_out_scores(equations, train, test, penalties)
        found[:, :, part] = z.reshape(len(rated), n, len(people)).transpose(0, 2, 1)
    return found


def shifted_group_scores(
    rated: Sequence[RatedClip],
    equations: Equations,
    shifts: Array,
    penalties: Sequence[float],
) -> Array:
    """Return Fisher's z of mean ratings that are moved in time, each fitted anew, (clips, draws).

    Parameters
    ----------
    shifts : (draws, clips) steps.
    """
    found = np.empty((len(rated), len(shifts)))
    for begin in range(0, len(shifts), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        means = [np.tile(c.ratings.mean(axis=0), (len(shifts[part]), 1)) for c in rated]
        sides = sides_of(equations.clips, means, shifts[part])
        found[:, part] = left_out_scores(equations, sides, sides, penalties)
    return found


def mean_z(scores: Array) -> Array:
    """Return the mean over clips of the mean over people; NaN where no clip has a score.

    Parameters
    ----------
    scores : (clips, ...) of the group, or (clips, people, ...) of persons after `over_people`.
    """
    known = ~np.isnan(scores)
    n = known.sum(axis=0)
    total = np.where(known, scores, 0.0).sum(axis=0)
    found: Array = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    return found


def over_people(scores: Array) -> Array:
    """Return the mean over the people of each clip, (clips, ...), of (clips, people, ...)."""
    return np.stack([mean_z(clip) for clip in scores])


class Interval(NamedTuple):
    """A correlation: for other people and these clips, and for any clips of the kind."""

    r: float
    ci_low: float
    ci_high: float
    any_low: float
    any_high: float
    p_any: float
    p_value: float


def correlation_interval(
    z: Array, without: Array, null: Array, *, confidence: float, p_value: str
) -> Interval:
    """Return the mean correlation with both intervals and both p.

    Parameters
    ----------
    z : (clips,) Fisher's z of each left-out clip.
    without : (groups,) mean z without each person or group of people.
    null : (draws,) mean z of ratings that are moved in time.
    confidence, p_value : level of the intervals; how p is counted from draws.

    Returns
    -------
    Interval : ci of the jackknife over people; any_low, any_high and p_any of the corrected t over
        clips (missing with fewer than two); p_value of the shifts. Missing where z is.
    """
    mean = float(mean_z(z))
    if np.isnan(mean):
        return Interval(*(np.nan for _ in Interval._fields))
    low, high = np.nan, np.nan
    if not np.isnan(without).any():
        low, high = jackknife_interval(mean, without, confidence)
    over_clips = corrected_fold_test(z, 0.0, confidence)
    low, high, any_low, any_high = np.tanh([low, high, over_clips.ci_low, over_clips.ci_high])
    known = null[~np.isnan(null)]
    p = float(exceedance(known, np.array(mean), p_value)) if len(known) else np.nan
    r = float(np.tanh(mean))
    return Interval(r, low, high, any_low, any_high, over_clips.p_value, p)


def fit_kernel(
    equations: Equations,
    sides: Sides,
    shifted: Sides | None,
    window: Array,
    penalties: Sequence[float],
) -> tuple[Array, Array, Array]:
    """Fit the kernel of the mean rating to all clips, to all but one, and to moved ratings.

    Parameters
    ----------
    sides : one right-hand side, the mean rating of each clip.
    shifted : the same moved in time, (draws); None: none.
    window : (p,) bool: the weights whose mean is looked at.

    Returns
    -------
    weights (p,), without each clip (clips, p), and the mean of the window in every draw (draws,):
    SDs of the rating per SD of a feature.
    """
    every = list(range(len(equations.clips)))
    weights = _kernel(equations, every, sides, penalties)[:, 0]
    without = np.stack(
        [
            _kernel(equations, [i for i in every if i != clip], sides, penalties)[:, 0]
            for clip in every
        ]
    )
    if shifted is None or not window.any():
        return weights, without, np.empty(0)
    n = len(shifted.squares[0])
    parts = np.array_split(np.arange(n), -(-n // _AT_ONCE))
    drawn = [_kernel(equations, every, shifted.columns(part), penalties)[window] for part in parts]
    return weights, without, np.concatenate([part.mean(axis=0) for part in drawn])


def _kernel(
    equations: Equations, train: Sequence[int], sides: Sides, penalties: Sequence[float]
) -> Array:
    """Weights of each right-hand side in SDs of the rating per SD of a feature, (p, K)."""
    penalty = chosen_penalties(equations, train, sides, penalties)
    system = equations.system(train)
    weights = system.vectors @ system.weights(system.sought(sides), penalty)
    spread = np.sqrt(np.stack([sides.squares[i] for i in train]).sum(axis=0) / system.n)
    still = system.scale == 0
    weights[still] = 0.0
    found: Array = np.divide(weights, spread, out=np.zeros_like(weights), where=spread > 0)
    return found
