"""Reader of Biopac text exports: the body is parsed once, only the columns that are needed."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from tinglegram.biopac_header import DECIMAL_POINT, EXPORT_AGAIN, Content, Header, read_header
from tinglegram.errors import InputProblem

# Rows at either end whose stamps tell how precisely the time column is printed.
_STAMPS = 200
# Nameless columns that trailing separators may make: a spreadsheet pads to 256 columns.
_SURPLUS = 256


@dataclass(frozen=True, eq=False)
class Recording:
    """One channel of a Biopac recording.

    Parameters
    ----------
    signal : float64, shape (n_samples,), in `unit`.
    printed_time_s : float64, shape (n_samples,), seconds: the time column as it is printed.
    sampling_rate_hz : samples per second.
    channel, name, unit : column label (CH2), and its name and unit in the header.
    title : first line of the file (name of the .acq or .gtl file).
    encoding : encoding in which the header could be read.
    findings : what a careful reader should know and is no error.
    """

    signal: np.ndarray
    printed_time_s: np.ndarray
    sampling_rate_hz: float
    channel: str
    name: str
    unit: str
    title: str
    encoding: str
    findings: tuple[str, ...]


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
    if body[-1:] not in (b"\n", b"\r"):
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
