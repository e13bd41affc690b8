"""One small study of ours, written in every format that a reader of ours takes.

Two people see four clips, press keys and wear a pulse sensor. Whatever the format, the canonical
tables must be the same, to the byte where the format can hold the numbers: onsets are quarters of a
second, key presses sixteenths, the pulse has whole numbers at 64 Hz. `WRITERS` gives the files of
each format and the `data` of the overlay that reads them. `moved_study` is about sliders and
buttons: levels at onsets, ends, and trials that touch.
"""

import datetime
import gzip
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from made_recordings import acq_bytes, archive, edf_bytes, xdf_file, xdf_stream

from tinglegram.simulation.design import Press, Showing, SimulatedRest, SimulatedSession
from tinglegram.simulation.logs import LogLayout, presentation_log
from tinglegram.simulation.pulse_wave import (
    ExportLayout,
    PulseRecording,
    biopac_text,
    template,
)

RATE = 64
CLIP_S = 12.0
CONDITIONS = {"a1": "ASMR", "a2": "ASMR", "n1": "Nature", "n2": "Nature"}
KEYS = {0: "1", 1: "2", 2: "3", 3: "4"}
# A whole second, in milliseconds too; of which person depends on their number.
UNIX_S = 1_600_000_000


class Film(NamedTuple):
    """A trial: stimulus and onset on the participant's clock, seconds."""

    stimulus: str
    onset_s: float


class Person(NamedTuple):
    """What a participant saw and did; times on the clock of the session, seconds.

    `keys` are (time, rating), in and between trials; `pulse` float64 (n,) at 64 Hz from second 0.
    """

    name: str
    trials: tuple[Film, ...]
    keys: tuple[tuple[float, float], ...]
    pulse: np.ndarray

    @property
    def unix_s(self) -> float:
        """Unix time of second 0."""
        return float(UNIX_S + 3600 * int(self.name))

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.pulse) / RATE


@dataclass(frozen=True)
class Written:
    """Files by path below the folder of the study, and the `data` that reads them.

    `{root}` in `data` stands for the folder.
    """

    files: Mapping[str, bytes]
    data: Mapping[str, Any]


def the_study(late_s: float = 0.0, whole: bool = True) -> list[Person]:
    """The two people.

    Parameters
    ----------
    late_s : added to all onsets and key presses, which take any number of digits with it.
    whole : whether the pulse is rounded to whole numbers.
    """
    people = []
    for number, order in ((1, ("a1", "a2", "n1", "n2")), (2, ("n2", "n1", "a1", "a2"))):
        draw = np.random.default_rng(number)
        trials, keys, at = [], [], 10.25
        for place, stimulus in enumerate(order):
            # The third clip comes after a rest; the fourth when the third has ended.
            at += {0: 0.0, 1: CLIP_S + 0.75, 2: CLIP_S + 9.5, 3: CLIP_S}[place]
            trials.append(Film(stimulus, at + late_s))
            sixteenths = np.sort(draw.choice(np.arange(1, int(16 * CLIP_S)), 5, replace=False))
            if place == 1:
                # At the onset itself, and at the end, which is no more of the trial.
                sixteenths = np.array([0, *sixteenths, 16 * CLIP_S])
            ratings = draw.integers(0, 4, len(sixteenths))
            keys += [
                (at + late_s + step / 16, float(rating))
                for step, rating in zip(sixteenths.tolist(), ratings.tolist(), strict=True)
            ]
        # In the rest: about no stimulus.
        keys.append((trials[2].onset_s - 5.0, 3.0))
        times = np.arange(RATE * round(at + CLIP_S + 10.75)) / RATE
        bpm = 60.0 + 8.0 * number + 3.0 * np.sin(times / 9.0)
        wave = 300.0 * template(np.cumsum(bpm / 60.0) / RATE) + 5.0 * draw.standard_normal(
            len(times)
        )
        people.append(
            Person(
                f"{number:03d}",
                tuple(trials),
                tuple(sorted(keys)),
                # No zero with a sign, which text and whole numbers do not have.
                np.rint(wave) + 0.0 if whole else wave,
            )
        )
    return people


