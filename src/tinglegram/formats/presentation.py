"""Event logs of Neurobehavioral Systems Presentation: the event table, and nothing after it."""

import codecs
import math
import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from tinglegram.errors import InputProblem

REQUIRED = ("Trial", "Event Type", "Code", "Time")
MOST_BYTES = 4 * 2**20  # A session of an hour takes some 50 kB.
# A carriage return doubled by a file transfer must not read as the blank line that ends the table.
RETURNS = re.compile(r"\r+\n?")
INTEGER = re.compile(r"-?[0-9]{1,18}")  # So that every time fits 64 bits.
QUOTED = re.compile(r'"((?:[^"]|"")*)"')  # Some spreadsheets quote every field.
SCENARIO = re.compile(r"Scenario\s*-\s*(.*)")
WRITTEN = re.compile(r"Logfile written\s*-\s*(.*)")
RESTARTED = (
    "Keep the complete session alone in the file, with its own times, or leave the person out by "
    "a line (subject, *, reason) in the exclusions table."
)
ORIGINAL = "Use the file as Presentation wrote it, or copy it again from the recording computer."

Rows = list[list[str]]
# First column of the video summary, and its columns with numbers, in small letters.
_FILES = ("filename", "file name", "video file", "video")
_NUMBERS = (
    ("frames presented", "frames displayed", "frames shown"),
    ("frames dropped", "dropped frames"),
    ("start time", "start"),
    ("end time", "end", "stop time", "stop"),
    ("duration",),
)
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{0,9})?")


