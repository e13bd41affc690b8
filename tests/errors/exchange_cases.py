"""Files that were exchanged or copied, clocks that run apart, and numbers that are others."""

from pathlib import Path

import made_recordings as made
import numpy as np
from bids_cases import ABOUT, EVENTS, SAMPLES, dataset, packed
from csv_cases import SLIDER, TRIALS, reading
from device_cases import MODULES
from error_cases import Case

from tinglegram.canonical.contents import (
    check_contents,
    check_everybody,
    response_contents,
    signal_contents,
)
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.parts import check_recordings, find_sources
from tinglegram.readers.registry import Request

TITLE = "Files that were exchanged or copied, clocks that run apart"

SHOWN = trial_table([(1, "film1", 0, 10.0, 60.0), (2, "film2", 1, 90.0, 90.0)])
EXCHANGED = "Were the files of two participants exchanged?"
TRUSTED = "If the file's name is right, set check_names: false."
COPIED = "A file was copied under another name"


def table(given: str, message: str, events: str, slider: str = "", **changes) -> Case:
    """Return a case of tables of participant P1."""
    files = {"P1_events.csv": events} | ({"P1_slider.csv": slider} if slider else {})
    responses = {"responses": [SLIDER | changes]} if slider else {}
    own = {} if slider else changes
    return Case(given, message, reading(files, trials=TRIALS | own, **responses))


def device(suffix: str, content):
    """Read a recording of participant P1."""

    def provoke(folder: Path) -> None:
        made_ = content(folder) if callable(content) else content
        (folder / f"P1.{suffix}").write_bytes(made_)
        request = Request(folder, {}, {"a": 4.0, "b": 3.0}, {"arousal": "continuous"})
        MODULES[suffix].read("P1", [folder / f"P1.{suffix}"], request)

    return provoke


def edf_of_another(folder: Path) -> bytes:
    content = made.edf_bytes(folder / "made")
    return content[:8] + b"P2 F 02-MAY-1951 X".ljust(80) + content[88:]


def xdf_of_another() -> bytes:
    times = 100 + np.arange(640) / 64
    about = "<subject><id>P2</id></subject>"
    return made.xdf_file(made.xdf_stream(1, "PPG", times, np.sin(times), rate=64.0, about=about))


def recording(signal: Signal | None = None, own=None, shift_s: float = 0.0):
    """Compare a recording of participant P1 with its session."""

    def provoke(_: Path) -> None:
        trials = SHOWN.iloc[:0] if own is None else own
        zero_s = None if not shift_s else 1e9 + shift_s
        session = Session("P1", trials, response_table([]), zero_unix_s=zero_s)
        signals = [] if signal is None else [signal]
        clock_s = None if not shift_s else 1e9
        check_recordings(session, signals, SHOWN, clock_s, ClockLimits(), "P1")

    return provoke


def wave(start_s: float, seconds: float, rate: float = 10.0) -> Signal:
    return Signal("BVP", "ppg", "", np.zeros(round(seconds * rate)), start_s, rate)


def copied_run(_: Path) -> None:
    values = np.random.default_rng(0).standard_normal(2000)
    values[900:1500] = values[100:700]
    signal = Signal("BVP", "ppg", "", values, rate_hz=10.0)
    check_contents(signal_contents({"BVP": signal}, SHOWN.assign(duration_s=60.0)), "P1")


def copied_person(_: Path) -> None:
    values = np.random.default_rng(0).uniform(size=60)
    rows = response_table([(1, "joy", 10.0 + t, v) for t, v in enumerate(values)])
    own = response_contents(rows, SHOWN)
    check_everybody({"P1": own, "P2": own})


def two_ways_to_write_a_name(folder: Path) -> None:
    for name in ("P1", "P01"):
        Path(f"{name}_events.csv").write_text("clip,t\nfilm1,100\n", encoding="utf-8")
    data = {"reader": "csv", "root": ".", "options": {"trials": TRIALS}}
    find_sources(data | {"responses": None, "signals": None}, {"film1": 10.0}, {})


def bids_file(name: str, content=EVENTS, **more):
    return dataset(files={name: content} | more)