def text(rows: Sequence[Sequence[object]], separator: str = ",") -> bytes:
    """A table as text; numbers as the shortest digits that read back alike."""
    return ("\n".join(separator.join(map(str, row)) for row in rows) + "\n").encode()


# ---- Formats that hold everything ----------------------------------------------------------------


def as_rest_asmr(people: Sequence[Person]) -> Written:
    """Logs of Presentation, which count in ticks of 0.1 ms, and text exports of Biopac."""
    files = {}
    for person in people:
        showings = tuple(
            Showing(trial.stimulus, CONDITIONS[trial.stimulus], i, trial.onset_s, end)
            for i, trial in enumerate(person.trials)
            for end in [trial.onset_s + CLIP_S]
        )
        rests = (
            SimulatedRest(0.0, showings[0].start_s),
            SimulatedRest(showings[1].end_s, showings[2].start_s),
            SimulatedRest(showings[3].end_s, person.seconds),
        )
        session = SimulatedSession(int(person.name), 1, showings, rests)
        presses = [Press(time, int(rating)) for time, rating in person.keys]
        names = {stimulus: f"{stimulus}.mp4" for stimulus in CONDITIONS}
        layout = LogLayout(crlf=True, negative_start=False, summary=False)
        log = presentation_log(session, presses, KEYS, names, layout, 1)
        recording = PulseRecording(RATE, person.pulse, person.pulse, np.zeros(0), 60.0)
        files[f"{person.name}.log"] = log
        files[f"{person.name}.txt"] = biopac_text(
            recording, f"{person.name}.acq", ExportLayout(japanese=False, count_row=True)
        )
    return Written(files, {"reader": "rest_asmr"})


def as_csv(people: Sequence[Person]) -> Written:
    """Tables: trials and key presses of everybody, the pulse of each; one clock."""
    trials: list[Sequence[object]] = [("who", "clip", "onset")]
    keys: list[Sequence[object]] = [("who", "time", "rating")]
    files = {}
    for person in people:
        trials += [(person.name, *trial) for trial in person.trials]
        keys += [(person.name, *key) for key in person.keys]
        files[f"pulse/{person.name}.csv"] = text([["mV"], *([v] for v in person.pulse.tolist())])
    files |= {"trials.csv": text(trials), "keys.csv": text(keys)}
    options = {
        "trials": {**CSV_TRIALS, "files": "trials.csv"},
        "responses": [{**CSV_KEYS, "files": "keys.csv"}],
        "signals": [
            {
                "files": "pulse/{participant}.csv",
                "rate": RATE,
                "columns": {"mV": {"type": "ppg", "unit": "mV"}},
            }
        ],
    }
    return Written(files, {"reader": "csv", "options": options})


def as_csv_on_unix_time(people: Sequence[Person]) -> Written:
    """The same with every time in milliseconds since 1970; a column says when second 0 was."""
    trials: list[Sequence[object]] = [("who", "clip", "onset")]
    keys: list[Sequence[object]] = [("who", "time", "rating")]
    files = {}

    def stamp(person: Person, time: float) -> str:
        return f"{1000 * person.unix_s + 1000 * time:.6f}"

    for person in people:
        trials += [(person.name, clip, stamp(person, onset)) for clip, onset in person.trials]
        keys += [(person.name, stamp(person, time), value) for time, value in person.keys]
        rows = [
            (stamp(person, place / RATE), value)
            for place, value in enumerate(person.pulse.tolist())
        ]
        files[f"pulse/{person.name}.csv"] = text([("t", "mV"), *rows])
    zeros = [("who", "began"), *((person.name, f"{person.unix_s:.0f}") for person in people)]
    files |= {"trials.csv": text(trials), "keys.csv": text(keys), "people.csv": text(zeros)}
    stamps = {"clock": "unix", "unit": "ms"}
    options = {
        "participants": {"file": "people.csv", "id": "who", "unix_zero": "began"},
        "trials": {**CSV_TRIALS, **stamps, "files": "trials.csv"},
        "responses": [{**CSV_KEYS, **stamps, "files": "keys.csv"}],
        "signals": [
            {
                **{"files": "pulse/{participant}.csv", "time": "t", "rate": RATE, **stamps},
                "columns": {"mV": {"type": "ppg", "unit": "mV"}},
            }
        ],
    }
    return Written(files, {"reader": "csv", "options": options})


