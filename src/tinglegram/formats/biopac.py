"""Biopac text exports: header, body and both ends.

The body is parsed once, and only the columns that are needed. The first and the last bytes tell the
length of a recording without parsing it.
"""

import codecs
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Recording
from tinglegram.settings import ABOVE_ZERO, section, written_as

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


# Rows at either end whose stamps tell how precisely the time column is printed.
_STAMPS = 200
# Nameless columns that trailing separators may make: a spreadsheet pads to 256 columns.
_SURPLUS = 256


@section("pulse")
class BiopacExport:
    """Which column of an export holds the pulse, and its rate."""

    channel: Annotated[
        str,
        written_as("[^{}-][^{}]*", "a name without braces that does not begin with a dash"),
        "Column of the Biopac export: CH1 raw, CH2 band-passed at 0.5-35 Hz.",
    ] = "CH2"
    sampling_rate: Annotated[
        float | None,
        ABOVE_ZERO,
        "Hz; null: take it from the header. A value that contradicts the header is an error.",
    ] = 2000


def read_export(
    content: Content, source: str, channel: str, sampling_rate: float | None
) -> Recording:
    """Read one channel of a Biopac text export.

    Parameters
    ----------
    content : the whole file.
    source : its name, for messages.
    channel : label (CH2) or name of the channel.
    sampling_rate : Hz; None takes the header's. Where both exist they must agree.

    Raises
    ------
    InputProblem
        for an empty or binary file, a header that is missing or contradicts `sampling_rate`,
        a missing channel, a row that is cut short or not numeric, another number of rows than
        the header counts, and a time column that contradicts sample index x interval.
    """
    header = read_header(content, source)
    column = find_channel(header, channel, source)
    rate = agreed_rate(header, sampling_rate, source)
    body = memoryview(content)[header.n_bytes :]
    time, signal = _parse(body, header, column + 1, source)
    findings = _check_count(header, column, len(signal), source)
    if bytes(body[-1:]) not in (b"\n", b"\r"):
        findings += ("no line end after the last row: its last number may be cut short",)
    _check_time(time, _printed_precision(body, header), header, rate, source)
    return Recording(
        signal=signal,
        # Minutes times 60, the very arithmetic of the released code.
        printed_time_s=time * header.seconds_per_unit,
        sampling_rate_hz=rate,
        channel=header.labels[column],
        name=header.names[column],
        unit=header.units[column],
        title=header.title,
        encoding=header.encoding,
        findings=findings,
    )


def find_channel(header: Header, channel: str, source: str) -> int:
    """Return the place of a channel, by its label or name, after the time column."""
    for known in (header.labels, header.names):
        if known.count(channel) == 1:
            return known.index(channel)
    there = [f"{c} ({n})" if n else c for c, n in zip(header.labels, header.names, strict=True)]
    raise InputProblem(
        source,
        expected=f"one channel {channel}",
        found=", ".join(there),
        remedy="Set pulse: channel in the configuration to one of these, or export it too.",
    )


def agreed_rate(header: Header, given: float | None, source: str) -> float:
    """Return the sampling rate in Hz, which header and configuration must not contradict."""
    printed = header.sampling_rate_hz
    # The header prints the interval with 6 significant digits; the configured rate is exact.
    if given is not None and printed is not None and not math.isclose(given, printed, rel_tol=1e-5):
        raise InputProblem(
            source,
            expected=f"{given:g} Hz as configured",
            found=f"{printed:g} Hz in the header",
            remedy="Correct pulse: sampling_rate, or set it to null to take the header's.",
        )
    rate = given or printed
    if rate is None:
        raise InputProblem(
            source,
            expected="the sampling interval in the header, such as '0.5 msec/sample'",
            found="none",
            remedy="Set pulse: sampling_rate in the configuration, or export with the header.",
        )
    return float(rate)


