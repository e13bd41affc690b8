"""A measure averaged around reported onsets and offsets, against reports that are moved in time.

An event-locked average says how the pulse goes before and after a report. Its band is what the same
average gives when the reports of each clip are moved in a circle, by the same step for all viewers
(`tinglegram.pulse.moved_reports`): neither a pulse that changes slowly nor a clip that everybody's
pulse follows stands out of it by itself. One p is for the largest departure at any time
(Nichols & Holmes, 2002, doi:10.1002/hbm.1058). It speaks of these people and clips: neither are
drawn.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import Permutations, Use
from tinglegram.pulse.lagged import steps_between
from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.pulse.moved_reports import (
    ONE_CLIP,
    ClipViews,
    in_parts,
    rows_of_places,
    summed_over_clips,
    untested,
    views_of,
    without_course,
)
from tinglegram.settings import section

EDGES = ("onset", "offset")
LOCKED_COLUMNS = (
    "condition",
    "measure",
    "edge",
    "time_s",
    "mean_change",
    "band_low",
    "band_high",
    "largest",
    "p_value",
    "n_events",
    "n_participants",
    "n_cut_short",
    "n_shifts",
    "reason",
)


@section("pulse")
class LockedAverage:
    """Around reported onsets and offsets, how long the pulse is averaged."""

    locked_window: Annotated[
        tuple[float, float],
        "First and last time, s after a reported onset or offset, at which the pulse is averaged.",
    ] = (-5.0, 10.0)


class ClipEvents(NamedTuple):
    """Reported onsets or offsets of one clip.

    Attributes
    ----------
    row : (events,) showing of each, a row of the clip's `ClipViews`.
    step : (events,) step of the grid.
    length : steps of the clip, the longest among its showings.
    """

    row: np.ndarray
    step: np.ndarray
    length: int


class WindowPlaces(NamedTuple):
    """How windows lie on the grid: steps per second, their length and step, s."""

    grid: float
    window: float
    step: float


class LockedMean(NamedTuple):
    """Mean over participants at each time, after each shift; the first is the observed one.

    Attributes
    ----------
    mean : (1 + shifts, times); NaN where no event reaches.
    n_events, n_participants : (1 + shifts, times) those that have a value there.
    """

    mean: np.ndarray
    n_events: np.ndarray
    n_participants: np.ndarray


def reported_edges(reported: np.ndarray) -> dict[str, np.ndarray]:
    """Return the steps of one showing at which a report begins and at which it ends.

    A report that is there at the start has no onset, one that lasts to the end no offset, as in
    `tinglegram.statistics.events.edges`.

    Parameters
    ----------
    reported : (steps,) bool, in order of time.
    """
    change = np.diff(reported.astype(np.int8))
    return {"onset": np.flatnonzero(change == 1) + 1, "offset": np.flatnonzero(change == -1) + 1}


def events_of(
    ratings: pd.DataFrame, clips: Sequence[ClipViews], subjects: Sequence[int], above: float
) -> dict[str, list[ClipEvents]]:
    """Return edge -> the events of each clip, of the showings that have windows.

    Parameters
    ----------
    ratings : subject, video, order, step, rating: one row per step of every trial.
    clips, subjects : of `views_of`.
    above : a rating above this is a report.
    """
    found: dict[str, list[ClipEvents]] = {edge: [] for edge in EDGES}
    for clip in clips:
        own = ratings[ratings["video"] == clip.video].sort_values("step")
        showings: dict[tuple[int, int], np.ndarray] = {}
        for (subject, place), rows in own.groupby(["subject", "order"]):
            reported = rows["rating"].to_numpy() > above
            showings[int(str(subject)), int(str(place))] = reported
            # Windows of who was shown the clip once do not say when.
            showings.setdefault((int(str(subject)), -1), reported)
        empty = np.zeros(0, dtype=bool)
        asked = zip([subjects[viewer] for viewer in clip.viewer], clip.order.tolist(), strict=True)
        edges = [reported_edges(showings.get(key, empty)) for key in asked]
        length = int(own["step"].max()) + 1 if len(own) else 1
        for edge in EDGES:
            steps = [one[edge] for one in edges]
            row = np.repeat(np.arange(len(steps)), [len(one) for one in steps])
            found[edge].append(ClipEvents(row, np.concatenate(steps), length))
    return found


def values_around(
    clip: ClipViews,
    events: ClipEvents,
    times: np.ndarray,
    shifts: np.ndarray,
    places: WindowPlaces,
) -> np.ndarray:
    """Return the values around each event, (events, shifts, times); NaN where there is none.

    The value at a time is that of the window whose middle is nearest to it. Beyond the ends of a
    clip there is none.

    Parameters
    ----------
    clip : values, (rows, windows).
    events : of the clip; they are moved in a circle of its length.
    times : (times,) int windows after an event.
    shifts : (shifts,) steps of the grid.
    places : of the windows.
    """
    width = clip.values.shape[1]
    moved = (events.step[:, None] + shifts) % events.length
    # Rounded, since seconds of whole steps are inexact and half-way between two windows is usual.
    near = np.floor(
        np.round((moved / places.grid - places.window / 2) / places.step, 9) + 0.5
    ).astype(int)
    place = near[..., None] + times
    inside = (place >= 0) & (place < width)
    held = clip.values[events.row[:, None, None], np.clip(place, 0, width - 1)]
    return np.where(inside, held, np.nan)


def locked_mean(
    clips: Sequence[ClipViews],
    events: Sequence[ClipEvents],
    times: np.ndarray,
    shifts: np.ndarray,
    places: WindowPlaces,
    n_viewers: int,
) -> LockedMean:
    """Return the mean around events: over those of each participant, then over participants.

    Parameters
    ----------
    clips : of one condition, of `without_course`.
    events : of each of them.
    times, places : see `values_around`.
    shifts : (shifts, clips) steps of the grid, of `draw_clip_shifts`.
    n_viewers : participants of the study.
    """
    size = len(shifts), len(times)
    total, n_people, n_events = np.zeros((3, *size))
    longest = max(one.length for one in events)
    for viewers in in_parts(n_viewers, longest * len(times) * 2):
        tables = []
        for clip, own in zip(clips, events, strict=True):
            table = np.zeros((own.length, len(viewers), len(times), 2))
            every = np.arange(own.length)
            for row in np.unique(own.row):
                if clip.viewer[row] not in viewers:
                    continue
                # What an event at each step of the clip would have around it.
                first = ClipEvents(np.array([row]), np.zeros(1, dtype=int), own.length)
                placed = values_around(clip, first, times, every, places)[0]
                known = ~np.isnan(placed)
                both = np.stack([np.where(known, placed, 0.0), known], axis=-1)
                viewer = clip.viewer[row] - viewers.start
                for at in own.step[own.row == row]:
                    table[: own.length - at, viewer] += both[at:]
                    table[own.length - at :, viewer] += both[:at]
            tables.append(table)
        for part in in_parts(len(shifts), tables[0][0].size):
            rows = slice(part.start, part.stop)
            sums, counts = np.moveaxis(summed_over_clips(tables, shifts[rows]), -1, 0)
            own = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
            total[rows] += own.sum(axis=1)
            n_people[rows] += np.sum(counts > 0, axis=1)
            n_events[rows] += counts.sum(axis=1)
    mean = np.divide(total, n_people, out=np.full(size, np.nan), where=n_people > 0)
    return LockedMean(mean, n_events.astype(int), n_people.astype(int))


def cut_short(
    clips: Sequence[ClipViews],
    events: Sequence[ClipEvents],
    times: np.ndarray,
    places: WindowPlaces,
) -> int:
    """Count the events that lack a value at some of the times, as at the ends of a clip."""
    still = np.zeros(1, dtype=int)
    found = [
        np.isnan(values_around(clip, own, times, still, places)).any(axis=(1, 2)).sum()
        for clip, own in zip(clips, events, strict=True)
    ]
    return int(np.sum(found))


def locked_table(
    windows: pd.DataFrame,
    ratings: pd.DataFrame,
    conditions: Sequence[str],
    *,
    above: float,
    around: tuple[float, float],
    places: WindowPlaces,
    permutations: Permutations,
) -> pd.DataFrame:
    """Average the pulse rate around reported onsets and offsets, and test the largest departure.

    ASSUMPTION: a change is that from the participant's mean over the clip, less the course of the
    other clips, not from the seconds before the event: windows of 5 s reach across it, and a mean
    of few windows would add its own noise to all times.

    Parameters
    ----------
    windows : see `tinglegram.pulse.moved_reports.views_of`, with pulse_rate_bpm.
    ratings : subject, video, order, step, rating: one row per step of every trial.
    conditions : in the order to report.
    above : a rating above this is a report.
    around : first and last time after an event, s.
    places : of the windows on the grid of the ratings.
    permutations : random shifts, and how p is counted.

    Returns
    -------
    pandas.DataFrame
        `LOCKED_COLUMNS`, then p_holm, p_bh, family. Every condition and edge has a row for each
        time: mean_change (bpm), the band that this many of the shifts stay
        in (confidence, at that time alone), largest (the time of the largest departure from the
        mean of the shifts, in their SDs) and, in the row of the largest, p: the share of shifts
        whose own largest departure reaches it; n_events and n_participants with a value at that
        time; n_cut_short (events that some time around lacks). Without any event, with events
        of one person, and with one clip, there is one row with the reason.
    """
    times = steps_between(around, places.step)
    rows = []
    clips, subjects = views_of(windows, PULSE_RATE.column, places.step)
    generator = permutations.stream(Use.CLIP_EVENTS)
    for condition in conditions:
        own = without_course([clip for clip in clips if clip.condition == condition])
        for edge, events in events_of(ratings, own, subjects, above).items():
            named: dict[str, object] = {"condition": condition, "edge": edge}
            named |= {"measure": PULSE_RATE.name, "n_events": 0, "n_cut_short": 0}
            some = any(len(one.step) for one in events)
            if not some or len(own) == 1:
                rows.append(named | untested(ONE_CLIP if some else "nobody reported one"))
                continue
            shifts = draw_clip_shifts(
                [one.length for one in events], permutations.permutations, generator
            )
            found = locked_mean(own, events, times, shifts, places, len(subjects))
            named["n_cut_short"] = cut_short(own, events, times, places)
            around_them = rows_of_places(
                found.mean,
                found.n_participants,
                permutations,
                "mean_change",
                back=np.asarray,
                nobody="no window around them has a value",
                lacking="values around them",
                time_s=times * places.step,
                n_events=found.n_events[0],
            )
            rows += [named | row for row in around_them]
    table = pd.DataFrame(rows, columns=list(LOCKED_COLUMNS))
    return table.join(adjust(table["p_value"], "onsets and offsets of each condition"))
