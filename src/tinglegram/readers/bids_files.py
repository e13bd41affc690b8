"""Files of a BIDS dataset: their names, their sidecars and the tables in them.

BIDS specification 1.10, "File name structure", "The Inheritance Principle" and "Tabular files".
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import plain_number

# How cells say that there is no value; BIDS itself has n/a only.
_NO_VALUE = ("n/a", "N/A", "NaN", "nan", "")
DATA_SUFFIXES = ("events", "physio", "stim", "beh")


@dataclass(frozen=True)
class BidsName:
    """A file whose name follows BIDS: `sub-S01_task-film_recording-Joy_stim.tsv.gz`."""

    path: Path
    entities: Mapping[str, str]
    suffix: str
    extension: str


def bids_name(path: Path) -> BidsName | None:
    """Return the parts of a file's name; None where it does not follow BIDS."""
    stem, _, extension = path.name.partition(".")
    *pairs, suffix = stem.split("_")
    if "-" in suffix or not extension or not all(re.fullmatch("[^-]+-[^-]+", p) for p in pairs):
        return None
    return BidsName(path, dict(pair.split("-") for pair in pairs), suffix, extension)


def natural_key(label: str) -> list[tuple[int, str]]:
    """Return a key by which labels sort as people count: run 2 before run 10."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split("([0-9]+)", label) if p]


def sidecars_of(name: BidsName, files: Sequence[BidsName]) -> list[BidsName]:
    """Return the JSON files that describe a data file, the nearest one last.

    One applies if it has the same suffix, lies in the same folder or one above it, and names no
    entity that the data file does not have.
    """
    found = [
        other
        for other in files
        if other.extension == "json"
        and other.suffix == name.suffix
        and other.path.parent in name.path.parents
        and other.entities.items() <= name.entities.items()
    ]
    return sorted(found, key=lambda other: (len(other.path.parts), len(other.entities)))


def read_sidecar(name: BidsName, files: Sequence[BidsName]) -> dict[str, Any]:
    """Return what all sidecars of a data file say together; nearer ones count.

    Raises
    ------
    InputProblem : a sidecar that is no JSON object, or two that are equally near and disagree.
    """
    merged: dict[str, Any] = {}
    said_by: dict[str, BidsName] = {}
    for sidecar in sidecars_of(name, files):
        for key, value in _json(sidecar.path).items():
            other = said_by.get(key)
            if (
                other is not None
                and merged[key] != value
                and other.path.parent == sidecar.path.parent
                and len(other.entities) == len(sidecar.entities)
            ):
                raise InputProblem(
                    name.path.name,
                    where=key,
                    expected="one sidecar of each folder that says it",
                    found=f"{other.path.name} and {sidecar.path.name}, which disagree",
                    remedy="Correct or remove one of them; BIDS allows one for each folder.",
                )
            merged[key], said_by[key] = value, sidecar
    return merged


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(_content(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        where, found = "", "other bytes than UTF-8"
    except json.JSONDecodeError as fault:
        where, found = f"line {fault.lineno}", "what is none there"
    else:
        if isinstance(content, dict):
            return content
        where, found = "", f"{type(content).__name__}"
    raise InputProblem(
        path.name,
        where=where,
        expected="one JSON object",
        found=found,
        remedy="Correct the file; the BIDS validator shows what else is amiss.",
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputProblem(
            path.name,
            expected="the content of the file",
            found="a link that leads nowhere",
            remedy="Download it first (datalad get, or git annex get), or download the dataset "
            "without links.",
        ) from None


def _unpacked(path: Path) -> bytes:
    packed = _content(path)
    if not path.name.endswith(".gz"):
        return packed
    try:
        if packed[:2] == b"\x1f\x8b":
            return gzip.decompress(packed)
        found = "a file that is not packed by gzip"
    except EOFError:
        found = "one that ends early"
    except (OSError, zlib.error):
        found = "a damaged one"
    raise InputProblem(
        path.name,
        expected="a whole gzip file",
        found=found,
        remedy="Copy or download it again.",
    )


def _check_widths(content: bytes, width: int, source: str, expected: str) -> None:
    """Refuse a table in which a line has another number of fields than `width`."""
    codes = np.frombuffer(content if content.endswith(b"\n") else content + b"\n", np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    tabs = np.searchsorted(np.flatnonzero(codes == ord("\t")), ends)
    widths = np.diff(tabs, prepend=0) + 1
    wrong = np.flatnonzero(widths != width)
    if len(wrong):
        raise InputProblem(
            source,
            where=f"line {wrong[0] + 1}",
            expected=expected,
            found=str(widths[wrong[0]]),
            remedy="Correct the file or its sidecar: fields are parted by one tab each.",
        )


def read_continuous(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a `.tsv.gz` without header, columns 0, 1, ...; NaN where there is none.

    Raises
    ------
    InputProblem : no whole gzip file; no rows; another number of columns than the sidecar names.
    """
    content = _unpacked(path)
    if not content.strip():
        raise InputProblem(
            path.name,
            expected="rows of samples",
            found="none",
            remedy="Remove the file, or copy it again.",
        )
    said = f"{len(columns)} columns, as Columns of its sidecar names ({', '.join(columns)})"
    _check_widths(content, len(columns), path.name, said)
    return pd.read_csv(
        io.BytesIO(content),
        sep="\t",
        header=None,
        names=range(len(columns)),
        index_col=False,
        na_values=list(_NO_VALUE),
        keep_default_na=False,
        skip_blank_lines=False,
        low_memory=False,
        quoting=csv.QUOTE_NONE,
        # Columns that nobody asks for may hold any bytes.
        encoding_errors="replace",
    )


