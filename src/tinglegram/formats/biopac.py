"""Biopac text exports: header, body and both ends.

The body is parsed once, and only the columns that are needed. The first and the last bytes tell the
length of a recording without parsing it.
"""

import codecs
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note, Recording
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
# Separators of labels and of rows: those that Biopac offers, and the one of many spreadsheets.
SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons", " ": "blanks"}
# Significant digits with which an interval is printed; a shorter one lost its zeros.
_DIGITS = 6
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
    them (empty strings where the header has none); `labels_by` separates the labels, `delimiter`
    the cells of the rows; `first_rows` are the first rows of samples as text; `counts` are the
    cells of the row of sample counts, None where the export has none; the body starts after
    `n_lines` and `n_bytes`.
    """

    title: str
    encoding: str
    rate: "PrintedRate | None"
    labels: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    labels_by: str
    delimiter: str
    seconds_per_unit: float
    first_rows: tuple[str, ...]
    counts: tuple[str, ...] | None
    n_lines: int
    n_bytes: int

    @property
    def row_rate_hz(self) -> float | None:
        """Rows per second by the stamps of the first rows, gaps left out; None: not told."""
        stamps = []
        for row in self.first_rows:
            with suppress(ValueError):
                stamps.append(float(row.split(self.delimiter)[0]) * self.seconds_per_unit)
        if not np.isfinite(stamps).all():
            return None
        steps = np.diff(stamps)
        # Stamps of few digits are repeated, and then rise by their last digit.
        rising = steps[steps > 0]
        if not len(rising):
            return None
        kept = steps[(steps >= 0) & (steps <= 5 * np.median(rising))]
        return float(len(kept) / kept.sum())

    def divider(self, column: int) -> int:
        """Rows per sample of a channel by the row of sample counts; 1 where it does not tell.

        Biopac gives each channel a rate of its own: the recording's, divided by a whole number.
        """
        counts = [int(cell) for cell in self.counts or () if cell]
        own = int(self.counts[column]) if self.counts and self.counts[column] else 0
        if not own or own == max(counts):
            return 1
        divider = round(max(counts) / own)
        whole = own in (max(counts) // divider, -(-max(counts) // divider))
        return divider if whole else 1


class PrintedRate(NamedTuple):
    """The sampling rate that a header prints, Hz.

    `rate_hz` is the simplest fraction that is printed like that with six digits: 60 for 16.6667
    msec/sample. `low` and `high` bound the rates that are printed like that.
    """

    rate_hz: float
    low: float
    high: float


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
    rate: PrintedRate | None = None
    names: list[str] = []
    units: list[str] = []
    at = 0
    while at < len(lines) and not _is_labels(lines[at]):
        rate = rate or _sampling_rate(lines[at], f"line {at + 1}", source)
        at += 1
        if match := _CHANNELS.match(lines[at - 1]):
            # Nine digits are more than a header holds and few enough to multiply.
            n_named = 2 * int(match[1][:9])
            if at + n_named >= len(lines):
                raise InputProblem(
                    source,
                    where=f"line {at}",
                    expected="name and unit of each channel, and then the labels of the columns",
                    found=f"'{lines[at - 1].strip()[:30]}', but not that many lines",
                    remedy=EXPORT_AGAIN,
                )
            # Names may hold anything, commas and units of time included: they are never scanned.
            names, units = lines[at : at + n_named : 2], lines[at + 1 : at + n_named : 2]
            at += n_named
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
    rows = [line for line in lines[n_lines:] if line]
    labels_by = delimiter
    if rows:
        delimiter = _row_delimiter(rows[0], labels_by, len(labels) + 1, n_lines + 1, source)
    return Header(
        title=lines[0].strip(),
        encoding=encoding,
        rate=rate,
        labels=tuple(labels),
        names=tuple(n.strip() for n in names) or ("",) * len(labels),
        units=tuple(u.strip() for u in units) or ("",) * len(labels),
        labels_by=labels_by,
        delimiter=delimiter,
        seconds_per_unit=TIME_UNITS[unit.lower()],
        # The last one may be cut off: `content` may be the head of a file.
        first_rows=tuple(rows[:-1] or rows),
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
    """Return what separates the labels of a line; tabs and commas may stand in names as well."""
    for delimiter in (";", " "):
        cells = _cells(line, delimiter)
        if len(cells) > 1 and all(_CHANNEL_LABEL.fullmatch(cell) for cell in cells[1:]):
            return delimiter
    return "\t" if "\t" in line else ","


def _row_delimiter(row: str, labels_by: str, n_cells: int, line: int, source: str) -> str:
    """Return what separates the cells of the first row: mostly what separates the labels."""
    others = [delimiter for delimiter in SEPARATORS if delimiter != labels_by]
    for delimiter in (labels_by, *others):
        cells = _cells(row, delimiter)
        if len(cells) == n_cells and all(map(_is_finite, cells)):
            return delimiter
    if labels_by in row or not any(delimiter in row for delimiter in others):
        # A damaged row, or decimal commas: reading the rows says which.
        return labels_by
    used = " and ".join(name for one, name in SEPARATORS.items() if one in row)
    raise InputProblem(
        source,
        where=f"line {line}",
        expected=f"{n_cells} numbers separated by {SEPARATORS[labels_by]}, as the labels are, or "
        "by one other separator",
        found=f"{row[:60]!r}, with {used}",
        remedy=f"{EXPORT_AGAIN} Choose one separator for all, and a point as decimal symbol.",
    )


def _cells(line: str, delimiter: str) -> list[str]:
    cells = [cell.strip() for cell in line.split(delimiter)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_labels(line: str) -> bool:
    cells = _cells(line, _delimiter(line))
    return len(cells) > 1 and cells[0].lower() in TIME_UNITS


def _counts(line: str, labels_by: str, n_channels: int) -> tuple[str, ...] | None:
    for delimiter in (labels_by, *SEPARATORS):
        first, *counts = (cell.strip() for cell in line.split(delimiter))
        counts = [*counts, *[""] * n_channels][:n_channels]
        if not first and any(counts) and all(re.fullmatch(r"[0-9]{0,12}", c) for c in counts):
            return tuple(counts)
    return None


def _sampling_rate(line: str, where: str, source: str) -> PrintedRate | None:
    """Rate of a line such as `0.5 msec/sample` or `2000 samples/sec`."""
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
    # repr gives at most 17 digits, whatever stands there.
    number = Decimal(repr(float(match[1]))).normalize()
    unit = Fraction(str(TIME_UNITS[match[2].lower()]))
    digits, exponent = len(number.as_tuple().digits), int(number.as_tuple().exponent)
    # A number with fewer digits lost zeros at its end; where it has four or five, it may also have
    # been rounded to them: 16.67 msec/sample.
    last = Fraction(10) ** (exponent + min(0, digits - _DIGITS))
    widest = Fraction(10) ** exponent if digits > _DIGITS - 3 else last
    bounds = [(Fraction(number) + half / 2) for half in (-widest, -last, last, widest)]
    rates = sorted(1 / (bound * unit) if interval else bound / unit for bound in bounds)
    return PrintedRate(
        float(simplest_between(rates[1], rates[2])), float(rates[0]), float(rates[3])
    )


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of the smallest denominator in [low, high], 0 < low <= high."""
    whole = math.floor(low)
    if whole == low:
        return low
    if whole + 1 <= high:
        return Fraction(whole + 1)
    return whole + 1 / simplest_between(1 / (high - whole), 1 / (low - whole))


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
    rate = agreed_rate(header, column, sampling_rate, source)
    body = memoryview(content)[header.n_bytes :]
    time, cells, n_cells = _parse(body, header, column + 1, source)
    signal, divider = _own_samples(cells, n_cells, body, header, column, source)
    precision = _printed_precision(body, header)
    first, rate = _check_time(time, precision, header, rate, sampling_rate is None, source)
    found = [
        *_check_count(header, column, len(time), len(signal), source),
        *_layout_findings(header, column, rate, divider),
        *_start_findings(first, rate),
    ]
    if bytes(body[-1:]) not in (b"\n", b"\r"):
        found.append(
            Note("no_line_end", "no line end after the last row: its last number may be cut short")
        )
    # A channel at half the rate has the samples 0, 1, ... of its own at the rows 0, 2, ...
    if first % divider:
        raise InputProblem(
            source,
            where=f"line {header.n_lines + 1}",
            expected=f"a section that begins with a sample of {header.labels[column]}, in every "
            f"{divider}. row",
            found=f"one that begins at row {first} of the recording",
            remedy=EXPORT_AGAIN,
        )
    return Recording(
        signal=signal,
        # Minutes times 60, the very arithmetic of the released code.
        printed_time_s=time[::divider] * header.seconds_per_unit,
        sampling_rate_hz=rate / divider,
        channel=header.labels[column],
        name=header.names[column],
        unit=header.units[column],
        title=header.title,
        encoding=header.encoding,
        findings=tuple(found),
        first_index=first // divider,
    )