CSV_TRIALS = {"participant": "who", "stimulus": "clip", "onset": "onset"}
CSV_KEYS = {"participant": "who", "time": "time", "value": "rating"}


def as_bids(people: Sequence[Person]) -> Written:
    """Events that do not say to which trial a response belongs, and a physiological recording."""
    files = {"dataset_description.json": as_json({"Name": "Same", "BIDSVersion": "1.10.0"})}
    for person in people:
        base = f"sub-{person.name}/beh/sub-{person.name}_task-films"
        rows = [(trial.onset_s, CLIP_S, trial.stimulus, "n/a") for trial in person.trials]
        rows += [(time, "n/a", "response", rating) for time, rating in person.keys]
        head = ("onset", "duration", "trial_type", "value")
        files[f"{base}_events.tsv"] = text([head, *sorted(rows, key=lambda row: row[0])], "\t")
        files[f"{base}_physio.tsv.gz"] = packed(person.pulse)
        files[f"{base}_physio.json"] = as_json(
            {
                "SamplingFrequency": RATE,
                "StartTime": 0,
                "Columns": ["cardiac"],
                "cardiac": {"Units": "mV"},
            }
        )
    return Written(files, {"reader": "bids"})


def as_json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode()


def packed(values: np.ndarray) -> bytes:
    return gzip.compress(text([[value] for value in values.tolist()]), mtime=0)


def as_xdf(people: Sequence[Person]) -> Written:
    """Streams for markers, keys and the pulse, on the clock of a computer that ran for a day."""
    files = {}
    for person in people:
        began = 86_400.0 + int(person.name)
        times = began + np.arange(len(person.pulse)) / RATE
        onsets = [began + trial.onset_s for trial in person.trials]
        names = [f"begin {trial.stimulus}" for trial in person.trials]
        pressed, ratings = zip(*((began + t, rating) for t, rating in person.keys), strict=True)
        wrist = {"rate": float(RATE), "labels": ["PPG"], "units": ["mV"]}
        files[f"{person.name}.xdf"] = xdf_file(
            xdf_stream(1, "Wrist", times, person.pulse, **wrist),
            xdf_stream(2, "Markers", onsets, names, fmt="string"),
            xdf_stream(3, "Keys", pressed, ratings),
        )
    options = {
        "markers": {"stream": "Markers", "begin": "begin (.*)"},
        "responses": {"Keys": {"dimension": "response"}},
    }
    return Written(files, {"reader": "xdf", "options": options})


# ---- Devices: key presses come from tables, on unix time -----------------------------------------


def keys_of_device(people: Sequence[Person]) -> Written:
    """Key presses in unix time, beside a device whose clock has a date."""
    rows: list[Sequence[object]] = [("who", "time", "rating")]
    trials: list[Sequence[object]] = [("who", "clip", "onset")]
    for person in people:
        # Digits as a program prints them: a float holds no more of a unix time.
        rows += [(person.name, f"{person.unix_s + t:.6f}", value) for t, value in person.keys]
        trials += [
            (person.name, trial.stimulus, f"{person.unix_s + trial.onset_s:.6f}")
            for trial in person.trials
        ]
    options = {
        "trials": {**CSV_TRIALS, "files": "trials.csv", "clock": "unix"},
        "responses": [{**CSV_KEYS, "files": "keys.csv", "clock": "unix"}],
    }
    files = {"keys/keys.csv": text(rows), "keys/trials.csv": text(trials)}
    return Written(files, {"reader": "csv", "root": "{root}/keys", "options": options})