SLOW = "t,v,clip\n" + "".join(
    f"{1.05 * (onset + t):.2f},{t % 7},{clip}\n"
    for clip, onset in (("film1", 100), ("film2", 2000))
    for t in np.arange(0, 9, 0.25)
)
LATE = "t,v,clip\n" + "".join(f"{107 + t:.2f},{t % 7},film1\n" for t in np.arange(0, 9, 0.25))

CASES = [
    table(
        "a table names another participant than its file does",
        f"P1_events.csv, column 'Participant': expected data of participant P1, as the file's name "
        f"says, found 'P2'. {EXCHANGED} {TRUSTED}",
        "clip,t,Participant\nfilm1,100,P2\n",
    ),
    table(
        "a table of one participant holds several",
        "P1_events.csv, column 'subject': expected rows of one participant (P1), as the file's "
        "name says, found 2 names: abc, xyz. If the file holds several people, name the column "
        "(participant: subject); else set check_names: false.",
        "clip,t,subject\nfilm1,100,abc\nfilm2,120,xyz\n",
    ),
    Case(
        "an EDF file names another participant",
        "P1.edf, patient field of the header: expected data of participant P1, as the file's name "
        f"says, found 'P2'. {EXCHANGED} {TRUSTED}",
        device("edf", edf_of_another),
    ),
    Case(
        "an XDF file names another participant",
        "P1.xdf, stream PPG, subject: expected data of participant P1, as the file's name says, "
        f"found 'P2'. {EXCHANGED} {TRUSTED}",
        device("xdf", xdf_of_another()),
    ),
    Case(
        "a BIDS file in another participant's folder",
        "sub-S02_task-films_physio.json: expected sub-S01, as the folder it lies in is called, "
        "found sub-S02. Were files exchanged? Move or rename it.",
        bids_file("sub-S01/func/sub-S02_task-films_physio.json", "{}"),
    ),
    Case(
        "a BIDS file in another session's folder",
        "sub-S01_ses-2_task-films_events.tsv: expected ses-1, as the folder it lies in is called, "
        "found ses-2. Were files exchanged? Move or rename it.",
        bids_file("sub-S01/ses-1/func/sub-S01_ses-2_task-films_events.tsv"),
    ),
    Case(
        "events of BIDS name another participant",
        "sub-S01_task-films_events.tsv, column participant_id: expected data of participant "
        f"sub-S01, as the file's name says, found 'sub-S02'. {EXCHANGED} If the folder is right, "
        "set data.options.check_names: false.",
        dataset("onset\tduration\ttrial_type\tparticipant_id\n1\t2\tsea\tsub-S02\n"),
    ),
    Case(
        "a sidecar of BIDS names another participant",
        "sub-S01_task-films_physio.tsv.gz, SubjectID of its sidecar: expected data of participant "
        f"sub-S01, as the file's name says, found 'S02'. {EXCHANGED} If the folder is right, set "
        "data.options.check_names: false.",
        dataset(
            files={
                "_physio.tsv.gz": packed(SAMPLES),
                "_physio.json": ABOUT | {"SubjectID": "S02"},
            }
        ),
    ),
    Case(
        "one run of BIDS under two numbers",
        "sub-S01_task-films_run-1_events.tsv: expected one way to write the number of a run "
        "(run-01), found run-1, beside sub-S01_task-films_run-01_events.tsv. Move the copy away, "
        "or give both runs numbers of their own.",
        dataset(
            files={
                f"sub-S01/func/sub-S01_task-films_run-{n}_events.tsv": EVENTS for n in ("1", "01")
            }
        ),
    ),
    Case(
        "two sidecars of one folder disagree",
        "sub-S01_task-films_physio.tsv.gz, StartTime: expected one sidecar of each folder that "
        "says it, found sub-S01_physio.json and task-films_physio.json, which disagree. Correct or "
        "remove one of them; BIDS allows one for each folder.",
        dataset(
            files={
                "_physio.tsv.gz": packed(SAMPLES),
                "sub-S01/func/sub-S01_physio.json": ABOUT,
                "sub-S01/func/task-films_physio.json": ABOUT | {"StartTime": 3},
            }
        ),
    ),
    Case(
        "one participant under two names",
        ".: expected every participant under one name, found P01 and P1. Move the copy away, or "
        "give two people names that differ in more than zeros, signs and case.",
        two_ways_to_write_a_name,
    ),
    Case(
        "a run that was copied",
        "P1, BVP in trial 2: expected data of its own, found the same values as in BVP in trial 1. "
        f"{COPIED}: remove the copy, or put the right file in its place.",
        copied_run,
    ),
    Case(
        "a participant's file that was copied",
        "responses joy of P2: expected data of its own, found the same values as in responses joy "
        f"of P1. {COPIED}: put the right file in its place, or leave one of them out (data: "
        "exclusions).",
        copied_person,
    ),
    table(
        "a clock of responses that runs five percent slow",
        "P1_slider.csv: expected samples within the trial that they name, found 52 of 72 outside "
        "of it. Correct clock, unit or offset_s of the responses or of the trials; or the files of "
        "two participants were exchanged.",
        "clip,t\nfilm1,100\nfilm2,2000\n",
        SLOW,
        stimulus="clip",
    ),
    table(
        "responses outside of the trial that they name",
        "P1_slider.csv: expected samples within the trial that they name, found 23 of 36 outside "
        "of it. Correct clock, unit or offset_s of the responses or of the trials; or the files of "
        "two participants were exchanged.",
        "clip,t\nfilm1,100\nfilm2,2000\n",
        LATE,
        stimulus="clip",
    ),
    Case(
        "markers of a recording that run apart from the events",
        "P1, clock of the signals: expected one that runs as that of the events does, to 1 % "
        "(data: clocks: drift), found +3.00 % (+30000 ppm), +2.40 s over 80 s. Correct rate or "
        "unit of one of them, or its times; or the files are of two sessions.",
        recording(own=SHOWN.assign(onset_s=1.03 * SHOWN["onset_s"])),
    ),
    Case(
        "markers of a recording in another time zone",
        "P1, markers of the signals: expected trials to begin where the events begin them, to 10 "
        "s, found 3600.000 s later. Correct its clock: time zone, summer time, 12 hours for 24, or "
        "offset_s.",
        recording(own=SHOWN, shift_s=3600.0),
    ),
    Case(
        "markers of other trials than the events'",
        "P1, markers of the signals: expected the trials of the events (film1, film2), found "
        "film2, film1. Are the files of two participants or sessions exchanged? Else correct the "
        "markers.",
        recording(own=SHOWN.assign(stimulus_id=["film2", "film1"])),
    ),
    Case(
        "a recording of another hour",
        "P1, signal BVP: expected samples in the trials, second 10.0 to 180.0, found samples from "
        "second 3600.0 to 3799.9 alone. Are the files of two participants or sessions exchanged? "
        "Else correct its clock, unit, start or offset_s.",
        recording(wave(3600.0, 200.0)),
    ),
    Case(
        "a rate that makes a recording far too long",
        "P1, signal BVP: expected a recording that ends within 10 sessions of 180 s after the last "
        "trial (data: clocks: longest), found one that goes on for 1999 s at 1 Hz. Correct its "
        "rate; or raise the limit, if the device was worn for that long.",
        recording(wave(0.0, 2180.0, 1.0)),
    ),
    table(
        "thousands with a sign between them",
        "P1_events.csv, line 3: expected one way to write numbers in column 't', found '1.020' "
        "beside whole numbers below 1000: a sign between thousands. Export the file without signs "
        "between thousands, or with the same number of decimals in all rows.",
        "clip,t\nfilm1,900\nfilm2,1.020\n",
    ),
    table(
        "a comma between thousands",
        "P1_events.csv, line 2: expected a number in column 't', found '1,020'. If ',' is before "
        "decimals, set decimal: ',' for this file; if it is between thousands, export the file "
        "without it.",
        'clip,t\nfilm1,"1,020"\n',
    ),
    table(
        "times of day that pass midnight",
        "P1_events.csv: expected onsets that go on counting past midnight, found 30 s in the row "
        "after 86350 s. Add a day (86400) to times after midnight; half of it after noon, by a "
        "clock of 12 hours.",
        "clip,t\nfilm1,86350\nfilm2,30\n",
    ),
]
