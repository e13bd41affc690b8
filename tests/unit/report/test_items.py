"""The order of report items, and which of them options ask for."""

import argparse
from pathlib import Path

from tinglegram.report.files import (
    model_arguments,
    source_of,
    tinglegram_arguments,
    tinglegrams_of,
)
from tinglegram.report.items import ordered_items


def test_each_protocol_has_its_tables_then_its_figures() -> None:
    of_study = ["tables/claims", "figures/workflow"]
    assert ordered_items(["a", "b"], ["t"], ["f", "g"], of_study, "tsv", "svg") == [
        *("a/tables/t.tsv", "a/figures/f.svg", "a/figures/g.svg"),
        *("b/tables/t.tsv", "b/figures/f.svg", "b/figures/g.svg"),
        *("tables/claims.tsv", "figures/workflow.svg"),
    ]


def test_a_protocol_may_have_more_than_others() -> None:
    own, figures = {"b": ["u"]}, ["b/figures/g"]
    found = ordered_items(["a", "b"], ["t"], ["f"], [], "tsv", "svg", own, figures)
    assert found[:2] == ["a/tables/t.tsv", "a/figures/f.svg"]
    assert found[2:] == [
        *("b/tables/t.tsv", "b/tables/u.tsv", "b/figures/f.svg", "b/figures/g.svg"),
    ]


def test_a_list_stands_for_everybody_in_it(tmp_path: Path) -> None:
    people = tmp_path / "with_pulse.txt"
    people.write_text("001\n010\n")
    parser = argparse.ArgumentParser()
    tinglegram_arguments(parser)
    words = ["--tinglegram", "fusion", "with_pulse", "--tinglegram", "published", "027"]
    options = parser.parse_args([*words, "--participants", f"with_pulse={people}"])
    assert tinglegrams_of(options) == [
        ("fusion", "001"),
        ("fusion", "010"),
        ("published", "027"),
    ]


def test_a_note_belongs_to_one_model() -> None:
    parser = argparse.ArgumentParser()
    model_arguments(parser)
    words = ["--results", "r", "--protocol", "p", "--models", "a", "b", "--output", "{model}.svg"]
    options = parser.parse_args([*words, "--notes", "a=Untrained: x = 1."])
    assert dict(options.notes) == {"a": "Untrained: x = 1."}


def test_sources_stand_below_the_folder_of_results() -> None:
    paths = [Path("results/s/a.tsv"), Path("elsewhere/b.tsv")]
    assert source_of(paths, Path("results/s")) == "a.tsv; elsewhere/b.tsv"
