"""Which responses belong to a trial, and what the level is at its start: one rule for all readers.

A response at time t belongs to the trial with onset <= t < onset + duration. The end is outside:
no step of the trial is rated by it, and the next trial may begin there. Times are compared in
ticks of 0.1 ms, as everything after does, so that the last bits of sums of seconds decide nothing.

The level at the start of a trial is the last value before its onset, if that value still holds:

- The dimension is one whose values last: a slider or joystick (`continuous`), a button (`hold`) or
  an episode. A key press (`ordinal`) says what is felt at one moment of one stimulus; the next
  trial begins at `initial`.
- It was given since the end of the trial before (whatever its age: a slider that is written when
  it moves has not moved since), or at most `MOST_LEVEL_AGE_S` before the onset (a sampled slider
  of trials that follow each other). An older one was given about another stimulus.
- No value of the dimension stands at the onset itself.

Rows that name their trial belong to no other one; the last of them before the onset is the level by
the same limits, whatever the kind. A button or an episode that lasts over an onset or an end is
cut there: held from the onset on, and without a row of its release where the trial ends first. A
release that was lost is known by the next press: see `pressed_spans`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tinglegram.clock import TICKS_PER_SECOND
from tinglegram.formats.recording import Note

# ASSUMPTION: a slider that is sampled at all is sampled at least once a second; what was said
# longer before an onset, in another trial, is not about the stimulus that follows.
MOST_LEVEL_AGE_S = 1.0
# Kinds of dimensions whose values last until they change.
LASTING = ("continuous", "hold", "episodes")
# Kinds of dimensions that have a start and an end.
SPANS = ("hold", "episodes")


@dataclass(frozen=True, eq=False)
class TrialResponses:
    """Responses of one dimension in trials, by time.

    Attributes
    ----------
    places : int (n,) place of the trial.
    times_s, values : float64 (n,).
    outside : how many values belong to no trial.
    early : how many rows that name their trial come before it and are not its level.
    unlevelled : trials that begin at the initial level for more than `MOST_LEVEL_AGE_S`, though
        values were given before: in an earlier trial, longer ago.
    unreleased : presses and episodes without an end, which end with their trial.
    """

    places: np.ndarray
    times_s: np.ndarray
    values: np.ndarray
    outside: int = 0
    early: int = 0
    unlevelled: int = 0
    unreleased: int = 0

    def rows(self) -> Iterator[tuple[int, float, float]]:
        """Give place, time and value of each."""
        yield from zip(
            self.places.tolist(), self.times_s.tolist(), self.values.tolist(), strict=True
        )

    def notes(self, dimension: str) -> list[Note]:
        """Return notes of trials that begin at the initial level, and of presses without an end."""
        found = []
        if self.unlevelled:
            said = (
                f"{dimension}: {self.unlevelled} trial(s) begin at the initial level: what was "
                f"given before is of an earlier trial, and older than {MOST_LEVEL_AGE_S:g} s"
            )
            found.append(Note("level_unknown", said))
        if self.unreleased:
            said = (
                f"{dimension}: {self.unreleased} press(es) without a release end with their trial"
            )
            found.append(Note("unreleased", said))
        return found


def ticks_of(seconds: np.ndarray) -> np.ndarray:
    """Return times in whole ticks of 0.1 ms, int64; all must be finite."""
    nearest = np.rint(np.asarray(seconds, np.float64) * TICKS_PER_SECOND)
    ticks: np.ndarray = nearest.astype(np.int64)
    return ticks


def trial_at(times_s: np.ndarray, onsets_s: np.ndarray, ends_s: np.ndarray) -> np.ndarray:
    """Return for each time the place of the trial that it lies in, int (n,); -1 where in none.

    Parameters
    ----------
    times_s : float (n,); NaN lies in no trial.
    onsets_s, ends_s : float (m,) of trials in the order of their onsets. An end lies outside.
    """
    found = np.full(len(times_s), -1)
    known = np.isfinite(times_s)
    if not len(onsets_s):
        return found
    times = ticks_of(times_s[known])
    place = np.searchsorted(ticks_of(onsets_s), times, side="right") - 1
    found[known] = np.where((place >= 0) & (times < ticks_of(ends_s)[place]), place, -1)
    return found


def level_holds(
    times_s: np.ndarray, places: np.ndarray, onsets_s: np.ndarray, ends_s: np.ndarray
) -> np.ndarray:
    """Return whether values given before an onset still hold there, bool (n,).

    Parameters
    ----------
    times_s : float (n,) of the values.
    places : int (n,) of the trial that each comes before.
    onsets_s, ends_s : float (m,) of trials in the order of their onsets.
    """
    ends = np.append(np.iinfo(np.int64).min, ticks_of(ends_s)[:-1])
    times, onsets = ticks_of(times_s), ticks_of(onsets_s)[places]
    age = onsets - times
    lasts = (times >= ends[places]) | (age <= MOST_LEVEL_AGE_S * TICKS_PER_SECOND)
    found: np.ndarray = lasts & (age > 0)
    return found


def responses_in_trials(
    times_s: np.ndarray,
    values: np.ndarray,
    kind: str,
    onsets_s: np.ndarray,
    ends_s: np.ndarray,
    named: np.ndarray | None = None,
) -> TrialResponses:
    """Return the responses of one dimension that belong to trials, by the rule of this module.

    Parameters
    ----------
    times_s, values : float64 (n,), finite, in any order; of two at one time the later row counts
        as later.
    kind : of the dimension. Where it has a start and an end (`SPANS`) and all values are 0 or 1,
        only the changes stay: 1 where it begins, 0 where it ends.
    onsets_s, ends_s : float64 (m,) of the trials in the order of their onsets.
    named : int (n,) place of the trial that each row names, -1 where it names one that was not
        shown; None where rows name none and belong to the trial at their time.
    """
    order = np.argsort(times_s, kind="stable")
    times, given = np.asarray(times_s)[order], np.asarray(values)[order]
    if named is not None:
        return _named(times, given, np.asarray(named)[order], onsets_s, ends_s)
    if kind in SPANS and np.isin(given, (0.0, 1.0)).all():
        return _held(times, given > 0, onsets_s, ends_s)
    place = trial_at(times, onsets_s, ends_s)
    within = np.flatnonzero(place >= 0)
    levels, of_trials, unlevelled = _levels(times, onsets_s, ends_s)
    if kind not in LASTING:
        levels, of_trials, unlevelled = levels[:0], of_trials[:0], 0
    rows = np.concatenate([levels, within])
    places = np.concatenate([of_trials, place[within]])
    by_trial = np.argsort(places, kind="stable")
    rows, places = rows[by_trial], places[by_trial]
    outside = len(times) - len(np.unique(rows))
    return TrialResponses(places, times[rows], given[rows], outside, 0, unlevelled)


def _levels(
    times: np.ndarray, onsets_s: np.ndarray, ends_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return which value is the level at the start of which trials, and how many have none.

    Those are counted whose last value before is too old, unless the first value within the trial
    comes as soon after the onset as a level may come before it.
    """
    ticks, onsets = ticks_of(times), ticks_of(onsets_s)
    before = np.searchsorted(ticks, onsets, side="left") - 1
    # Of the last one on nothing follows.
    after = np.append(ticks, np.iinfo(np.int64).max)[before + 1]
    trials = np.flatnonzero((before >= 0) & (after > onsets))
    holds = level_holds(times[before[trials]], trials, onsets_s, ends_s)
    late = after[trials] - onsets[trials] > MOST_LEVEL_AGE_S * TICKS_PER_SECOND
    return before[trials[holds]], trials[holds], int((~holds & late).sum())


