"""The canonical tables of one participant: trials, responses and signals on one clock.

Readers (`tinglegram.readers`) make them from files; everything after reads only them. All times
are seconds on one clock per participant, whose time 0 the reader chooses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from tinglegram.canonical.membership import MOST_LEVEL_AGE_S, level_holds, ticks_of
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

TRIAL_COLUMNS = {
    "trial": "int64",
    "stimulus_id": "str",
    "order": "int64",
    "onset_s": "float64",
    "duration_s": "float64",
}
RESPONSE_COLUMNS = {"trial": "int64", "dimension": "str", "time_s": "float64", "value": "float64"}

Onsets = Literal["read", "first_response", "made"]
SignalType = Literal["ppg", "ecg", "eda", "resp", "temperature", "hr", "ibi", "trigger"]
SIGNAL_TYPES: tuple[str, ...] = get_args(SignalType)
# A dimension of responses that its reader does not name.
RESPONSE = "response"


@dataclass(frozen=True, eq=False)
class Signal:
    """One channel of a sensor.

    Attributes
    ----------
    name : of the channel, as its file names it.
    type : one of `SIGNAL_TYPES`.
    unit : of the values; empty where the file names none.
    values : float64 (n,); NaN where the device gave none.
    start_s : time of the first sample on the participant's clock.
    rate_hz : samples per second; None where `times_s` holds the time of each sample.
    times_s : float64 (n,), rising, on the participant's clock; None at a steady rate.
    first_index : place of the first sample in its recording; above 0 where a section was exported.
    clock_at_s, clock_offset_s : where the device's clock does not run evenly with the
        participant's: the seconds by which the participant's clock is ahead of the recording
        (`offset`), at times of the participant's clock (`at`); between them it is interpolated.
        Empty: `start_s` alone.
    printed_time_s : float64 (n,) time stamps as the file prints them, where the released code
        slices by them; None elsewhere.
    """

    name: str
    type: str
    unit: str
    values: np.ndarray
    start_s: float = 0.0
    rate_hz: float | None = None
    times_s: np.ndarray | None = None
    first_index: int = 0
    clock_at_s: tuple[float, ...] = ()
    clock_offset_s: tuple[float, ...] = ()
    printed_time_s: np.ndarray | None = None

    def sample_times(self) -> np.ndarray:
        """Return the time of each sample, float64 (n,), seconds on the participant's clock."""
        if self.times_s is not None:
            return self.times_s
        if self.rate_hz is None:
            raise ValueError(f"signal {self.name} has neither a rate nor time stamps")
        return self.start_s + np.arange(len(self.values)) / self.rate_hz

    def later(self, by_s: float) -> "Signal":
        """Return the signal with all its times later by so many seconds."""
        if not by_s:
            return self
        return replace(
            self,
            start_s=self.start_s + by_s,
            times_s=None if self.times_s is None else self.times_s + by_s,
            clock_at_s=tuple(at + by_s for at in self.clock_at_s),
            clock_offset_s=tuple(offset + by_s for offset in self.clock_offset_s),
        )


@dataclass(frozen=True, eq=False)
class Session:
    """Everything that was read of one participant.

    Attributes
    ----------
    participant_id : as the files name the participant.
    trials : columns of `TRIAL_COLUMNS`, in the order shown: trial (from 1), stimulus_id, order
        (from 0, clips left out included), onset_s and duration_s.
    responses : columns of `RESPONSE_COLUMNS`, by trial, dimension and time. A value holds from its
        time on, or is joined to the next by a line (`interpolation` of its dimension). A button
        held and an episode are two rows: 1 where it begins, 0 where it ends, unless the trial ends
        first. Which trial a response belongs to, and which one before an onset sets the level at
        the start: `tinglegram.canonical.membership`.
    signals : of all channels that were read.
    notes : what a careful reader should know and is no error; counts of everything left out.
    zero_unix_s : unix time of the participant's time 0; None where the files tell no date.
    onsets : where those of the trials come from. `read`: from the files. No file says them, and the
        reader made them: at the first response of each (`first_response`), or on a clock of its own
        on which trials follow each other and only times since an onset mean something (`made`).
    """

    participant_id: str
    trials: pd.DataFrame
    responses: pd.DataFrame
    signals: Sequence[Signal] = field(default_factory=tuple)
    notes: Sequence[Note] = field(default_factory=tuple)
    zero_unix_s: float | None = None
    onsets: Onsets = "read"


