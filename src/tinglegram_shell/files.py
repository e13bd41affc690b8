"""Reading and writing result files: whole or not at all, same content, same bytes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# BIDS writes missing values in TSV files as n/a (BIDS specification, "Tabular files").
MISSING = "n/a"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix is kept because several writers choose their format by it.
    aside = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as TSV or Parquet, chosen by the suffix of `path`."""
    with whole(path) as aside:
        if path.suffix == ".parquet":
            table.to_parquet(aside, index=False, compression="zstd")
        else:
            table.to_csv(aside, sep="\t", index=False, na_rep=MISSING, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a TSV or Parquet table written by `write_table`."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep="\t", na_values=[MISSING], keep_default_na=False)


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