def _named(
    times: np.ndarray,
    values: np.ndarray,
    named: np.ndarray,
    onsets_s: np.ndarray,
    ends_s: np.ndarray,
) -> TrialResponses:
    """Return the rows that lie in the trial they name, and the last one before its onset."""
    ticks, onsets, ends = (ticks_of(seconds) for seconds in (times, onsets_s, ends_s))
    shown = named >= 0
    place = np.where(shown, named, 0)
    kept = shown & (ticks < ends[place]) if len(ends) else np.zeros(len(times), bool)
    early = kept & (ticks < onsets[place]) if len(ends) else kept
    last = np.zeros(len(times), bool)
    for trial in np.unique(place[early]):
        last[np.flatnonzero(early & (place == trial))[-1]] = True
    last[last] = level_holds(times[last], place[last], onsets_s, ends_s)
    kept &= ~early | last
    outside = len(times) - int(kept.sum()) - int((early & ~last).sum())
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(place[rows], kind="stable")]
    return TrialResponses(
        place[rows], times[rows], values[rows], outside, int((early & ~last).sum())
    )


def _held(
    times: np.ndarray, down: np.ndarray, onsets_s: np.ndarray, ends_s: np.ndarray
) -> TrialResponses:
    """Return when a button was held, from samples of its state or from its changes alone."""
    place = trial_at(times, onsets_s, ends_s)
    used = place >= 0
    found: list[tuple[int, float, float]] = []
    held = pressed_spans(times, down, place, ends_s)
    for (start_s, end_s), rows in zip(held.spans_s.tolist(), held.rows, strict=True):
        reached = cut_span(start_s, end_s, onsets_s, ends_s)
        if reached:
            used[list(rows)] = True
        for trial, start, stop in reached:
            found += [(trial, *row) for row in held_rows(start, stop, float(ends_s[trial]))]
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    places = table[:, 0].astype(np.int64)
    outside, unreleased = int((~used).sum()), held.counts["unreleased"]
    return TrialResponses(places, table[:, 1], table[:, 2], outside, unreleased=unreleased)


