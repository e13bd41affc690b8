"""What stands above the samples of a Biopac text export, understood line by line."""

import codecs
import re
from dataclasses import dataclass

from tinglegram.errors import InputProblem

Content = bytes | memoryview

# ASSUMPTION: Japanese Biopac software writes names in Shift-JIS (the study was recorded in
# Japan); Latin-1 accepts any byte and therefore comes last.
ENCODINGS = ("utf-8-sig", "cp932", "latin-1")
# Seconds per unit of the time column and of the sampling interval.
TIME_UNITS = {
    **{"min": 60.0, "sec": 1.0, "s": 1.0},
    **{"msec": 1e-3, "millisec": 1e-3, "ms": 1e-3, "usec": 1e-6},
}
_DECIMAL = r"(?:[0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?"
_NUMBER = rf"({_DECIMAL})"
_UNIT = f"({'|'.join(TIME_UNITS)})"
_INTERVAL = re.compile(rf"^\s*{_NUMBER}\s*{_UNIT}\s*/\s*samples?\b", re.I)
_RATE = re.compile(rf"^\s*{_NUMBER}\s*samples?\s*/\s*{_UNIT}(?:ond|ute)?\b", re.I)
_COMMA_INTERVAL = re.compile(rf"^\s*[0-9]*,[0-9]+\s*{_UNIT}\s*/\s*samples?\b", re.I)
_CHANNELS = re.compile(r"^\s*([0-9]+)\s+channels?\b", re.I)
_CHANNEL_LABEL = re.compile(r"CH[0-9]+", re.I)
# A header of more bytes than this is not one (each channel takes two short lines).
_HEADER_BYTES = 1 << 16
EXPORT_AGAIN = "Export the whole recording again from Biopac as text (File > Save as > Text)."
DECIMAL_POINT = (
    "Set the decimal symbol of the computer that runs Biopac to a point and export again."
)


@dataclass(frozen=True)
class Header:
    """Title, interval, channels and columns of an export, and where its samples begin.

    `labels` are the column labels after the time column; `names` and `units` run parallel to
    them (empty strings where the header has none); `counts` are the cells of the row of sample
    counts, None where the export has none; the body starts after `n_lines` and `n_bytes`.
    """

    title: str
    encoding: str
    sampling_rate_hz: float | None
    labels: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    delimiter: str
    seconds_per_unit: float
    counts: tuple[str, ...] | None
    n_lines: int
    n_bytes: int


