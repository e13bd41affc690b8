"""Reports of a clip that are moved in time, by the same step for all who saw it.

What a measure and reports have in common in time is held against reports that keep everything but
when they happened. Clips are moved as a whole: what all viewers of a clip share, in their pulse or
in their reports, stays with them, so that it makes no finding (Judd, Westfall & Kenny, 2012,
doi:10.1037/a0028347, say what becomes of clips that are taken as if they were drawn anew for each
viewer).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tinglegram.inference.resampling import Permutations, defined_interval, exceedance

# A mean of fewer people is one person's: no test speaks of it as of people.
FEWEST_MOVED = 2
ONE_PERSON = f"a test takes {FEWEST_MOVED} people"
ONE_CLIP = "one clip: there is no course of other clips to take off"
# Numbers that are held at once: studies of thousands of participants fit in memory.
_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class ClipViews:
    """One clip as it was seen: a row for each showing, a column for each window.

    Attributes
    ----------
    video, condition : of the clip.
    viewer : (n,) number of the participant of each row, from 0.
    order : (n,) place of each showing in the session; -1 where a clip was shown once.
    values : (n, windows) the measure, NaN where a window has none.
    ratings : (n, windows) mean rating, NaN where there is none.
    """

    video: str
    condition: str
    viewer: np.ndarray
    order: np.ndarray
    values: np.ndarray
    ratings: np.ndarray


def views_of(windows: pd.DataFrame, column: str, step: float) -> tuple[list[ClipViews], list[int]]:
    """Return every clip as it was seen, and the numbers of the participants.

    Parameters
    ----------
    windows : subject, video, condition, start_s (s from the start of the valid epoch), mean_rating,
        `column`, and order where a participant was shown a clip again.
    column : of the measure.
    step : s from one window to the next.
    """
    subjects = sorted(int(subject) for subject in windows["subject"].unique())
    number = {subject: i for i, subject in enumerate(subjects)}
    order = windows["order"].fillna(-1) if "order" in windows else -1
    place = np.rint(windows["start_s"] / step).astype(int)
    table = windows.assign(place=place, order=order)
    clips = []
    for (video, condition), own in table.groupby(["video", "condition"], sort=True):
        keys, row = np.unique(own[["subject", "order"]].to_numpy(int), axis=0, return_inverse=True)
        shape = len(keys), int(own["place"].max()) + 1
        values, ratings = np.full(shape, np.nan), np.full(shape, np.nan)
        at = row.ravel(), own["place"].to_numpy()
        values[at], ratings[at] = own[column].to_numpy(float), own["mean_rating"].to_numpy(float)
        viewer = np.array([number[subject] for subject in keys[:, 0].tolist()])
        clips.append(ClipViews(str(video), str(condition), viewer, keys[:, 1], values, ratings))
    return clips, subjects


def without_course(clips: Sequence[ClipViews]) -> list[ClipViews]:
    """Return clips whose values are less each showing's mean, and less the course of other clips.

    A pulse that settles after the start of every clip goes with any report that comes late in
    clips: neither is moved in time with the other by chance. The course on other clips is the mean
    over all their showings at the same time from the start.

    Parameters
    ----------
    clips : of one condition. Windows that no other clip has, as all of a single one, have no value
        left: nothing tells what all clips share there.
    """
    found = []
    for course, clip in zip(course_of_others([c.values for c in clips]), clips, strict=True):
        values = clip.values - course
        found.append(replace(clip, values=values - mean_of_rows(values)))
    return found


def course_of_others(clips: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return, for each clip, the mean course of a measure over all showings of the other clips.

    Parameters
    ----------
    clips : (showings, windows) of each, of one condition; NaN: missing. The mean of each showing is
        taken off here.

    Returns
    -------
    (windows,) of each clip; NaN where no other has a value at that window.
    """
    longest = max((values.shape[1] for values in clips), default=0)
    sums, counts = np.zeros((2, len(clips), longest))
    for i, values in enumerate(clips):
        width = values.shape[1]
        sums[i, :width] = np.nansum(values - mean_of_rows(values), axis=0)
        counts[i, :width] = np.sum(~np.isnan(values), axis=0)
    others, n = sums.sum(axis=0) - sums, counts.sum(axis=0) - counts
    course = np.divide(others, n, out=np.full_like(others, np.nan), where=n > 0)
    return [own[: values.shape[1]] for own, values in zip(course, clips, strict=True)]


