"""What a folder of raw data looks like, by the names and the heads of its files.

`look_at` says which reader fits, whom and what it finds, and what it cannot know: open questions.
Nothing is guessed silently: every guess that a user should look at has a question.
"""

import csv
import gzip
import io
import json
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from statistics import median
from typing import Any, Literal, NamedTuple

from tinglegram.errors import InputProblem
from tinglegram.inputs.name_patterns import (
    PARTICIPANT,
    STIMULUS,
    alone_pattern,
    common_pattern,
    words_at,
)

# Bytes of a text file that are looked at, and lines of a table that tell how it is written.
HEAD_BYTES = 400_000
_SAMPLE_LINES = 60
# Columns that are named of a table that is not understood.
_MOST_NAMED = 12
MOST_FILES = 200_000

FILMS = {".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v", ".ogv", ".mts"}
SOUNDS = {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aac", ".opus", ".aif", ".aiff", ".wma"}
STILLS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff"}
TABLES = {".csv", ".tsv", ".txt"}
# Suffix -> reader of recordings that hold signals, and events perhaps.
DEVICES = {".acq": "acq", ".xdf": "xdf", ".edf": "edf", ".bdf": "edf"}
# Suffix -> what it is, of files that no reader of ours reads.
FOREIGN = {
    **{".json": "JSON", ".xlsx": "Excel", ".xls": "Excel", ".ods": "spreadsheet"},
    **{".mat": "MATLAB", ".h5": "HDF5", ".hdf5": "HDF5", ".pkl": "pickle", ".sav": "SPSS"},
    **{".parquet": "Parquet", ".rds": "R", ".vhdr": "BrainVision", ".set": "EEGLAB"},
}
WRIST = {
    "BVP.csv": "ppg",
    "EDA.csv": "eda",
    "HR.csv": "hr",
    "IBI.csv": "ibi",
    "TEMP.csv": "temperature",
}
WRIST_ALONE = {"ACC.csv", "tags.csv", "info.txt"}

TimeUnit = Literal["s", "ms", "us"]
_PER_SECOND: Mapping[str, float] = {"s": 1.0, "ms": 1e3, "us": 1e6}
Clock = Literal["relative", "unix", "trial"]
TableRole = Literal["trials", "responses", "signals", "participants", "unknown"]


class StimulusFile(NamedTuple):
    """A film, sound or picture: path below the folder, length in seconds (None: it tells none)."""

    path: str
    seconds: float | None
    has_picture: bool
    has_sound: bool


class DimensionGuess(NamedTuple):
    """A dimension of responses: its kind, and the least and greatest value found."""

    name: str
    kind: Literal["ordinal", "continuous", "hold"]
    low: float
    high: float


class SignalGuess(NamedTuple):
    """A channel: type, unit (empty: none is told), rate in Hz (None: irregular, or not told)."""

    name: str
    type: str
    unit: str
    rate_hz: float | None


class TimeGuess(NamedTuple):
    """A column of times: its unit, and since when: 1970 (unix), a start, or that of each trial."""

    column: str
    unit: TimeUnit
    clock: Clock


@dataclass(frozen=True)
class TableGuess:
    """Tables of one kind, which have the same head.

    Attributes
    ----------
    pattern : path below the folder; `{participant}` stands for what differs between the files.
    columns : what it is (participant, stimulus, order, condition, event) -> name of the column.
    onset, end, time, duration : columns of times.
    values : names of the columns of numbers that are none of these.
    events, presses, releases : words of the column event; those that begin and end something.
    head : names of the columns.
    lines_before : lines above the first row of values, where more than the names stand there.
    """

    role: TableRole
    pattern: str
    files: tuple[str, ...]
    separator: str
    decimal: str
    columns: Mapping[str, str]
    onset: TimeGuess | None = None
    end: TimeGuess | None = None
    time: TimeGuess | None = None
    duration: TimeGuess | None = None
    values: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    presses: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    dimensions: tuple[DimensionGuess, ...] = ()
    signals: tuple[SignalGuess, ...] = ()
    head: tuple[str, ...] = ()
    lines_before: int = 0


@dataclass(frozen=True)
class FolderGuess:
    """What a folder looks like.

    Attributes
    ----------
    reader : of trials and responses, as `data: reader` names it; empty: nothing tells them.
    signals_reader : of the sensors, where another one fits; empty: the same, or no sensor.
    signals_folder : below the folder, where their files lie.
    signals_options : of that reader.
    options : of the reader, except those of tables, which `tables` tell.
    seen : sentences on what was found.
    stimulus_ids : in the order found in the tables; empty where none names them.
    conditions : stimulus_id -> condition, where a table tells.
    shown_s : stimulus_id -> median seconds for which it was shown, where a table tells.
    questions : what a user must look at or answer, one sentence each.
    """

    reader: str
    signals_reader: str = ""
    signals_folder: str = "."
    signals_options: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    stimuli: tuple[StimulusFile, ...] = ()
    stimulus_ids: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    shown_s: Mapping[str, float] = field(default_factory=dict)
    dimensions: tuple[DimensionGuess, ...] = ()
    signals: tuple[SignalGuess, ...] = ()
    tables: tuple[TableGuess, ...] = ()
    questions: tuple[str, ...] = ()


class _Parts(NamedTuple):
    """Files of a folder by what they are; paths below the folder."""

    every: list[str]
    films: list[str]
    tables: list[str]
    devices: dict[str, list[str]]
    foreign: dict[str, list[str]]
    zips: list[str]


def look_at(folder: Path) -> FolderGuess:
    """Return what a folder of raw data looks like.

    Raises
    ------
    InputProblem : there is no such folder, or it holds far too many files for one study.
    """
    if not folder.is_dir():
        raise InputProblem(
            str(folder),
            expected="a folder with raw data",
            found="a file" if folder.exists() else "no such folder",
            remedy="Correct its path.",
        )
    parts = _sorted_out(folder)
    stimuli, questions = _stimuli(folder, parts.films)
    if any(re.fullmatch(r"log/[^/]*\.log|ppg/[^/]*_csv\.txt", name) for name in parts.every):
        found = _presentation(parts)
    elif _is_bids(parts.every):
        found = _bids(folder, parts)
    else:
        found = _plain(folder, parts)
    return FolderGuess(
        **{
            **{name: getattr(found, name) for name in FolderGuess.__dataclass_fields__},
            "stimuli": tuple(stimuli),
            "questions": (*found.questions, *questions, *_foreign(parts, found.reader)),
        }
    )


def description(guess: FolderGuess) -> str:
    """Return what a folder looks like, in lines of text."""
    lines = [f"Found: {sentence}" for sentence in guess.seen] or ["Found: nothing that is known."]
    lines.append(f"Reader: {guess.reader or 'none fits'}")
    if guess.signals_reader:
        lines[-1] += f", with {guess.signals_reader} for the signals in {guess.signals_folder}"
    people = ", ".join(guess.participants[:8])
    more = f", and {len(guess.participants) - 8} more" if len(guess.participants) > 8 else ""
    lines.append(f"Participants: {len(guess.participants)} ({people}{more})")
    for stimulus in guess.stimuli:
        streams = [w for w, there in zip(("picture", "sound"), stimulus[2:], strict=True) if there]
        length = "no length" if stimulus.seconds is None else f"{stimulus.seconds:.1f} s"
        lines.append(f"Stimulus: {stimulus.path}, {length}, {' and '.join(streams) or 'nothing'}")
    for dimension in guess.dimensions:
        found = f"{dimension.low:g} to {dimension.high:g}"
        lines.append(f"Responses: {dimension.name}, {dimension.kind}, {found}")
    for signal in guess.signals:
        rate = "no steady rate" if signal.rate_hz is None else f"{signal.rate_hz:g} Hz"
        unit = f", {signal.unit}" if signal.unit else ""
        lines.append(f"Signal: {signal.name}, {signal.type}, {rate}{unit}")
    return "\n".join([*lines, *(f"Open: {question}" for question in guess.questions)])


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, hidden ones and derivatives left out, sorted."""
    for place, folders, names in os.walk(folder):
        inside = Path(place) == folder
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith((".", "__")) and not (inside and name == "derivatives")
        )
        for name in sorted(names):
            if not name.startswith((".", "~$")):
                yield (Path(place) / name).relative_to(folder).as_posix()


def _sorted_out(folder: Path) -> _Parts:
    parts = _Parts([], [], [], defaultdict(list), defaultdict(list), [])
    for name in _walk(folder):
        parts.every.append(name)
        if len(parts.every) > MOST_FILES:
            raise InputProblem(
                str(folder),
                expected=f"the folder of one study, with {MOST_FILES:,} files at most",
                found="more",
                remedy="Name the folder that holds only the study.",
            )
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in FILMS | SOUNDS | STILLS:
            parts.films.append(name)
        elif suffix in DEVICES:
            parts.devices[DEVICES[suffix]].append(name)
        elif suffix in TABLES:
            parts.tables.append(name)
        elif suffix == ".zip":
            parts.zips.append(name)
        elif suffix in FOREIGN:
            parts.foreign[FOREIGN[suffix]].append(name)
    return parts


def _foreign(parts: _Parts, reader: str) -> Iterator[str]:
    for kind, names in parts.foreign.items():
        if reader != "bids" or kind != "JSON":
            yield (
                f"{_files(names)}: no reader of ours reads {kind} files. If they belong to the "
                "study, save them as CSV, or write a reader of your own (docs/readers.md)."
            )


def _files(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


# ---- stimuli -------------------------------------------------------------------------------------


def _stimuli(folder: Path, names: Sequence[str]) -> tuple[list[StimulusFile], list[str]]:
    found, questions = [], []
    films = [name for name in names if PurePosixPath(name).suffix.lower() not in STILLS]
    # Pictures beside films are a photograph of the laboratory, not the study; alone they may be it.
    for name in films or names:
        if PurePosixPath(name).suffix.lower() in STILLS:
            found.append(StimulusFile(name, None, True, False))
            questions.append(f"{name} is a still picture: how many seconds was it shown?")
            continue
        head = stimulus_head(folder / name)
        if isinstance(head, str):
            questions.append(f"{name} cannot be opened ({head}). Is it damaged?")
            continue
        found.append(head._replace(path=name))
        if head.seconds is None:
            questions.append(f"{name} tells no length: how many seconds was it shown?")
    return found, questions


def stimulus_head(path: Path) -> StimulusFile | str:
    """Return what the head of a film or sound declares, or why it cannot be opened."""
    # Imported here: a folder without stimuli needs no decoder.
    import av
    import av.error

    try:
        with av.open(str(path)) as container:
            lengths = [
                float(stream.duration * stream.time_base)
                for stream in container.streams
                if stream.duration and stream.time_base
            ]
            whole = container.duration / 1e6 if container.duration else None
            pictures = [
                # A sound's cover is a stream of one picture.
                s
                for s in container.streams.video
                if "ATTACHED_PIC" not in str(s.disposition).upper()
            ]
            return StimulusFile(
                path.name,
                max(lengths) if lengths else whole,
                bool(pictures),
                bool(container.streams.audio),
            )
    except (av.error.FFmpegError, OSError) as fault:
        return fault.strerror or type(fault).__name__


# ---- REST-ASMR -----------------------------------------------------------------------------------


def _presentation(parts: _Parts) -> FolderGuess:
    logs = [name for name in parts.every if re.fullmatch(r"log/[^/]*\.log", name)]
    ppgs = [name for name in parts.every if re.fullmatch(r"ppg/[^/]*_csv\.txt", name)]
    ids = sorted({m[1] for n in (*logs, *ppgs) if (m := re.match(r"[a-z]+/(\d+)", n))}, key=int)
    questions = []
    if not logs:
        questions.append("There are recordings in ppg/ and no logs in log/: where are the logs?")
    return FolderGuess(
        "rest_asmr",
        seen=(
            f"Presentation logs and Biopac text exports as REST-ASMR has them: {len(logs)} in "
            f"log/, {len(ppgs)} in ppg/.",
        ),
        participants=tuple(ids),
        dimensions=(DimensionGuess("response", "ordinal", 0, 3),) if logs else (),
        signals=(SignalGuess("CH2", "ppg", "mV", None),) if ppgs else (),
        questions=tuple(questions),
    )


# ---- BIDS ----------------------------------------------------------------------------------------


def _is_bids(names: Sequence[str]) -> bool:
    return "dataset_description.json" in names or any(
        re.match(r"sub-[A-Za-z0-9]+/(ses-[A-Za-z0-9]+/)?[a-z]+/sub-", name) for name in names
    )


def _bids(folder: Path, parts: _Parts) -> FolderGuess:
    files = parts.every
    ids = sorted({m[1] for name in files if (m := re.match(r"(sub-[A-Za-z0-9]+)/", name))})
    data = [name for name in files if re.match(r"sub-.*\.tsv(\.gz)?$", name)]
    tasks = sorted({m[1] for name in data if (m := re.search(r"_task-([A-Za-z0-9]+)", name))})
    events = [name for name in files if name.endswith("_events.tsv")]
    ratings: dict[str, str] = {}
    for name in files:
        if match := re.search(r"_recording-([A-Za-z0-9]+)_(?:stim|physio|beh)\.tsv", name):
            ratings.setdefault(match[1], name)
    signals: dict[str, SignalGuess] = {}
    dimensions: list[DimensionGuess] = []
    questions: list[str] = []
    for recording, name in ratings.items():
        if (about := _sidecar(folder, files, name)) is None:
            questions.append(f"{name} has no sidecar (.json): which columns, at which rate?")
        elif recorded := _bids_signals(about):
            signals |= recorded
        else:
            values = _numbers_of(folder / name)
            dimensions.append(_dimension(recording, values))
    physio = [
        n for n in files if re.search(r"_physio\.tsv(\.gz)?$", n) and n not in ratings.values()
    ]
    for name in physio[:50]:
        if (about := _sidecar(folder, files, name)) is None:
            questions.append(f"{name} has no sidecar (.json): which columns, at which rate?")
        else:
            signals |= _bids_signals(about)
    lengths: dict[str, list[float]] = defaultdict(list)
    for name in events[:500]:
        for stimulus, seconds in _bids_stimuli(folder / name):
            lengths[stimulus] += [] if seconds is None else [seconds]
    names: dict[str, None] = dict.fromkeys(lengths)
    options: dict[str, Any] = {}
    if names and "stimulus_id" in _heads(folder, events):
        # Clips are called after their files here, the ids of whoever wrote the dataset stay there.
        options["stimulus_column"] = "stim_file"
    given: dict[str, list[float]] = defaultdict(list)
    for name in events[:500]:
        for dimension, value in _event_responses(folder / name):
            given[dimension].append(value)
    dimensions += [_dimension(name, values) for name, values in given.items()]
    if not events and ratings:
        names = dict.fromkeys(tasks)
        questions.append("There is no _events.tsv: is each task the stimulus it is called after?")
    elif not events:
        questions.append("There is no _events.tsv: when was which stimulus shown to whom?")
    elif not names:
        questions.append(
            f"{events[0]} has no column stim_file or trial_type: which column names the stimulus?"
        )
    if not dimensions:
        questions.append(
            "There are no ratings (_recording-<name>_stim.tsv.gz): where do they stand?"
        )
    return FolderGuess(
        "bids",
        # Tasks are joined like runs, since one of them alone is seldom the whole study.
        options=options | ({"task": "*"} if len(tasks) > 1 else {}),
        seen=(
            f"a BIDS dataset: {len(ids)} participants, {len(tasks)} task(s), {len(events)} files "
            "of events.",
        ),
        participants=tuple(ids),
        stimulus_ids=tuple(names),
        shown_s=_middles(lengths),
        dimensions=tuple(dimensions),
        signals=tuple(signals.values()),
        questions=tuple(questions),
    )


def _sidecar(folder: Path, files: Sequence[str], name: str) -> dict[str, Any] | None:
    """Return the nearest sidecar of a file, beside it or above it (inheritance principle)."""
    stem = re.sub(r"\.tsv(\.gz)?$", "", name)
    parts = PurePosixPath(stem)
    entities = set(parts.name.split("_"))
    for place in (parts.parent, *parts.parent.parents):
        beside = [f for f in files if f.endswith(".json") and PurePosixPath(f).parent == place]
        fitting = [f for f in beside if set(PurePosixPath(f).stem.split("_")) <= entities]
        if fitting:
            nearest = max(fitting, key=lambda f: f.count("_"))
            try:
                content = json.loads((folder / nearest).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return None
            return content if isinstance(content, dict) else None
    return None


def _bids_signals(about: Mapping[str, Any]) -> dict[str, SignalGuess]:
    rate = about.get("SamplingFrequency")
    found = {}
    for column in about.get("Columns") or ():
        if (kind := signal_type(str(column))) is not None:
            more = about.get(column)
            unit = str(more.get("Units", "")) if isinstance(more, dict) else ""
            number = float(rate) if isinstance(rate, int | float) else None
            found[str(column)] = SignalGuess(str(column), kind, unit, number)
    return found


def _middles(lengths: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of each list that has one, to a ms."""
    return {name: round(median(values), 3) for name, values in lengths.items() if values}


def _bids_stimuli(path: Path) -> list[tuple[str, float | None]]:
    """Return the stimuli that a table of events names, and for how many seconds."""
    read = _read_table(path)
    if isinstance(read, str):
        return []
    for column in ("stim_file", "trial_type"):
        if column in read.head:
            lengths = read.column("duration" if "duration" in read.head else column)
            return [
                (PurePosixPath(cell).stem if "." in cell else cell, _number(length, "."))
                for cell, length in zip(read.column(column), lengths, strict=True)
                if cell not in ("n/a", "", "response")
            ]
    return []


def _heads(folder: Path, events: Sequence[str]) -> set[str]:
    """Return the columns that both stimuli and their files need, of the first table of events."""
    read = _read_table(folder / events[0]) if events else ""
    return set() if isinstance(read, str) or "stim_file" not in read.head else set(read.head)


def _event_responses(path: Path) -> list[tuple[str, float]]:
    """Return dimension and value of each response in a table of events of an export."""
    read = _read_table(path)
    if isinstance(read, str) or not {"trial_type", "dimension", "value"} <= set(read.head):
        return []
    columns = (read.column(name) for name in ("trial_type", "dimension", "value"))
    found = (
        (dimension, _number(value, "."))
        for kind, dimension, value in zip(*columns, strict=True)
        if kind == "response"
    )
    return [(dimension, value) for dimension, value in found if value is not None]


def _numbers_of(path: Path) -> list[float]:
    """Return the numbers of the first column of a table without a head."""
    text = _head_text(path)
    lines = [] if text is None else text.splitlines()
    found = (_number(line.split("\t")[0], ".") for line in lines)
    return [value for value in found if value is not None]


# ---- tables, devices -----------------------------------------------------------------------------

NAMED: Mapping[str, str] = {
    "participant": r"(participant|subject|subj|sub|person|proband|vp|pid|pp|user|viewer|observer)"
    r"([_ ]?(id|number|no|nr|code))?|id|prolific_?pid",
    "stimulus": r"(stimulus|stim|video|clip|film|movie|song|music|track|sound|item|media)"
    r"([_ ]?(id|name|file|code))?",
    "onset": r"(trial|video|clip|stim(ulus)?|film|movie|sound)?[_ .]?"
    r"(onset|start|started|begin|began)([_ ]?(time|timestamp|unix|at))?",
    "end": r"(trial|video|clip|stim(ulus)?|film|movie|sound)?[_ .]?"
    r"(end|ended|stop|stopped|finish)([_ ]?(time|timestamp|unix|at))?",
    "duration": r"duration|length|dur",
    "time": r"time|timestamps?|t|ts|unix(time)?|unix[_ ]?time(stamp)?|seconds?|clock|rt|"
    r"time[_ ]?stamp|frametime|js[_ ]?time|video[_ ]?time|current[_ ]?time|"
    r"(slider|rating|response|joystick|mouse)[_ .](time|t|rt)",
    "order": r"order|trial([_ ]?(number|no|nr|index|id))?|presentation[_ ]?order",
    "condition": r"condition|category|quadrant|cond|block[_ ]?type|genre",
    "event": r"event|state|action|event[_ ]?type|type|button|key",
}
_SIGNALS = {
    "ppg": r"ppg|bvp|pleth\w*|pulse|cardiac|脈波",
    "ecg": r"ecg|ekg",
    "eda": r"eda|gsr|scl|scr|skin ?conductance",
    "resp": r"resp|respirat\w*|respbelt|rsp|breath\w*",
    "temperature": r"temp|temperature|skt",
    "hr": r"hr|heart ?rate|bpm",
    "ibi": r"ibi|rr|nn|rr ?interval",
}
_UNIT = re.compile(r"[_ .(\[]+(ms|msec|milliseconds|us|s|sec|seconds)[)\]]?$", re.IGNORECASE)
_PRESS = {"press", "pressed", "down", "keydown", "mousedown", "on", "hold", "start", "begin"}
_RELEASE = {"release", "released", "up", "keyup", "mouseup", "off", "stop", "end"}


def signal_type(column: str) -> str | None:
    """Return the type of signal that the name of a column tells, or None."""
    words = [word for word in re.split(r"[^a-z0-9脈波]+", column.lower()) if word]
    tried = [*words, " ".join(words), *(re.sub(r"\d.*$", "", word) for word in words)]
    for kind, form in _SIGNALS.items():
        if any(re.fullmatch(form, word) for word in tried):
            return kind
    return None


class _Table(NamedTuple):
    """The head of a table: names of its columns, its first rows, and how it is written.

    `lines_before` are lines above the first row, where more than the names stand there; else 0.
    """

    head: list[str]
    rows: list[list[str]]
    separator: str
    decimal: str
    lines_before: int = 0

    def column(self, name: str) -> list[str]:
        place = self.head.index(name)
        return [row[place].strip() for row in self.rows]

    def numbers(self, name: str) -> list[float]:
        found = (_number(cell, self.decimal) for cell in self.column(name))
        return [value for value in found if value is not None]

    def is_numeric(self, name: str) -> bool:
        given = [cell for cell in self.column(name) if cell.lower() not in ("", "n/a", "na", "nan")]
        return bool(given) and len(self.numbers(name)) == len(given)


def _number(cell: str, decimal: str) -> float | None:
    try:
        value = float(cell.strip().replace(decimal, "."))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _head_text(path: Path) -> str | None:
    """Return the first lines of a text file, whole ones; None: it is none, or cannot be read."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                content = stream.read(HEAD_BYTES)
        else:
            with path.open("rb") as stream:
                content = stream.read(HEAD_BYTES)
    except (OSError, EOFError):
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content[: len(content) // 2 * 2].decode("utf-16", errors="replace")
    if b"\0" in content:
        return None
    if len(content) == HEAD_BYTES:
        content = content[: content.rfind(b"\n") + 1]
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _read_table(path: Path) -> _Table | str:
    """Return the head of a table, or why it is none."""
    text = _head_text(path)
    if text is None:
        return "it is no text or cannot be read"
    numbered = [
        (place, line)
        for place, line in enumerate(text.splitlines())
        if line.strip() and not line.startswith("#")
    ]
    lines = [line for _, line in numbered]
    if len(lines) < 2:
        return "it has fewer than two lines"
    split = {
        separator: [*csv.reader(lines[:_SAMPLE_LINES], delimiter=separator)]
        for separator in "\t;,|"
    }
    even = [s for s, rows in split.items() if len({*map(len, rows)}) == 1 and len(rows[0]) > 1]
    found = [(s, below) for s in split if (below := _below_preamble(split[s])) is not None]
    if found:
        separator, (named, first) = found[0]
    elif even:
        separator, named, first = even[0], 0, 1
    else:
        return "its rows have no separator in common (tab, semicolon, comma)"
    rows = [*csv.reader(io.StringIO("\n".join(lines[first:])), delimiter=separator)]
    head = [name.strip() for name in split[separator][named]]
    rows = [row for row in rows if len(row) == len(head)]
    if any(_number(name, ".") is not None for name in head) or len(set(head)) < len(head):
        return "its first line does not name every column once"
    comma = separator != "," and any(re.fullmatch(r"-?\d+,\d+", c.strip()) for r in rows for c in r)
    return _Table(head, rows, separator, "," if comma else ".", numbered[first][0] if found else 0)


def _below_preamble(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Return the rows of the names and of the first values, where more stands above the values.

    CARMA and other programs write what was shown, and the scale, above the names, and a line or
    units below them. Values begin where some column holds nothing but numbers and blanks from there
    on. Names are words alone, each once; of several such rows above, the last of those with the
    most names that are known (`NAMED`). A row between names and values is passed over only where
    every column holds numbers. None: the names stand in the first row and the values in the second,
    or there are no three rows of numbers.
    """
    width = len(rows[-1])
    starts = []
    for column in range(width):
        start = len(rows)
        while start and len(rows[start - 1]) == width and _is_value(rows[start - 1][column]):
            start -= 1
        # A column that is blank throughout tells nothing.
        known = any(_number(row[column], ".") is not None for row in rows[start:])
        starts.append(start if known else len(rows))
    least = min(starts)
    able = [i for i in range(least) if _are_names(rows[i], width)]
    if width < 2 or len(rows) - least < 3 or not able:
        return None
    named = max(able, key=lambda i: (len(_columns([cell.strip() for cell in rows[i]])), i))
    ordinary = (named, least) == (0, 1)
    # A row of words in front of numbers may be data, unless all else is numbers.
    is_data = named + 1 < least and max(starts) > least
    return None if ordinary or is_data else (named, least)


def _is_value(cell: str) -> bool:
    """Whether a cell can stand in a column of numbers."""
    missing = cell.strip().lower() in ("", "n/a", "na", "nan", "null", "none")
    return missing or _number(cell, ".") is not None or _number(cell, ",") is not None


def _are_names(row: Sequence[str], width: int) -> bool:
    """Whether a row can name the columns: each once, with a letter, and no number."""
    names = [name.strip() for name in row]
    return (
        len(names) == len(set(names)) == width
        and all(any(sign.isalpha() for sign in name) for name in names)
        and not any(_is_value(name) for name in names)
    )


def _plain(folder: Path, parts: _Parts) -> FolderGuess:
    """Return what a folder of tables and of devices looks like."""
    wrists, zips, unclear = _wrists(folder, parts)
    taken = {name for names in wrists.values() for name in names}
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    read: dict[str, _Table] = {}
    questions = [*unclear]
    for name in parts.tables:
        if name in taken or PurePosixPath(name).name in WRIST_ALONE:
            continue
        found = _read_table(folder / name)
        if isinstance(found, str):
            if not re.search(r"readme|licen[cs]e|changes", name, re.IGNORECASE):
                questions.append(f"{name} is no table that could be read: {found}. Is it needed?")
            continue
        read[name] = found
        groups[(found.separator, str(found.lines_before), *found.head)].append(name)
    stimuli = {PurePosixPath(name).stem for name in parts.films}
    tables = [
        _table(names, part, stimuli) for names in groups.values() for part in _kinds(names, read)
    ]
    signals = [signal for table in tables for signal in table.signals]
    signals_reader = ""
    seen = []
    if wrists or zips:
        signals_reader = "empatica"
        kinds = {PurePosixPath(name).name for names in wrists.values() for name in names}
        signals += [_wrist_signal(folder, wrists, name) for name in WRIST if name in kinds]
        seen.append(f"recordings of an Empatica E4: {len(wrists)} folder(s), {len(zips)} zip(s).")
    for reader, names in parts.devices.items():
        seen.append(f"recordings for the reader {reader}: {_files(names)}.")
        if signals_reader:
            questions.append(
                f"There are recordings for the readers {signals_reader} and {reader}: which of "
                "them hold the signals? One study reads one kind."
            )
        signals_reader = signals_reader or reader
    roles = {table.role for table in tables}
    if tables:
        seen.append(f"{len(read)} table(s) of {len(tables)} kind(s).")
    reader = "csv" if roles & {"trials", "responses"} else ""
    if not reader and signals_reader in ("xdf", "edf", "acq"):
        reader, signals_reader = signals_reader, ""
        questions.append(
            f"There is no table of trials: does the {reader} file hold markers of what was shown "
            "and what was answered? Name them in data: options."
        )
    questions += _plain_questions(tables, reader, signals_reader)
    people = _people(tables, read, wrists, zips, parts)
    device = signals_reader or (reader if reader in parts.devices else "")
    signals_folder, options = _device_options(wrists, zips, parts, device)
    ids, conditions, lengths = _shown(tables, read)
    questions += _condition_questions(conditions)
    return FolderGuess(
        reader,
        signals_reader if reader else "",
        signals_folder=signals_folder if signals_reader else ".",
        options={} if signals_reader else _below(options, signals_folder),
        signals_options=options if signals_reader else {},
        seen=tuple(seen),
        participants=people,
        stimulus_ids=ids,
        conditions={name: of[0] for name, of in conditions.items()},
        shown_s=_middles(lengths),
        dimensions=tuple(d for table in tables for d in table.dimensions),
        signals=tuple(signals),
        tables=tuple(tables),
        questions=tuple(questions),
    )


def _kinds(names: Sequence[str], read: dict[str, _Table]) -> Iterator[Mapping[str, _Table]]:
    """Yield tables of one head, by the kinds of their rows: trials alone in `read`, then others.

    PsychoPy and others write trials and samples into one table; each row fills the columns of its
    kind, and leaves those of the other blank.
    """
    columns = _columns(read[names[0]].head)
    if {"stimulus", "onset", "time"} <= set(columns):
        onset, time = columns["onset"], columns["time"]
        shown = {n: _rows_with(read[n], onset, time) for n in names}
        given = {n: _rows_with(read[n], time, onset) for n in names}
        whole = sum(len(read[n].rows) for n in names)
        both = sum(len(part.rows) for parts in (shown, given) for part in parts.values())
        if both == whole and all(part.rows for parts in (shown, given) for part in parts.values()):
            read |= shown
            yield shown
            yield given
            return
    yield read


def _rows_with(table: _Table, filled: str, blank: str) -> _Table:
    """Return the rows that fill one column and not the other, with the columns they fill."""
    there, gone = table.head.index(filled), table.head.index(blank)
    rows = [row for row in table.rows if row[there].strip() and not row[gone].strip()]
    kept = [i for i in range(len(table.head)) if any(row[i].strip() for row in rows)]
    return table._replace(
        head=[table.head[i] for i in kept], rows=[[row[i] for i in kept] for row in rows]
    )


def _columns(head: Sequence[str]) -> dict[str, str]:
    """Return what a column is (`NAMED`) -> its name, by the names alone."""
    columns: dict[str, str] = {}
    for part, form in NAMED.items():
        for column in head:
            plain = _UNIT.sub("", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column)).lower().strip("_ .")
            whole = column.lower().strip()
            free = part not in columns and column not in columns.values()
            if free and (re.fullmatch(form, plain) or re.fullmatch(form, whole)):
                columns[part] = column
    return columns


