"""Responses out of tables: samples, a button that was held, episodes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tinglegram.canonical.membership import (
    cut_span,
    held_rows,
    pressed_spans,
    responses_in_trials,
)
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note
from tinglegram.readers.clocks import (
    ClockLimits,
    check_drift,
    first_sample_notes,
    steady_step,
    trial_clock_drift,
)
from tinglegram.readers.csv_options import CsvResponses
from tinglegram.readers.csv_parts import (
    CsvPart,
    ParticipantClock,
    part_names,
    place_rows,
    words_of,
)
from tinglegram.readers.csv_times import TrialSpans, check_rise, joined_spans
from tinglegram.readers.csv_trials import span_lengths

# Kind of a note -> how its sentence goes on after the number.
_SENTENCES = {
    "missing_values": "response(s) without a time or a value were left out",
    "outside_trials": "response(s) outside of every trial were left out",
    "early": "sample(s) before an onset were left out: the last one alone is the level there, and "
    "only if it was given since the trial before or within a second",
    "same_time": "sample(s) at the time of a later row were replaced by it",
    "clipped": "press(es) or episode(s) reach beyond a trial and were cut at its start or end",
    "no_length": "press(es) or episode(s) of no length were left out",
    "joined": "press(es) or episode(s) overlap another one and were joined with it",
    "repeated": "press(es) of a button that was held already were left out",
    "unpressed": "release(s) of a button that was not held were left out",
    "unreleased": "press(es) without a release end with their trial",
}
# So many presses or episodes outside of every trial, and none within, are no fault.
_FEW = 4
# ASSUMPTION: a log may go on after a trial; but if most samples lie outside of the trial that they
# name, the clock is another one.
_MOST_OUTSIDE = 0.5


@dataclass(eq=False)
class CollectedResponses:
    """Responses of a participant, as one kind of file after another adds to them.

    Attributes
    ----------
    spans : the trials.
    kinds : dimension -> its kind; `ordinal` where none is named.
    rows : trial from 1, dimension, time, value.
    held : dimension and trial index -> when a button was held there.
    limits : how far clocks may run apart.
    met : dimension and trial index -> first and last time, and the file, of samples.
    """

    spans: TrialSpans
    kinds: Mapping[str, str] = field(default_factory=dict)
    rows: list[tuple[int, str, float, float]] = field(default_factory=list)
    held: dict[tuple[str, int], list[tuple[float, float]]] = field(default_factory=dict)
    met: dict[tuple[str, int], list[tuple[float, float, str]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    limits: ClockLimits = field(default_factory=ClockLimits)

    def add(self, parts: Sequence[CsvPart], entry: CsvResponses, clock: ParticipantClock) -> None:
        """Add the rows of some files.

        Raises
        ------
        InputProblem : times that step back, rows of a trial that was not shown, an unknown word for
            a press, an end before its start, or no row within a trial.
        """
        counts: Counter[str] = Counter()
        reach: list[float] = []
        for part in parts:
            if not len(part):
                self.notes.append(Note("no_rows", f"{part.source}: the table has no rows"))
            elif entry.event:
                reach += self._add_presses(part, entry, clock, counts)
            elif entry.start:
                reach += self._add_episodes(part, entry, clock, counts)
            else:
                reach += self._add_samples(part, entry, clock, counts)
        # ASSUMPTION: a few presses may lie outside of trials; if more do, it is another clock.
        few = 0 if entry.values() else _FEW
        if reach and counts["outside_trials"] > few and not counts["inside"]:
            raise InputProblem(
                part_names(parts),
                expected=f"responses within the trials, {self.spans.onset_s.min():.10g} to "
                f"{self.spans.end_s.max():.10g} s",
                found=f"all of them outside, {min(reach):.10g} to {max(reach):.10g} s",
                remedy="Correct clock, unit or offset_s of the responses or of the trials.",
            )
        for kind, sentence in _SENTENCES.items():
            if counts[kind]:
                said = f"{part_names(parts)}: {counts[kind]} {sentence}"
                self.notes.append(Note(kind, said))

    def _check_clock(
        self, part: CsvPart, entry: CsvResponses, times: np.ndarray, limits: ClockLimits
    ) -> None:
        """Compare the clock of samples that name their trial with that of the trials.

        Raises
        ------
        InputProblem : times that begin anew in each trial run apart, or most samples lie outside of
            the trial that they name.
        """
        rows: list[tuple[float, float, float, float]] = []
        n_rows = n_outside = 0
        for pair in part.pairs() if entry.is_labelled() else ():
            trials = self.spans.named(*pair)
            own = times[part.rows_of(pair)]
            own = own[~np.isnan(own)]
            if pair == ("", "") or len(trials) != 1:
                continue
            onset, end = (float(s[trials[0]]) for s in (self.spans.onset_s, self.spans.end_s))
            if entry.clock != "trial":
                n_rows += len(own)
                n_outside += int(((own < onset) | (own > end)).sum())
            step = steady_step(own)
            if step is not None:
                rows.append((onset, end - onset, float(own[0]), float(own[-1] - own[0] + step)))
        if len(rows) > 1:
            onsets, lengths, firsts, lasting = map(np.array, zip(*rows, strict=True))
            drift = trial_clock_drift(lasting, lengths) if entry.clock == "trial" else None
            if entry.clock != "trial":
                self.notes += first_sample_notes(onsets, firsts, limits, "the responses")
            if drift is not None:
                self.notes += check_drift(drift, limits, "the responses", part.source)
        if n_outside > _MOST_OUTSIDE * n_rows:
            raise InputProblem(
                part.source,
                expected="samples within the trial that they name",
                found=f"{n_outside} of {n_rows} outside of it",
                remedy="Correct clock, unit or offset_s of the responses or of the trials; or the "
                "files of two participants were exchanged.",
            )

    def _add_samples(
        self, part: CsvPart, entry: CsvResponses, clock: ParticipantClock, counts: Counter[str]
    ) -> list[float]:
        assert entry.time is not None
        times = clock.seconds(part, entry, entry.time)
        index, placed = place_rows(part, entry, self.spans, times)
        timed = ~np.isnan(times)
        check_rise(times[timed], index[timed], part.source, part.table.lines[timed])
        self._check_clock(part, entry, times, self.limits)
        for dimension, column in entry.values().items():
            values = part.table.numbers[column]
            there = ~np.isnan(placed) & ~np.isnan(values)
            counts["missing_values"] += int((~there).sum())
            found = responses_in_trials(
                placed[there],
                values[there],
                self.kinds.get(dimension, "ordinal"),
                self.spans.onset_s,
                self.spans.end_s,
                index[there] if entry.is_labelled() else None,
            )
            counts["outside_trials"] += found.outside
            counts["early"] += found.early
            self.notes += found.notes(dimension)
            for trial in np.unique(found.places):
                rows = np.flatnonzero(found.places == trial)
                last = np.append(np.diff(found.times_s[rows]) > 0, True)
                counts["same_time"] += int((~last).sum())
                rows = rows[last]
                counts["inside"] += len(rows)
                self._meet(dimension, int(trial), found.times_s[rows], part.source)
                self.rows += [
                    (int(trial) + 1, dimension, time, value)
                    for time, value in zip(
                        found.times_s[rows].tolist(), found.values[rows].tolist(), strict=True
                    )
                ]
        return _reach(placed)

    def _meet(self, dimension: str, trial: int, times: np.ndarray, source: str) -> None:
        """Refuse samples of a trial that lie between those of another file."""
        own = (float(times[0]), float(times[-1]), source)
        for first, last, other in self.met.get((dimension, trial), []):
            if own[0] <= last and first <= own[1]:
                raise InputProblem(
                    source,
                    expected=f"responses ({dimension}) of trial {trial + 1} in one file",
                    found=f"others at the same time in {other}",
                    remedy="Remove the copy, or name each dimension.",
                )
        self.met.setdefault((dimension, trial), []).append(own)

    def _add_episodes(
        self, part: CsvPart, entry: CsvResponses, clock: ParticipantClock, counts: Counter[str]
    ) -> list[float]:
        assert entry.start is not None
        starts = clock.seconds(part, entry, entry.start)
        if entry.end:
            ends = clock.seconds(part, entry, entry.end)
        else:
            assert entry.duration is not None
            ends = starts + span_lengths(part, entry.duration, entry.unit)
        index, placed = place_rows(part, entry, self.spans, starts)
        timed = ~np.isnan(starts)
        if entry.clock == "trial":
            # Times that begin anew are of a stimulus that was shown again.
            check_rise(starts[timed], index[timed], part.source, part.table.lines[timed])
        shift = placed - starts
        for i in np.flatnonzero(ends < starts).tolist():
            raise InputProblem(
                part.source,
                where=f"line {part.table.lines[i]}",
                expected="an end after its start",
                found=f"start {starts[i]:.10g} s, end {ends[i]:.10g} s",
                remedy="Correct the row, or name the right columns.",
            )
        reached: list[float] = []
        for i in range(len(part)):
            if np.isnan(starts[i]):
                counts["missing_values"] += 1
                continue
            end = ends[i] + shift[i]
            if np.isnan(end):
                counts["unreleased"] += 1
                trial = int(index[i])
                end = self.spans.end_s[trial] if trial >= 0 else placed[i]
            reached += [float(placed[i]), float(end)]
            self._hold(entry, _allowed(part, entry, self.spans, i), placed[i], end, counts)
        return reached

    def _add_presses(
        self, part: CsvPart, entry: CsvResponses, clock: ParticipantClock, counts: Counter[str]
    ) -> list[float]:
        assert entry.time is not None and entry.event is not None
        times = clock.seconds(part, entry, entry.time)
        down = _is_down(part, entry)
        index, placed = place_rows(part, entry, self.spans, times)
        there = ~np.isnan(placed)
        counts["missing_values"] += int((~there).sum())
        # Presses of one trial alone, where times begin anew in each; else those of the whole file.
        groups = [part.rows_of(pair) for pair in part.pairs()]
        if entry.clock != "trial":
            groups = [np.arange(len(part))]
        for rows in groups:
            rows = rows[there[rows]]
            check_rise(times[rows], np.zeros(len(rows)), part.source, part.table.lines[rows])
            held = pressed_spans(placed[rows], down[rows], index[rows], self.spans.end_s)
            counts.update(held.counts)
            for start, end in held.spans_s.tolist():
                allowed = _allowed(part, entry, self.spans, int(rows[0]))
                self._hold(entry, allowed if entry.clock == "trial" else None, start, end, counts)
        return _reach(placed)

    def _hold(
        self,
        entry: CsvResponses,
        allowed: Sequence[int] | None,
        start: float,
        end: float,
        counts: Counter[str],
    ) -> None:
        """Keep a press or an episode, in each trial that it reaches."""
        onsets, ends = self.spans.onset_s, self.spans.end_s
        reached = [
            own
            for own in cut_span(float(start), float(end), onsets, ends)
            if allowed is None or own[0] in allowed
        ]
        if not reached:
            inside = int(self.spans.at(np.array([start]))[0]) >= 0
            counts["no_length" if inside and start == end else "outside_trials"] += 1
            return
        if start == end:
            counts["no_length"] += 1
            counts["inside"] += 1
            return
        counts["inside"] += 1
        is_cut = reached[0][1] != start or reached[-1][2] != end or len(reached) > 1
        counts["clipped"] += int(is_cut)
        for trial, since, until in reached:
            known = self.held.setdefault((entry.dimension, trial), [])
            counts["joined"] += int(any(since < e and s < until for s, e in known))
            known.append((since, until))

    def all_rows(self) -> list[tuple[int, str, float, float]]:
        """Return every row; of a button held or an episode, 1 at its start and 0 at its end.

        One that lasts to the end of its trial has no row there.

        Raises
        ------
        InputProblem : samples of a dimension and presses or episodes of it in one trial.
        """
        for dimension, trial in sorted(self.held.keys() & self.met.keys()):
            raise InputProblem(
                self.met[dimension, trial][0][2],
                expected=f"one kind of responses ({dimension}) in trial {trial + 1}",
                found="samples, and presses or episodes in another file",
                remedy="Name the dimension of each (responses: dimension).",
            )
        found = list(self.rows)
        for (dimension, trial), spans in self.held.items():
            for start, end in joined_spans(spans):
                found += [
                    (trial + 1, dimension, time, value)
                    for time, value in held_rows(start, end, float(self.spans.end_s[trial]))
                ]
        return found


def _reach(times: np.ndarray) -> list[float]:
    there = times[~np.isnan(times)]
    return [float(there.min()), float(there.max())] if there.size else []


def _allowed(
    part: CsvPart, entry: CsvResponses, spans: TrialSpans, row: int
) -> Sequence[int] | None:
    """Return the trials that a row names; None: any."""
    if not entry.is_labelled():
        return None
    if not part.stimuli[row] and not part.labels[row]:
        return ()
    return spans.named(part.stimuli[row], part.labels[row])


def _is_down(part: CsvPart, entry: CsvResponses) -> np.ndarray:
    """Return whether each row is a press; what is neither press nor release is refused."""
    assert entry.event is not None
    press, release = (
        {word.casefold() for word in words_of(words)} for words in (entry.press, entry.release)
    )
    found = np.zeros(len(part), dtype=bool)
    for i, cell in enumerate(part.table.texts[entry.event]):
        word = cell.casefold()
        if word not in press | release:
            raise InputProblem(
                part.source,
                where=f"line {part.table.lines[i]}",
                expected=f"a word for a press or a release in column '{entry.event}' "
                f"({', '.join(sorted(press | release))})",
                found=f"'{cell}'",
                remedy="Name it under press or release, or leave its rows out by keep.",
            )
        found[i] = word in press
    return found
