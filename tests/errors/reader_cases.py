"""What is said of readers, of their options, and of tables that contradict themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from error_cases import Case

from tinglegram.canonical.tables import (
    Session,
    Signal,
    fit_session,
    response_table,
    trial_table,
)
from tinglegram.errors import require
from tinglegram.readers.options import read_options
from tinglegram.readers.parts import joined
from tinglegram.readers.registry import reader

TITLE = "Readers, their options and the tables they make"

TRIALS = [(1, "film", 0, 10.0, 5.0), (2, "song", 1, 20.0, 5.0)]
SCRIPT = "def find(request):\n    return {}\n"


@dataclass(frozen=True)
class Inner:
    """Options within options."""

    unit: Literal["s", "ms"] = "s"


@dataclass(frozen=True)
class Outer:
    """Options of a reader, one of each kind."""

    files: str
    rate: float | None = None
    count: int = 1
    is_kept: bool = True
    names: tuple[str, ...] = ()
    columns: Mapping[str, Inner] = field(default_factory=dict)


def option(given: str, message: str, **values) -> Case:
    """Return a case of options."""
    return Case(given, message, lambda _: read_options(values, Outer, "data.options"))


def table(given: str, message: str, trials=TRIALS, responses=(), **signal) -> Case:
    """Return a case of a session of participant 7."""

    def provoke(_: Path) -> str | None:
        signals = [Signal("BVP", **{"type": "ppg", "unit": "", **signal})] if signal else []
        tables = trial_table(trials), response_table(responses)
        fitted = fit_session(Session("7", *tables, signals), "P7", {"film": 5, "song": 5})
        return "\n".join(f"P7, {note}" for note in fitted.notes) or None

    return Case(given, f"P7, {message}", provoke)


def script(content: str | None):
    """Ask for a reader of the user's own."""

    def provoke(folder: Path) -> None:
        if content is not None:
            (folder / "mine.py").write_text(content, encoding="utf-8")
        reader("mine.py")

    return provoke