def _table(
    names: Sequence[str], read: Mapping[str, _Table], stimuli: Collection[str]
) -> TableGuess:
    first = read[names[0]]
    columns = _columns(first.head)
    events: tuple[str, ...] = ()
    if "event" in columns:
        events = tuple(sorted({c for n in names[:20] for c in read[n].column(columns["event"])}))
        if len(events) > 50:
            events = ()
    times = {
        part: _time(first, columns.pop(part))
        for part in ("onset", "end", "time", "duration")
        if part in columns and first.is_numeric(columns[part])
    }
    others = [c for c in first.head if c not in columns.values()]
    others = [c for c in others if c not in {t.column for t in times.values()}]
    values = tuple(column for column in others if first.is_numeric(column))
    pattern = common_pattern(names, stimuli)
    if "time" in times and times["time"].clock == "relative":
        labelled = "stimulus" in columns or STIMULUS in pattern
        if labelled and _starts_anew(read[names[0]], times["time"], columns.get("stimulus")):
            times["time"] = times["time"]._replace(clock="trial")
    signals = tuple(
        SignalGuess(column, kind, "", _rate(first, times.get("time")))
        for column in values
        if "time" in times and (kind := signal_type(column)) is not None
    )
    measured = [
        column
        for column in values
        if column not in {signal.name for signal in signals}
        # What never changes, such as a screen's rate, is no response.
        and len({v for n in names[:20] for v in read[n].numbers(column)}) > 1
    ]
    presses, releases = (
        tuple(event for event in events if event.lower() in words) for words in (_PRESS, _RELEASE)
    )
    held = bool(presses and releases)
    dimensions: tuple[DimensionGuess, ...] = ()
    role: TableRole = "unknown"
    if "time" in times and (measured or held):
        role = "responses"
        pooled = [
            _dimension(c, [v for n in names[:20] for v in read[n].numbers(c)]) for c in measured
        ]
        dimensions = (DimensionGuess("response", "hold", 0, 1),) if held else tuple(pooled)
    elif signals:
        role = "signals"
    elif "onset" in times and "stimulus" in columns:
        role = "trials"
    elif "participant" in columns and len(set(first.column(columns["participant"]))) == len(
        first.rows
    ):
        role = "participants"
    if len(names) == 1 and "participant" not in columns and role != "unknown":
        pattern = alone_pattern(names[0])
    return TableGuess(
        role,
        pattern,
        tuple(names),
        first.separator,
        first.decimal,
        columns,
        onset=times.get("onset"),
        end=times.get("end"),
        time=times.get("time"),
        duration=times.get("duration"),
        values=values,
        events=events,
        presses=presses,
        releases=releases,
        dimensions=dimensions,
        signals=signals,
        head=tuple(first.head),
        lines_before=first.lines_before,
    )


