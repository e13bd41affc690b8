"""The page of readers is right: its options are options, and its adapter is a reader."""

import json
import re

import pytest
import yaml
from paths import ROOT

from tinglegram.canonical.tables import fit_session
from tinglegram.readers.csv_options import csv_options
from tinglegram.readers.registry import MODULES, Request, reader

PAGE = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
(SCRIPT,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
SHOWN = [
    {"film": "sea", "began_s": 2.5, "slider": [[0.0, 0.1], [1.5, 0.9]]},
    {"film": "fire", "began_s": 20.0, "slider": [[3.0, -1]]},
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_options_on_the_page_are_options(example):
    options = csv_options(yaml.safe_load(example), "data.options")
    assert list(options.entries())


def test_there_are_examples():
    assert len(EXAMPLES) == 3


def test_every_reader_stands_on_the_page():
    assert [name for name in MODULES if f"`{name}`" not in PAGE] == []


def test_the_adapter_reads_a_study(tmp_path):
    (tmp_path / "mine.py").write_text(SCRIPT)
    assert len([line for line in SCRIPT.splitlines() if line.strip()]) <= 20
    (tmp_path / "anna.json").write_text(json.dumps(SHOWN))
    lengths = {"sea": 10.0, "fire": 5.0}
    request = Request(tmp_path, {"dimension": "joy"}, lengths)
    mine = reader(str(tmp_path / "mine.py"))
    found = mine.find(request)
    assert found == {"anna": [tmp_path / "anna.json"]}
    session = mine.read("anna", found["anna"], request)
    fit_session(session, "anna", lengths)
    assert session.trials["onset_s"].tolist() == [2.5, 20.0]
    assert session.trials["duration_s"].tolist() == [10.0, 5.0]
    assert session.responses["time_s"].tolist() == [2.5, 4.0, 23.0]
    assert session.responses["value"].tolist() == [0.1, 0.9, -1.0]
    assert set(session.responses["dimension"]) == {"joy"}