@dataclass(frozen=True, eq=False)
class Presses:
    """When a button was held.

    Attributes
    ----------
    spans_s : (m, 2) start and end.
    rows : of each, the rows of its press and of its release; of one without a release, the first.
    counts : of `repeated` presses (while it was held), of releases without a press (`unpressed`)
        and of presses without a release that end with their trial (`unreleased`).
    """

    spans_s: np.ndarray
    rows: list[tuple[int, ...]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def pressed_spans(
    times: np.ndarray, down: np.ndarray, trials: np.ndarray, ends_s: np.ndarray
) -> Presses:
    """Return from when to when a button was held, by its changes or by samples of its state.

    A press while it is held is a repeated one in the same trial, or a sample of a button that is
    still held: within `MOST_LEVEL_AGE_S` of the row before, or where that one stands between the
    trial before and its own, by the rule of levels. Otherwise a release was lost: what was held
    ends with the trial in which it was last seen held, or there, if that is in no trial. So it does
    where no row follows.

    Parameters
    ----------
    times : (n,) seconds, rising.
    down : (n,) True where it was pressed or is held, False where it was released or is not.
    trials : (n,) index of the trial at each time, -1 outside.
    ends_s : end of each trial, in the order of their onsets.
    """
    counts = {"repeated": 0, "unpressed": 0, "unreleased": 0}
    spans: list[tuple[float, float]] = []
    rows: list[tuple[int, ...]] = []
    # A trial, and the gap before it.
    parts = np.searchsorted(ticks_of(ends_s), ticks_of(times), side="right").tolist()
    # Rows of the press, and at which it was last seen held.
    press, seen = -1, -1

    def let_go() -> None:
        counts["unreleased"] += 1
        end = ends_s[trials[seen]] if trials[seen] >= 0 else times[seen]
        spans.append((float(times[press]), float(end)))
        rows.append((press,))

    for row, (time, is_down) in enumerate(zip(times.tolist(), down.tolist(), strict=True)):
        if is_down and press >= 0:
            if parts[row] == parts[seen] or time - times[seen] <= MOST_LEVEL_AGE_S:
                counts["repeated"] += 1
            else:
                let_go()
                press = row
            seen = row
        elif is_down:
            press = seen = row
        elif press < 0:
            counts["unpressed"] += 1
        else:
            spans.append((float(times[press]), time))
            rows.append((press, row))
            press = -1
    if press >= 0:
        let_go()
    return Presses(np.array(spans, dtype=np.float64).reshape(-1, 2), rows, counts)


def cut_span(
    start_s: float, end_s: float, onsets_s: np.ndarray, ends_s: np.ndarray
) -> list[tuple[int, float, float]]:
    """Return the parts of a press or an episode that lie in trials: place, start and end, seconds.

    Parameters
    ----------
    start_s, end_s : of the press.
    onsets_s, ends_s : float64 (m,) of the trials in the order of their onsets.
    """
    start, end = ticks_of(np.array([start_s, end_s]))
    onsets, ends = ticks_of(onsets_s), ticks_of(ends_s)
    reached = np.flatnonzero((start < ends) & (end > onsets))
    return [
        (
            int(trial),
            start_s if start >= onsets[trial] else float(onsets_s[trial]),
            end_s if end <= ends[trial] else float(ends_s[trial]),
        )
        for trial in reached
    ]


def held_rows(start_s: float, stop_s: float, end_s: float) -> list[tuple[float, float]]:
    """Return the rows of a press within a trial, time and value: 1, then 0 unless the trial ends.

    Parameters
    ----------
    start_s, stop_s : of the press within the trial.
    end_s : of the trial.
    """
    stop, end = ticks_of(np.array([stop_s, end_s]))
    return [(start_s, 1.0)] if stop >= end else [(start_s, 1.0), (stop_s, 0.0)]
