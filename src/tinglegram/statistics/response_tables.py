"""Tables of the temporal response function: predictions, kernel, people, and published claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.inference.jackknife import jackknife_error
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import Use, exceedance
from tinglegram.statistics.response_function import (
    LEAST_CLIPS,
    Array,
    ClipMoments,
    Equations,
    Interval,
    RatedClip,
    ResponseFunction,
    block_means,
    correlation_interval,
    fit_kernel,
    lag_range,
    mean_rating_scores,
    mean_z,
    over_people,
    people_groups,
    people_of,
    person_scores,
    shifted_group_scores,
    sides_of,
)

ENVELOPE, LUMINANCE, MOTION = "envelope", "luminance", "motion"
SOUND, PICTURE, BOTH = "sound", "picture", "sound_and_picture"
# Sets of features that are fitted, and the kinds of features in them.
FEATURE_SETS = {
    SOUND: (ENVELOPE,),
    PICTURE: (LUMINANCE, MOTION),
    BOTH: (ENVELOPE, LUMINANCE, MOTION),
}
EVERY_CLIP = "all"
# ASSUMPTION: with fewer frames than this a clip says nothing of a kernel of several seconds.
LEAST_FRAMES = 20


@dataclass(frozen=True)
class CourseColumn:
    """One column of features: its kind, and the centre of its band (NaN: none)."""

    kind: str
    centre_hz: float = np.nan


@dataclass(frozen=True, eq=False)
class MeasuredClip:
    """What was measured of a clip on the grid.

    Attributes
    ----------
    columns : what each column is.
    values : (steps, columns).
    sound_hz : sampling rate of its sound; NaN: it has none.
    """

    columns: tuple[CourseColumn, ...]
    values: Array
    sound_hz: float = np.nan

    def chosen(self, kinds: Sequence[str]) -> tuple[tuple[CourseColumn, ...], Array] | None:
        """Return the columns of these kinds; None where one kind is missing."""
        where = [i for i, feature in enumerate(self.columns) if feature.kind in kinds]
        columns = tuple(self.columns[i] for i in where)
        if {feature.kind for feature in columns} != set(kinds):
            return None
        return columns, self.values[:, where]


def measured_clip(arrays: Mapping[str, Array]) -> MeasuredClip:
    """Return what `tinglegram.stimuli.courses.measure_courses` measured of a clip.

    Parameters
    ----------
    arrays : of its file: bands, centre_hz and sound_hz, luminance and motion, where it has them.
    """
    columns: list[CourseColumn] = []
    parts: list[Array] = []
    if "bands" in arrays:
        columns += [CourseColumn(ENVELOPE, float(hz)) for hz in arrays["centre_hz"]]
        parts += list(arrays["bands"].T)
    for kind in (LUMINANCE, MOTION):
        if kind in arrays:
            columns.append(CourseColumn(kind))
            parts.append(arrays[kind])
    rate = float(arrays["sound_hz"]) if "sound_hz" in arrays else np.nan
    return MeasuredClip(tuple(columns), np.column_stack(parts), rate)


@dataclass(frozen=True)
class ResponseClaim:
    """A published weight of the response function.

    Attributes
    ----------
    near_hz, octaves : bands whose centre is within so many octaves of this frequency.
    lags_s : first and last seconds from the feature to the response.
    sign : of the weight, -1 or 1.
    least_hz : a sound sampled at less has no such bands.
    """

    name: str
    statistic: str
    source: str
    near_hz: float
    octaves: float
    lags_s: tuple[float, float]
    sign: Literal[-1, 1]
    least_hz: float


# "predominantly by the envelope of frequencies near 5 kHz in the 1500 to 750 ms period before the
# response: stronger tingling was associated with a lower amplitude" (abstract).
# ASSUMPTION: near is a third of an octave to either side.
TERASHIMA = ResponseClaim(
    "terashima_2024_5khz",
    "mean weight of envelopes within 1/3 octave of 5 kHz, 0.75 to 1.5 s before the rating",
    "Terashima et al. 2024, doi:10.1098/rstb.2023.0254",
    5000.0,
    1 / 3,
    (0.75, 1.5),
    -1,
    12000.0,
)
CLAIMED = (TERASHIMA,)


@dataclass(frozen=True)
class Inference:
    """Level of intervals, how p is counted, and the seed of the shifts."""

    confidence: float
    p_value: str
    seed: int


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """The clips that have one set of features, with their ratings and their moments."""

    name: str
    columns: tuple[CourseColumn, ...]
    lags: range
    step_s: float
    videos: list[str]
    rated: list[RatedClip]
    equations: Equations

    @property
    def n_clips(self) -> int:
        """How many clips there are."""
        return len(self.rated)

    def window(self, claim: ResponseClaim) -> Array:
        """Return which weights a claim is about, (lags * columns,)."""
        octaves = np.abs(np.log2([feature.centre_hz / claim.near_hz for feature in self.columns]))
        near = octaves <= claim.octaves + 1e-9
        seconds = np.array(self.lags) * self.step_s
        first, last = claim.lags_s
        at = (seconds >= first - 1e-9) & (seconds <= last + 1e-9)
        return np.outer(at, near).ravel()


def feature_set(
    name: str,
    features: Mapping[str, MeasuredClip],
    ratings: Mapping[str, pd.DataFrame],
    grid: int,
    fit: ResponseFunction,
) -> FeatureSet | None:
    """Lay out the clips that have a set of features.

    Parameters
    ----------
    name : one of `FEATURE_SETS`.
    features : clip -> its features.
    ratings : clip -> viewers (rows) by steps, `tinglegram.behaviour.agreement.viewers_by_steps`.
    grid : steps per second, Hz.
    fit : lags, step and trend.

    Returns
    -------
    None where no clip has the features and viewers, and is long enough.
    """
    factor = max(1, round(fit.response_step * grid))
    lags = lag_range(*fit.response_lags, factor / grid)
    videos: list[str] = []
    rated: list[RatedClip] = []
    columns: tuple[CourseColumn, ...] = ()
    for video, measured in features.items():
        chosen, table = measured.chosen(FEATURE_SETS[name]), ratings.get(video)
        if chosen is None or table is None or table.empty:
            continue
        steps = min(len(chosen[1]), table.shape[1])
        values = block_means(chosen[1][:steps].astype(float), factor)
        given = _blocks(table, steps, factor)
        if len(values) - (lags[-1] - min(lags[0], 0)) < LEAST_FRAMES:
            continue
        columns = chosen[0]
        videos.append(video)
        rated.append(RatedClip(values, given, tuple(map(int, table.index))))
    if not videos:
        return None
    clips = [ClipMoments(clip.features, lags, fit.response_trend) for clip in rated]
    return FeatureSet(name, columns, lags, factor / grid, videos, rated, Equations(clips))


def _blocks(table: pd.DataFrame, steps: int, factor: int) -> Array:
    """Return ratings averaged over blocks of steps, (viewers, blocks)."""
    found: Array = block_means(table.to_numpy(float)[:, :steps].T, factor).T
    return found


def rated_by_others(
    of: FeatureSet, ratings: Mapping[str, pd.DataFrame], grid: int
) -> list[RatedClip]:
    """Return the clips of a set of features as other people rate them, whole as before.

    Parameters
    ----------
    ratings, grid : as for `feature_set`.
    """
    factor = round(of.step_s * grid)
    return [
        RatedClip(
            clip.features,
            _blocks(ratings[video], len(clip.features) * factor, factor),
            tuple(map(int, ratings[video].index)),
        )
        for video, clip in zip(of.videos, of.rated, strict=True)
    ]


def function_rows(
    of: FeatureSet, fit: ResponseFunction, inference: Inference
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return how well left-out clips, and left-out people, are predicted, and each person's r.

    Returns
    -------
    Rows of response_function.tsv, and of response_people.tsv.
    """
    people, penalties = people_of(of.rated), fit.response_penalties
    about = {"features": of.name, "n_clips": of.n_clips, "n_people": len(people)}
    if of.n_clips < LEAST_CLIPS:
        empty = dict.fromkeys(Interval._fields, np.nan)
        blank = [{"target": t, "video": EVERY_CLIP} | about | empty for t in ("group", "person")]
        return blank, []
    shifts = _shifts(of, fit, inference)
    groups = people_groups(people)
    scores = mean_rating_scores(of.rated, of.equations, [set(), *groups], penalties)
    null = shifted_group_scores(of.rated, of.equations, shifts, penalties)
    rows = _target_rows("group", of, about, scores[:, 0], scores[:, 1:], null, inference)
    if len(people) < 2:
        return rows, []
    own = person_scores(of.rated, of.equations, penalties)[:, :, 0]
    left = [
        over_people(person_scores(of.rated, of.equations, penalties, without=group))[:, 0]
        for group in groups
    ]
    moved = over_people(person_scores(of.rated, of.equations, penalties, shifts=shifts))
    rows += _target_rows(
        "person", of, about, over_people(own), np.stack(left, axis=1), moved, inference
    )
    return rows, [
        {"subject": who, "features": of.name, "n_clips": int(n), "r": float(np.tanh(z))}
        for who, n, z in zip(people, (~np.isnan(own)).sum(axis=0), mean_z(own), strict=True)
    ]