def as_empatica(people: Sequence[Person]) -> Written:
    """An archive of an E4 for each: two digits of everything; the button is pressed at onsets."""
    keys = keys_of_device(people)
    files = dict(keys.files)
    for person in people:
        bvp = [f"{person.unix_s:.6f}", f"{RATE:.6f}", *(f"{v:.2f}" for v in person.pulse)]
        tags = [f"{person.unix_s + trial.onset_s:.2f}" for trial in person.trials]
        files[f"{person.name}.zip"] = archive(
            {name: "\r\n".join(lines).encode() for name, lines in (("BVP", bvp), ("tags", tags))}
        )
    options = {
        "channels": {"BVP": {"type": "ppg", "unit": "mV"}},
        "tags": {p.name: [trial.stimulus for trial in p.trials] for p in people},
    }
    return Written(files, {"reader": "empatica", "options": options, "responses": keys.data})


def as_edf(people: Sequence[Person]) -> Written:
    """An EDF+ file for each: 16 bits for each sample; annotations at onsets."""
    keys = keys_of_device(people)
    files = dict(keys.files)
    for person in people:
        start = datetime.datetime.fromtimestamp(person.unix_s, datetime.UTC).replace(tzinfo=None)
        with tempfile.TemporaryDirectory() as folder:
            files[f"{person.name}.edf"] = edf_bytes(
                Path(folder) / "made.edf",
                [("PPG", "mV", RATE, person.pulse)],
                annotations=[(trial.onset_s, f"begin {trial.stimulus}") for trial in person.trials],
                start=start,
                physical=EDF_RANGE,
            )
    options = {"markers": {"begin": "begin (.*)"}, "clock": "unix", "timezone": "UTC"}
    return Written(files, {"reader": "edf", "options": options, "responses": keys.data})


# One step of the 16 bits is 1, so that whole numbers are held as they are.
EDF_RANGE = (-32768, 32767)


def as_acq(people: Sequence[Person]) -> Written:
    """An AcqKnowledge file for each: double precision; markers at samples."""
    keys = keys_of_device(people)
    files = dict(keys.files)
    for person in people:
        files[f"{person.name}.acq"] = acq_bytes(
            [("PPG", "mV", 1, person.pulse)],
            [(round(t.onset_s * RATE), f"begin {t.stimulus}", "flag") for t in person.trials],
            interval_ms=1000 / RATE,
            began_ms=round(1000 * person.unix_s),
        )
    options = {"markers": {"begin": "begin (.*)"}, "clock": "unix"}
    return Written(files, {"reader": "acq", "options": options, "responses": keys.data})


WRITERS: Mapping[str, Callable[[Sequence[Person]], Written]] = {
    "rest_asmr": as_rest_asmr,
    "csv": as_csv,
    "csv, unix": as_csv_on_unix_time,
    "bids": as_bids,
    "xdf": as_xdf,
    "empatica": as_empatica,
    "edf": as_edf,
    "acq": as_acq,
}


# ---- A slider and a button -----------------------------------------------------------------------

# The second trial begins where the first one ends, the third after a gap.
MOVED_TRIALS = (Film("a1", 2.0), Film("a2", 14.0), Film("n1", 31.0))
# Twice a second from second 0 on, off the onset of the third trial but at the ends of all.
SLIDER_HZ = 2.0
# Changes of the button: held over the onset of the first trial, from the first trial into the
# second, over the whole gap, and to the end of the third.
BUTTON = ((1.25, 1.0), (3.5, 0.0), (13.0, 1.0), (15.5, 0.0), (25.0, 1.0), (32.0, 0.0), (40.5, 1.0))
BUTTON_UP_S = 44.5
MOVED_KINDS = {"joy": "continuous", "tingle": "hold"}