def _time(table: _Table, column: str) -> TimeGuess:
    """Return the unit and the origin of a column of times, by its name and its size.

    ASSUMPTION: times above 10^8 s (1973) count from 1970; a study lasts less than a day.
    """
    values = [abs(value) for value in table.numbers(column)]
    largest = max(values, default=0.0)
    for unit, per_second in (("us", 1e6), ("ms", 1e3), ("s", 1.0)):
        if largest > 1e8 * per_second:
            return TimeGuess(column, unit, "unix")  # type: ignore[arg-type]
    named = _UNIT.search(column)
    if named and named[1].lower() in ("ms", "msec", "milliseconds"):
        return TimeGuess(column, "ms", "relative")
    if named:
        return TimeGuess(column, "us" if named[1].lower() == "us" else "s", "relative")
    whole = all(value == int(value) for value in values)
    return TimeGuess(column, "ms" if whole and largest > 20_000 else "s", "relative")


def _starts_anew(table: _Table, time: TimeGuess, stimulus: str | None) -> bool:
    """Whether times begin near 0 with each stimulus: less than 5 s, and not all in one row of time.

    ASSUMPTION: a response within 5 s of the onset is common, two trials within 5 s are not.
    """
    per_second = _PER_SECOND[time.unit]
    first: dict[str, float] = {}
    labels = [""] * len(table.rows) if stimulus is None else table.column(stimulus)
    for label, cell in zip(labels, table.column(time.column), strict=True):
        value = _number(cell, table.decimal)
        if value is not None:
            first[label] = min(value, first.get(label, value))
    near = [value < 5.0 * per_second for value in first.values()]
    return bool(near) and sum(near) * 2 > len(near)