@dataclass(frozen=True)
class Finding:
    """Something a reader of the results should know, but that does not stop the analysis.

    Parameters
    ----------
    kind : what it is, as one word for grouping.
    line : line of the log, counted from 1.
    message : what was seen and what was done about it.
    """

    kind: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the finding as one line for a log or a table."""
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class Log:
    """One event log.

    Parameters
    ----------
    events : one row per event in the order of the file: subject (text; missing where the log has
        no Subject column), trial (int), event_type, code (text, empty for e.g. Quit),
        time_ticks (int, 0.1 ms, can be negative), line (int, from 1).
    scenario, written : what the lines before the table say, as text; None where they are silent.
    encoding : name of the text encoding found.
    findings : what was noticed while reading.
    videos : rows of the video summary after the events; none without such a table.
    """

    events: pd.DataFrame
    scenario: str | None
    written: str | None
    encoding: str
    findings: tuple[Finding, ...]
    videos: tuple["PlayedVideo", ...] = ()


class PlayedVideo(NamedTuple):
    """A row of the video summary: file and line (from 1), frames, and times in their own unit.

    What is not printed, or is no number, is NaN.
    """

    file: str
    line: int
    presented: float
    dropped: float
    start: float
    end: float
    duration: float


def read_log(content: bytes, source: str) -> Log:
    """Read the event table of a Presentation log.

    Columns are found by name (`Uncertainty` occurs twice, `Subject` may be absent), rows may be
    ragged, and the table ends at the first blank line after data. Of what some versions of
    Presentation append, the video summary is read; other summary tables and the JSON are left out,
    with a finding.

    Parameters
    ----------
    content : the file's bytes; UTF-8, UTF-16 with byte order mark, cp932 or Latin-1.
    source : name of the file, for messages.

    Raises
    ------
    InputProblem : empty or binary file, no event table or a second one, no event, a truncated
        line, or a trial or time that is not an integer.
    """
    text, encoding = _decode(content, source)
    rows = [[field.strip() for field in line.split("\t")] for line in _lines(text)]
    if any(row[0] in ('"Subject"', '"Trial"') for row in rows):
        rows = [[_unquoted(field) for field in row] for row in rows]
    header = _find_header(rows, source)
    first = next((i for i in range(header + 1, len(rows)) if any(rows[i])), len(rows))
    # A summary table's own header directly after the event table's means that no event was logged.
    if first == len(rows) or "Event Type" in rows[first]:
        raise InputProblem(
            source,
            where=f"line {header + 1}",
            expected="events below the header of the event table",
            found="none",
            remedy="The recording was ended before its first event; leave this person out.",
        )
    end = next((i for i in range(first, len(rows)) if not any(rows[i])), len(rows))
    if end == len(rows) and len(rows[-1]) < len(rows[header]):
        _check_last_line(rows, header, source)
    for index in range(end, len(rows)):
        if _is_header(rows[index]):
            raise _second_table(source, index + 1, header)
    before = [row[0] for row in rows[:header]]
    return Log(
        events=_events(rows, header, first, end, source),
        scenario=_fact(SCENARIO, before),
        written=_fact(WRITTEN, before),
        encoding=encoding,
        findings=(*_written(content, encoding), *_ignored(rows, end)),
        videos=_video_summary(rows, end),
    )


def _unquoted(field: str) -> str:
    quoted = QUOTED.fullmatch(field)
    return quoted[1].replace('""', '"').strip() if quoted else field


def _lines(text: str) -> list[str]:
    """Split at line feeds, with any carriage returns before them, and at single returns."""
    return RETURNS.sub(lambda m: "\n" if m[0][-1] == "\n" else "\n" * len(m[0]), text).split("\n")


def _decode(content: bytes, source: str) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    if len(content) > MOST_BYTES:
        raise InputProblem(
            source,
            expected=f"an event log of at most {MOST_BYTES} bytes",
            found=f"{len(content)} bytes",
            remedy="Check that the right file lies under this name.",
        )
    candidates = ["utf-8-sig", "cp932", "latin-1"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if not text.strip():
            raise InputProblem(
                source,
                expected="a Presentation event log",
                found="an empty file",
                remedy="Copy the log again from the recording computer.",
            )
        return text, encoding.removesuffix("-sig")
    raise InputProblem(
        source,
        expected="text in UTF-8, UTF-16 with byte order mark, cp932 or Latin-1",
        found="a binary file",
        remedy="Check that the right file lies under this name.",
    )


def _find_header(rows: Rows, source: str) -> int:
    """Return the index of the event table's header row."""
    for index, row in enumerate(rows):
        if row[0] in ("Subject", "Trial"):
            missing = [name for name in REQUIRED if name not in row]
            if not missing:
                return index
            raise InputProblem(
                source,
                where=f"line {index + 1}",
                expected=f"an event table with the columns {', '.join(REQUIRED)}",
                found=f"no column {', '.join(missing)}",
                remedy="Export the log with these columns, separated by tabs.",
            )
    named = [i for i, row in enumerate(rows) if all(name in row[0] for name in REQUIRED)]
    if named:
        raise InputProblem(
            source,
            where=f"line {named[0] + 1}",
            expected="columns separated by tabs",
            found=f"{rows[named[0]][0][:40]!r}",
            remedy=ORIGINAL,
        )
    raise InputProblem(
        source,
        expected="an event table, whose header begins with Subject or Trial",
        found="no such line",
        remedy="Check that the file is a Presentation log with its event table, not a summary.",
    )


def _is_header(row: list[str]) -> bool:
    return row[0] in ("Subject", "Trial") and all(name in row for name in REQUIRED)


def _second_table(source: str, line: int, header: int) -> InputProblem:
    return InputProblem(
        source,
        where=f"line {line}",
        expected="one event table",
        found=f"another one, after that of line {header + 1}: the session was started again",
        remedy=RESTARTED,
        kind="restarted_session",
    )


def _shortest(header: list[str]) -> int:
    """Return how many fields the shortest complete row has: through the first Uncertainty."""
    names = [*REQUIRED, *(name for name in ("Uncertainty",) if name in header)]
    return max(header.index(name) for name in names) + 1


def _truncated(source: str, line: int, expected: str, row: list[str]) -> InputProblem:
    found = max(position for position, field in enumerate(row, start=1) if field)
    return InputProblem(
        source,
        where=f"line {line}",
        expected=expected,
        found=f"a truncated line of {found} field{'s' * (found != 1)}",
        remedy=ORIGINAL,
    )


