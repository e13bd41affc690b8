"""Reading and writing result files: whole or not at all, same content, same bytes."""

import errno
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.errors import TinglegramError


def sources(paths: Sequence[str], listed: int = 4) -> str:
    """Return one line for the paths: all of them when few, else patterns.

    With more than `listed` paths, those of the same depth become one pattern in which what differs
    is `*`: `["a/1.tsv", "a/2.tsv", …]` gives `a/*.tsv (5 files)`.
    """
    unique = sorted(set(paths))
    if len(unique) <= listed:
        return "; ".join(unique)
    by_depth: dict[int, list[tuple[str, ...]]] = {}
    for path in unique:
        parts = PurePosixPath(path).parts
        by_depth.setdefault(len(parts), []).append(parts)
    return "; ".join(_pattern(group) for group in by_depth.values())


def _pattern(group: Sequence[tuple[str, ...]]) -> str:
    pattern = PurePosixPath(*(_shared(names) for names in zip(*group, strict=True)))
    return f"{pattern} ({len(group)} files)" if len(group) > 1 else str(pattern)


def _shared(names: Sequence[str]) -> str:
    if len(set(names)) == 1:
        return names[0]
    suffixes = {PurePosixPath(name).suffix for name in names}
    return "*" + (suffixes.pop() if len(suffixes) == 1 else "")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# BIDS writes missing values in TSV files as n/a (BIDS specification, "Tabular files").
MISSING = "n/a"


# The disk is full, the quota is used up, or a limit on the size of files is reached.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
TOKEN_BYTES = 4


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it only if the block succeeds.

    The content reaches the disk before the name does, so that even a power cut leaves no half file.

    Raises
    ------
    TinglegramError : there is no room for the file.
    """
    # A name of its own for every writer: where Snakemake alone was killed, its jobs go on beside
    # those of the resumed run. Several writers choose their format by the suffix.
    aside = path.with_name(f".{path.stem}.{token_hex(TOKEN_BYTES)}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in _left_behind(path):
            left.unlink(missing_ok=True)
        yield aside
        _to_disk(aside)
        aside.replace(path)
        _to_disk(path.parent)
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        raise TinglegramError(_no_room(path, aside, fault)) from fault
    finally:
        aside.unlink(missing_ok=True)


def _left_behind(path: Path) -> list[Path]:
    """Return what writers of `path` that were killed left beside it."""
    token = "[0-9a-f]" * (2 * TOKEN_BYTES)
    stem, suffix = glob.escape(path.stem), glob.escape(path.suffix)
    return list(path.parent.glob(f".{stem}.{token}.partial{suffix}"))


def _to_disk(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _no_room(path: Path, aside: Path, fault: OSError) -> str:
    folder = next(parent for parent in path.parents if parent.is_dir())
    written = aside.stat().st_size if aside.exists() else 0
    free = shutil.disk_usage(folder).free
    return (
        f"{path}: expected room for the whole file, found none after {written / 1e6:.1f} MB "
        f"({os.strerror(fault.errno or 0)}; {free / 1e6:.1f} MB free). Free some space, or raise "
        "the limit, then run the same command again: nothing half-written was left."
    )


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as TSV or Parquet, chosen by the suffix of `path`."""
    with whole(path) as aside:
        if path.suffix == ".parquet":
            table.to_parquet(aside, index=False, compression="zstd")
        else:
            table.to_csv(aside, sep="\t", index=False, na_rep=MISSING, lineterminator="\n")


# Columns of names, which people choose: 01 and 1 are two of them. Cells are those of recovery
# studies.
NAMES = ("participant_id", "video", "stimulus_id", "condition", "dimension", "cell")


def read_table(
    path: Path,
    columns: list[str] | None = None,
    subject: int | None = None,
) -> pd.DataFrame:
    """Read a TSV or Parquet table written by `write_table`; the columns of `NAMES` stay text.

    Parameters
    ----------
    columns : those to read; None: all.
    subject : participant whose rows to read; None: everyone's. In Parquet, where tables of all
        participants are kept, the rows of others are not held.
    """
    if path.suffix == ".parquet":
        rows = None if subject is None else [("subject", "==", subject)]
        return pd.read_parquet(path, columns=columns, filters=rows)
    table = pd.read_csv(
        path,
        sep="\t",
        na_values=[MISSING],
        keep_default_na=False,
        usecols=columns,
        dtype=dict.fromkeys(NAMES, str),
    )
    return table if subject is None else table[table["subject"] == subject]


def read_tables(paths: Iterable[Path]) -> pd.DataFrame:
    """Read tables of the same columns as one, such as those of all participants."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays as an uncompressed NPZ file."""
    with whole(path) as aside, aside.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read every array of an NPZ file."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text with LF line ends."""
    with whole(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys."""
    write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", path)


def megabytes(paths: Iterable[str]) -> float:
    """Return the size of the files that are there, in MB (10^6 bytes)."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).exists()) / 1e6
