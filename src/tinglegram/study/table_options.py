"""Options of the reader `csv`, from what the heads of tables tell (`inputs/inference.py`)."""

from collections.abc import Iterator
from typing import Any

from tinglegram.inputs.inference import FolderGuess, TableGuess, TimeGuess


def table_options(guess: FolderGuess) -> dict[str, Any]:
    """Return the options of the reader `csv`: which table and column holds what."""
    found: dict[str, Any] = {}
    for table in guess.tables:
        if table.role == "trials" and "trials" not in found:
            found["trials"] = _trials(table)
        elif table.role == "responses":
            found.setdefault("responses", []).append(_responses(table))
        elif table.role == "participants" and "participants" not in found:
            found["participants"] = {**_file(table), "participant": table.columns["participant"]}
        if table.signals:
            found.setdefault("signals", []).append(_signals(table))
    return found


def option_questions(guess: FolderGuess) -> Iterator[str]:
    """Yield what the options leave open."""
    for role in ("trials", "participants"):
        of_role = [table for table in guess.tables if table.role == role]
        for other in of_role[1:]:
            both = f"{of_role[0].pattern} and {other.pattern}"
            yield f"{both} look like tables of {role}: which is it?"


def _file(table: TableGuess) -> dict[str, Any]:
    found: dict[str, Any] = {"files": table.pattern}
    if table.separator != ",":
        found["separator"] = table.separator
    if table.decimal != ".":
        found["decimal"] = table.decimal
    return found


def _unit(time: TimeGuess) -> dict[str, Any]:
    return {"unit": time.unit, "clock": "unix" if time.unix else "session"}


def _trials(table: TableGuess) -> dict[str, Any]:
    times = {"onset": table.onset, "end": table.end, "duration": table.duration}
    named = {role: time.column for role, time in times.items() if time is not None}
    columns = {
        role: table.columns[role] for role in ("participant", "stimulus") if role in table.columns
    }
    onset = table.onset
    return {**_file(table), **columns, **named, **({} if onset is None else _unit(onset))}


def _responses(table: TableGuess) -> dict[str, Any]:
    found = _file(table)
    for role in ("participant", "stimulus"):
        if role in table.columns:
            found[role] = table.columns[role]
    if table.time is not None:
        found |= {"time": table.time.column, **_unit(table.time)}
    if any(dimension.kind == "hold" for dimension in table.dimensions):
        found["event"] = table.columns["event"]
    else:
        found["values"] = {dimension.name: dimension.name for dimension in table.dimensions}
    return found


def _signals(table: TableGuess) -> dict[str, Any]:
    found = _file(table)
    if "participant" in table.columns:
        found["participant"] = table.columns["participant"]
    if table.time is not None:
        found |= {"time": table.time.column, **_unit(table.time)}
    found["channels"] = {
        signal.name: {"type": signal.type, "unit": signal.unit} for signal in table.signals
    }
    return found
