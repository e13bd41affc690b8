"""The clock of a recording against the clock of its log: a trigger channel, a table of offsets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

import numpy as np

from tinglegram.formats.recording import Recording
from tinglegram.settings import AT_LEAST_ZERO, section, written_as

# Onsets of more marks than this are those of a wave, not of a trigger.
_MOST_MARKS = 5000
# A line with at most so many values is digital.
_CODES = 64
# So many other offsets by which marks follow the onsets as well make a match worth nothing.
_ALIKE = 3
# A line that is back at its idle level for less than this bounces, and left it once only; seconds.
_BOUNCE_S = 0.025
# How far two clocks may run apart, as a share, and how closely marks must follow the onsets of a
# log once offset and drift are known, in seconds.
_MOST_DRIFT, _CLOSE_S = 2e-3, 0.25


@section("pulse")
class ClockAlignment:
    """How the clock of a recording is brought in line with the clock of its log."""

    trigger: Annotated[
        str | None,
        written_as("[^{}-][^{}]*", "a name without braces that does not begin with a dash"),
        "Column of the Biopac export with a mark at the onset of each clip; null: the one that "
        "looks like it, by its name or its two levels, if there is one.",
    ] = None
    align: Annotated[
        Literal["start", "trigger"],
        "start: the first sample is time 0 of the log, moved by data.offsets. trigger: each clip "
        "is cut where the trigger channel marks it.",
    ] = "start"
    trigger_tolerance: Annotated[
        float, AT_LEAST_ZERO, "Seconds by which marks may differ from the onsets of the log."
    ] = 0.1
    end_tolerance: Annotated[
        float,
        AT_LEAST_ZERO,
        "Seconds by which a recording may end before the last event of the log; less is noted.",
    ] = 5.0


@dataclass(frozen=True)
class Clock:
    """Seconds on the log clock at which a recording started, as they are at times of the log.

    `at_s` rise; between them the offset is interpolated, beyond them it stays.
    """

    at_s: tuple[float, ...] = (0.0,)
    offset_s: tuple[float, ...] = (0.0,)

    def offset(self, time_s: float) -> float:
        """Return the offset at a time of the log, to 0.1 ms."""
        return round(float(np.interp(time_s, self.at_s, self.offset_s)), 4)


STARTS_TOGETHER = Clock()


class MarkMatch(NamedTuple):
    """Marks of a trigger channel beside the onsets of the clips in the log.

    `onset_s` (log clock) and `mark_s` (recording clock) run parallel and hold the clips that have
    a mark; `n_marks` counts all marks, `n_onsets` all clips. `ambiguous`: marks follow the onsets
    as well by several other offsets, as those of a scanner do.
    """

    onset_s: tuple[float, ...]
    mark_s: tuple[float, ...]
    n_marks: int
    n_onsets: int
    ambiguous: bool = False

    @property
    def offset_s(self) -> np.ndarray:
        """Seconds by which the log is ahead of the recording, at each matched clip."""
        return np.subtract(self.onset_s, self.mark_s)

    @property
    def drift(self) -> float:
        """Change of the offset per second of the session; 0 with fewer than two clips."""
        if len(self.onset_s) < 2:
            return 0.0
        return float(np.polyfit(self.onset_s, self.offset_s, 1)[0])

    @property
    def jump(self) -> int | None:
        """Number of the matched clip after which the offset jumps; None where it does not."""
        steps = np.abs(np.diff(self.offset_s))
        return int(steps.argmax()) if len(steps) and steps.max() > _CLOSE_S else None

    def sentence(self) -> str:
        """Say where the log stands beside the marks."""
        offsets = self.offset_s
        place = f"{offsets[0]:.4f} s"
        if len(offsets) > 1:
            place += f" at the first clip and {offsets[-1]:.4f} s at the last"
        if self.jump is not None:
            before, after = self.onset_s[self.jump : self.jump + 2]
            length = offsets[self.jump + 1] - offsets[self.jump]
            place += (
                f", with a jump of {length:.4f} s between second {before:.1f} and {after:.1f} of "
                "the log, where the recorder stopped and went on"
            )
        elif len(offsets) > 1:
            place += (
                f", a drift of {round(self.drift * 1e6) + 0} ppm "
                f"({round(self.drift * 60_000, 2) + 0:g} ms per minute)"
            )
        return (
            f"the log ahead of them by {place} ({len(offsets)} of {self.n_onsets} clips have a "
            f"mark, {self.n_marks} marks in all)"
        )


@dataclass(frozen=True)
class Marks:
    """Marks of a trigger channel.

    `channel` is its label and name; `away_s` and `back_s` are seconds on the recording's clock of
    every change away from the idle level and back to it; `problem` says why it marks nothing.
    """

    channel: str
    away_s: np.ndarray = field(default_factory=lambda: np.empty(0))
    back_s: np.ndarray = field(default_factory=lambda: np.empty(0))
    problem: str = ""


def find_marks(recording: Recording) -> Marks:
    """Find the marks of a channel that idles at one level and leaves it at each event.

    The idle level is that of most samples; where no level has four fifths of them, it is that of
    the first sample.
    """
    signal, rate = recording.signal, recording.sampling_rate_hz
    name = f"{recording.channel} ({recording.name})" if recording.name else recording.channel
    values, counts = np.unique(signal, return_counts=True)
    if len(values) == 1:
        return Marks(name, problem=f"it stays at {values[0]:g}")
    low, high = values[0], values[-1]
    near = (signal < low + 0.25 * (high - low)) | (signal > high - 0.25 * (high - low))
    # ASSUMPTION: a line of few values is digital, a parallel port with its codes included. One with
    # noise has two levels and spends at least 98 % of its samples near one of them.
    if len(values) <= _CODES:
        usual = values[counts.argmax()]
        idle = usual if counts.max() > 0.8 * len(signal) else signal[0]
        away = signal != idle
    elif near.mean() >= 0.98:
        is_high = signal > (low + high) / 2
        share = float(is_high.mean())
        away = ~is_high if share > 0.8 or (share >= 0.2 and is_high[0]) else is_high
    else:
        return Marks(name, problem="it has no two levels")
    steps = np.diff(away.astype(np.int8))
    away_at, back_at = np.flatnonzero(steps == 1) + 1, np.flatnonzero(steps == -1) + 1
    if len(away_at) > _MOST_MARKS:
        return Marks(name, problem=f"it leaves its level {len(away_at)} times")
    away_at, back_at = _without_bounces(away_at, back_at, _BOUNCE_S * rate)
    first = recording.first_index
    return Marks(name, (away_at + first) / rate, (back_at + first) / rate)


def _without_bounces(
    away_at: np.ndarray, back_at: np.ndarray, shortest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Leave out changes back and away again that are less than `shortest` samples apart."""
    # Changes alternate: the one away that follows a change back, where there is one.
    after = np.searchsorted(away_at, back_at)
    pairs = np.flatnonzero(after < len(away_at))
    short = pairs[away_at[after[pairs]] - back_at[pairs] < shortest]
    return np.delete(away_at, after[short]), np.delete(back_at, short)


