"""Signals out of tables: with time stamps, or at a steady rate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note
from tinglegram.readers.csv_options import CsvChannel, CsvSignals
from tinglegram.readers.csv_parts import CsvPart, ParticipantClock, part_names, place_rows
from tinglegram.readers.csv_times import TrialSpans, since

# A rate that differs by more contradicts the time stamps.
_RATE_TOLERANCE = 0.01
# Stamps that stay within so many samples of a steady rate are of that rate: real exports print
# stamps with so few digits that neighbours share one.
_STEADY_SAMPLES = 1.0


@dataclass(frozen=True, eq=False)
class _Placed:
    """Samples of one file: which rows, and their times; steady if only the rate places them."""

    rows: np.ndarray
    times: np.ndarray
    is_steady: bool


def signals_of_tables(
    parts: Sequence[CsvPart], entry: CsvSignals, clock: ParticipantClock, spans: TrialSpans
) -> tuple[list[Signal], list[Note]]:
    """Return the channels of a sensor, several files of it one after the other.

    Raises
    ------
    InputProblem : time stamps that do not rise or contradict the rate, or several files that only
        time stamps could put in order.
    """
    notes = [
        Note("no_rows", f"{part.source}: the table has no rows") for part in parts if not len(part)
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return [], notes
    placed = [
        (part, rows)
        for part in filled
        for rows in _placed(part, entry, clock, spans, len(filled), notes)
    ]
    if not placed:
        return [], notes
    placed.sort(key=lambda pair: float(pair[1].times[0]))
    _check_order(placed)
    is_steady = [own.is_steady or _is_steady(part, own, entry.rate, notes) for part, own in placed]
    times = np.concatenate(
        [
            _evenly(own.times, entry.rate) if steady else own.times
            for (_, own), steady in zip(placed, is_steady, strict=True)
        ]
    )
    # Several files, or trials, are no one stretch at a rate: each sample has its time.
    rate = entry.rate if is_steady == [True] else None
    signals = []
    for column, channel in entry.columns.items():
        values = np.concatenate([part.table.numbers[column][own.rows] for part, own in placed])
        signal = _signal(column, channel, values, times, rate, part_names(filled), notes)
        signals += [signal] if signal is not None else []
    return signals, notes


def _signal(
    column: str,
    channel: CsvChannel,
    values: np.ndarray,
    times: np.ndarray,
    rate: float | None,
    source: str,
    notes: list[Note],
) -> Signal | None:
    name = channel.name or column
    blank = np.isnan(values)
    if blank.all():
        said = f"{source}: column '{column}' has no value and was left out"
        notes.append(Note("no_values", said))
        return None
    if blank.any():
        done = "are gaps" if rate is not None else "were left out"
        said = f"{source}: {int(blank.sum())} blank value(s) of column '{column}' {done}"
        notes.append(Note("missing_values", said))
    if rate is not None:
        start = float(times[0])
        return Signal(name, channel.type, channel.unit, values, start_s=start, rate_hz=rate)
    times, values = times[~blank], values[~blank]
    return Signal(name, channel.type, channel.unit, values, start_s=float(times[0]), times_s=times)


def _placed(
    part: CsvPart,
    entry: CsvSignals,
    clock: ParticipantClock,
    spans: TrialSpans,
    n_files: int,
    notes: list[Note],
) -> list[_Placed]:
    """Return the samples of a file, by trials where the clock is `trial`."""
    groups = [np.arange(len(part))]
    if entry.clock == "trial":
        groups = [part.rows_of(pair) for pair in part.pairs()]
    if entry.time is None:
        if n_files > 1 and entry.clock != "trial":
            raise InputProblem(
                part.source,
                expected="one file, or time stamps that put several in order",
                found=f"{n_files} files without",
                remedy="Name the column of the times (time), or the right file (files).",
            )
        times = np.full(len(part), np.nan)
        for rows in groups:
            times[rows] = _first(entry, clock) + np.arange(len(rows)) / (entry.rate or np.nan)
    else:
        times = clock.seconds(part, entry, entry.time)
    if entry.clock == "trial":
        _, times = place_rows(part, entry, spans, times)
    blank = int(np.isnan(times).sum())
    if blank:
        said = f"{part.source}: {blank} sample(s) without a time were left out"
        notes.append(Note("left_out", said))
    found = []
    for rows in groups:
        rows = rows[~np.isnan(times[rows])]
        has_rate = entry.rate is not None
        _check_rising(times[rows], part.table.lines[rows], part.source, has_rate, has_rate)
        if len(rows):
            found.append(_Placed(rows, times[rows], entry.time is None))
    return found


def _first(entry: CsvSignals, clock: ParticipantClock) -> float:
    """Return the time of the first sample of a file without time stamps."""
    start = np.array([entry.start])
    if entry.clock == "unix":
        start = since(start, clock.origin_s or 0.0)
    return float(start[0]) + entry.offset_s


def _check_rising(
    times: np.ndarray, lines: np.ndarray, source: str, has_rate: bool, may_repeat: bool
) -> None:
    steps = np.diff(times)
    still = np.flatnonzero(steps < 0 if may_repeat else steps <= 0)
    if not still.size:
        return
    at = still[0] + 1
    same = times[at] == times[at - 1]
    raise InputProblem(
        source,
        where=f"line {lines[at]}",
        expected="time stamps that rise",
        found=f"{times[at]:.10g} s after {times[at - 1]:.10g} s",
        remedy="Leave out time, so that the samples follow each other at the rate."
        if same and has_rate
        else "Name its rate and leave out time, if the stamps are those of packets."
        if same
        else "Export the recording again, or sort its rows.",
    )


def _check_order(placed: Sequence[tuple[CsvPart, _Placed]]) -> None:
    for (first, before), (second, after) in zip(placed, placed[1:], strict=False):
        if after.times[0] <= before.times[-1]:
            raise InputProblem(
                second.source,
                expected=f"samples after {before.times[-1]:.10g} s, where {first.source} ends",
                found=f"some from {after.times[0]:.10g} s",
                remedy="Remove the copy, or correct the times.",
            )


def _evenly(times: np.ndarray, rate: float | None) -> np.ndarray:
    evenly: np.ndarray = times[0] + np.arange(len(times)) / (rate or np.nan)
    return evenly


def _is_steady(part: CsvPart, own: _Placed, rate: float | None, notes: list[Note]) -> bool:
    """Return whether time stamps are those of the rate; where they are not, this is noted.

    Raises
    ------
    InputProblem : the time stamps are of another rate, by the median over a second of samples or,
        where two are the same, over the file; or they repeat.
    """
    times = own.times
    if rate is None:
        return False
    off = np.abs(times - _evenly(times, rate)) * rate
    # A little room for the rounding of floats.
    if off.max() <= _STEADY_SAMPLES + 1e-6:
        return True
    # Stamps of packets repeat, so that only the whole file tells their rate.
    repeats = bool((np.diff(times) == 0).any())
    n_steps = len(times) - 1 if repeats else min(max(1, round(rate)), len(times) - 1)
    lasting = float(np.median(times[n_steps:] - times[:-n_steps]))
    found = n_steps / lasting if lasting > 0 else np.inf
    if abs(found / rate - 1.0) > _RATE_TOLERANCE:
        raise InputProblem(
            part.source,
            expected=f"{rate:.6g} samples per second (rate)",
            found=f"{found:.6g} by the time stamps",
            remedy="Correct rate or unit, or leave out one of rate and time.",
        )
    _check_rising(times, part.table.lines[own.rows], part.source, True, False)
    said = (
        f"{part.source}: the time stamps leave {rate:g} Hz by up to {off.max():.1f} samples; every "
        "sample is placed by its stamp"
    )
    notes.append(Note("rate", said))
    return False
