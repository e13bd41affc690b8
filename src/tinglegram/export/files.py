"""What is exported: read from a study's results, written as a folder or one table."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tinglegram.canonical.files import read_session_tables, read_signals
from tinglegram.canonical.tables import Session
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import read_table, whole

# Read alike by R and pandas.
CSV_MISSING = "NA"


def read_participants(results: Path) -> pd.DataFrame | None:
    """Read participants.tsv of a study; None where it has none."""
    path = results / "participants.tsv"
    return read_table(path) if path.exists() else None


def read_sessions(results: Path) -> Iterator[tuple[int, Session]]:
    """Read the canonical tables of every participant, one after the other, by their numbers.

    Raises
    ------
    InputProblem : the study has none.
    """
    folder = results / "canonical"
    found = sorted(folder.glob("*_trials.tsv"))
    if not found:
        raise InputProblem(
            str(folder),
            expected="the canonical tables of participants, <subject>_trials.tsv",
            found="none",
            remedy="Run the study first, or correct the folder of its results.",
        )
    people = read_participants(results)
    ids = {}
    if people is not None:
        names = people["participant_id"].astype(str)
        ids = dict(zip(people["subject"].tolist(), names, strict=True))
    for path in found:
        name = path.name.removesuffix("_trials.tsv")
        trials, responses = read_session_tables(path, folder / f"{name}_responses.tsv")
        signals = folder / f"{name}_signals.npz"
        held = read_signals(signals) if signals.exists() else {}
        number = int(name)
        yield number, Session(ids.get(number, name), trials, responses, list(held.values()))


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything: files of two datasets would be mixed."""
    if folder.exists() and any(folder.iterdir()):
        raise TinglegramError(
            f"{folder}: expected a new or an empty folder, found files in it. Name another one, or "
            "delete it."
        )


def write_dataset(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files by their paths below a folder."""
    for name, content in files.items():
        with whole(folder / name) as aside:
            aside.write_bytes(content)


def copy_stimuli(sources: Mapping[str, Path], folder: Path) -> None:
    """Copy the stimuli that a dataset shares: name below stimuli/ -> file."""
    for name, source in sources.items():
        with whole(folder / "stimuli" / name) as aside:
            shutil.copyfile(source, aside)


def write_tidy(tables: Iterable[pd.DataFrame], path: Path) -> int:
    """Write tables of the same columns as one, Parquet or CSV by the suffix; return the rows.

    Only one of them is held at a time.

    Raises
    ------
    TinglegramError : another suffix.
    """
    if path.suffix not in (".parquet", ".csv"):
        raise TinglegramError(
            f"{path}: expected a file that ends in .parquet or .csv, found '{path.suffix}'. "
            "Name it so."
        )
    rows = 0
    with whole(path) as aside:
        writer = None
        for table in tables:
            if path.suffix == ".csv":
                table.to_csv(aside, mode="a", index=False, header=not rows, na_rep=CSV_MISSING)
            else:
                arrow = pa.Table.from_pandas(table, preserve_index=False)
                writer = writer or pq.ParquetWriter(aside, arrow.schema, compression="zstd")
                writer.write_table(arrow.cast(writer.schema))
            rows += len(table)
        if writer is not None:
            writer.close()
        elif not rows:
            raise TinglegramError(
                f"{path}: expected rows to write, found none. Run the study first."
            )
    return rows