def _check_last_line(rows: Rows, header: int, source: str) -> None:
    """Refuse a file that breaks off inside the row of a stimulus.

    A file whose last line has no line end and neither the short nor the full number of fields was
    cut while it was written or copied; elsewhere in the table such a row is only ragged.
    """
    short, full = _shortest(rows[header]), len(rows[header])
    if short < len(rows[-1]) < full:
        raise _truncated(source, len(rows), f"{short} or {full} fields", rows[-1])


def _events(rows: Rows, header: int, first: int, end: int, source: str) -> pd.DataFrame:
    """Return the events in rows `first` to `end` (exclusive)."""
    names = rows[header]
    shortest = _shortest(names)
    trial, event_type, code, time = (names.index(name) for name in REQUIRED)
    for index in range(first, end):
        row = rows[index]
        if _is_header(row):
            raise _second_table(source, index + 1, header)
        if len(row) < shortest or not row[time]:
            expected = f"at least {shortest} fields with a time"
            raise _truncated(source, index + 1, expected, row)
        for column, name in ((trial, "Trial"), (time, "Time")):
            if not INTEGER.fullmatch(row[column]):
                raise InputProblem(
                    source,
                    where=f"line {index + 1}",
                    expected=f"an integer in column {name}",
                    found=f"'{row[column]}'",
                    remedy=ORIGINAL,
                )
    table = rows[first:end]
    subject = names.index("Subject") if "Subject" in names else None
    return pd.DataFrame(
        {
            "subject": pd.Series(
                [None if subject is None else row[subject] for row in table], dtype="str"
            ),
            "trial": pd.Series([int(row[trial]) for row in table], dtype="int64"),
            "event_type": pd.Series([row[event_type] for row in table], dtype="str"),
            "code": pd.Series([row[code] for row in table], dtype="str"),
            "time_ticks": pd.Series([int(row[time]) for row in table], dtype="int64"),
            "line": pd.Series(range(first + 1, end + 1), dtype="int64"),
        }
    )


def _video_summary(rows: Rows, end: int) -> tuple[PlayedVideo, ...]:
    """Return the video summary that follows the events, wherever among the tables it stands."""
    found = []
    header: list[str] = []
    for index in range(end, len(rows)):
        cells = [cell.casefold() for cell in rows[index]]
        if cells[0] in _FILES and any(name in cells for names in _NUMBERS for name in names):
            header = cells
        elif header and len(cells) > 1 and cells[0] != "event type":
            named = [[header.index(name) for name in names if name in header] for names in _NUMBERS]
            places = [columns[0] if columns else len(cells) for columns in named]
            numbers = [cells[place] if place < len(cells) else "" for place in places]
            values = [float(cell) if _PLAIN.fullmatch(cell) else math.nan for cell in numbers]
            found.append(PlayedVideo(rows[index][0], index + 1, *values))
        elif any(cells):
            header = []
    return tuple(found)


def _fact(pattern: re.Pattern[str], lines: list[str]) -> str | None:
    """Return what the first line matching `pattern` says."""
    matches = (pattern.fullmatch(line) for line in lines)
    return next((match[1] for match in matches if match), None)


def _written(content: bytes, encoding: str) -> tuple[Finding, ...]:
    """Return a finding about any text that is not plain UTF-8."""
    marked = " with a byte order mark" if content.startswith(codecs.BOM_UTF8) else ""
    if encoding == "utf-8" and not marked:
        return ()
    return (Finding("encoding", 1, f"the text is {encoding}{marked} and was read as such"),)


def _ignored(rows: Rows, end: int) -> tuple[Finding, ...]:
    """Return a finding about the lines that follow the event table, if there are any."""
    after = [i for i in range(end, len(rows)) if any(rows[i])]
    if not after:
        return ()
    begins = "\t".join(rows[after[0]])[:60]
    message = (
        f"{len(after)} lines after the event table are not events and were left out; "
        f"they begin with {begins!r}"
    )
    return (Finding("after_table", after[0] + 1, message),)
