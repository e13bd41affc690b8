"""Options of the reader `csv`, from what the heads of tables tell (`inputs/inference.py`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from tinglegram.inputs.inference import FolderGuess, TableGuess, TimeGuess

# Words that the reader takes for a press and a release if none are named.
_WORDS = {"press", "pressed", "down", "keydown", "mousedown", "1"}
_WORDS |= {"release", "released", "up", "keyup", "mouseup", "0"}


def table_options(
    guess: FolderGuess, renamed: Mapping[str, str], dimensions: Mapping[str, str]
) -> dict[str, Any]:
    """Return the options of the reader `csv`: which table and column holds what.

    Parameters
    ----------
    renamed : stimulus as the tables name it -> as the study does, where they differ.
    dimensions : dimension as the tables name it -> as the study does.
    """
    found: dict[str, Any] = {}
    for table in guess.tables:
        if table.role == "trials" and "trials" not in found:
            found["trials"] = _trials(table, renamed)
        elif table.role == "responses":
            found.setdefault("responses", []).append(_responses(table, renamed, dimensions))
        elif table.role == "participants" and "participants" not in found:
            found["participants"] = {"file": table.files[0], "id": table.columns["participant"]}
        if table.signals and not guess.signals_reader:
            found.setdefault("signals", []).append(_signals(table))
    return found


def option_questions(guess: FolderGuess) -> Iterator[str]:
    """Yield what the options leave open."""
    for role in ("trials", "participants"):
        of_role = [table for table in guess.tables if table.role == role]
        for other in of_role[1:]:
            both = f"{of_role[0].pattern} and {other.pattern}"
            yield f"{both} look like tables of {role}: which is it?"
    clocks = {
        time.clock
        for table in guess.tables
        for time in (table.onset, table.time)
        if table.role != "unknown" and time is not None and time.clock != "trial"
    }
    if len(clocks) > 1:
        yield (
            "Some tables have unix times, others count from a start: at which unix time did each "
            "participant's clock begin? Name that column as participants: unix_zero."
        )
    for table in guess.tables:
        if table.onset and table.duration and table.onset.unit != table.duration.unit:
            yield (
                f"{table.pattern}: {table.onset.column} looks like {table.onset.unit}, "
                f"{table.duration.column} like {table.duration.unit}. One unit holds for a table."
            )


def _file(table: TableGuess, time: TimeGuess | None) -> dict[str, Any]:
    found: dict[str, Any] = {"files": table.pattern}
    if "{participant}" not in table.pattern and "participant" in table.columns:
        found["participant"] = table.columns["participant"]
    if "stimulus" in table.columns:
        found["stimulus"] = table.columns["stimulus"]
    if table.decimal != ".":
        found["decimal"] = table.decimal
    if table.lines_before:
        found |= {"header": list(table.head), "lines_before_header": table.lines_before}
    if time is not None and time.unit != "s":
        found["unit"] = time.unit
    if time is not None and time.clock != "relative":
        found["clock"] = time.clock
    return found


def _trials(table: TableGuess, renamed: Mapping[str, str]) -> dict[str, Any]:
    found = _file(table, table.onset)
    times = {"onset": table.onset, "end": table.end, "duration": table.duration}
    found |= {part: time.column for part, time in times.items() if time is not None}
    return found | ({"rename": dict(renamed)} if renamed else {})


def _responses(
    table: TableGuess, renamed: Mapping[str, str], dimensions: Mapping[str, str]
) -> dict[str, Any]:
    found = _file(table, table.time)
    if renamed and ("stimulus" in table.columns or "{stimulus}" in table.pattern):
        found["rename"] = dict(renamed)
    if table.time is not None:
        found["time"] = table.time.column
    if any(dimension.kind == "hold" for dimension in table.dimensions):
        found["event"] = table.columns["event"]
        if not {word.lower() for word in table.events} <= _WORDS:
            found |= {"press": list(table.presses), "release": list(table.releases)}
    else:
        found["value"] = {dimensions[d.name]: d.name for d in table.dimensions}
    return found


def _signals(table: TableGuess) -> dict[str, Any]:
    found = _file(table, table.time)
    if table.time is not None:
        found["time"] = table.time.column
    found["columns"] = {
        signal.name: {"type": signal.type, "unit": signal.unit} for signal in table.signals
    }
    return found
