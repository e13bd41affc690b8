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
from tinglegram.export.derivatives import ParticipantResults
from tinglegram.files import read_arrays, read_table, whole

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


def read_participant_results(folder: Path, name: str) -> ParticipantResults:
    """Read what a study computed of one participant under a protocol.

    Parameters
    ----------
    folder : of the protocol.
    name : of the participant's files, such as 001.

    Raises
    ------
    InputProblem : there are no ratings.
    """
    labels = folder / f"labels/{name}.parquet"
    if not labels.is_file():
        raise InputProblem(
            str(labels),
            expected="the ratings of this participant",
            found="none",
            remedy="Run the study to its end under this protocol.",
        )
    waves = folder / f"pulse_10hz/{name}.npz"
    tables = [folder / f"pulse_{kind}/{name}.tsv" for kind in ("windows", "blocks")]
    windows, blocks = (read_table(p) if p.is_file() else pd.DataFrame() for p in tables)
    predictions = read_saved_predictions(folder / "models", int(name))
    return ParticipantResults(
        read_table(labels),
        read_arrays(waves) if waves.is_file() else {},
        windows,
        blocks,
        pd.concat(predictions, ignore_index=True) if predictions else pd.DataFrame(),
    )


def read_saved_predictions(models: Path, subject: int | None = None) -> list[pd.DataFrame]:
    """Read the predictions of every model, fold and seed, with these in front.

    Parameters
    ----------
    subject : participant whose rows to read; None: everyone's.
    """
    found = []
    for path in sorted(models.glob("*/fold*/**/predictions.parquet")):
        model, fold, *further = path.relative_to(models).parent.parts
        table = read_table(path, subject=subject)
        table.insert(0, "model", model)
        table.insert(1, "fold", int(fold.removeprefix("fold")))
        table.insert(2, "seed", int(further[0].removeprefix("seed")) if further else 1)
        found.append(table)
    return found


def read_statistics(folder: Path) -> dict[str, pd.DataFrame]:
    """Read tables of statistics by name; those that models have each, as one with `model`."""
    found = {path.stem: read_table(path) for path in sorted(folder.glob("*.tsv"))}
    of_models: dict[str, list[pd.DataFrame]] = {}
    for path in sorted(folder.glob("*/*.tsv")):
        table = read_table(path)
        if "model" not in table.columns:
            table.insert(0, "model", path.parent.name)
        of_models.setdefault(path.stem, []).append(table)
    return found | {name: pd.concat(each, ignore_index=True) for name, each in of_models.items()}


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
