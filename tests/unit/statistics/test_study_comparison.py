"""Statistics of studies side by side: known tables, and the command on small results."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from small_results import CONFIG

from tinglegram.errors import InputProblem
from tinglegram.statistics.study_comparison import (
    COMPARED,
    compare_studies,
    declared,
    printed_rows,
    protocol_difference,
)
from tinglegram.study.cli import obey
from tinglegram.study.files import read_compared, studies_to_compare

COLUMNS = ["video", "condition", "n", "r", "family"]


def agreement(*rows: tuple) -> dict[str, pd.DataFrame]:
    return {"agreement": pd.DataFrame(rows, columns=COLUMNS)}


ONE = agreement(("sea", "calm", 8, 0.5, "all"), ("rain", "wild", 8, 0.25, "all"))
OTHER = agreement(("sea", "calm", 5, 0.125, "all"), ("wind", np.nan, 5, np.nan, "all"))


def test_values_stand_side_by_side_by_the_row_they_belong_to():
    found = compare_studies({"one": ONE, "other": OTHER})
    assert list(found.columns) == ["statistic", "row", "quantity", "one", "other", "note"]
    assert found[["row", "quantity", "one", "other", "note"]].values.tolist()[:4] == [
        ["sea / calm", "n", 8, 5, ""],
        ["sea / calm", "r", 0.5, 0.125, ""],
        ["rain / wild", "n", 8, None, "only in one"],
        ["rain / wild", "r", 0.25, None, "only in one"],
    ]
    # A cell that is missing in the table is no part of the row's name; a missing number is a value.
    assert found["row"].tolist()[4:] == ["wind", "wind"]
    assert found["note"].tolist()[4:] == ["only in other"] * 2
    assert np.isnan(found["other"].iloc[5]) and found["one"].iloc[5] is None


def test_rows_are_met_wherever_they_stand():
    turned = {"agreement": ONE["agreement"].iloc[::-1][COLUMNS[::-1]]}
    found = compare_studies({"one": ONE, "turned": turned})
    assert found["one"].tolist() == found["turned"].tolist()


def test_of_three_studies_the_note_names_those_that_have_it():
    found = compare_studies({"a": ONE, "b": OTHER, "c": ONE}).set_index(["row", "quantity"])
    assert found.loc[("rain / wild", "r"), "note"] == "only in a, c"
    assert found.loc[("sea / calm", "r"), ["a", "b", "c", "note"]].tolist() == [0.5, 0.125, 0.5, ""]


def test_other_units_are_other_rows():
    def change(unit: str, value: float) -> dict[str, pd.DataFrame]:
        row = ("all", "rmssd", unit, "calm", "rest", value)
        names = [*COMPARED["rest_change"].identified_by, "mean_change"]
        return {"rest_change": pd.DataFrame([row], columns=names)}

    found = compare_studies({"one": ONE | change("ms", 1.0), "other": OTHER | change("s", 2.0)})
    changes = found[found["statistic"] == "rest_change"]
    assert changes["row"].tolist() == [
        *("all / rmssd / ms / calm / rest", "all / rmssd / s / calm / rest")
    ]
    assert changes["note"].tolist() == ["only in one", "only in other"]


def test_only_declared_tables_and_rows_are_compared():
    folds = pd.DataFrame({"fold": ["1", "mean", "sd"], "accuracy": [0.5, 0.75, 0.25]})
    tables = {
        "fusion/fold_metrics": folds,
        "rest_change_people": folds,
        "fusion/calibration": folds,
    }
    found = compare_studies({"one": tables, "other": tables})
    assert set(found["statistic"]) == {"fusion/fold_metrics"}
    assert found["row"].tolist() == ["mean", "sd"]
    assert [declared(name) for name in ("pooled", "fusion/pooled", "fusion/agreement")] == [
        *(None, "<model>/pooled", None)
    ]


def test_the_short_table_holds_main_quantities_that_two_have():
    short = printed_rows(compare_studies({"one": ONE, "other": OTHER, "third": OTHER}))
    assert short[["row", "quantity", "one"]].values.tolist() == [
        *(["sea / calm", "n", 8], ["sea / calm", "r", 0.5]),
        *(["wind", "n", ""], ["wind", "r", ""]),
    ]


def test_the_note_names_switches_that_differ():
    switches = {"one": {"padding": "masked", "p_value": "all"}, "other": {"padding": "counted"}}
    assert protocol_difference(switches) == "different protocol (p_value, padding)"
    assert protocol_difference({"one": {"padding": 1}, "other": {"padding": 1}}) == ""
    found = compare_studies({"one": ONE, "other": OTHER}, switches)
    assert found["note"].iloc[2] == "only in one; different protocol (p_value, padding)"


def test_a_row_that_stands_twice_is_refused():
    with pytest.raises(InputProblem, match="sea / calm twice"):
        compare_studies({"one": ONE, "other": agreement(*[("sea", "calm", 1, 0.5, "")] * 2)})


def write_statistics(results: Path, r: str, protocols: list[str]) -> Path:
    """Write a study of one number, under each of its protocols."""
    for protocol in protocols:
        folder = results / protocol / "statistics"
        (folder / "fusion").mkdir(parents=True)
        text = f"video\tcondition\tr\tp_value\nsea\tn/a\t{r}\tn/a\n"
        (folder / "agreement.tsv").write_text(text)
        (folder / "fusion/pooled.tsv").write_text("metric\tvalue\naccuracy\t0.50\n")
    (results / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"protocols": protocols}))
    return results


def test_the_command_keeps_every_digit_and_says_that_nothing_is_tested(tmp_path, capfd):
    one = write_statistics(tmp_path / "one", "0.30000000000000004", ["described", "corrected"])
    two = write_statistics(tmp_path / "two", "1e-3", ["corrected"])
    to = tmp_path / "both.tsv"
    given = ("compare", str(one), str(two), "--output", str(to))
    assert obey([*given, "--protocol", "corrected"]) == 0
    assert to.read_text().splitlines() == [
        "statistic\trow\tquantity\tone\ttwo\tnote",
        "agreement\tsea\tr\t0.30000000000000004\t1e-3\t",
        "agreement\tsea\tp_value\tn/a\tn/a\t",
        "fusion/pooled\taccuracy\tvalue\t0.50\t0.50\t",
    ]
    printed = capfd.readouterr().out
    assert "Statistics of one (corrected), two (corrected)" in printed
    assert "0.30000000000000004" in printed and "p_value" not in printed
    assert "2 of 3 rows are shown" in printed
    assert "no test of a difference between studies was made" in printed


def test_without_a_protocol_each_has_its_first_and_the_note_says_so(tmp_path):
    one = write_statistics(tmp_path / "one", "0.5", ["described", "corrected"])
    two = write_statistics(tmp_path / "two", "0.5", ["corrected"])
    read = {path.name: read_compared(path, None) for path in (one, two)}
    assert [study.protocol for study in read.values()] == ["described", "corrected"]
    found = compare_studies(
        {name: study.tables for name, study in read.items()},
        {name: study.switches for name, study in read.items()},
    )
    assert found["note"].str.startswith("different protocol (").all()
    assert "padding" in found["note"].iloc[0]


def test_studies_of_the_same_name_are_told_apart(tmp_path):
    folders = [tmp_path / "a/demo", tmp_path / "b/demo"]
    assert studies_to_compare(folders) == dict(zip(["a/demo", "b/demo"], folders, strict=True))
    # A column of the table has this name.
    assert list(studies_to_compare([tmp_path / "a/note", tmp_path / "a/demo"])) == [
        *("a/note", "a/demo")
    ]
