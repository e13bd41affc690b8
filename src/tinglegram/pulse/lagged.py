"""Coupling of a measure to the rating at several lags, with a correction for the largest one.

A response of the heart follows the sensation by seconds. To look at many lags and take the largest
correlation finds something anywhere; its p is therefore that of the largest one in reports that are
moved in time, as the maximum over tests corrects for their number (Nichols & Holmes, 2002,
doi:10.1002/hbm.1058). Reports move clip by clip, for all viewers alike, which also allows for the
autocorrelation of both series and for what viewers of a clip share
(`tinglegram.pulse.moved_reports`). Neither people nor clips are drawn: p speaks of these people
and clips.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import Permutations, Use
from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.pulse.moved_reports import (
    ONE_CLIP,
    ClipViews,
    in_parts,
    mean_of_rows,
    only_viewers,
    rows_of_places,
    summed_over_clips,
    untested,
    views_of,
    without_course,
)
from tinglegram.settings import SWITCH, section

LAG_COLUMNS = (
    "condition",
    "measure",
    "lag_s",
    "r_mean",
    "band_low",
    "band_high",
    "largest",
    "p_value",
    "n_participants",
    "n_clips",
    "n_shifts",
    "reason",
)
# A spread of less than this share of a person's squares is rounding: the series does not change.
_LEAST_SPREAD = 1e-8
_NOBODY = "nobody has a correlation: too few windows, or a series never changes"
_LARGEST_R = np.nextafter(1.0, 0.0)


@section("pulse")
class LaggedCoupling:
    """At which lags the coupling is looked at, and whether it is."""

    coupling_lags: Annotated[
        tuple[float, float],
        "First and last lag, s, at which the pulse is held against the rating; above 0: the pulse "
        "follows it.",
    ] = (-2.0, 8.0)
    lagged_coupling: Annotated[
        Literal["none", "shifted_clips"],
        SWITCH,
        "Whether the pulse is held against the rating at several lags and averaged around reported "
        "onsets and offsets, both against reports that are moved in time, clip by clip.",
    ]


class LaggedZ(NamedTuple):
    """Mean Fisher z over participants at each lag, after each shift; the first is the observed one.

    Attributes
    ----------
    mean : (1 + shifts, lags); NaN where nobody has a correlation.
    n : (1 + shifts, lags) how many participants have one.
    """

    mean: np.ndarray
    n: np.ndarray


def steps_between(lags: tuple[float, float], step: float) -> np.ndarray:
    """Return the lags from first to last as whole steps of the windows, (lags,) int."""
    first, last = (round(lag / step, 9) for lag in lags)
    return np.arange(int(np.ceil(first)), int(np.floor(last)) + 1)


def ranked_views(clips: Sequence[ClipViews]) -> list[ClipViews]:
    """Return clips whose values and ratings are ranks, less the mean of each showing.

    Ranks are those of a participant over all these clips, as in Spearman's correlation. The mean of
    each showing goes, since to move a showing in time says nothing about it.
    """
    n_viewers = 1 + max(int(clip.viewer.max()) for clip in clips)
    made = {name: [getattr(clip, name).copy() for clip in clips] for name in ("values", "ratings")}
    for series in made.values():
        for viewer in range(n_viewers):
            own = [clip.viewer == viewer for clip in clips]
            parts = [part[rows] for part, rows in zip(series, own, strict=True)]
            joined = np.concatenate([part.ravel() for part in parts])
            ranks = scipy.stats.rankdata(joined, nan_policy="omit")
            ends = np.cumsum([part.size for part in parts])[:-1]
            for part, rows, ranked in zip(series, own, np.split(ranks, ends), strict=True):
                part[rows] = ranked.reshape(-1, part.shape[1])
    return [
        replace(clip, values=values - mean_of_rows(values), ratings=ratings - mean_of_rows(ratings))
        for clip, values, ratings in zip(clips, made["values"], made["ratings"], strict=True)
    ]


def moments_by_shift(clip: ClipViews, lags: np.ndarray, n_viewers: int) -> np.ndarray:
    """Return the sums behind the correlations of each viewer, for every shift of the ratings.

    A window is held against the rating of the window `lag` before it; both lie in the clip, so no
    lag reaches across its ends. Ratings are moved in a circle before the lag is applied.

    Parameters
    ----------
    clip : values and ratings.
    lags : (lags,) int windows.
    n_viewers : participants that the rows are numbered by.

    Returns
    -------
    (windows, viewers, lags, 6) : number of pairs, and sums of x, y, x^2, y^2 and xy, with x the
        values and y the ratings. Showings of one viewer are added.
    """
    width = clip.values.shape[1]
    table = np.zeros((width, n_viewers, len(lags), 6))
    has_x, has_y = ~np.isnan(clip.values), ~np.isnan(clip.ratings)
    x, y = (np.where(has, part, 0.0) for has, part in ((has_x, clip.values), (has_y, clip.ratings)))
    moved = [np.conj(scipy.fft.rfft(part, axis=1)) for part in (has_y.astype(float), y, y * y)]
    for number, lag in enumerate(lags):
        inside = (np.arange(width) >= lag) & (np.arange(width) < width + lag)
        held = [scipy.fft.rfft(part * inside, axis=1) for part in (has_x, x, x * x)]
        # n, x, y, xx, yy, xy: which of the values' powers meets which of the ratings'.
        for which, (a, b) in enumerate(((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))):
            # At u: the sum over t of held(t) moved(t - u); the lag and the shift add up.
            products = scipy.fft.irfft(held[a] * moved[b], width, axis=1)
            found = np.roll(products, -int(lag), axis=1)
            np.add.at(table[:, :, number, which].T, clip.viewer, found)
    table[..., 0] = np.rint(table[..., 0])
    return table


def correlations_of(moments: np.ndarray, minimum_windows: int) -> np.ndarray:
    """Return Pearson's r of sums, NaN where there are too few pairs or a series does not change.

    Parameters
    ----------
    moments : (..., 6) of `moments_by_shift`.
    minimum_windows : more pairs than this are needed.
    """
    n, x, y, xx, yy, xy = np.moveaxis(moments, -1, 0)
    some = np.maximum(n, 1)
    spread_x, spread_y = xx - x * x / some, yy - y * y / some
    changes = (spread_x > _LEAST_SPREAD * (xx + 1)) & (spread_y > _LEAST_SPREAD * (yy + 1))
    defined = (n > minimum_windows) & changes
    scale = np.sqrt(np.where(defined, spread_x * spread_y, 1.0))
    r: np.ndarray = np.where(defined, (xy - x * y / some) / scale, np.nan)
    return r


def lagged_z(
    clips: Sequence[ClipViews],
    lags: np.ndarray,
    shifts: np.ndarray,
    *,
    n_viewers: int,
    minimum_windows: int,
) -> LaggedZ:
    """Return the mean Fisher z at every lag, after each shift of the clips' ratings.

    Parameters
    ----------
    clips : of one condition, of `ranked_views`.
    lags : (lags,) int windows.
    shifts : (shifts, clips) int windows, of `draw_clip_shifts`.
    """
    total = np.zeros((len(shifts), len(lags)))
    n = np.zeros_like(total)
    widest = max(clip.values.shape[1] for clip in clips)
    for viewers in in_parts(n_viewers, widest * len(lags) * 6):
        tables = [moments_by_shift(only_viewers(c, viewers), lags, len(viewers)) for c in clips]
        for part in in_parts(len(shifts), tables[0][0].size):
            rows = slice(part.start, part.stop)
            r = correlations_of(summed_over_clips(tables, shifts[rows]), minimum_windows)
            z = np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R))
            n[rows] += np.sum(~np.isnan(z), axis=1)
            total[rows] += np.nansum(z, axis=1)
    mean = np.divide(total, n, out=np.full_like(total, np.nan), where=n > 0)
    return LaggedZ(mean, n)


def lag_table(
    windows: pd.DataFrame,
    conditions: Sequence[str],
    *,
    lags: tuple[float, float],
    step: float,
    minimum_windows: int,
    permutations: Permutations,
) -> pd.DataFrame:
    """Correlate the pulse rate with the rating at every lag, and test the largest correlation.

    Parameters
    ----------
    windows : see `tinglegram.pulse.moved_reports.views_of`, with pulse_rate_bpm. Not RMSSD: of a
        few seconds it is mostly noise.
    conditions : in the order to report.
    lags, step : first and last lag, and the windows' step, s.
    minimum_windows : a participant needs more pairs of windows than this at a lag.
    permutations : random shifts, and how p is counted.

    Returns
    -------
    pandas.DataFrame
        `LAG_COLUMNS`, then p_holm, p_bh, family. A condition has a row for each lag: r_mean (mean
        Fisher z over participants, back as r), the band that this many of the shifts stay in
        (confidence, at that lag alone), largest (the lag at which the mean z departs most from the
        mean of the shifts, in their SDs) and, in the row of the largest, p: the share of
        shifts whose own largest departure over all lags reaches it. Where fewer than two people
        have a correlation, and with one clip, there is one row with the reason.
    """
    steps = steps_between(lags, step)
    rows = []
    clips, subjects = views_of(windows, PULSE_RATE.column, step)
    generator = permutations.stream(Use.CLIP_LAGS)
    for condition in conditions:
        own = [clip for clip in clips if clip.condition == condition]
        named = {"condition": condition, "measure": PULSE_RATE.name, "n_clips": len(own)}
        if len(own) < 2:
            rows.append(named | untested(ONE_CLIP if own else _NOBODY))
            continue
        lengths = [clip.values.shape[1] for clip in own]
        shifts = draw_clip_shifts(lengths, permutations.permutations, generator)
        found = lagged_z(
            ranked_views(without_course(own)),
            steps,
            shifts,
            n_viewers=len(subjects),
            minimum_windows=minimum_windows,
        )
        at_lags = rows_of_places(
            *found,
            permutations,
            "r_mean",
            back=np.tanh,
            nobody=_NOBODY,
            lacking="a correlation",
            lag_s=steps * step,
        )
        rows += [named | row for row in at_lags]
    table = pd.DataFrame(rows, columns=list(LAG_COLUMNS))
    return table.join(adjust(table["p_value"], "largest lag of each condition"))