def mean_of_rows(values: np.ndarray) -> np.ndarray:
    """Return the mean of each row over what it has, (n, 1); 0 where it has nothing."""
    n = np.sum(~np.isnan(values), axis=1, keepdims=True)
    mean: np.ndarray = np.nansum(values, axis=1, keepdims=True) / np.maximum(n, 1)
    return mean


def summed_over_clips(tables: Sequence[np.ndarray], shifts: np.ndarray) -> np.ndarray:
    """Return what all clips give together after each shift.

    Parameters
    ----------
    tables : of each clip, (its steps, ...): what it gives when it is moved by that many steps. The
        shapes after the first axis agree.
    shifts : (shifts, clips).

    Returns
    -------
    (shifts, ...)
    """
    total = np.zeros((len(shifts), *tables[0].shape[1:]))
    for table, moved in zip(tables, shifts.T, strict=True):
        total += table[moved]
    return total


def in_parts(total: int, numbers: int) -> list[range]:
    """Return ranges that cover 0 ... total - 1, few enough at once where each holds `numbers`."""
    size = max(1, _AT_ONCE // max(numbers, 1))
    return [range(first, min(first + size, total)) for first in range(0, total, size)]


def only_viewers(clip: ClipViews, viewers: range) -> ClipViews:
    """Return the showings of some participants, these numbered from 0."""
    rows = np.flatnonzero((clip.viewer >= viewers.start) & (clip.viewer < viewers.stop))
    return replace(
        clip,
        viewer=clip.viewer[rows] - viewers.start,
        order=clip.order[rows],
        values=clip.values[rows],
        ratings=clip.ratings[rows],
    )


def untested(reason: str) -> dict[str, object]:
    """Return the row of what has no test, and why."""
    return {"largest": False, "n_participants": 0, "n_shifts": 0, "reason": reason}


def rows_of_places(
    mean: np.ndarray,
    n: np.ndarray,
    permutations: Permutations,
    column: str,
    *,
    back: Callable[[np.ndarray], np.ndarray],
    nobody: str,
    lacking: str,
    **about: np.ndarray,
) -> list[dict[str, object]]:
    """Return a row for each lag or time, with the p of the largest departure in its own row.

    Parameters
    ----------
    mean, n : (1 + shifts, places) over people, and how many; the first is the observed one.
    column : of the mean.
    back : from the scale of the mean to what is printed.
    nobody, lacking : why there is no test where nobody has a value, and what few people have.
    about : further columns, (places,).
    """
    most = int(n[0].max())
    mean = of_two_people(mean, n)
    if np.isnan(mean[0]).all():
        reason = f"{most} participant with {lacking}: {ONE_PERSON}" if most else nobody
        return [untested(reason) | {"n_participants": most}]
    departure, largest = largest_departure(mean)
    at = int(np.argmax(np.abs(departure[0])))
    p = float(exceedance(largest[1:], largest[0], permutations.p_value))
    ends = defined_interval(mean[1:], permutations.confidence)
    columns = about | dict(
        zip((column, "band_low", "band_high"), map(back, (mean[0], *ends)), strict=True)
    )
    return [
        {
            **{name: values[i].item() for name, values in columns.items()},
            "largest": i == at,
            "p_value": p if i == at else np.nan,
            "n_participants": int(n[0, i]),
            "n_shifts": permutations.permutations,
            "reason": "",
        }
        for i in range(len(departure[0]))
    ]


def of_two_people(mean: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return means over people, NaN where fewer than two have a value: one is no sample of people.

    Parameters
    ----------
    mean, n : (shifts, places), and how many people are behind each. Asked of every shift alike, so
        that the observed one is not told apart.
    """
    return np.where(n >= FEWEST_MOVED, mean, np.nan)


def largest_departure(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each shift's departure at each place in SDs over shifts, and its largest one.

    Lags with few windows and times with few events vary more: in SDs, none counts for more than
    another. The observed one is among those that mean and SD are taken of, as it is one of the
    shifts if nothing is to be found.

    Parameters
    ----------
    mean : (shifts, places), of the lags or of the times.

    Returns
    -------
    (shifts, places), 0 where there is none, and (shifts,).
    """
    known = ~np.isnan(mean)
    n = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, mean - np.nansum(mean, axis=0) / n, 0.0)
    sd = np.sqrt(np.sum(centred**2, axis=0) / n)
    departure = np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 0)
    return departure, np.abs(departure).max(axis=1)