def _parse(
    body: memoryview, header: Header, column: int, source: str
) -> tuple[np.ndarray, np.ndarray]:
    """Time column (as printed) and one channel of the body, both float64."""
    first = next(_lines(body), None)
    if first is None:
        raise InputProblem(
            source, expected="rows of samples", found="only a header", remedy=EXPORT_AGAIN
        )
    # Trailing separators make nameless columns: the first row says how many there are.
    cells = first.split(header.delimiter)
    n_named = len(header.labels) + 1
    if (
        len(cells) < n_named
        or len(cells) > n_named + _SURPLUS
        or any(map(str.strip, cells[n_named:]))
    ):
        _report_bad_row(body, header, column, n_named, source)
    names = [f"column {i}" for i in range(len(cells))]
    wanted, nameless = [names[0], names[column]], names[n_named:]
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            # One thread: each job is given one core, and several jobs run side by side.
            csv.ReadOptions(use_threads=False, column_names=names),
            csv.ParseOptions(delimiter=header.delimiter, quote_char=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.float64())
                | dict.fromkeys(nameless, pa.binary()),
                include_columns=wanted + nameless,
                null_values=[],
            ),
        )
    except pa.ArrowInvalid as problem:
        _report_bad_row(body, header, column, len(names), source)
        raise InputProblem(
            source, expected="rows of numbers", found=str(problem), remedy=EXPORT_AGAIN
        ) from problem
    for name in nameless:
        # A value that a damaged row holds too many moves the others to the wrong columns.
        if compute.max(compute.binary_length(table[name])).as_py():
            _report_bad_row(body, header, column, len(names), source)
    time, signal = (table[name].to_numpy() for name in wanted)
    if not (np.isfinite(time).all() and np.isfinite(signal).all()):
        _report_bad_row(body, header, column, len(names), source)
    return time, signal


def _report_bad_row(
    body: memoryview, header: Header, column: int, n_cells: int, source: str
) -> None:
    """Raise the problem of the first row that is not `n_cells` cells with finite numbers."""
    for number, line in enumerate(_lines(body), start=header.n_lines + 1):
        cells = line.split(header.delimiter)
        found = None
        if len(cells) != n_cells:
            found = f"{len(cells)} cell{'s' * (len(cells) != 1)}: {line[:60]!r}"
        elif any(map(str.strip, cells[len(header.labels) + 1 :])):
            found = f"a value too many: {line[:60]!r}"
        elif not all(map(_is_finite, (cells[0], cells[column]))):
            found = repr(line[:60])
        if found:
            # A decimal comma that separates cells as well makes twice as many of them.
            commas = "," in line if header.delimiter != "," else len(cells) > len(header.labels) + 1
            remedy = f"The row is damaged or cut short. {EXPORT_AGAIN}"
            if commas and number == header.n_lines + 1:
                remedy = f"If its commas are decimal ones: {DECIMAL_POINT}"
            raise InputProblem(
                source,
                where=f"line {number}",
                expected=f"{n_cells} cells with numbers for time and {header.labels[column - 1]}",
                found=found,
                remedy=remedy,
            )