def trial_table(rows: Sequence[tuple[int, str, int, float, float]]) -> pd.DataFrame:
    """Return the table of trials from rows of its columns."""
    return pd.DataFrame(rows, columns=list(TRIAL_COLUMNS)).astype(TRIAL_COLUMNS)


def response_table(rows: Sequence[tuple[int, str, float, float]]) -> pd.DataFrame:
    """Return the table of responses from rows of its columns, sorted by trial, dimension, time."""
    table = pd.DataFrame(rows, columns=list(RESPONSE_COLUMNS)).astype(RESPONSE_COLUMNS)
    # Of two responses at one time the later row counts.
    return table.sort_values(["trial", "dimension", "time_s"], kind="stable", ignore_index=True)


# A trial may be timed as longer than its stimulus by this much: players and clocks differ.
_MOST_LONGER_S = 0.5
# Nobody watches for more than a day; such times are in another unit than seconds.
_MOST_SECONDS = 86_400.0
# Numbers that software writes for a missing value.
_CODES = (-9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0)
# So many responses of a trial within this share of it are in another unit than seconds.
_MANY, _SMALL_SHARE = 20, 0.02


def _fault(source: str, where: str, expected: str, found: str, remedy: str) -> InputProblem:
    return InputProblem(source, where=where, expected=expected, found=found, remedy=remedy)


def fit_session(session: Session, source: str, lengths_s: Mapping[str, float]) -> Session:
    """Return a session whose trials are no longer than their stimuli; refuse what contradicts.

    Whatever reader made it. Trials that were timed as slightly longer than their stimulus end with
    it; responses from that end on, and at the end of any trial, are left out and counted.

    Parameters
    ----------
    session : to be checked.
    source : name of what was read, for messages.
    lengths_s : stimulus_id -> its length, of every stimulus of the study.

    Raises
    ------
    InputProblem : a trial of a stimulus that the study does not have, without a length or a time,
        far longer than its stimulus or at an impossible time; trials that overlap; a response of no
        trial, outside of its trial (`tinglegram.canonical.membership`), or without a time or value;
        times in another unit; or one of `signal_faults`.
    """
    _trial_faults(session.trials, source, lengths_s)
    session = _without_ends(_ended_with_stimuli(session, lengths_s))
    _response_faults(session, source)
    signal_faults(session.signals, source)
    # What was told when the session was read the first time is not told again.
    told = [note for note in _still(session.responses) if note not in session.notes]
    return replace(session, notes=(*session.notes, *told))


def _trial_faults(trials: pd.DataFrame, source: str, lengths_s: Mapping[str, float]) -> None:
    if trials["trial"].duplicated().any():
        raise _fault(
            source,
            "trials",
            "every trial number once",
            f"trial {trials['trial'][trials['trial'].duplicated()].iloc[0]} again",
            "Correct the reader: it numbers the trials of a participant from 1.",
        )
    end = -np.inf
    shown = trials.sort_values("onset_s")
    first = float(shown["onset_s"].min()) if len(shown) else 0.0
    columns = (shown[name].tolist() for name in ("trial", "stimulus_id", "onset_s", "duration_s"))
    for trial, stimulus, onset, length in zip(*columns, strict=True):
        where = f"trial {trial}"
        if stimulus not in lengths_s:
            raise _fault(
                source,
                where,
                f"a stimulus of the study ({', '.join(lengths_s)})",
                f"'{stimulus}'",
                "Add it under clips, or leave it out by data: options.",
            )
        if not np.isfinite(onset) or not 0 < length < np.inf:
            raise _fault(
                source,
                where,
                "a time at which it began and a length above 0 s",
                f"onset {onset:g} s, length {length:g} s",
                "Correct the events of the participant, or say its length under clips: duration.",
            )
        if onset - first > _MOST_SECONDS:
            raise _fault(
                source,
                where,
                "an onset within a day of the first one",
                f"{onset - first:g} s after it",
                "Name the unit of the times in data: options, or correct them: onsets are seconds.",
            )
        if length > lengths_s[stimulus] + _MOST_LONGER_S:
            raise _fault(
                source,
                where,
                f"{stimulus} to be shown for at most its own {lengths_s[stimulus]:g} s",
                f"{length:g} s",
                "Correct its length under clips: duration, or unit and durations of the trials.",
            )
        if onset < end - 1e-6:
            raise _fault(
                source,
                where,
                f"an onset after second {end:.3f}, where the trial before it ends",
                f"second {onset:.3f}",
                "Correct the onsets or lengths of the trials.",
            )
        end = onset + min(length, lengths_s[stimulus])