def _shifts(of: FeatureSet, fit: ResponseFunction, inference: Inference) -> Array:
    # One stream for all sets of the same clips, apart from those of other statistics.
    seeds = np.random.SeedSequence([inference.seed, int(Use.RESPONSE_SHIFTS)])
    generator = np.random.default_rng(seeds)
    lengths = [clip.steps for clip in of.equations.clips]
    return draw_clip_shifts(lengths, fit.response_shifts, generator)[1:]


def _target_rows(
    target: str,
    of: FeatureSet,
    about: Mapping[str, Any],
    z: Array,
    without: Array,
    null: Array,
    inference: Inference,
) -> list[dict[str, Any]]:
    """Return the row of all clips and that of each, of (clips, ...) scores.

    What one clip gives is no evidence of its own (one of four would be found by chance in 19 % of
    studies), so its row has r alone.
    """

    def row(video: str, which: Array, n_clips: int, n_people: int) -> dict[str, Any]:
        found = correlation_interval(
            z[which],
            mean_z(without[which]),
            mean_z(null[which]),
            confidence=inference.confidence,
            p_value=inference.p_value,
        )
        numbers = found._asdict()
        if video != EVERY_CLIP:
            numbers = dict.fromkeys(numbers, np.nan) | {"r": found.r}
        return {
            "target": target,
            "video": video,
            **about,
            "n_clips": n_clips,
            "n_people": n_people,
            **numbers,
        }

    n = len(z)
    rows = [row(EVERY_CLIP, np.arange(n), about["n_clips"], about["n_people"])]
    for place, (video, clip) in enumerate(zip(of.videos, of.rated, strict=True)):
        rows.append(row(video, np.array([place]), 1, len(clip.viewers)))
    return rows