def find_channel(header: Header, channel: str, source: str, setting: str = "channel") -> int:
    """Return the place of a channel, by its label or name, after the time column.

    `setting` is the one below pulse that names it.
    """
    for known in (header.labels, header.names):
        if known.count(channel) == 1:
            return known.index(channel)
    raise InputProblem(
        source,
        expected=f"one channel {channel}",
        found=_channel_list(header),
        remedy=f"Set pulse: {setting} in the configuration to one of these, or export it too.",
    )


def _channel_list(header: Header) -> str:
    channels = zip(header.labels, header.names, strict=True)
    return ", ".join(f"{label} ({name})" if name else label for label, name in channels)


# ASSUMPTION: a channel with one of these words in its name, or with at most two values in its first
# rows, marks events; the digital inputs of a Biopac MP unit are named "Digital ...".
_MARKS = re.compile(r"trig|ttl|mark|digital|sync|stim|event|onset|photo", re.I)


def trigger_channels(
    header: Header, channel: str, wanted: str | None, source: str, *, required: bool
) -> list[str]:
    """Return the labels of the channels that may mark events, those named like it in front.

    Parameters
    ----------
    channel : label or name of the pulse channel, which is none of them.
    wanted : label or name of the one to take; None: every one that looks like it.
    required : whether there must be one.

    Raises
    ------
    InputProblem : there is no channel `wanted`, or none at all although it is `required`.
    """
    if wanted is not None:
        return [header.labels[find_channel(header, wanted, source, "trigger")]]
    named, plain = [], []
    for column, (label, name) in enumerate(zip(header.labels, header.names, strict=True)):
        if channel in (label, name):
            continue
        cells = (row.split(header.delimiter) for row in header.first_rows)
        values = {row[column + 1].strip() for row in cells if len(row) > column + 1}
        if _MARKS.search(name) or _MARKS.search(label):
            named.append(label)
        elif len(values - {""}) <= 2 < len(header.first_rows):
            plain.append(label)
    if required and not named + plain:
        raise InputProblem(
            source,
            expected="a channel that marks the onset of each clip, as pulse: align asks for",
            found=_channel_list(header),
            remedy="Name it in pulse: trigger, export it too, or set pulse: align to start.",
            kind="shifted_pulse",
        )
    return [*named, *plain]