def _ended_with_stimuli(session: Session, lengths_s: Mapping[str, float]) -> Session:
    """End trials with their stimuli, and leave out what was reported later."""
    trials, responses = session.trials, session.responses
    own = trials["stimulus_id"].map(dict(lengths_s)).astype("float64")
    longer = trials["duration_s"] > own
    if not longer.any():
        return session
    trials = trials.assign(duration_s=np.minimum(trials["duration_s"], own))
    is_longer = responses["trial"].isin(trials.loc[longer, "trial"])
    late = is_longer & (_ticks_after_end(trials, responses) >= 0)
    message = (
        f"{int(longer.sum())} trial(s) were timed as up to "
        f"{(session.trials['duration_s'] - own).max():.3f} s longer than their stimulus and end "
        f"with it; {int(late.sum())} response(s) after that were left out"
    )
    return replace(
        session,
        trials=trials,
        responses=responses[~late].reset_index(drop=True),
        notes=(*session.notes, Note("longer_than_stimulus", message)),
    )


def _ticks_after_end(trials: pd.DataFrame, responses: pd.DataFrame) -> np.ndarray:
    """Return by how many ticks each response comes after the end of its trial; NaN without one."""
    ends = ticks_of((trials["onset_s"] + trials["duration_s"]).to_numpy()).astype(np.float64)
    by_trial = dict(zip(trials["trial"].tolist(), ends.tolist(), strict=True))
    times = responses["time_s"].to_numpy()
    known = np.isfinite(times)
    after = np.full(len(times), np.nan)
    after[known] = ticks_of(times[known])
    found: np.ndarray = after - responses["trial"].map(by_trial).to_numpy(dtype=np.float64)
    return found


def _without_ends(session: Session) -> Session:
    """Leave out responses at the very end of their trials, where the next one may begin."""
    at_end = _ticks_after_end(session.trials, session.responses) == 0
    if not at_end.any():
        return session
    said = f"{int(at_end.sum())} response(s) at the end of their trial, which rate no step of it"
    return replace(
        session,
        responses=session.responses[~at_end].reset_index(drop=True),
        notes=(*session.notes, Note("at_the_end", f"{said}, were left out")),
    )