WHOLE = "Correct the column of times."
CASES = [
    Case(
        "a reader that there is not",
        "data.reader: expected rest_asmr, bids, csv, empatica, acq, xdf, edf, canonical or the "
        "path of a script of yours (.py), found 'cvs'.",
        lambda _: reader("cvs"),
    ),
    Case(
        "a script that is not there",
        "data.reader: no script mine.py. Correct its path.",
        script(None),
    ),
    Case(
        "a script without one of the functions",
        "mine.py: expected the functions find(request) and read(participant_id, files, request), "
        "found no read. docs/readers.md shows a whole reader.",
        script(SCRIPT),
    ),
    Case(
        "an empty script",
        "mine.py: expected the functions find(request) and read(participant_id, files, request), "
        "found no find and no read. docs/readers.md shows a whole reader.",
        script(""),
    ),
    Case(
        "a package that is not installed",
        "Reading brains needs the package nobrain, which is not installed. Install it: python -m "
        "pip install --constraint envs/constraints.txt --editable '.[brains]'",
        lambda _: require("nobrain", "brains", "Reading brains"),
    ),
    option(
        "an option that is misspelt",
        "data.options: unknown key 'file'. Did you mean files?",
        file="*.csv",
    ),
    option(
        "an option that there is not",
        "data.options: unknown key 'zzz'. Known keys: files, rate, count, is_kept, names, columns.",
        zzz=1,
    ),
    option(
        "an option that is missing",
        "data.options: expected a key files, found none. Add it.",
        rate=1,
    ),
    option(
        "a list where keys should be",
        "data.options.columns: expected keys and values, found ['x']. Correct it.",
        files="",
        columns=["x"],
    ),
    option(
        "a word where keys should be",
        "data.options.columns.x: expected keys and values, found 'ms'.",
        files="",
        columns={"x": "ms"},
    ),
    option(
        "a word that is none of several",
        "data.options.columns.x.unit: expected one of s, ms, found 'min'. Correct it.",
        files="",
        columns={"x": {"unit": "min"}},
    ),
    option(
        "a text where a list should be",
        "data.options.names: expected a list, found 'a'. Correct it.",
        files="",
        names="a",
    ),
    option(
        "a number in a list of texts",
        "data.options.names[1]: expected text, found 2. Correct it.",
        files="",
        names=["a", 2],
    ),
    option(
        "a text where a number should be",
        "data.options.rate: expected a number, found '64 Hz'. Correct it.",
        files="",
        rate="64 Hz",
    ),
    option(
        "true where a whole number should be",
        "data.options.count: expected a whole number, found True. Correct it.",
        files="",
        count=True,
    ),
    option(
        "a number where true or false should be",
        "data.options.is_kept: expected true or false, found 1. Correct it.",
        files="",
        is_kept=1,
    ),
    table(
        "a trial number twice",
        "trials: expected every trial number once, found trial 1 again. Correct the reader: it "
        "numbers the trials of a participant from 1.",
        [TRIALS[0], (1, "song", 1, 20.0, 5.0)],
    ),
    table(
        "a trial of another stimulus",
        "trial 1: expected a stimulus of the study (film, song), found 'opera'. Add it under "
        "clips, or leave it out by data: options.",
        [(1, "opera", 0, 10.0, 5.0)],
    ),
    table(
        "a trial without an onset",
        "trial 1: expected a time at which it began and a length above 0 s, found onset nan s, "
        "length 5 s. Correct the events of the participant, or say its length under clips: "
        "duration.",
        [(1, "film", 0, np.nan, 5.0)],
    ),
    table(
        "a trial without a length",
        "trial 1: expected a time at which it began and a length above 0 s, found onset 10 s, "
        "length nan s. Correct the events of the participant, or say its length under clips: "
        "duration.",
        [(1, "film", 0, 10.0, np.nan)],
    ),
    table(
        "trials that overlap",
        "trial 2: expected an onset after second 15.000, where the trial before it ends, found "
        "second 14.000. Correct the onsets or lengths of the trials.",
        [TRIALS[0], (2, "song", 1, 14.0, 5.0)],
    ),
    table(
        "a trial of infinite length",
        "trial 1: expected a time at which it began and a length above 0 s, found onset 10 s, "
        "length inf s. Correct the events of the participant, or say its length under clips: "
        "duration.",
        [(1, "film", 0, 10.0, np.inf)],
    ),
    table(
        "a trial that is far longer than its stimulus",
        "trial 1: expected film to be shown for at most its own 5 s, found 5000 s. Correct its "
        "length under clips: duration, or unit and durations of the trials.",
        [(1, "film", 0, 10.0, 5000.0)],
    ),
    table(
        "onsets in milliseconds",
        "trial 2: expected an onset within a day of the first one, found 190000 s after it. Name "
        "the unit of the times in data: options, or correct them: onsets are seconds.",
        [TRIALS[0], (2, "song", 1, 190010.0, 5.0)],
    ),
    table(
        "responses after the end of their trial",
        "responses (joy) of trial 1: expected times from its onset to its end 5 s later, and one "
        "before at most, found 0 before and 2 after, 1 to 900 s. Correct unit, clock or offset_s "
        "of the responses in data: options.",
        responses=[(1, "joy", 11.0, 1.0), (1, "joy", 460.0, 1.0), (1, "joy", 910.0, 1.0)],
    ),
    table(
        "responses long before their trial",
        "responses (joy) of trial 1: expected times from its onset to its end 5 s later, and one "
        "before at most, found 2 before and 0 after, -9 to -8 s. Correct unit, clock or offset_s "
        "of the responses in data: options.",
        responses=[(1, "joy", 1.0, 1.0), (1, "joy", 2.0, 1.0)],
    ),
    Case(
        "responses of a reader that numbers other trials than that of the events",
        "P7, trial 2: expected song, as the events say, in the responses too, found film. Name the "
        "files of the trials in data.responses: options, with their onsets.",
        lambda _: joined(
            {
                "events": Session("7", trial_table(TRIALS), response_table([])),
                "responses": Session(
                    "7",
                    trial_table([TRIALS[0], (2, "film", 1, 20.0, 5.0)]),
                    response_table([(2, "joy", 21.0, 1.0)]),
                ),
            },
            "P7",
            {"film": 5, "song": 5},
        ),
    ),
    table(
        "a level at the start of a trial that is of the trial before",
        "responses (joy) of trial 2: expected a level at its start that was given since the trial "
        "before, or at most 1 s before its onset, found one 9 s before it, in an earlier trial. "
        "Leave it out and count it; docs/canonical.md says which level still holds.",
        responses=[(2, "joy", 11.0, 1.0), (2, "joy", 21.0, 1.0)],
    ),
    table(
        "a response at the end of its trial (told)",
        "1 response(s) at the end of their trial, which rate no step of it, were left out",
        responses=[(1, "joy", 11.0, 1.0), (1, "joy", 15.0, 1.0)],
    ),
    table(
        "responses in seconds that were taken for milliseconds",
        "responses (joy) of trial 1: expected times in seconds, over a trial of 5 s, found 30 "
        "within its first 0.0049 s. Correct unit, clock or offset_s of the responses in data: "
        "options.",
        responses=[(1, "joy", 10.0 + t, 1.0) for t in np.linspace(0.0001, 0.0049, 30)],
    ),
    table(
        "a number that is written for a missing value",
        "responses (joy): expected values from 0.2 to 0.8, as all others are, found -999 in 2 of "
        "4, which is written for a missing value. Write n/a there, or leave these rows out in "
        "data: options.",
        responses=[(1, "joy", 10.0 + t, v) for t, v in enumerate((0.2, -999, 0.8, -999))],
    ),
    table(
        "a response of a trial that was not shown",
        "responses: expected responses of trials that were shown, found 2 of trial 3, which was "
        "not. Correct the reader: a response belongs to one of the trials.",
        responses=[(1, "joy", 11.0, 1.0), (3, "joy", 30.0, 1.0), (3, "joy", 31.0, 1.0)],
    ),
    table(
        "a response without a time",
        "responses: expected a number as time_s of every response, found 1 without, the first in "
        "trial 2. Correct the file, or leave out rows without a value and count them.",
        responses=[(1, "joy", 11.0, 1.0), (2, "joy", np.nan, 1.0)],
    ),
    table(
        "a response without a value",
        "responses: expected a number as value of every response, found 2 without, the first in "
        "trial 1. Correct the file, or leave out rows without a value and count them.",
        responses=[(1, "joy", 11.0, np.nan), (2, "joy", 21.0, np.inf)],
    ),
    table(
        "a signal of another type",
        "signal BVP: expected a type out of ppg, ecg, eda, resp, temperature, hr, ibi, trigger, "
        "found 'pulse'. Name its type in data: options.",
        values=np.zeros(2),
        rate_hz=64.0,
        type="pulse",
    ),
    table(
        "a signal without a rate",
        "signal BVP: expected a rate above 0 Hz, or the time of each sample, found None. Name its "
        "rate in data: options.",
        values=np.zeros(2),
    ),
    table(
        "a signal with a rate of 0",
        "signal BVP: expected a rate above 0 Hz, or the time of each sample, found 0.0. Name its "
        "rate in data: options.",
        values=np.zeros(2),
        rate_hz=0.0,
    ),
    table(
        "a signal with fewer times than samples",
        "signal BVP: expected a time for each of 3 samples, found 2 times, not all of them "
        "numbers. " + WHOLE,
        values=np.zeros(3),
        times_s=np.arange(2.0),
    ),
    table(
        "a sample without a time",
        "signal BVP: expected a time for each of 3 samples, found 3 times, not all of them "
        "numbers. " + WHOLE,
        values=np.zeros(3),
        times_s=np.array([0.0, np.nan, 2.0]),
    ),
    table(
        "samples whose times step back",
        "signal BVP: expected times that rise, found 1.5 s after 2 s. Export the recording again "
        "from the device's own software.",
        values=np.zeros(3),
        times_s=np.array([1.0, 2.0, 1.5]),
    ),
]