def agreed_rate(header: Header, column: int, given: float | None, source: str) -> float:
    """Return the rate of the rows in Hz, which header and configuration must not contradict.

    The configuration may name the rate of the channel where that is slower than the recording.
    """
    printed = header.rate.rate_hz if header.rate else None
    rate = given or printed
    if rate is None:
        raise InputProblem(
            source,
            expected="the sampling interval in the header, such as '0.5 msec/sample'",
            found="none",
            remedy="Set pulse: sampling_rate in the configuration, or export with the header.",
        )
    if header.rate is None or printed is None:
        return float(rate)
    if given is not None:
        own = given * header.divider(column)
        # The header prints the interval with 6 significant digits; the configured rate is exact.
        for one in (given, own):
            if (
                math.isclose(one, printed, rel_tol=1e-5)
                or header.rate.low <= one <= header.rate.high
            ):
                return float(one)
    rows = header.row_rate_hz
    # All channels of an export may be slower than the recording whose interval the header prints.
    if given and rows and printed > given and math.isclose(given, rows, rel_tol=1e-3):
        return given
    if given is not None:
        raise InputProblem(
            source,
            expected=f"{given:g} Hz as configured",
            found=f"{printed:g} Hz in the header",
            remedy="Correct pulse: sampling_rate, or set it to null to take the header's.",
        )
    return printed