def _response_faults(session: Session, source: str) -> None:
    responses, trials = session.responses, session.trials.sort_values("onset_s", kind="stable")
    onsets = trials["onset_s"].to_numpy()
    ends = onsets + trials["duration_s"].to_numpy()
    places = {number: place for place, number in enumerate(trials["trial"].tolist())}
    strangers = responses[~responses["trial"].isin(places)]
    if len(strangers):
        raise _fault(
            source,
            "responses",
            "responses of trials that were shown",
            f"{len(strangers)} of trial {strangers['trial'].iloc[0]}, which was not",
            "Correct the reader: a response belongs to one of the trials.",
        )
    for name in ("time_s", "value"):
        lacking = responses[~np.isfinite(responses[name])]
        if len(lacking):
            raise _fault(
                source,
                "responses",
                f"a number as {name} of every response",
                f"{len(lacking)} without, the first in trial {lacking['trial'].iloc[0]}",
                "Correct the file, or leave out rows without a value and count them.",
            )
    for key, own in responses.groupby(["trial", "dimension"]):
        number, dimension = key if isinstance(key, tuple) else (key, "")
        place, at = places[number], own["time_s"].to_numpy()
        times, length = at - onsets[place], float(trials["duration_s"].iloc[place])
        where = f"responses ({dimension}) of trial {number}"
        before = ticks_of(at) < ticks_of(onsets)[place]
        early, late = int(before.sum()), int((ticks_of(at) > ticks_of(ends)[place]).sum())
        remedy = "Correct unit, clock or offset_s of the responses in data: options."
        if early > 1 or late:
            raise _fault(
                source,
                where,
                f"times from its onset to its end {length:g} s later, and one before at most",
                f"{early} before and {late} after, {times.min():g} to {times.max():g} s",
                remedy,
            )
        if early and not level_holds(at[before], np.array([place]), onsets, ends).all():
            raise _fault(
                source,
                where,
                f"a level at its start that was given since the trial before, or at most "
                f"{MOST_LEVEL_AGE_S:g} s before its onset",
                f"one {-times.min():g} s before it, in an earlier trial",
                "Leave it out and count it; docs/canonical.md says which level still holds.",
            )
        if len(times) >= _MANY and times.max() < _SMALL_SHARE * length:
            raise _fault(
                source,
                where,
                f"times in seconds, over a trial of {length:g} s",
                f"{len(times)} within its first {times.max():g} s",
                remedy,
            )

    for name in responses["dimension"].unique().tolist():
        values = responses.loc[responses["dimension"] == name, "value"].to_numpy()
        _missing_codes(values, f"responses ({name})", source)


def _missing_codes(values: np.ndarray, where: str, source: str) -> None:
    """Refuse numbers that are written for a missing value, such as -999."""
    for code in _CODES:
        coded = values == code
        others = values[~coded]
        if coded.sum() < 2 or not len(others):
            continue
        low, high = float(others.min()), float(others.max())
        # Farther from all others than they are from each other, and than any of them is large.
        away = max(low - code, code - high)
        if away > max(high - low, abs(low), abs(high)):
            raise _fault(
                source,
                where,
                f"values from {low:g} to {high:g}, as all others are",
                f"{code:g} in {int(coded.sum())} of {len(values)}, which is written for a missing "
                "value",
                "Write n/a there, or leave these rows out in data: options.",
            )


def _still(responses: pd.DataFrame) -> list[Note]:
    """Say of dimensions with many samples that they never change."""
    return [
        Note("never_changes", f"{dimension} is {own.iloc[0]:g} in all {len(own)} responses")
        for dimension, own in responses.groupby("dimension")["value"]
        if len(own) >= _MANY and own.nunique() == 1
    ]


def signal_faults(signals: Sequence[Signal], source: str) -> None:
    """Refuse signals that contradict themselves.

    Raises
    ------
    InputProblem : an unknown type, no rate, or time stamps that lack or step back.
    """
    for signal in signals:
        where = f"signal {signal.name}"
        if signal.type not in SIGNAL_TYPES:
            raise _fault(
                source,
                where,
                f"a type out of {', '.join(SIGNAL_TYPES)}",
                f"'{signal.type}'",
                "Name its type in data: options.",
            )
        if signal.times_s is None and not (signal.rate_hz and signal.rate_hz > 0):
            raise _fault(
                source,
                where,
                "a rate above 0 Hz, or the time of each sample",
                f"{signal.rate_hz}",
                "Name its rate in data: options.",
            )
        if signal.times_s is not None:
            steps = np.diff(signal.times_s)
            if len(signal.times_s) != len(signal.values) or not np.isfinite(steps).all():
                raise _fault(
                    source,
                    where,
                    f"a time for each of {len(signal.values)} samples",
                    f"{len(signal.times_s)} times, not all of them numbers",
                    "Correct the column of times.",
                )
            if (steps <= 0).any():
                back = int(np.argmax(steps <= 0)) + 1
                raise _fault(
                    source,
                    where,
                    "times that rise",
                    f"{signal.times_s[back]:g} s after {signal.times_s[back - 1]:g} s",
                    "Export the recording again from the device's own software.",
                )
