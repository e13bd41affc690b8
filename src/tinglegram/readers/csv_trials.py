"""Trials out of tables: from files of their own, or from the responses where there are none."""

from collections.abc import Mapping, Sequence

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note
from tinglegram.readers.csv_options import CsvResponses, CsvTrials
from tinglegram.readers.csv_parts import CsvPart, ParticipantClock, part_names
from tinglegram.readers.csv_times import UNITS_PER_S, TrialSpans

# Between trials on a clock that is made.
MADE_GAP_S = 1.0
# Times of day that step back by 10 to 24 hours have passed midnight, or noon by a 12-hour clock.
_BACK_S = (36_000.0, 86_400.0)
# A step between onsets of so many stimulus lengths is a sign of milliseconds taken for seconds.
_STEPS_PER_LENGTH = 500


def trials_of(
    parts: Sequence[CsvPart],
    entry: CsvTrials,
    clock: ParticipantClock,
    lengths_s: Mapping[str, float],
) -> tuple[TrialSpans, list[Note]]:
    """Return the trials that files name, in the order of their onsets.

    Raises
    ------
    InputProblem : no trial at all, a stimulus that the study does not have, a trial without an end
        or whose end comes before its onset, or onsets that are of another unit.
    """
    rows: list[tuple[float, float, str, str]] = []
    n_left = 0
    for part in parts:
        onsets = clock.seconds(part, entry, entry.onset)
        ends = _ends(part, entry, clock, onsets)
        for i in range(len(part)):
            stimulus, line = part.stimuli[i], int(part.table.lines[i])
            if not stimulus or np.isnan(onsets[i]):
                n_left += 1
                continue
            _known(stimulus, lengths_s, part.source, line)
            end = ends[i]
            if np.isnan(end):
                end = onsets[i] + _length(stimulus, lengths_s, part.source, line)
            if not end > onsets[i]:
                raise InputProblem(
                    part.source,
                    where=f"line {line}",
                    expected="an end after the onset",
                    found=f"onset {onsets[i]:.10g} s, end {end:.10g} s",
                    remedy="Correct the row, or name the right columns.",
                )
            rows.append((float(onsets[i]), float(end), stimulus, part.labels[i]))
    if not rows:
        raise InputProblem(
            part_names(parts),
            expected="a row for each trial",
            found=f"none with a stimulus and an onset ({n_left} without)",
            remedy="Name the right columns, and the right words under keep.",
        )
    spans = _spans(sorted(rows))
    notes = _order_notes(rows, part_names(parts), entry.unit)
    if entry.clock == "relative":
        _check_unit(spans, entry.unit, lengths_s, part_names(parts))
    if n_left:
        said = f"{part_names(parts)}: {n_left} row(s) without a stimulus or an onset were left out"
        notes.append(Note("left_out", said))
    return spans, notes


def _order_notes(
    rows: Sequence[tuple[float, float, str, str]], source: str, unit: str
) -> list[Note]:
    """Say that rows were sorted; refuse times of day that pass midnight.

    Raises
    ------
    InputProblem : an onset is about a day before the one of the row above it.
    """
    steps = np.diff([row[0] for row in rows])
    back = np.flatnonzero(steps < 0)
    if not back.size:
        return []
    for at in back.tolist():
        if _BACK_S[0] < -steps[at] < _BACK_S[1]:
            raise InputProblem(
                source,
                expected="onsets that go on counting past midnight",
                found=f"{rows[at + 1][0]:.10g} s in the row after {rows[at][0]:.10g} s",
                remedy=f"Add a day ({86_400 * UNITS_PER_S[unit]:.10g}) to times after midnight; "
                "half of it after noon, by a clock of 12 hours.",
            )
    said = (
        f"{source}: {back.size} row(s) begin earlier than the row before them; trials were put in "
        "the order of their onsets. If the clock began anew there, correct the times"
    )
    return [Note("rows_out_of_order", said)]


def _spans(rows: Sequence[tuple[float, float, str, str]]) -> TrialSpans:
    return TrialSpans(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.float64),
        tuple(row[2] for row in rows),
        tuple(row[3] for row in rows),
    )