def read_header(content: Content, source: str) -> Header:
    """Understand the header of the export `content`.

    Its lines are: title (.acq or .gtl file), sampling interval or rate, number of channels, name
    and unit of each channel, column labels, and in most exports a row of sample counts.

    Raises
    ------
    InputProblem
        for an empty or binary file, UTF-16 text, decimal commas, a file without labels of a time
        column and channels, and labels that contradict the number of channels.
    """
    head = bytes(memoryview(content)[:_HEADER_BYTES])
    if not head.strip():
        raise InputProblem(
            source, expected="a Biopac text export", found="an empty file", remedy=EXPORT_AGAIN
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputProblem(
            source,
            expected="text in UTF-8, Shift-JIS or Latin-1",
            found="text in UTF-16, as some editors save it",
            remedy="Open it in a text editor and save it as UTF-8, or export it again from Biopac.",
        )
    if b"\0" in head:
        raise InputProblem(
            source,
            expected="a text export",
            found="binary data, probably an AcqKnowledge .acq file under another name",
            remedy="Open it in AcqKnowledge or Biopac Student Lab, choose File > Save as > Text "
            "with header and time column, and put the result in its place.",
        )
    raw = head.splitlines(keepends=True)
    if len(head) < len(content) and len(raw) > 1:
        # The last line may be cut inside a multi-byte character.
        raw.pop()
    lines, encoding = _decode(raw)
    rate: float | None = None
    names: list[str] = []
    units: list[str] = []
    at = 0
    while at < len(lines) and not _is_labels(lines[at]):
        rate = rate or _sampling_rate(lines[at], f"line {at + 1}", source)
        at += 1
        if match := _CHANNELS.match(lines[at - 1]):
            # Nine digits are more than a header holds and few enough to multiply.
            rows = 2 * int(match[1][:9])
            if at + rows >= len(lines):
                raise InputProblem(
                    source,
                    where=f"line {at}",
                    expected="name and unit of each channel, and then the labels of the columns",
                    found=f"'{lines[at - 1].strip()[:30]}', but not that many lines",
                    remedy=EXPORT_AGAIN,
                )
            # Names may hold anything, commas and units of time included: they are never scanned.
            names, units = lines[at : at + rows : 2], lines[at + 1 : at + rows : 2]
            at += rows
    if at >= len(lines):
        raise _no_labels(lines, source)
    delimiter = _delimiter(lines[at])
    unit, *labels = _cells(lines[at], delimiter)
    if names and len(names) != len(labels):
        raise InputProblem(
            source,
            where=f"line {at + 1}",
            expected=f"columns for {len(names)} channels, as announced above them",
            found=f"{len(labels)} ({', '.join(labels)})",
            remedy=EXPORT_AGAIN,
        )
    counts = _counts(lines[at + 1], delimiter, len(labels)) if at + 1 < len(lines) else None
    n_lines = at + 1 + (counts is not None)
    return Header(
        title=lines[0].strip(),
        encoding=encoding,
        sampling_rate_hz=rate,
        labels=tuple(labels),
        names=tuple(n.strip() for n in names) or ("",) * len(labels),
        units=tuple(u.strip() for u in units) or ("",) * len(labels),
        delimiter=delimiter,
        seconds_per_unit=TIME_UNITS[unit.lower()],
        counts=counts,
        n_lines=n_lines,
        n_bytes=sum(map(len, raw[:n_lines])),
    )


def _no_labels(lines: list[str], source: str) -> InputProblem:
    """Tell a header without time column from a file without header."""
    remedy = f"{EXPORT_AGAIN} Include the header and the horizontal scale (time) column."
    for number, line in enumerate(lines, start=1):
        cells = re.split(r"[\t,;]", line.strip("\t,; "))
        channels = [cell for cell in cells if _CHANNEL_LABEL.fullmatch(cell.strip())]
        if channels and len(channels) >= len(cells) - 1:
            return InputProblem(
                source,
                where=f"line {number}",
                expected=f"a time column in {', '.join(TIME_UNITS)}, then the channels, separated "
                "by tabs or commas",
                found=repr(line[:60]),
                remedy=remedy,
            )
    return InputProblem(
        source,
        where="first lines",
        expected="a header that ends with the labels of the columns, such as 'min CH1 CH2'",
        found=repr(lines[0][:60]),
        remedy=remedy,
    )


def _decode(raw: list[bytes]) -> tuple[list[str], str]:
    """Decode whole lines in the first encoding that fits all of them; strip line ends."""
    for encoding in ENCODINGS:
        try:
            # utf-8-sig removes a byte order mark from the first line and adds none to others.
            return [line.decode(encoding).rstrip("\r\n") for line in raw], encoding
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 decodes every byte")


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line else ","


def _cells(line: str, delimiter: str) -> list[str]:
    cells = [cell.strip() for cell in line.split(delimiter)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_labels(line: str) -> bool:
    cells = _cells(line, _delimiter(line))
    return len(cells) > 1 and cells[0].lower() in TIME_UNITS


def _counts(line: str, delimiter: str, n_channels: int) -> tuple[str, ...] | None:
    first, *counts = (cell.strip() for cell in line.split(delimiter))
    counts = [*counts, *[""] * n_channels][:n_channels]
    if first or not any(counts) or not all(re.fullmatch(r"[0-9]{0,12}", c) for c in counts):
        return None
    return tuple(counts)


def _sampling_rate(line: str, where: str, source: str) -> float | None:
    """Rate in Hz of a line such as `0.5 msec/sample` or `2000 samples/sec`."""
    if _COMMA_INTERVAL.match(line):
        raise InputProblem(
            source,
            where=where,
            expected="numbers with decimal points",
            found=f"a decimal comma in '{line.strip()[:40]}'",
            remedy=DECIMAL_POINT,
        )
    interval, rate = _INTERVAL.match(line), _RATE.match(line)
    match = interval or rate
    if match is None or not float(match[1]):
        return None
    number, unit = float(match[1]), TIME_UNITS[match[2].lower()]
    return 1 / (number * unit) if interval else number / unit