def response_function_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return response_function.tsv: target, features, video, the numbers, n, and p corrected.

    Corrected are the p of all clips together, over targets and sets of features.
    """
    columns = ["target", "features", "video", *Interval._fields, "n_clips", "n_people"]
    table = pd.DataFrame([dict(row) for row in rows], columns=columns)
    whole = table["video"] == EVERY_CLIP
    family = adjust(table.loc[whole, "p_value"], "all response functions")
    return table.join(family)


def people_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return response_people.tsv: subject, features, n_clips, r."""
    return pd.DataFrame([dict(r) for r in rows], columns=["subject", "features", "n_clips", "r"])


def kernel_and_claims(
    of: FeatureSet, sound_hz: float, fit: ResponseFunction, inference: Inference
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the kernel of the mean rating, and the claims that are about sound.

    Parameters
    ----------
    sound_hz : lowest sampling rate of the sound of these clips.

    Returns
    -------
    Rows of response_kernel.tsv, and of response_claims.tsv (of the set `sound` alone).
    """
    if of.n_clips < LEAST_CLIPS:
        reason = f"{of.n_clips} clips with sound and ratings; {LEAST_CLIPS} are needed"
        return [], _unknown(reason, of.n_clips) if of.name == SOUND else []
    sides = sides_of(of.equations.clips, [clip.ratings.mean(axis=0)[None] for clip in of.rated])
    shifts = _shifts(of, fit, inference)
    moved = None
    if of.name == SOUND:
        means = [np.tile(c.ratings.mean(axis=0), (len(shifts), 1)) for c in of.rated]
        moved = sides_of(of.equations.clips, means, shifts)
    claims = []
    # A set without claims is fitted once, without any window.
    for claim in CLAIMED:
        window = of.window(claim)
        weights, without, drawn = fit_kernel(
            of.equations, sides, moved, window, fit.response_penalties
        )
        if of.name == SOUND:
            claims.append(claim_row(claim, window, weights, without, drawn, sound_hz, inference))
    shape = (len(of.lags), len(of.columns))
    errors = jackknife_error(without).reshape(shape)
    rows = [
        {
            "features": of.name,
            "feature": feature.kind,
            "centre_hz": feature.centre_hz,
            "lag_s": round(lag * of.step_s, 9),
            "weight": float(weights.reshape(shape)[i, j]),
            "se": float(errors[i, j]),
            "n_clips": of.n_clips,
        }
        for j, feature in enumerate(of.columns)
        for i, lag in enumerate(of.lags)
    ]
    return rows, claims


def claim_row(
    claim: ResponseClaim,
    window: Array,
    weights: Array,
    without: Array,
    drawn: Array,
    sound_hz: float,
    inference: Inference,
) -> dict[str, Any]:
    """Test one claim: mean weight, its error over clips (descriptive), p of shifts, and a verdict.

    The weight has no interval: how far ridge shrinks it differs from fit to fit, so that a t
    interval of the jackknife covers 58 to 99 % in simulated studies.

    Parameters
    ----------
    window : (p,) which weights.
    weights, without, drawn : of `tinglegram.statistics.response_function.fit_kernel`.
    sound_hz : lowest sampling rate of the clips' sound.
    """
    n = len(without)
    if sound_hz < claim.least_hz:
        reason = f"sound of {sound_hz:g} Hz; {claim.least_hz:g} Hz are needed"
        return _unknown_row(claim, reason, n)
    if not window.any():
        return _unknown_row(claim, "no band and lag of the kernel lie in the window", n)
    value = float(weights[window].mean())
    left = without[:, window].mean(axis=1)
    signed = claim.sign * drawn
    p = float(exceedance(signed, np.array(claim.sign * value), inference.p_value))
    two_sided = float(exceedance(np.abs(drawn), np.array(abs(value)), inference.p_value))
    alpha = 1 - inference.confidence
    verdict = "not shown"
    if p <= alpha:
        verdict = "supported"
    elif two_sided <= alpha and claim.sign * value < 0:
        verdict = "opposite"
    return {
        **_named(claim),
        "value": value,
        "se": float(jackknife_error(left)),
        "p_value": p,
        "p_two_sided": two_sided,
        "n_clips": n,
        "verdict": verdict,
        "reason": "",
    }


def _named(claim: ResponseClaim) -> dict[str, Any]:
    sign = "negative" if claim.sign < 0 else "positive"
    return {
        "claim": claim.name,
        "statistic": claim.statistic,
        "expected": sign,
        "source": claim.source,
    }


def _unknown_row(claim: ResponseClaim, reason: str, n_clips: int) -> dict[str, Any]:
    missing = dict.fromkeys(("value", "se", "p_value", "p_two_sided"), np.nan)
    return {
        **_named(claim),
        **missing,
        "n_clips": n_clips,
        "verdict": "not computable",
        "reason": reason,
    }


def _unknown(reason: str, n_clips: int) -> list[dict[str, Any]]:
    return [_unknown_row(claim, reason, n_clips) for claim in CLAIMED]


@dataclass(frozen=True)
class ResponseTables:
    """The four tables of the temporal response function, and clips that are in none.

    Attributes
    ----------
    left_out : clips that nobody saw or that are too short for the lags.
    """

    function: pd.DataFrame
    people: pd.DataFrame
    kernel: pd.DataFrame
    claims: pd.DataFrame
    left_out: tuple[str, ...]


def response_tables(
    features: Mapping[str, MeasuredClip],
    ratings: Mapping[str, pd.DataFrame],
    *,
    grid: int,
    fit: ResponseFunction,
    inference: Inference,
) -> ResponseTables:
    """Return predictions, people, kernels and claims of all sets of features that clips have.

    Parameters
    ----------
    features, ratings, grid, fit : as for `feature_set`; clips of one kind.
    inference : intervals and shifts.
    """
    rows: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    kernel: list[dict[str, Any]] = []
    fitted: set[str] = set()
    claims = _unknown("no clip with sound and ratings", 0)
    for name in FEATURE_SETS:
        of = feature_set(name, features, ratings, grid, fit)
        if of is None:
            continue
        fitted |= {*of.videos}
        scored, each = function_rows(of, fit, inference)
        rates = [features[video].sound_hz for video in of.videos]
        weights, tested = kernel_and_claims(of, float(np.min(rates)), fit, inference)
        rows, people, kernel = rows + scored, people + each, kernel + weights
        claims = tested or claims
    columns = ["features", "feature", "centre_hz", "lag_s", "weight", "se", "n_clips"]
    return ResponseTables(
        response_function_table(rows),
        people_table(people),
        pd.DataFrame(kernel, columns=columns),
        pd.DataFrame(claims),
        tuple(video for video in features if video not in fitted),
    )