def _ends(
    part: CsvPart, entry: CsvTrials, clock: ParticipantClock, onsets: np.ndarray
) -> np.ndarray:
    if entry.end:
        return clock.seconds(part, entry, entry.end)
    if entry.duration:
        ends: np.ndarray = onsets + span_lengths(part, entry.duration, entry.unit)
        return ends
    return np.full(len(part), np.nan)


def span_lengths(part: CsvPart, column: str, unit: str) -> np.ndarray:
    """Return a column of durations in seconds."""
    lengths: np.ndarray = part.table.numbers[column] / UNITS_PER_S[unit]
    return lengths


def _known(stimulus: str, lengths_s: Mapping[str, float], source: str, line: int) -> None:
    if lengths_s and stimulus not in lengths_s:
        raise InputProblem(
            source,
            where=f"line {line}",
            expected=f"a stimulus of the study ({', '.join(lengths_s)})",
            found=f"'{stimulus}'",
            remedy="Translate it by rename, leave its rows out by keep, or add it under clips.",
        )


def _length(stimulus: str, lengths_s: Mapping[str, float], source: str, line: int) -> float:
    length = lengths_s.get(stimulus, np.nan)
    if np.isnan(length):
        raise InputProblem(
            source,
            where=f"line {line}" if line else "",
            expected=f"how long '{stimulus}' was shown",
            found="no duration",
            remedy="Name a column end or duration, or say its length under clips: duration.",
        )
    return float(length)


def _check_unit(spans: TrialSpans, unit: str, lengths_s: Mapping[str, float], source: str) -> None:
    """Refuse onsets in milliseconds that are taken for seconds."""
    lengths = [lengths_s[name] for name in spans.stimuli if name in lengths_s]
    if len(spans.onset_s) < 2 or not lengths:
        return
    step = float(np.median(np.diff(spans.onset_s)))
    if step >= _STEPS_PER_LENGTH * max(lengths):
        raise InputProblem(
            source,
            expected=f"onsets in {unit}",
            found=f"{step:.6g} s from one trial to the next, of stimuli of {max(lengths):.6g} s",
            remedy="Set the unit of the times (unit: ms or us).",
        )


def made_trials(
    parts: Sequence[CsvPart],
    entry: CsvResponses,
    clock: ParticipantClock,
    lengths_s: Mapping[str, float],
) -> tuple[TrialSpans, list[Note]]:
    """Return trials made from responses that name their stimulus.

    Where times count from the onset of the trial, the trials follow each other in the order of the
    files and rows, `MADE_GAP_S` apart; otherwise each begins with its first response.

    Raises
    ------
    InputProblem : no response, a stimulus that the study does not have, or one without a length.
    """
    column = entry.time or entry.start
    assert column is not None
    rows: dict[tuple[str, str], tuple[float, float]] = {}
    made_s = 0.0
    for part in parts:
        times = clock.seconds(part, entry, column)
        for stimulus, label in part.pairs():
            own = times[part.rows_of((stimulus, label))]
            own = own[~np.isnan(own)]
            if not stimulus or not own.size:
                continue
            _known(stimulus, lengths_s, part.source, int(part.table.lines[0]))
            if (stimulus, label) in rows:
                continue
            length = _length(stimulus, lengths_s, part.source, 0)
            # ASSUMPTION: without a file of trials, a stimulus begins with its first response.
            onset = made_s if entry.clock == "trial" else float(own.min())
            made_s += length + MADE_GAP_S
            rows[stimulus, label] = (onset, onset + length)
    if not rows:
        raise InputProblem(
            part_names(parts),
            expected="responses that name their stimulus",
            found="none with a stimulus and a time",
            remedy="Name the right columns, and the right words under keep.",
        )
    spans = _spans(sorted((*times, *pair) for pair, times in rows.items()))
    if entry.clock == "trial":
        said = (
            f"{part_names(parts)}: no file says when trials were shown; they were put one after "
            f"the other, {MADE_GAP_S:g} s apart, in the order of files and rows"
        )
    else:
        said = (
            f"{part_names(parts)}: no file says when trials were shown; each begins with its first "
            "response"
        )
    return spans, [Note("made_clock", said)]