def slider() -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the slider over the whole session."""
    times = np.arange(round(46 * SLIDER_HZ)) / SLIDER_HZ
    return times, np.rint(50 + 40 * np.sin(times)) / 8


def moved_as_csv() -> Written:
    """A table for each; the button by words."""
    times, values = slider()
    changes = [*BUTTON, (BUTTON_UP_S, 0.0)]
    files = {
        "trials.csv": text([("who", "clip", "onset"), *(("001", *t) for t in MOVED_TRIALS)]),
        "slider.csv": text(
            [("who", "t", "v"), *(("001", t, v) for t, v in zip(times, values, strict=True))]
        ),
        "button.csv": text(
            [("who", "t", "e"), *(("001", t, ("up", "down")[int(v)]) for t, v in changes)]
        ),
    }
    options = {
        "trials": {**CSV_TRIALS, "files": "trials.csv"},
        "responses": [
            {"files": "slider.csv", "participant": "who", "time": "t", "value": {"joy": "v"}},
            {
                **{"files": "button.csv", "participant": "who", "dimension": "tingle"},
                **{"time": "t", "event": "e"},
            },
        ],
    }
    return Written(files, {"reader": "csv", "options": options})


def moved_as_bids() -> Written:
    """The slider as a recording of the whole session, the button as events without a trial."""
    _, values = slider()
    base = "sub-001/beh/sub-001_task-films"
    rows: list[tuple[Any, ...]] = [(t.onset_s, CLIP_S, t.stimulus, "n/a") for t in MOVED_TRIALS]
    rows += [(time, "n/a", "response", value) for time, value in (*BUTTON, (BUTTON_UP_S, 0.0))]
    head = ("onset", "duration", "trial_type", "value", "dimension")
    lines = [(*row, "tingle" if row[2] == "response" else "n/a") for row in rows]
    about = {"SamplingFrequency": SLIDER_HZ, "StartTime": 0, "Columns": ["joy"]}
    files = {
        f"{base}_events.tsv": text([head, *sorted(lines, key=lambda row: row[0])], "\t"),
        f"{base}_recording-joy_stim.tsv.gz": packed(values),
        f"{base}_recording-joy_stim.json": as_json(about),
    }
    return Written(files, {"reader": "bids"})


def moved_as_xdf(sampled: bool = False) -> Written:
    """Streams; of the button its changes, or its state 20 times a second."""
    began = 500.0
    times, values = slider()
    changed, states = (np.array(column) for column in zip(*BUTTON, (BUTTON_UP_S, 0.0), strict=True))
    if sampled:
        at = np.arange(46 * 20) / 20
        states = np.concatenate([[0.0], states])[np.searchsorted(changed, at, side="right")]
        changed = at
    content = xdf_file(
        xdf_stream(1, "Slider", began + times, values, rate=SLIDER_HZ),
        xdf_stream(
            2,
            "Markers",
            [began, *(began + trial.onset_s for trial in MOVED_TRIALS)],
            ["start", *(f"begin {trial.stimulus}" for trial in MOVED_TRIALS)],
            fmt="string",
        ),
        xdf_stream(3, "Button", began + changed, states),
    )
    options = {
        "markers": {"stream": "Markers", "begin": "begin (.*)"},
        "responses": {"Slider": {"dimension": "joy"}, "Button": {"dimension": "tingle"}},
    }
    return Written({"001.xdf": content}, {"reader": "xdf", "options": options})


MOVED: Mapping[str, Callable[[], Written]] = {
    "csv": moved_as_csv,
    "bids": moved_as_bids,
    "xdf": moved_as_xdf,
    "xdf, button sampled": lambda: moved_as_xdf(sampled=True),
}