def continuous_column(rows: pd.DataFrame, column: int, source: str, name: str) -> np.ndarray:
    """Return a column of `read_continuous` as numbers, float64 (n,).

    Raises
    ------
    InputProblem : a cell that is no number.
    """
    cells = rows[column]
    if not pd.api.types.is_numeric_dtype(cells):
        wrong = cells[pd.to_numeric(cells, errors="coerce").isna() & cells.notna()]
        line = int(wrong.index[0]) + 1
        raise InputProblem(
            source,
            where=f"line {line}, column {name}",
            expected="a number or n/a",
            found=f"'{wrong.iloc[0]}'",
            remedy="Remove the line of column names: BIDS wants none in this file."
            if line == 1
            else "Correct the file.",
        )
    return cells.to_numpy(dtype=np.float64)


def read_named(path: Path) -> pd.DataFrame:
    """Return a TSV with a header as text; None where a cell holds no value.

    Raises
    ------
    InputProblem : no header, other bytes than UTF-8, or a line of another number of fields.
    """
    content = _unpacked(path).replace(b"\r\n", b"\n")
    try:
        lines = content.decode("utf-8-sig").rstrip("\n").split("\n")
    except UnicodeDecodeError:
        raise InputProblem(
            path.name,
            expected="text in UTF-8",
            found="other bytes",
            remedy="Save it as UTF-8.",
        ) from None
    header = lines[0].split("\t")
    if not lines[0].strip():
        raise InputProblem(
            path.name,
            expected="a line of column names",
            found="an empty file",
            remedy="Remove the file, or copy it again.",
        )
    expected = f"{len(header)} fields, as in line 1 ({', '.join(header)})"
    _check_widths("\n".join(lines).encode(), len(header), path.name, expected)
    cells = [[_cell(cell.strip()) for cell in line.split("\t")] for line in lines[1:]]
    return pd.DataFrame(cells, columns=[name.strip() for name in header], dtype=object)


def _cell(text: str) -> str | None:
    return None if text in _NO_VALUE else text


def named_numbers(table: pd.DataFrame, column: str, source: str) -> np.ndarray:
    """Return a column of `read_named` as numbers, float64 (n,); NaN where there is no value.

    Raises
    ------
    InputProblem : a cell that is no number.
    """
    found = np.full(len(table), np.nan)
    for row, cell in enumerate(table[column]):
        if cell is None:
            continue
        value = plain_number(cell)
        if value is None:
            raise InputProblem(
                source,
                where=f"line {row + 2}, column {column}",
                expected="a number or n/a",
                found=f"'{cell}'",
                remedy="Correct the file.",
            )
        found[row] = value
    return found


def sampling_of(
    name: BidsName, about: Mapping[str, Any], files: Sequence[BidsName]
) -> tuple[float, float, list[str]]:
    """Return SamplingFrequency (Hz), StartTime (s) and Columns of a continuous recording.

    Raises
    ------
    InputProblem : one of them is missing or no such value; it names the sidecars looked for.
    """
    looked = [sidecar.path.name for sidecar in sidecars_of(name, files)]
    own = name.path.name.removesuffix(f".{name.extension}") + ".json"
    source = f"{name.path.name} (sidecars: {', '.join(looked) or f'none, not even {own}'})"

    def fault(key: str, expected: str) -> InputProblem:
        found = json.dumps(about[key]) if key in about else "none"
        return InputProblem(
            source,
            where=key,
            expected=expected,
            found=found,
            remedy=f"Write {key} into {own}, or into a sidecar above it.",
        )

    rate = about.get("SamplingFrequency")
    start = about.get("StartTime")
    columns = about.get("Columns")
    if not _is_number(rate) or not rate > 0:
        raise fault("SamplingFrequency", "samples per second, above 0")
    if not _is_number(start):
        raise fault("StartTime", "the second at which the first sample was taken")
    if not isinstance(columns, list) or not columns or not all(isinstance(c, str) for c in columns):
        raise fault("Columns", "a list of names")
    return float(rate), float(start), columns


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