def _own_samples(
    cells: pa.ChunkedArray,
    n_cells: int,
    body: memoryview,
    header: Header,
    column: int,
    source: str,
) -> tuple[np.ndarray, int]:
    """Return the samples of a channel that may be slower than the rows, and rows per sample.

    A slower channel has blank cells between its samples, or repeats each of them. Rows have
    `n_cells` cells.
    """
    n_rows, n_blank = len(cells), cells.null_count
    signal = cells.to_numpy()
    divider = header.divider(column)
    if n_blank:
        own = np.flatnonzero(cells.is_valid().to_numpy())
        divider = int(own[1] - own[0]) if len(own) > 1 else 0
        if divider and np.array_equal(own, np.arange(0, n_rows, divider)):
            signal = signal[::divider]
        elif 3 * n_blank < n_rows or not divider:
            _report_bad_row(body, header, column + 1, n_cells, source)
        else:
            raise _uneven(header, column, f"{len(own)} cells of {n_rows}, the others blank", source)
    elif divider > 1:
        blocks = signal[: n_rows // divider * divider].reshape(-1, divider)
        if (blocks != blocks[:, :1]).any():
            raise _uneven(header, column, f"{n_rows} rows with values that are not held", source)
        signal = signal[::divider]
    if not np.isfinite(signal).all():
        _report_bad_row(body, header, column + 1, n_cells, source)
    return np.ascontiguousarray(signal), max(divider, 1)


def _uneven(header: Header, column: int, found: str, source: str) -> InputProblem:
    label = header.labels[column]
    counted = header.counts[column] if header.counts else ""
    return InputProblem(
        source,
        where=f"line {header.n_lines + 1}",
        expected=f"one value of {label} in every row, or in every second, third, ... row for a "
        f"channel of another rate{f' ({counted} samples by the header)' if counted else ''}",
        found=found,
        remedy=f"Resample {label} in AcqKnowledge to the rate of the recording (Transform > "
        "Resample) and export it again, or set pulse: channel to one of the recording's rate.",
    )


def _layout_findings(header: Header, column: int, rate: float, divider: int) -> list[Note]:
    """Return findings about separators and rates that are not as usual."""
    found = []
    if header.labels_by != header.delimiter:
        names = SEPARATORS[header.labels_by], SEPARATORS[header.delimiter]
        message = f"labels are separated by {names[0]} and rows by {names[1]}; both were read"
        found.append(Note("separators", message))
    if header.rate and not math.isclose(header.rate.rate_hz, rate, rel_tol=1e-5):
        message = f"the header says {header.rate.rate_hz:g} Hz, the time column {rate:.6g} Hz: "
        found.append(Note("other_rate", message + "the time column's was used"))
    if divider > 1:
        message = (
            f"{header.labels[column]} has a value in every {divider}. row of {rate:g} Hz; it was "
            f"read at its own rate, {rate / divider:g} Hz"
        )
        found.append(Note("slower_channel", message))
    return found


def _start_findings(first: int, rate: float) -> list[Note]:
    if not first:
        return []
    message = (
        f"the time column begins at second {first / rate:.6g}: only a section was exported; its "
        "samples were placed by that column"
    )
    return [Note("selected_section", message)]


def _parse(
    body: memoryview, header: Header, column: int, source: str
) -> tuple[np.ndarray, pa.ChunkedArray, int]:
    """Time column (as printed) and one channel, float64, blank cells null; cells of a row."""
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
                null_values=[""],
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
    time, signal = table[wanted[0]].to_numpy(), table[wanted[1]]
    if not np.isfinite(time).all():
        _report_bad_row(body, header, column, len(names), source)
    return time, signal, len(names)


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
            if header.divider(column - 1) > 1:
                remedy = _uneven(header, column - 1, found, source).remedy
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


def _check_count(
    header: Header, column: int, n_rows: int, n_samples: int, source: str
) -> list[Note]:
    if header.counts is None or not header.counts[column]:
        message = "no row of sample counts: a file cut off between two rows looks complete"
        return [Note("no_sample_counts", message)]
    count = int(header.counts[column])
    if count != n_samples:
        raise InputProblem(
            source,
            where=f"line {header.n_lines}",
            expected=f"{count} samples of {header.labels[column]}, as the header counts",
            found=f"{n_rows} rows",
            remedy=f"The file was cut off or edited. {EXPORT_AGAIN}",
        )
    return []


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


def _allowed_error(expected: np.ndarray, precision: tuple[int, int]) -> np.ndarray:
    """Half of the last printed digit of stamps that rise, in the unit of the time column."""
    digits, decimals = precision
    # Stamps rise, so those of one power of ten stand together and share their last digit.
    powers = np.arange(-12, 13)
    starts = np.searchsorted(expected, 10.0 ** powers[1:])
    last_digit = np.maximum(10.0 ** (powers + 1 - digits), 10.0**-decimals)
    # ASSUMPTION: stamps are rounded, not cut off, as printf's %g does (0.5 ms is printed as
    # 8.33333E-06 min); 1 % on top absorbs floating-point rounding.
    return np.repeat(0.505 * last_digit, np.diff(starts, prepend=0, append=len(expected)))


def _first_index(time: np.ndarray, precision: tuple[int, int], rate: float) -> int:
    """Return which sample of the recording the first row is: 0 unless a section was exported.

    `rate` is in rows per unit of the time column. A first stamp of few digits leaves several
    samples possible; all stamps together mostly leave one.
    """
    if abs(time[0]) * rate < 0.5:
        return 0
    index = np.arange(len(time))
    allowed = _allowed_error(np.maximum(time, 0), precision)
    least, most = ((time + sign * allowed) * rate - index for sign in (-1, 1))
    first = math.ceil(least.max())
    return first if first <= most.min() else round(float(time[0]) * rate)


def _check_time(
    time: np.ndarray,
    precision: tuple[int, int],
    header: Header,
    rate: float,
    may_settle: bool,
    source: str,
) -> tuple[int, float]:
    """Return the place of the first row in the recording, and the rate of the rows in Hz.

    Raises where a stamp is not row number / rate, as precisely as stamps are printed. A rate that
    the header rounds is settled by the time column, if `may_settle`.
    """
    problem = None
    for settled in (False, True):
        if settled:
            within = _rate_of_stamps(time, precision, header) if may_settle else None
            if within is None:
                break
            rate = within
        per_unit = rate * header.seconds_per_unit
        first = _first_index(time, precision, per_unit) if np.all(time[1:] >= time[:-1]) else 0
        if abs(first) > _MOST_ROWS or first < 0:
            raise _odd_start(time[0] * header.seconds_per_unit, header, source)
        expected = np.arange(first, first + len(time), dtype=np.float64)
        expected /= per_unit
        allowed = _allowed_error(expected, precision)
        wrong = np.abs(time - expected) > allowed
        wrong[1:] |= time[1:] < time[:-1]
        if not wrong.any():
            return first, rate
        at = int(np.argmax(wrong))
        problem = problem or _odd_time(time, expected, at, first, header, rate, source)
    raise problem or AssertionError("a wrong stamp makes a problem")


# More rows than a year at 2000 Hz are no place in a recording.
_MOST_ROWS = 1 << 36


def _rate_of_stamps(time: np.ndarray, precision: tuple[int, int], header: Header) -> float | None:
    """Return the simplest rate, Hz, that header and all stamps allow; None where none does."""
    if header.rate is None or len(time) < 2 or np.any(time[1:] < time[:-1]) or time[0]:
        return None
    index = np.arange(1, len(time))
    allowed = _allowed_error(time, precision)[1:]
    if not (time[1:] > allowed).all():
        return None
    unit = header.seconds_per_unit
    low = max(float((index / (time[1:] + allowed)).max() / unit), header.rate.low)
    high = min(float((index / (time[1:] - allowed)).min() / unit), header.rate.high)
    return float(simplest_between(Fraction(low), Fraction(high))) if 0 < low <= high else None


def _odd_start(start_s: float, header: Header, source: str) -> InputProblem:
    return InputProblem(
        source,
        where=f"line {header.n_lines + 1}",
        expected="a time column that begins at second 0, or later where a section was exported",
        found=f"second {start_s:.6g}",
        remedy=f"Set the start of the horizontal axis to 0 in AcqKnowledge. {EXPORT_AGAIN}",
    )


def _odd_time(
    time: np.ndarray,
    expected: np.ndarray,
    at: int,
    first: int,
    header: Header,
    rate: float,
    source: str,
) -> InputProblem:
    """Say what a time column shows at its first stamp that is not row number / rate."""
    unit = header.seconds_per_unit
    lost_s = float(time[at] - expected[at]) * unit
    following = time[at : at + _STAMPS]
    step_s = float(following[-1] - following[0]) * unit / max(len(following) - 1, 1)
    if at and time[at] < time[at - 1]:
        seen = "the time goes back: rows are repeated, or the recorder was started again"
    elif len(following) > 2 and not math.isclose(step_s * rate, 1, rel_tol=0.02):
        seen = f"the rows from there on are {step_s:.4g} s apart, not {1 / rate:.4g} s"
    elif lost_s > 1.5 / rate:
        seen = f"{lost_s:.4g} s are missing: the recorder stopped and went on, or rows were lost"
    elif lost_s < -1.5 / rate:
        seen = f"{-lost_s:.4g} s too many: rows are repeated"
    else:
        seen = "samples are missing or repeated, or the rate is not quite this one"
    return InputProblem(
        source,
        where=f"line {header.n_lines + at + 1}",
        expected=f"time {expected[at]:.6g} at sample {first + at}, {rate:g} Hz",
        found=f"{time[at]:.6g}: {seen}",
        remedy=f"{EXPORT_AGAIN} If the rate is wrong, correct pulse: sampling_rate.",
    )


# Enough for every header and for several rows of any export, in bytes.
HEAD_BYTES, TAIL_BYTES = 1 << 16, 1 << 12


@dataclass(frozen=True)
class ExportOutline:
    """The sampling rate of an export, Hz, and its number of samples of one channel.

    `first_index` is the place of its first sample in the recording: 0 unless a section of it was
    exported. `title` is its first line, `findings` what should be known of the file.
    """

    sampling_rate_hz: float
    n_samples: int
    first_index: int = 0
    title: str = ""
    findings: tuple[Note, ...] = ()

    @property
    def seconds(self) -> float:
        """Where the recording ends, by its own clock."""
        return (self.first_index + self.n_samples) / self.sampling_rate_hz


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
    rate = agreed_rate(header, column, sampling_rate, source)
    lines = tail[-(size - header.n_bytes) :].splitlines() if size > header.n_bytes else []
    rows = [line.decode("latin-1") for line in lines if line.strip()]
    if not rows:
        raise InputProblem(
            source, expected="rows of samples", found="only a header", remedy=EXPORT_AGAIN
        )
    if header.row_rate_hz and not math.isclose(header.row_rate_hz, rate, rel_tol=0.02):
        raise InputProblem(
            source,
            where=f"line {header.n_lines + 2}",
            expected=f"rows {1 / rate:.6g} s apart, {rate:g} Hz",
            found=f"{1 / header.row_rate_hz:.6g} s by the time column",
            remedy=f"{EXPORT_AGAIN} If the rate is wrong, correct pulse: sampling_rate.",
        )
    divider = _divider_of_rows(header, column)
    stamp = _last_stamp(rows[-1], header, column, divider, source)
    last_s = float(stamp) * header.seconds_per_unit
    first = _first_of_rows(header, rate, source)
    # A stamp is as precise as its last digit; trailing zeros may be left out.
    precision = 10.0 ** int(stamp.as_tuple().exponent) * header.seconds_per_unit
    n_rows = round(last_s * rate) + 1 - first
    found = [*_layout_findings(header, column, rate, divider), *_start_findings(first, rate)]
    outline = ExportOutline(
        rate / divider, -(-n_rows // divider), first // divider, header.title, tuple(found)
    )
    if header.counts is None or not header.counts[column]:
        no_counts = _check_count(header, column, n_rows, outline.n_samples, source)
        return replace(outline, findings=(*found, *no_counts))
    count = int(header.counts[column])
    # The last sample of a slower channel may be in any of the last rows.
    counted = (
        count if divider == 1 else min(max(n_rows, (count - 1) * divider + 1), count * divider)
    )
    lost_s = last_s - (first + counted - 1) / rate
    if abs(lost_s) > precision + 1 / rate:
        remedy = f"The file was cut off or edited. {EXPORT_AGAIN}"
        if lost_s > 0:
            remedy = (
                f"The time column holds {lost_s:.4g} s more than the samples: the recorder stopped "
                f"and went on, or rows were lost. {EXPORT_AGAIN}"
            )
        raise InputProblem(
            source,
            where="last row",
            expected=f"{count} samples of {header.labels[column]}, as the header counts",
            found=f"about {outline.n_samples}, by the time {stamp} at {rate:g} Hz",
            remedy=remedy,
        )
    return replace(outline, n_samples=count)


class Stretch(NamedTuple):
    """Some seconds of a recording: samples (n_samples,) in `unit`, rate, first second printed."""

    signal: np.ndarray
    sampling_rate_hz: float
    start_s: float
    unit: str


def read_stretch(
    head: bytes,
    piece: bytes,
    begins: int,
    source: str,
    channel: str,
    sampling_rate: float | None,
) -> Stretch | None:
    """Read a channel from any piece of an export, whose first and last lines may be cut.

    Parameters
    ----------
    head : first `HEAD_BYTES` of the file.
    piece, begins : bytes of the file, and where in it they begin.
    source, channel, sampling_rate : as for `tinglegram.formats.biopac.read_export`.

    Returns
    -------
    Stretch or None
        None where the piece holds a row that `read_export` would refuse, with its line.
    """
    header = read_header(head, source)
    column = find_channel(header, channel, source)
    rate = agreed_rate(header, column, sampling_rate, source)
    first = header.n_bytes - begins
    end = b"\n" if b"\n" in piece else b"\r"
    first = first if first >= 0 else piece.find(end) + 1
    whole = piece[first : piece.rfind(end) + 1]
    try:
        time, cells, _ = _parse(memoryview(whole), header, column + 1, source)
    except InputProblem:
        return None
    divider = _divider_of_rows(header, column)
    # Blank cells stand between the samples of a slower channel, or each sample is repeated.
    signal = cells.drop_null().to_numpy() if cells.null_count else cells.to_numpy()[::divider]
    if not np.isfinite(signal).all():
        return None
    start_s = float(time[0]) * header.seconds_per_unit
    return Stretch(signal, rate / divider, start_s, header.units[column])


def _divider_of_rows(header: Header, column: int) -> int:
    """Return rows per sample of a channel, by blank cells of the first rows or by the counts."""
    filled = []
    for number, row in enumerate(header.first_rows):
        cells = row.split(header.delimiter)
        if len(cells) > column + 1 and cells[column + 1].strip():
            filled.append(number)
    apart = {b - a for a, b in zip(filled, filled[1:], strict=False)}
    blank = apart.pop() if filled[:1] == [0] and len(apart) == 1 else 1
    return blank if blank > 1 else header.divider(column)


def _first_of_rows(header: Header, rate: float, source: str) -> int:
    """Return the place of the first row in the recording by the stamps of the first rows."""
    stamps = []
    for row in header.first_rows:
        with suppress(ValueError):
            stamps.append(float(row.split(header.delimiter)[0]))
    if not stamps or not np.isfinite(stamps).all():
        return 0
    body = memoryview("\n".join([*header.first_rows, ""]).encode("utf-8", "replace"))
    precision = _printed_precision(body, header)
    first = _first_index(np.array(stamps), precision, rate * header.seconds_per_unit)
    if first < 0 or first > _MOST_ROWS:
        raise _odd_start(stamps[0] * header.seconds_per_unit, header, source)
    return first


def _last_stamp(row: str, header: Header, column: int, divider: int, source: str) -> Decimal:
    cells = [cell.strip() for cell in row.split(header.delimiter)]
    with suppress(InvalidOperation, ValueError):
        blank = divider > 1 and len(cells) > column + 1 and not cells[column + 1]
        if len(cells) > len(header.labels) and (blank or math.isfinite(float(cells[column + 1]))):
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
