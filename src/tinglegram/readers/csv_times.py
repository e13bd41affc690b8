"""Times of tables: units, clocks, and the trial at each time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinglegram.canonical.membership import ticks_of, trial_at
from tinglegram.errors import InputProblem

UNITS_PER_S = {"s": 1.0, "ms": 1e3, "us": 1e6}
# Seconds since 1970 of March 1973 and November 2286: what lies between may be a date.
UNIX_FROM_S, UNIX_TO_S = 1e8, 1e10
# A float holds about 0.2 us of a unix time in seconds.
_UNIX_DECIMALS = 6


def clock_seconds(
    times: np.ndarray, unit: str, clock: str, source: str, lines: np.ndarray
) -> np.ndarray:
    """Return times in seconds on the clock of their file.

    Parameters
    ----------
    times : float64 (n,), in `unit`; NaN where there is none.
    unit : `s`, `ms` or `us`.
    clock : `relative`, `trial` or `unix`.
    source, lines : file, and the line of each time, for messages.

    Raises
    ------
    InputProblem : a time is of another unit or clock by its magnitude.
    """
    found = times / UNITS_PER_S[unit]
    size = np.abs(found)
    is_unix = clock == "unix"
    odd = (size < UNIX_FROM_S) | (size > UNIX_TO_S) if is_unix else size > UNIX_FROM_S
    if not odd.any():
        return found
    at = int(np.argmax(odd))
    raw = float(times[at])
    fitting = [u for u, n in UNITS_PER_S.items() if UNIX_FROM_S <= abs(raw) / n <= UNIX_TO_S]
    if is_unix:
        remedy = f"Set unit: {fitting[0]}." if fitting else "Set clock: relative, or trial."
        expected = f"times since 1970 in {unit} (clock: unix)"
    else:
        remedy = (
            f"Set clock: unix and unit: {fitting[0]}." if fitting else "Set the unit of the times."
        )
        expected = f"times in {unit} that count from the start (clock: {clock})"
    raise InputProblem(
        source, where=f"line {lines[at]}", expected=expected, found=f"{raw:.16g}", remedy=remedy
    )


def since(unix_s: np.ndarray, origin_s: float) -> np.ndarray:
    """Return unix times as seconds since `origin_s`, to a microsecond."""
    # ASSUMPTION: no unix stamp is finer than a microsecond; a float holds no more of it.
    return np.round(unix_s - origin_s, _UNIX_DECIMALS)


def check_rise(times: np.ndarray, groups: np.ndarray, source: str, lines: np.ndarray) -> None:
    """Refuse times that step back within a group of rows.

    Parameters
    ----------
    times : (n,) seconds, without NaN.
    groups : (n,) whole numbers, such as the trial of each row; below 0: not looked at.
    """
    for group in np.unique(groups[groups >= 0]):
        rows = np.flatnonzero(groups == group)
        back = np.flatnonzero(np.diff(times[rows]) < 0)
        if back.size:
            before, at = rows[back[0]], rows[back[0] + 1]
            raise InputProblem(
                source,
                where=f"line {lines[at]}",
                expected="times that rise within a trial",
                found=f"{times[at]:.10g} s after {times[before]:.10g} s",
                remedy="Sort or correct the rows; if the file holds several trials or people, "
                "name the column that tells them apart.",
                kind="time_steps_back",
            )


@dataclass(frozen=True, eq=False)
class TrialSpans:
    """The trials of a participant in the order shown.

    Attributes
    ----------
    onset_s, end_s : (n,) seconds on the participant's clock.
    stimuli : of each.
    labels : of each, as a column or file name has it; empty texts where there is none.
    """

    onset_s: np.ndarray
    end_s: np.ndarray
    stimuli: tuple[str, ...]
    labels: tuple[str, ...]

    def at(self, times: np.ndarray) -> np.ndarray:
        """Return the index of the trial at each time, -1 outside of all; the end is outside."""
        return trial_at(times, self.onset_s, self.end_s)

    def next_of(self, trials: Sequence[int], times: np.ndarray) -> np.ndarray:
        """Return the first of some trials that has not ended at each time, -1 after all of them.

        Before its onset a time may be that of the level at its start
        (`tinglegram.canonical.membership`).
        """
        own = np.asarray(trials, dtype=np.int64)
        found = np.full(len(times), -1)
        known = np.isfinite(times)
        place = np.searchsorted(ticks_of(self.end_s[own]), ticks_of(times[known]), side="right")
        found[known] = np.append(own, -1)[place]
        return found

    def named(self, stimulus: str, label: str) -> list[int]:
        """Return the trials of a stimulus (any, if empty) and of a label (any, if empty)."""
        return [
            i
            for i in range(len(self.stimuli))
            if stimulus in ("", self.stimuli[i]) and label in ("", self.labels[i])
        ]


def joined_spans(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans in order, those that touch or overlap as one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