def match_marks(marks: Marks, onsets_s: Sequence[float], offset_s: float = 0.0) -> MarkMatch:
    """Match the marks of a trigger channel with the onsets of the clips in the log.

    Offset and drift are those by which most onsets have a mark within a quarter of a second, then
    those that leave the least error. Onsets that have none by them are matched among themselves,
    in their order: where a recorder stopped and went on, each part has an offset of its own.
    Changes away from the idle level go before changes back.

    Parameters
    ----------
    marks : of `find_marks`, on the recording's clock.
    onsets_s : of the clips, on the log clock.
    offset_s : where the recording is said to start on the log clock; marks are moved by it.
    """
    onsets = np.sort(np.asarray(onsets_s, dtype=float))
    found = [_match_parts(edges + offset_s, onsets) for edges in (marks.away_s, marks.back_s)]
    # A tie goes to the first.
    return max(found, key=lambda match: len(match.onset_s))


def best_marks(
    recordings: Iterable[Recording], onsets_s: Sequence[float], offset_s: float = 0.0
) -> tuple[Marks, MarkMatch]:
    """Return the marks of the channel that follows the onsets of the clips best, and their match.

    Parameters
    ----------
    recordings : of the channels that may mark events, at least one; a tie goes to the first.
    onsets_s, offset_s : as for `match_marks`.
    """
    found = [find_marks(recording) for recording in recordings]
    matches = [match_marks(marks, onsets_s, offset_s) for marks in found]
    best = max(range(len(found)), key=lambda i: (len(matches[i].onset_s), not found[i].problem))
    return found[best], matches[best]


