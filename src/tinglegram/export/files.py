"""What is exported: read from a study's results, written as a folder or one table."""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tinglegram.canonical.files import read_session_tables, read_signals
from tinglegram.canonical.tables import Session
from tinglegram.command_line import names_in
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.export.derivatives import ParticipantResults
from tinglegram.files import read_arrays, read_table, whole
from tinglegram.sensors.sensor_series import series_by_column

# Read alike by R and pandas.
CSV_MISSING = "NA"
# Of files that lack, so many are named.
_MOST_NAMED = 10


def lacking_results(gone: Sequence[Path], what: str = "this file of the results") -> InputProblem:
    """Return the problem of results that lack files: some are named, the rest is counted."""
    named = ", ".join(path.as_posix() for path in gone[1:_MOST_NAMED])
    more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
    return InputProblem(
        str(gone[0]),
        expected=what,
        found="none" + (f", nor {named}{more}" if named else ""),
        remedy="Run the study to its end.",
    )


def read_participants(results: Path) -> pd.DataFrame | None:
    """Read participants.tsv of a study; None where it has none."""
    path = results / "participants.tsv"
    return read_table(path) if path.exists() else None


def read_lists(results: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read who takes part in a study, and whose pulse is used, by the names of their files.

    Raises
    ------
    InputProblem : a list that the study needs is not there.
    """
    everyone, with_pulse = (results / f"participants/{name}.txt" for name in ("all", "with_pulse"))
    if not everyone.is_file():
        raise InputProblem(
            str(everyone),
            expected="a list of the study's participants",
            found="none",
            remedy="Run the study to its end. One of published predictions alone has no trials.",
        )
    # A study without a sensor needs no list of those with pulse; where it has one, it is empty.
    if not with_pulse.is_file() and any(results.glob("*/pulse_10hz/*")):
        raise InputProblem(
            str(with_pulse),
            expected="a list of those whose pulse is used",
            found="none",
            remedy="Run the study to its end.",
        )
    pulse = names_in(with_pulse, may_be_empty=True) if with_pulse.is_file() else ()
    return tuple(names_in(everyone)), tuple(pulse)


def participant_ids(subjects: Sequence[str], people: pd.DataFrame | None) -> dict[int, str]:
    """Return number of a participant -> participant_id, in the order of `subjects`.

    Where a study names nobody (`people` is None), the names of files are the ids.
    """
    if people is None:
        return {int(name): name for name in subjects}
    given = people.set_index("subject")["participant_id"]
    return {int(name): str(given.get(int(name), name)) for name in subjects}


def read_sessions(results: Path) -> Iterator[tuple[int, Session]]:
    """Read the canonical tables of everyone who takes part, one after the other.

    Raises
    ------
    InputProblem : a file of somebody is not there; nobody was given yet.
    """
    subjects, with_pulse = read_lists(results)
    ids = participant_ids(subjects, read_participants(results))
    base = results / "canonical"
    wanted = {name: ["trials.tsv", "responses.tsv"] for name in subjects}
    for name in with_pulse:
        wanted[name].append("signals.npz")
    files = {name: [base / f"{name}_{end}" for end in ends] for name, ends in wanted.items()}
    gone = [path for paths in files.values() for path in paths if not path.is_file()]
    if gone:
        raise lacking_results(gone, "this canonical table of a participant")
    for name, (trials, responses, *signals) in files.items():
        held = [signal for path in signals for signal in read_signals(path).values()]
        number = int(name)
        yield number, Session(ids[number], *read_session_tables(trials, responses), held)


def read_participant_results(
    folder: Path, name: str, has_pulse: bool = True, sensors: Collection[str] = ()
) -> ParticipantResults:
    """Read what a study computed of one participant under a protocol.

    Parameters
    ----------
    folder : of the protocol.
    name : of the participant's files, such as 001.
    has_pulse : whether this participant's pulse is used.
    sensors : types of the other signals of the study.

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

    def measured(what: str, used: bool) -> pd.DataFrame:
        path = folder / what / f"{name}.tsv"
        return read_table(path) if used and path.is_file() else pd.DataFrame()

    predictions = read_saved_predictions(folder / "models", int(name))
    return ParticipantResults(
        read_table(labels),
        read_arrays(waves) if has_pulse and waves.is_file() else {},
        measured("pulse_windows", has_pulse),
        measured("pulse_blocks", has_pulse),
        pd.concat(predictions, ignore_index=True) if predictions else pd.DataFrame(),
        read_sensor_series(folder, name, sensors),
        measured("sensor_windows", bool(sensors)),
        measured("sensor_blocks", bool(sensors)),
    )


def read_sensor_series(
    folder: Path, name: str, kinds: Collection[str]
) -> dict[str, dict[str, np.ndarray]]:
    """Read one participant's sensors on the grid: column -> trial -> (n_steps,) values.

    Parameters
    ----------
    folder : of the protocol.
    name : of the participant's files.
    kinds : types of the sensors of the study; none: there is nothing to read.
    """
    if not kinds:
        return {}
    return series_by_column(read_arrays(folder / f"sensors_10hz/{name}.npz"), kinds)


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
            # Whoever has no row has not all columns either.
            if not len(table):
                continue
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