def _is_finite(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _lines(body: memoryview) -> Iterator[str]:
    """Lines of the body that are not empty, one at a time; longer ones than 1 MiB in pieces."""
    start, size = 0, 1 << 20
    while start < len(body):
        lines = bytes(body[start : start + size]).splitlines(keepends=True)
        if start + size < len(body) and len(lines) > 1:
            # It may go on; what follows begins with it.
            lines.pop()
        start += sum(map(len, lines))
        yield from (line.decode("latin-1").strip("\r\n") for line in lines if line.strip(b"\r\n"))


def _check_count(header: Header, column: int, n_rows: int, source: str) -> tuple[str, ...]:
    if header.counts is None or not header.counts[column]:
        return ("no row of sample counts: a file cut off between two rows looks complete",)
    count = int(header.counts[column])
    if count != n_rows:
        raise InputProblem(
            source,
            where=f"line {header.n_lines}",
            expected=f"{count} samples of {header.labels[column]}, as the header counts",
            found=f"{n_rows} rows",
            remedy=f"The file was cut off or edited. {EXPORT_AGAIN}",
        )
    return ()


def _printed_precision(body: memoryview, header: Header) -> tuple[int, int]:
    """Significant digits and decimals with which the first and last stamps are printed."""
    ends = bytes(body[: 64 * _STAMPS]), bytes(body[-64 * _STAMPS :])
    # The first line of the tail and the last of the head may be cut.
    lines = ends[0].splitlines()[:-1][:_STAMPS] + ends[1].splitlines()[1:][-_STAMPS:]
    digits = decimals = 1
    for line in lines or ends[0].splitlines():
        mantissa, _, exponent = line.split(header.delimiter.encode())[0].lower().partition(b"e")
        _, _, fraction = mantissa.partition(b".")
        digits = max(digits, len(mantissa.replace(b".", b"").strip(b" +-").lstrip(b"0")))
        decimals = max(decimals, len(fraction.strip()) - int(exponent or 0))
    return digits, decimals


def _check_time(
    time: np.ndarray, precision: tuple[int, int], header: Header, rate: float, source: str
) -> None:
    """Raise if a stamp is not sample index x interval, as precisely as stamps are printed."""
    digits, decimals = precision
    expected = np.arange(len(time), dtype=np.float64)
    expected /= rate * header.seconds_per_unit
    # Stamps rise, so those of one power of ten stand together and share their last digit.
    powers = np.arange(-12, 13)
    starts = np.searchsorted(expected, 10.0 ** powers[1:])
    last_digit = np.maximum(10.0 ** (powers + 1 - digits), 10.0**-decimals)
    # ASSUMPTION: stamps are rounded, not cut off, as printf's %g does (0.5 ms is printed as
    # 8.33333E-06 min); 1 % on top absorbs floating-point rounding.
    allowed = np.repeat(0.505 * last_digit, np.diff(starts, prepend=0, append=len(time)))
    error = time - expected
    wrong = np.abs(error, out=error) > allowed
    wrong[1:] |= time[1:] < time[:-1]
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    raise InputProblem(
        source,
        where=f"line {header.n_lines + first + 1}",
        expected=f"time {expected[first]:.6g} at sample {first}, {rate:g} Hz",
        found=f"{time[first]:.6g}: samples are missing or repeated, or the time starts elsewhere",
        remedy=f"{EXPORT_AGAIN} If the rate is wrong, correct pulse: sampling_rate.",
    )


# Enough for every header and for several rows of any export, in bytes.
HEAD_BYTES, TAIL_BYTES = 1 << 16, 1 << 12


@dataclass(frozen=True)
class ExportOutline:
    """The sampling rate of an export, Hz, and its number of samples of one channel."""

    sampling_rate_hz: float
    n_samples: int

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.n_samples / self.sampling_rate_hz


def read_outline(
    head: bytes, tail: bytes, size: int, source: str, channel: str, sampling_rate: float | None
) -> ExportOutline:
    """Understand an export by its ends.

    Parameters
    ----------
    head, tail : its first `HEAD_BYTES` and its last `TAIL_BYTES` bytes, or all of a shorter file.
    size : its size in bytes.
    source, channel, sampling_rate : as for `tinglegram.formats.biopac.read_export`.

    Raises
    ------
    InputProblem : what `read_header` refuses, a missing channel, a contradicting rate, no row of
        samples, a last row that is cut short, and a last stamp that contradicts the row of
        sample counts.
    """
    header = read_header(head, source)
    column = find_channel(header, channel, source)
    rate = agreed_rate(header, sampling_rate, source)
    lines = tail[-(size - header.n_bytes) :].splitlines() if size > header.n_bytes else []
    rows = [line.decode("latin-1") for line in lines if line.strip()]
    if not rows:
        raise InputProblem(
            source, expected="rows of samples", found="only a header", remedy=EXPORT_AGAIN
        )
    stamp = _last_stamp(rows[-1], header, column, source)
    last_s = float(stamp) * header.seconds_per_unit
    n_samples = round(last_s * rate) + 1
    if header.counts is None or not header.counts[column]:
        return ExportOutline(rate, n_samples)
    count = int(header.counts[column])
    # A stamp is as precise as its last digit; trailing zeros may be left out.
    precision = 10.0 ** int(stamp.as_tuple().exponent) * header.seconds_per_unit
    if abs((count - 1) / rate - last_s) > precision + 1 / rate:
        raise InputProblem(
            source,
            where="last row",
            expected=f"{count} samples of {header.labels[column]}, as the header counts",
            found=f"about {n_samples}, by the time {stamp} at {rate:g} Hz",
            remedy=f"The file was cut off or edited. {EXPORT_AGAIN}",
        )
    return ExportOutline(rate, count)


def _last_stamp(row: str, header: Header, column: int, source: str) -> Decimal:
    cells = [cell.strip() for cell in row.split(header.delimiter)]
    with suppress(InvalidOperation, ValueError):
        if len(cells) > len(header.labels) and math.isfinite(float(cells[column + 1])):
            stamp = Decimal(cells[0])
            if stamp.is_finite():
                return stamp
    raise InputProblem(
        source,
        where="last row",
        expected=f"{len(header.labels) + 1} cells with numbers",
        found=repr(row[:60]),
        remedy=f"The row is damaged or cut short. {EXPORT_AGAIN}",
    )
