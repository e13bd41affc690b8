"""Tables as text, such as experiment software writes them: bytes in, columns out.

Cells are separated by comma, semicolon or tab and may be quoted (RFC 4180). Columns are found by
the names in the header line; columns that nobody asked for are not held.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

SEPARATORS = (",", ";", "\t")
# What stands where there is no value: blank, and the words of BIDS, R, Python and JavaScript.
MISSING_WORDS = frozenset({"", "n/a", "N/A", "NA", "NaN", "nan", "null", "None"})
# Gorilla ends its exports with a row of these words.
END_OF_FILE = "END OF FILE"
# Rows that are held as text before they become numbers.
_CHUNK = 50_000
# Characters of one cell: jsPsych keeps whole JSON texts in cells.
_LONGEST_CELL = 10**8
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# Numbers with a sign before three digits, all of them, beside whole ones of three digits at most.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_BELOW_THOUSAND = re.compile(r"[+-]?[1-9]\d{2}")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """What is to be read of a table.

    Attributes
    ----------
    numbers, texts : names of columns; a column may be in both.
    only : column -> what must stand in it for a row to be read, blanks around it aside.
    decimal : sign before the decimals, `.` or `,`.
    header : names of the columns, of a file that does not name them itself.
    lines_before_header : lines to pass over.
    told : whether the different words of a column are to be told, by its name; none is asked for.
    """

    numbers: Sequence[str] = ()
    texts: Sequence[str] = ()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decimal: str = "."
    header: Sequence[str] = ()
    lines_before_header: int = 0
    told: Callable[[str], bool] = lambda name: False

    def columns(self) -> list[str]:
        """Return every column that must be there, once."""
        return list(dict.fromkeys([*self.only, *self.texts, *self.numbers]))


@dataclass(frozen=True, eq=False)
class DelimitedTable:
    """The rows that were read.

    Attributes
    ----------
    numbers : column -> float64 (n,); NaN where a cell is blank or one of `MISSING_WORDS`.
    texts : column -> n texts, without blanks around them; empty where a cell is one of
        `MISSING_WORDS`.
    lines : int64 (n,), the line of each row in the file, from 1.
    names : of all columns of the file.
    left_out : column of `Wanted.only` -> rows that it left out.
    left_blank : of those, the rows with no value in that column.
    told : column of `Wanted.told` -> the different words of the rows that were read.
    notes : encoding, if it is not UTF-8.
    """

    numbers: dict[str, np.ndarray]
    texts: dict[str, list[str]]
    lines: np.ndarray
    names: tuple[str, ...]
    left_out: dict[str, int]
    left_blank: dict[str, int]
    notes: tuple[Note, ...]
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_delimited(content: bytes, source: str, wanted: Wanted) -> DelimitedTable:
    """Read columns of a table.

    Raises
    ------
    InputProblem : no text, no header, a column that is missing or there twice, a row with more or
        fewer cells than the header, a quote that does not end, or a cell that is no number.
    """
    text, notes = _decoded(content, source)
    stream = io.StringIO(text, newline="")
    header, separator, names, passed = _header(stream, source, wanted)
    told = [name for name in dict.fromkeys(names) if wanted.told(name)]
    places = {name: names.index(name) for name in (*wanted.columns(), *told)}
    kept = _Kept(wanted, source, told)
    with _long_cells():
        for row, line in _rows(stream, source, separator, passed, header):
            if len(row) != len(names):
                row = _fitting(row, len(names), source, line)
            kept.add(row, places, line)
    return kept.table(tuple(names), notes)


class _Kept:
    """Rows as they come; texts become numbers a chunk at a time, so that little is held."""

    def __init__(self, wanted: Wanted, source: str, told: Sequence[str]) -> None:
        self.wanted, self.source = wanted, source
        self.told: dict[str, dict[str, None]] = {name: {} for name in told}
        self.texts: dict[str, list[str]] = {name: [] for name in wanted.texts}
        self.cells: dict[str, list[str]] = {name: [] for name in wanted.numbers}
        self.numbers: dict[str, list[np.ndarray]] = {name: [] for name in wanted.numbers}
        self.lines: list[int] = []
        self.left_out = dict.fromkeys(wanted.only, 0)
        self.left_blank = dict.fromkeys(wanted.only, 0)
        self.converted = 0

    def add(self, row: Sequence[str], places: Mapping[str, int], line: int) -> None:
        for name, words in self.wanted.only.items():
            cell = row[places[name]].strip()
            if cell not in words:
                self.left_out[name] += 1
                self.left_blank[name] += cell in MISSING_WORDS
                return
        self.lines.append(line)
        for name, said in self.told.items():
            said[row[places[name]].strip()] = None
        for name, texts in self.texts.items():
            cell = row[places[name]].strip()
            texts.append("" if cell in MISSING_WORDS else cell)
        for name, cells in self.cells.items():
            cells.append(row[places[name]].strip())
        if len(self.lines) - self.converted >= _CHUNK:
            self.convert()

    def convert(self) -> None:
        lines = self.lines[self.converted :]
        for name, cells in self.cells.items():
            self.numbers[name].append(
                _numbers(cells, lines, name, self.source, self.wanted.decimal)
            )
            cells.clear()
        self.converted = len(self.lines)

    def table(self, names: tuple[str, ...], notes: tuple[Note, ...]) -> DelimitedTable:
        self.convert()
        return DelimitedTable(
            {name: np.concatenate(parts) for name, parts in self.numbers.items()},
            self.texts,
            np.array(self.lines, dtype=np.int64),
            names,
            self.left_out,
            self.left_blank,
            notes,
            {
                name: tuple(word for word in said if word not in MISSING_WORDS)
                for name, said in self.told.items()
            },
        )


def _decoded(content: bytes, source: str) -> tuple[str, tuple[Note, ...]]:
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding == "utf-8-sig":
            return text, ()
        said = f"{source}: the text is {encoding} and was read as such"
        return text, (Note("encoding", said),)
    raise InputProblem(
        source,
        expected="a table as text",
        found="bytes that are none",
        remedy="Save it as CSV (UTF-8).",
    )


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(
    stream: io.StringIO, source: str, wanted: Wanted
) -> tuple[list[str] | None, str, list[str], int]:
    """Return the first row if it is data, the separator, the names, and the lines passed."""
    separators: Sequence[str] = SEPARATORS
    for passed, line in enumerate(stream, start=1):
        line = line.strip("\r\n")
        if passed <= wanted.lines_before_header or not line.strip():
            continue
        said = _SEPARATOR_LINE.fullmatch(line)
        if said:
            separators = (said[1],)
            continue
        split = {separator: _split(line, separator) for separator in separators}
        if wanted.header:
            names = [name.strip() for name in wanted.header]
            n_names = len(names)
            separator = _most(split, lambda cells, n=n_names: len(cells) == n)  # type: ignore[misc]
            first: list[str] | None = split[separator]
        else:
            separator = _most(split, lambda cells: set(wanted.columns()) <= set(cells))
            names, first = split[separator], None
        _named(names, wanted, source, passed)
        return first, separator, names, passed
    raise InputProblem(
        source,
        expected="a line with the names of the columns",
        found="no line",
        remedy="Export the file again, or leave it out.",
    )


def _split(line: str, separator: str) -> list[str]:
    with _long_cells():
        try:
            cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        except csv.Error:
            cells = line.split(separator)
    return [cell.strip() for cell in cells]


def _most(split: Mapping[str, list[str]], fits: Callable[[list[str]], bool]) -> str:
    """Return the separator that fits; of several, or where none does, that of the most cells."""
    fitting = [separator for separator, cells in split.items() if fits(cells)] or list(split)
    return max(fitting, key=lambda separator: len(split[separator]))


def _named(names: Sequence[str], wanted: Wanted, source: str, line: int) -> None:
    for name in wanted.columns():
        if name not in names:
            numeric = all(_NUMBER.fullmatch(cell) for cell in names if cell)
            raise InputProblem(
                source,
                where=f"line {line}",
                expected=f"a column '{name}'",
                found=", ".join(name for name in names if name)[:200],
                remedy="The file names no columns: give their names as header."
                if numeric
                else "Name its column in the options, or correct the file.",
            )
        if list(names).count(name) > 1:
            raise InputProblem(
                source,
                where=f"line {line}",
                expected=f"one column '{name}'",
                found=str(list(names).count(name)),
                remedy="Rename those that are not meant.",
            )


def _rows(
    stream: io.StringIO, source: str, separator: str, passed: int, first: list[str] | None
) -> Iterator[tuple[list[str], int]]:
    """Give every row that is not blank, with its line."""
    if first is not None:
        yield first, passed
    reader = csv.reader(stream, delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as fault:
            raise InputProblem(
                source,
                where=f"line {passed + reader.line_num}",
                expected="cells whose quotes end",
                found=str(fault),
                remedy="Export the file again.",
            ) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            if [cell.strip() for cell in row if cell.strip()] == [END_OF_FILE]:
                return
            yield row, passed + reader.line_num


def _fitting(row: list[str], n_columns: int, source: str, line: int) -> list[str]:
    """Return the row without blank cells beyond the header."""
    if len(row) > n_columns and not any(cell.strip() for cell in row[n_columns:]):
        return row[:n_columns]
    more = "A sign in a cell may have been taken for a separator: quote such cells."
    raise InputProblem(
        source,
        where=f"line {line}",
        expected=f"{n_columns} cells, as in the header",
        found=str(len(row)),
        remedy=more if len(row) > n_columns else "The line is cut short: export the file again.",
    )


def _numbers(
    cells: Sequence[str], lines: Sequence[int], name: str, source: str, decimal: str
) -> np.ndarray:
    _check_thousands(cells, lines, name, source, decimal)
    whole = "".join(cells)
    plain = whole.isascii() and "_" not in whole and (decimal == "." or "." not in whole)
    try:
        if not plain:
            raise ValueError
        pointed = [cell.replace(",", ".") for cell in cells] if decimal == "," else cells
        found = np.array([np.nan if c in MISSING_WORDS else float(c) for c in pointed])
        if np.isinf(found).any():
            raise ValueError
    except ValueError:
        return _one_by_one(cells, lines, name, source, decimal)
    return found.astype(np.float64)


def _check_thousands(
    cells: Sequence[str], lines: Sequence[int], name: str, source: str, decimal: str
) -> None:
    """Refuse 999 beside 1.000, which is a thousand and no one."""
    parted = [i for i, cell in enumerate(cells) if decimal in cell]
    whole = [cell for cell in cells if decimal not in cell and cell not in MISSING_WORDS]
    if (
        parted
        and all(_THOUSANDS.fullmatch(cells[i]) for i in parted)
        and any(_BELOW_THOUSAND.fullmatch(cell) for cell in whole)
        and all(len(cell.lstrip("+-")) <= 3 for cell in whole)
    ):
        raise InputProblem(
            source,
            where=f"line {lines[parted[0]]}",
            expected=f"one way to write numbers in column '{name}'",
            found=f"'{cells[parted[0]]}' beside whole numbers below 1000: a sign between thousands",
            remedy="Export the file without signs between thousands, or with the same number of "
            "decimals in all rows.",
        )


def _one_by_one(
    cells: Sequence[str], lines: Sequence[int], name: str, source: str, decimal: str
) -> np.ndarray:
    """Return the numbers, or say which cell is none."""
    found = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if cell in MISSING_WORDS:
            continue
        other = "." if decimal == "," else ","
        value = plain_number(cell, decimal)
        if value is None:
            swapped = _NUMBER.fullmatch(cell.replace(other, "."))
            raise InputProblem(
                source,
                where=f"line {lines[i]}",
                expected=f"a number in column '{name}'",
                found=f"'{cell[:40]}'",
                remedy=_other_sign(cell, other)
                if swapped and cell.count(other) == 1
                else "Correct the cell, or leave its row out by keep.",
            )
        found[i] = value
    return found


def _other_sign(cell: str, other: str) -> str:
    if _THOUSANDS.fullmatch(cell):
        return (
            f"If '{other}' is before decimals, set decimal: '{other}' for this file; if it is "
            "between thousands, export the file without it."
        )
    return f"Set decimal: '{other}' for this file."


def numbers_or_words(
    cells: Sequence[str], lines: Sequence[int], name: str, source: str, decimal: str = "."
) -> np.ndarray | list[str | None]:
    """Return a column as numbers, NaN where a cell is blank, or as words, None where one is.

    Raises
    ------
    InputProblem : at least half of the filled cells are numbers, but not all.
    """
    found = {i: plain_number(cell, decimal) for i, cell in enumerate(cells) if cell}
    words = [i for i, value in found.items() if value is None]
    if not words:
        return np.array([found.get(i, np.nan) for i in range(len(cells))], dtype=np.float64)
    n_numbers = len(found) - len(words)
    if n_numbers >= len(words):
        raise InputProblem(
            source,
            where=f"line {lines[words[0]]}",
            expected=f"a number in column '{name}', as in {n_numbers} other row(s)",
            found=f"'{cells[words[0]][:40]}'",
            remedy="Correct the cell, or write words in all of them.",
        )
    return [cell or None for cell in cells]


def plain_number(text: str, decimal: str = ".") -> float | None:
    """Return the finite number that a text is; None where it is none, as `1_00` and `inf`."""
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return None if np.isinf(value) else value