def _rate(table: _Table, time: TimeGuess | None) -> float | None:
    """Return the rate of a column of times, where its steps are even within 2 %."""
    if time is None:
        return None
    steps = sorted(b - a for a, b in pairwise(table.numbers(time.column)) if b > a)
    if len(steps) < 10:
        return None
    middle = steps[len(steps) // 2]
    if steps[-1] > 1.02 * middle or steps[0] < 0.98 * middle:
        return None
    return round(_PER_SECOND[time.unit] / middle, 3)


def _dimension(name: str, values: Sequence[float]) -> DimensionGuess:
    whole = all(value == int(value) for value in values)
    few = len(set(values)) <= 10
    low, high = min(values, default=0.0), max(values, default=1.0)
    return DimensionGuess(name, "ordinal" if whole and few else "continuous", low, high)


def _plain_questions(
    tables: Sequence[TableGuess], reader: str, signals_reader: str
) -> Iterator[str]:
    roles = [table.role for table in tables]
    labelled = any(
        table.role == "responses" and ("stimulus" in table.columns or STIMULUS in table.pattern)
        for table in tables
    )
    if reader == "csv" and "trials" not in roles:
        yield (
            "No table holds trials: they are made from the responses, which name their stimuli. Is "
            "there one?"
            if labelled
            else "No table says when which stimulus was shown to whom: which one holds the trials?"
        )
    if reader == "csv" and "responses" not in roles:
        yield "No table holds times and ratings or key presses: which one holds the responses?"
    if not reader and (signals_reader or "signals" in roles):
        yield "There are signals and no trials: when was which stimulus shown to whom?"
    for table in tables:
        if table.role == "unknown":
            columns = ", ".join(table.head[:_MOST_NAMED]) + ", ..." * (
                len(table.head) > _MOST_NAMED
            )
            yield f"{table.pattern} (columns {columns}): what is in it? It is not read."
        for time in (table.onset, table.end, table.time, table.duration):
            if time is not None and time.clock != "unix" and _UNIT.search(time.column) is None:
                yield (
                    f"{table.pattern}, column {time.column}: are these {time.unit}, and since when "
                    "(start of the session, or of the trial)?"
                )
        for time in (table.onset, table.time):
            if time is not None and time.clock == "unix":
                yield (
                    f"{table.pattern}, column {time.column}: taken as unix time in {time.unit}. Do "
                    "the clocks of all devices agree?"
                )
        for signal in table.signals:
            yield f"{table.pattern}, column {signal.name} ({signal.type}): in which unit?"


def _people(
    tables: Sequence[TableGuess],
    read: Mapping[str, _Table],
    wrists: Mapping[str, Sequence[str]],
    zips: Sequence[str],
    parts: _Parts,
) -> tuple[str, ...]:
    """Return the participants, by the table that names most directly who took part."""
    named: dict[str, None] = {}
    for role in ("trials", "responses", "participants", "signals"):
        for table in tables:
            if table.role == role:
                column = table.columns.get("participant")
                ids = words_at(table.pattern, table.files, PARTICIPANT)
                if column is not None:
                    ids = [cell for name in table.files for cell in read[name].column(column)]
                named |= dict.fromkeys(name for name in ids if name)
        if named:
            return tuple(sorted(named))
    devices = [*zips, *(name for names in parts.devices.values() for name in names)]
    return tuple(sorted({*map(_last, wrists), *(PurePosixPath(name).stem for name in devices)}))


def _device_options(
    wrists: Mapping[str, Sequence[str]], zips: Sequence[str], parts: _Parts, reader: str
) -> tuple[str, dict[str, str]]:
    """Return the folder of all recordings of a reader, and the pattern of its files below it."""
    if not reader:
        return ".", {}
    paths = [*(wrists or zips)] if reader == "empatica" else list(parts.devices.get(reader, ()))
    folder = os.path.commonpath({str(PurePosixPath(path).parent) for path in paths}) or "."
    below = [os.path.relpath(path, folder) for path in paths]
    pattern = common_pattern(below) if len(below) > 1 else alone_pattern(below[0])
    return folder, {"files": f"{pattern}/" if reader == "empatica" and wrists else pattern}


def _below(options: Mapping[str, str], folder: str) -> dict[str, str]:
    return {key: str(PurePosixPath(folder) / value) for key, value in options.items()}


def _last(folder: str) -> str:
    return PurePosixPath(folder).name


def _shown(
    tables: Sequence[TableGuess], read: Mapping[str, _Table]
) -> tuple[tuple[str, ...], dict[str, list[str]], dict[str, list[float]]]:
    """Return the stimuli of trials, in order, the conditions of each, and seconds of each trial."""
    ids: dict[str, None] = {}
    lengths: dict[str, list[float]] = defaultdict(list)
    conditions: dict[str, list[str]] = {}
    # Without a table of trials, the responses tell to which stimulus they belong.
    role = "trials" if any(table.role == "trials" for table in tables) else "responses"
    for table in (table for table in tables if table.role == role):
        ids |= dict.fromkeys(words_at(table.pattern, table.files, STIMULUS))
        for name in table.files if "stimulus" in table.columns else ():
            shown = read[name].column(table.columns["stimulus"])
            ids |= dict.fromkeys(shown)
            if "condition" in table.columns:
                of = read[name].column(table.columns["condition"])
                for stimulus, condition in dict.fromkeys(zip(shown, of, strict=True)):
                    if condition not in (known := conditions.setdefault(stimulus, [])):
                        known.append(condition)
            for stimulus, seconds in zip(shown, _lasted(table, read[name]), strict=False):
                lengths[stimulus].append(seconds)
    return tuple(ids), conditions, lengths


def _condition_questions(conditions: Mapping[str, Sequence[str]]) -> Iterator[str]:
    several = {name: of for name, of in conditions.items() if len(of) > 1}
    for name, of in several.items():
        yield (
            f"Stimulus {name} stands in the conditions {', '.join(c or '(none)' for c in of)}: "
            "which one is it? A stimulus has one; here it has the first."
        )


def _lasted(table: TableGuess, rows: _Table) -> list[float]:
    """Return the seconds of each trial; none where the table lacks one of them, or tells none."""
    if table.duration is not None:
        found = [v / _PER_SECOND[table.duration.unit] for v in rows.numbers(table.duration.column)]
    elif table.onset is not None and table.end is not None:
        onsets, ends = (rows.numbers(time.column) for time in (table.onset, table.end))
        both = zip(onsets, ends, strict=False) if len(onsets) == len(ends) else ()
        found = [(end - onset) / _PER_SECOND[table.onset.unit] for onset, end in both]
    else:
        found = []
    return found if len(found) == len(rows.rows) else []


def _wrists(folder: Path, parts: _Parts) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Return the folders and the zips of E4 devices, and questions about those of neither kind."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name in parts.tables:
        path = PurePosixPath(name)
        if path.name in WRIST and _is_wrist(folder / name, path.name):
            folders[str(path.parent)].append(name)
    zips, unclear = [], []
    for name in parts.zips:
        try:
            with zipfile.ZipFile(folder / name) as archive:
                held = {PurePosixPath(inner).name for inner in archive.namelist()}
        except (zipfile.BadZipFile, OSError):
            unclear.append(f"{name} is no zip that can be opened. Is it damaged?")
            continue
        if held & set(WRIST):
            zips.append(name)
        else:
            unclear.append(f"{name} holds no recording that is known: unpack it if it is needed.")
    return dict(folders), zips, unclear


def _is_wrist(path: Path, name: str) -> bool:
    """Whether a file begins as those of an E4 do: a unix second, then a rate or the word IBI."""
    lines = (_head_text(path) or "").splitlines()[:2]
    start = _number(lines[0].split(",")[0], ".") if lines else None
    if start is None or start < 1e8 or len(lines) < 2:
        return False
    return (
        "IBI" in lines[0] if name == "IBI.csv" else _number(lines[1].split(",")[0], ".") is not None
    )


def _wrist_signal(folder: Path, wrists: Mapping[str, Sequence[str]], name: str) -> SignalGuess:
    path = next(
        n for names in wrists.values() for n in names if n.endswith(f"/{name}") or n == name
    )
    lines = (_head_text(folder / path) or "").splitlines()
    rate = None if name == "IBI.csv" else _number(lines[1].split(",")[0], ".")
    # Empatica's info.txt: EDA in microsiemens, temperature in degrees Celsius, IBI in seconds.
    units = {"EDA.csv": "uS", "TEMP.csv": "C", "HR.csv": "bpm", "IBI.csv": "s"}
    return SignalGuess(name.removesuffix(".csv"), WRIST[name], units.get(name, ""), rate)
