"""The same statistics of several studies side by side, as they stand; no test is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.files import MISSING


@dataclass(frozen=True)
class Compared:
    """A table whose statistics are compared.

    Attributes
    ----------
    identified_by : columns that say together which row it is.
    printed : quantities (columns) that stand in the short table; the others stand in the whole one.
    rows : the rows that are compared, by their first identifying cell; none named: all.
    """

    identified_by: tuple[str, ...]
    printed: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


_WHOLE_TRIALS = Compared(("metric",))
# Table of statistics -> what identifies its rows. What stands after `<model>/` is a table that
# every model has. A unit belongs to the row: numbers of two units do not stand beside each other.
COMPARED: Mapping[str, Compared] = MappingProxyType(
    {
        "agreement": Compared(("video", "condition"), ("n", "r")),
        "responders": Compared(("level", "video", "condition"), ("n", "rate")),
        "pulse_coupling_test": Compared(("measure", "comparison"), ("t", "p_value", "n_pairs")),
        "rest_change": Compared(
            ("windows", "measure", "unit", "condition", "against"), ("mean_change",)
        ),
        "covariates": Compared(
            ("covariate", "outcome", "unit", "condition", "test", "comparison"),
            ("estimate", "n_participants"),
        ),
        "pulse_mixed_model": Compared(("windows", "term"), ("estimate",)),
        "sensor_coupling_test": Compared(("measure", "comparison"), ("t", "p_value", "n_pairs")),
        "sensor_rest_change": Compared(
            ("windows", "measure", "unit", "condition", "against"), ("mean_change",)
        ),
        "sensor_mixed_model": Compared(("windows", "measure", "unit", "term"), ("estimate",)),
        "ablation": Compared(("model", "reference", "test"), ("mean_difference",)),
        "verdicts": Compared(("model",), ("verdict", "timing", "score", "category")),
        "retrained": Compared(("model",), ("roc_auc", "p_value")),
        "<model>/fold_metrics": Compared(("fold",), ("accuracy", "macro_f1"), ("mean", "sd")),
        "<model>/pooled": Compared(("metric",), ("value",)),
        "<model>/within": Compared(("metric",)),
        "<model>/video_level": _WHOLE_TRIALS,
        "<model>/video_level_own_report": _WHOLE_TRIALS,
    }
)
# Left out: columns that say in words what others say in numbers, and which tests were corrected
# together.
WORDS = ("family", "sentence")
OWN_COLUMNS = ("statistic", "row", "quantity", "note")
NOT_A_TEST = (
    "The studies stand side by side as each was computed, from its own participants, clips and "
    "settings. This describes them; no test of a difference between studies was made."
)

# Statistic -> identifying cells of a row -> quantity -> study -> value.
_Cells = dict[str, dict[tuple[str, ...], dict[str, dict[str, Any]]]]


def declared(name: str) -> str | None:
    """Return the entry of `COMPARED` for a table, such as `fusion/pooled`; None: not compared."""
    model, _, table = name.rpartition("/")
    entry = f"<model>/{table}" if model else table
    return entry if entry in COMPARED else None


def compare_studies(
    studies: Mapping[str, Mapping[str, pd.DataFrame]],
    protocols: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Put the statistics of studies side by side; values are those of the tables, unchanged.

    Parameters
    ----------
    studies : name of a study -> name of a table (such as `agreement`, `fusion/pooled`) -> table.
        Tables that `COMPARED` does not name are left out.
    protocols : name of a study -> value of every switch; none: the protocols are taken as the same.

    Returns
    -------
    One row per number or word: statistic (the table), row (its identifying cells, those that are
    there), quantity (the column), one column per study (missing where it has no such row), note
    (who alone has it, and the switches in which protocols differ).

    Raises
    ------
    InputProblem : fewer than two studies; no row that two have; a table without its identifying
        columns, or with a row twice.
    """
    names = list(studies)
    if len(names) < 2:
        raise too_few(", ".join(names))
    cells = _collected(studies)
    protocol = protocol_difference(protocols)
    rows = [
        {
            "statistic": statistic,
            "row": " / ".join(part for part in row if part),
            "quantity": quantity,
            **{name: values.get(name) for name in names},
            "note": "; ".join(filter(None, [_who_has_it(values, names), protocol])),
        }
        for statistic, of_rows in cells.items()
        for row, quantities in of_rows.items()
        for quantity, values in quantities.items()
    ]
    if not any(_held_by(row, names) > 1 for row in rows):
        raise InputProblem(
            ", ".join(names),
            expected="a row of a statistic that two of the studies have",
            found="none in common",
            remedy="Compare studies with the same clips, conditions or models. docs/statistics.md "
            "lists what is compared.",
        )
    statistic, row, quantity, note = OWN_COLUMNS
    return pd.DataFrame(rows, columns=[statistic, row, quantity, *names, note], dtype=object)