def _match_parts(marks: np.ndarray, onsets: np.ndarray) -> MarkMatch:
    """Match the parts of a session one after the other, each with an offset of its own."""
    whole = _match(marks, onsets)
    pairs = dict(zip(whole.onset_s, whole.mark_s, strict=True))
    if len(pairs) < len(onsets) == len(marks):
        pairs = dict(zip(map(float, onsets), map(float, marks), strict=True))
    left = [float(onset) for onset in onsets if onset not in pairs]
    for first in left:
        before = [onset for onset in pairs if onset < first]
        after = [onset for onset in pairs if onset > first]
        low = pairs[max(before)] if before else -np.inf
        high = pairs[min(after)] if after else np.inf
        run = np.array(
            [o for o in left if o not in pairs and before == [b for b in pairs if b < o]]
        )
        free = marks[(marks > low) & (marks < high)]
        # One onset alone has a mark only where there is but one.
        if first in run and (len(run) > 1 or len(free) == 1):
            part = _match(free, run)
            if len(part.onset_s) > 1 or len(run) == 1:
                pairs |= dict(zip(part.onset_s, part.mark_s, strict=True))
    # Marks in any order always match in parts; one that is out of place among many is shown.
    if 2 * len(whole.onset_s) < len(onsets) and not _only_loses(pairs):
        return whole
    matched = tuple(sorted(pairs))
    marked = tuple(pairs[o] for o in matched)
    return MarkMatch(matched, marked, len(marks), len(onsets), whole.ambiguous)


def _only_loses(pairs: Mapping[float, float]) -> bool:
    """Say whether a recording only falls behind its log: a recorder that stops gains no time."""
    offsets = [onset - pairs[onset] for onset in sorted(pairs)]
    return bool((np.diff(offsets) > -_CLOSE_S).all())


def _match(marks: np.ndarray, onsets: np.ndarray) -> MarkMatch:
    best: tuple[tuple[float, ...], MarkMatch] | None = None
    ways: list[tuple[int, float]] = []
    for offset, drift in _candidates(marks, onsets):
        # Where a mark should stand for each onset.
        due = onsets - offset - drift * (onsets - onsets[0])
        nearest = marks[_nearest(marks, due)]
        error = np.abs(nearest - due)
        near = error < _CLOSE_S
        chosen = nearest[near]
        if len(np.unique(chosen)) < len(chosen):
            continue
        ways.append((int(near.sum()), offset))
        score = (-int(near.sum()), round(float(error[near].sum()), 3), abs(drift), abs(offset))
        if best is None or score < best[0]:
            match = MarkMatch(
                tuple(map(float, onsets[near])), tuple(map(float, chosen)), len(marks), len(onsets)
            )
            best = score, match
    if not best:
        return MarkMatch((), (), len(marks), len(onsets))
    n_matched, offset = len(best[1].onset_s), float(best[1].offset_s[0])
    # Two onsets or more: one alone has a mark by any offset. The ends of clips may be marked too.
    alike = {round(other) for n, other in ways if n == n_matched == len(onsets) > 1}
    others = [other for other in alike if abs(other - offset) > 1]
    return best[1]._replace(ambiguous=len(others) >= _ALIKE)


def _nearest(marks: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Index of the mark nearest to each time."""
    after = np.clip(np.searchsorted(marks, times), 1, len(marks) - 1) if len(marks) > 1 else None
    if after is None:
        return np.zeros(len(times), dtype=int)
    return np.where(times - marks[after - 1] <= marks[after] - times, after - 1, after)


def _candidates(marks: np.ndarray, onsets: np.ndarray) -> list[tuple[float, float]]:
    """Pairs of offset at the first onset and drift by which two onsets have a mark each."""
    if not len(marks) or not len(onsets):
        return []
    if len(onsets) == 1 or len(marks) == 1:
        return [(float(onset - mark), 0.0) for onset in onsets for mark in marks]
    found = []
    # Far apart, so that the drift is exact; several pairs, as a clip may lack its mark.
    pairs = [(a, b) for a in range(len(onsets)) for b in range(a + 1, len(onsets))]
    pairs.sort(key=lambda pair: onsets[pair[0]] - onsets[pair[1]])
    for a, b in pairs[:6]:
        span = onsets[b] - onsets[a]
        first = np.searchsorted(marks, marks + span * (1 - _MOST_DRIFT) - _CLOSE_S)
        last = np.searchsorted(marks, marks + span * (1 + _MOST_DRIFT) + _CLOSE_S)
        for i, (start, stop) in enumerate(zip(first, last, strict=True)):
            for j in range(start, min(stop, start + 20)):
                drift = 1 - (marks[j] - marks[i]) / span
                offset = onsets[a] - marks[i] - drift * (onsets[a] - onsets[0])
                found.append((float(offset), float(drift)))
    return found
