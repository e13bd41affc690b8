"""Options of readers by their types, and readers by their names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from tinglegram.errors import TinglegramError, require
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import MODULES, Request, reader


@dataclass(frozen=True)
class Column:
    type: Literal["ppg", "ecg"]
    unit: str = "mV"


@dataclass(frozen=True)
class Options:
    files: str
    rate: float | None = None
    value: str | Mapping[str, str] | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    entries: tuple[Column, ...] = ()
    keep: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def test_defaults_stand_where_nothing_is_given():
    assert read_options({"files": "x"}, Options, "o") == Options("x")


def test_every_kind_of_option():
    found = read_options(
        {
            "files": "x",
            "rate": 64,
            "value": {1: "v"},
            "columns": {"BVP": {"type": "ppg"}},
            "entries": [{"type": "ecg", "unit": "V"}],
            "keep": {"kind": [1, True, "a"]},
        },
        Options,
        "o",
    )
    assert found == Options(
        "x",
        64.0,
        {"1": "v"},
        {"BVP": Column("ppg")},
        (Column("ecg", "V"),),
        {"kind": (1, True, "a")},
    )
    assert isinstance(found.rate, float)


def test_one_of_several_kinds():
    assert read_options({"files": "x", "value": "v"}, Options, "o").value == "v"
    assert read_options({"files": "x", "value": None}, Options, "o").value is None


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"files": "x", "columns": {"BVP": {"type": "pulse"}}}, "o.columns.BVP.type: "),
        ({"files": "x", "entries": [{"type": "ecg"}, {}]}, "o.entries[1]: "),
        ({"files": "x", "value": 3}, "o.value: "),
        ({"files": None}, "o.files: "),
    ],
)
def test_a_fault_names_its_place(values, where):
    with pytest.raises(TinglegramError) as fault:
        read_options(values, Options, "o")
    assert str(fault.value).startswith(where)


@pytest.mark.parametrize("name", MODULES)
def test_every_reader_has_both_functions(name):
    module = reader(name)
    assert callable(module.find) and callable(module.read)


def test_a_script_is_a_reader(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text("def find(request):\n    return {'a': []}\n\n\ndef read(*_):\n    return 1\n")
    found = reader(str(script))
    assert found.find(Request(tmp_path)) == {"a": []}
    assert found.read("a", [], Request(tmp_path)) == 1


def test_a_package_that_is_there_is_returned():
    assert require("json", "x", "x").loads("1") == 1