def too_few(source: str) -> InputProblem:
    """Return what is said of one study, or none, that is to be compared."""
    return InputProblem(
        source or "compare",
        expected="two studies or more",
        found="one" if source else "none",
        remedy="Name the folders of their results, such as results/one results/two.",
    )


def protocol_difference(protocols: Mapping[str, Mapping[str, object]]) -> str:
    """Return a note of the switches that studies do not share; empty where they share all.

    Parameters
    ----------
    protocols : name of a study -> value of every switch.
    """
    switches = sorted({switch for values in protocols.values() for switch in values})
    differing = [
        switch
        for switch in switches
        if len({repr(values.get(switch)) for values in protocols.values()}) > 1
    ]
    return f"different protocol ({', '.join(differing)})" if differing else ""


def printed_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `compare_studies` for a short table: main quantities that two have."""
    names = [name for name in table.columns if name not in OWN_COLUMNS]
    kept = []
    for row in table.to_dict("records"):
        entry = declared(row["statistic"])
        printed = COMPARED[entry].printed if entry else ()
        kept.append(row["quantity"] in printed and _held_by(row, names) > 1)
    short = table[kept]
    return short.where(short.notna(), "")


def _collected(studies: Mapping[str, Mapping[str, pd.DataFrame]]) -> _Cells:
    """Return every cell, tables in the order of `COMPARED`, the rest as it comes."""
    entries = list(COMPARED)
    named = {name: declared(name) for tables in studies.values() for name in tables}
    compared = {name: entry for name, entry in named.items() if entry is not None}
    order = sorted(compared, key=lambda name: (entries.index(compared[name]), name))
    cells: _Cells = {name: {} for name in order}
    for name in order:
        for study, tables in studies.items():
            if name in tables:
                _add(cells[name], tables[name], COMPARED[compared[name]], study, name)
    return cells


def _add(
    found: dict[tuple[str, ...], dict[str, dict[str, Any]]],
    table: pd.DataFrame,
    how: Compared,
    study: str,
    name: str,
) -> None:
    """Add the cells of a study's table to `found`."""
    lacking = [column for column in how.identified_by if column not in table.columns]
    if lacking:
        raise InputProblem(
            f"{study}, {name}",
            expected=f"columns that say which row it is ({', '.join(how.identified_by)})",
            found=f"no {', '.join(lacking)}",
            remedy="Run the study again with this version, then compare.",
        )
    left_out = {*how.identified_by, *WORDS}
    quantities = [column for column in table.columns if column not in left_out]
    for record in table.to_dict("records"):
        row = tuple(_text(record[column]) for column in how.identified_by)
        if how.rows and row[0] not in how.rows:
            continue
        values = found.setdefault(row, {})
        for quantity in quantities:
            of_studies = values.setdefault(quantity, {})
            if study in of_studies:
                raise InputProblem(
                    f"{study}, {name}",
                    expected=f"each row once, by {', '.join(how.identified_by)}",
                    found=f"{' / '.join(filter(None, row))} twice",
                    remedy="Run the study again with this version, then compare.",
                )
            of_studies[study] = record[quantity]


def _text(value: object) -> str:
    return "" if value is None or value != value or value == MISSING else str(value)


def _held_by(row: Mapping[Any, Any], names: list[str]) -> int:
    """Return how many studies have a row; a value that is missing in its table is a value."""
    return sum(row[name] is not None for name in names)


def _who_has_it(values: Mapping[str, Any], names: list[str]) -> str:
    return "" if len(values) == len(names) else f"only in {', '.join(values)}"
