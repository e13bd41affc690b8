"""The table of participants that stands beside the raw data (`data: participants`): covariates.

It serves every reader, `rest_asmr` too, whose own files tell nothing of its people.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import (
    MISSING_WORDS,
    DelimitedTable,
    Wanted,
    numbers_or_words,
    read_delimited,
)
from tinglegram.inputs.exclusions import participant_name

# Columns that may name the participant, as in the tables of BIDS, of offsets and of exclusions.
ID_COLUMNS = ("participant_id", "participant", "subject")


def read_people(path: str, ids: Mapping[str, str]) -> pd.DataFrame:
    """Read the covariates of participants from a table of text (comma, semicolon or tab).

    Parameters
    ----------
    path : of the table: a column of `ID_COLUMNS`, and one for each covariate.
    ids : participant as files of results name them ("007") -> id; the table may name either.

    Returns
    -------
    participant_id and the covariates of those in `ids`, in their order; columns of numbers are
    numbers, blank cells missing. Rows of other people are left out (`strangers` counts them).

    Raises
    ------
    InputProblem : no column that names the participant, nobody of the study, a participant without
        a name or there twice, no covariate, or a word in a column of numbers.
    """
    table, column = _table(path)
    names = [name for name in table.names if name and name != column]
    if not names:
        raise _fault(path, "", "a column for each covariate", "none", "Add one, or set it to null.")
    rows = {who: row for row, who in enumerate(_people(table, column, path, ids)) if who}
    if not rows:
        raise _fault(
            path,
            "",
            f"participants of the study ({', '.join(list(ids.values())[:5])}, ...)",
            ", ".join(table.texts[column][:5]) or "no row",
            f"Write their names in column '{column}' as the files do.",
        )
    found: dict[str, object] = {"participant_id": list(ids.values())}
    for name in names:
        cells = ["" if cell in MISSING_WORDS else cell for cell in table.texts[name]]
        values = numbers_or_words(cells, table.lines.tolist(), name, path)
        own = pd.Series(values).reindex([rows.get(who, -1) for who in ids.values()])
        whole = own.dtype.kind == "f" and bool((own == own.round()).all())
        found[name] = own.astype("int64").to_numpy() if whole else own.to_numpy()
    return pd.DataFrame(found)


def strangers(path: str, ids: Mapping[str, str]) -> list[str]:
    """Return the names in a table of participants that are nobody of the study."""
    table, column = _table(path)
    named = zip(table.texts[column], _people(table, column, path, ids), strict=True)
    return [written for written, who in named if who is None]


def with_people(table: pd.DataFrame, path: str | None, ids: Mapping[str, str]) -> pd.DataFrame:
    """Return a table of participants with the covariates of another one beside its own.

    Parameters
    ----------
    table : participant_id and columns.
    path : of the other table; None: there is none.
    ids : see `read_people`.

    Raises
    ------
    InputProblem : a column that both have; and see `read_people`.
    """
    if path is None:
        return table
    other = read_people(path, ids)
    both = [name for name in other.columns if name in table and name != "participant_id"]
    if both:
        raise _fault(
            path,
            "",
            "covariates that the reader does not know yet",
            f"{', '.join(both)} again",
            "Rename these columns, or take them out.",
        )
    return table.merge(other, on="participant_id", how="left", validate="one_to_one")


def written_values(table: pd.DataFrame, name: str) -> dict[int, str]:
    """Return participant -> a covariate as participants.tsv writes it; without missing values."""
    columns = zip(table["subject"].tolist(), table[name].tolist(), strict=True)
    return {int(who): str(value) for who, value in columns if not pd.isna(value) and value != ""}


def _table(path: str) -> tuple[DelimitedTable, str]:
    content = Path(path).read_bytes()
    names = read_delimited(content, path, Wanted()).names
    column = next((name for name in ID_COLUMNS if name in names), None)
    if column is None:
        raise _fault(
            path,
            "line 1",
            f"a column that names the participant ({', '.join(ID_COLUMNS)})",
            ", ".join(name for name in names if name)[:200],
            "Rename the column.",
        )
    every = list(dict.fromkeys([column, *(name for name in names if name)]))
    return read_delimited(content, path, Wanted(texts=every)), column


def _people(
    table: DelimitedTable, column: str, path: str, ids: Mapping[str, str]
) -> list[str | None]:
    """Return the id of the participant of each row; None: nobody of the study."""
    found: list[str | None] = []
    own = set(ids.values())
    for written, line in zip(table.texts[column], table.lines.tolist(), strict=True):
        who = written if written in own else ids.get(participant_name(written))
        if not written or (who is not None and who in found):
            raise _fault(
                path,
                f"line {line}",
                f"every participant once in column '{column}'",
                f"'{written}' again" if written else "a blank cell",
                "Correct the table.",
            )
        found.append(who)
    return found


def _fault(source: str, where: str, expected: str, found: str, remedy: str) -> InputProblem:
    return InputProblem(source, where=where, expected=expected, found=found, remedy=remedy)
