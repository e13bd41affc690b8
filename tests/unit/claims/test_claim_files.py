"""Reading where our numbers stand, and the results themselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from paths import ROOT
from safetensors.numpy import save_file

from tinglegram.claims.files import read_facts, read_results, source_templates
from tinglegram.files import write_table

SOURCES = ROOT / "workflow/claim_sources.tsv"
NUMBERS = {"subject": ["001", "010"], "fold": ["1", "2"]}


def test_files_of_the_sources_each_once_and_as_they_stand() -> None:
    templates = source_templates(SOURCES)
    assert len(templates) == len(set(templates))
    assert set(templates) == set(read_facts(SOURCES)["file"])
    assert {"timeline/{subject}.tsv", "{protocol}/statistics/ablation.tsv"} < set(templates)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Tables of two people and of two folds, and the weights of two networks."""
    for subject in NUMBERS["subject"]:
        write_table(pd.DataFrame({"n": [int(subject)] * 2}), tmp_path / f"timeline/{subject}.tsv")
    for fold in NUMBERS["fold"]:
        folder = tmp_path / f"p/models/fusion/fold{fold}"
        write_table(pd.DataFrame({"step": [0, 1, 2]}), folder / "predictions.parquet")
        save_file({"w": np.zeros((3, 544))}, folder / "weights.safetensors")
    return tmp_path


def test_files_of_a_template_below_each_other_with_their_numbers(results: Path) -> None:
    people = "timeline/{subject}.tsv"
    folds = "{protocol}/models/fusion/fold{fold}/predictions.parquet"
    found = read_results(results, "study", "p", [people, folds], NUMBERS)
    assert found.tables[people]["subject"].tolist() == [1, 1, 10, 10]
    assert found.tables[folds]["fold"].tolist() == [1, 1, 1, 2, 2, 2]
    assert found.names == {
        people: "timeline/*.tsv",
        folds: "p/models/fusion/fold*/predictions.parquet",
    }
    assert found.origin == "study"


def test_widths_of_weights(results: Path) -> None:
    template = "{protocol}/models/fusion/fold{fold}/weights.safetensors"
    table = read_results(results, "study", "p", [template], NUMBERS).tables[template]
    assert table["w"].tolist() == [544, 544]


def test_nobody_has_no_tables(results: Path) -> None:
    template = "timeline/{subject}.tsv"
    assert read_results(results, "published", "p", [template], {"subject": []}).tables == {}
