"""From the statistics of a protocol to each kind of table."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
import synthetic_results as synthetic

from tinglegram.report.items import ReportItem
from tinglegram.report.tables.files import read_texts, write_printed_table
from tinglegram.report.tables.kinds import TABLE_KINDS, Available, Table, files_of
from tinglegram.report.tables.plain import PLAIN
from tinglegram.report.tables.predicted_values import VALUE_PRINTERS, value_cell
from tinglegram.report.tables.printing import Printing, fewer_folds, printed_table
from tinglegram.report.text import SOURCE

TABLES = {
    "fold_metrics": synthetic.fold_metrics,
    "pooled": synthetic.pooled,
    "video_level": synthetic.video_level,
    "video_level_own_report": synthetic.self_report_scores,
    "within": synthetic.within_scores,
    "events": synthetic.event_scores,
}
AVAILABLE = Available({"fusion": {"condition_only": "category"}}, seeds=["fusion"], compared=True)


def given(table: Table, available: Available = AVAILABLE) -> Printing:
    """What a protocol of a made-up study is printed from."""
    seeds = synthetic.fold_metrics().rename(columns={"fold": "seed"}).assign(model="fusion")
    single = {"ablation.tsv": synthetic.ablation(), "seeds.tsv": seeds}
    single["x.tsv"] = synthetic.value_scores()
    single["continuity.tsv"] = pd.DataFrame({"subject": [1], "continuity": [0.5]})
    statistics = {
        file: single[file] if file in single else TABLES[Path(file).stem]()
        for file in files_of(table, available).every()
    }
    return Printing(statistics, "described/statistics", available, 0.9, 1000, 500)


@pytest.mark.parametrize("kind", [kind for kind in TABLE_KINDS if kind != "plain"])
def test_every_kind_prints_from_the_files_it_names(kind: str) -> None:
    models = ["fusion"] if kind == "score" else ["fusion", "visual", "category"]
    table = Table("x", kind, "Title", models)
    printed = printed_table(table, given(table))
    section = "regression" if kind in VALUE_PRINTERS else "models"
    assert (printed.section, printed.title) == (section, "Title")
    assert printed.caption.endswith(".") and len(printed.content)
    assert "described/statistics/" in printed.source
    assert list(printed.content.columns)[-1] == SOURCE


def test_baselines_and_seeds_stand_in_the_rows_of_a_model() -> None:
    table = Table("table1", "score", "Table 1", ["fusion"])
    printed = printed_table(table, given(table))
    assert "condition_only (%)" in printed.content
    assert "category/fold_metrics.tsv" in printed.source
    assert "described/statistics/seeds.tsv" in printed.source
    bare = Available()
    alone = printed_table(table, given(table, bare))
    assert "condition_only (%)" not in alone.content and "seeds.tsv" not in alone.source


def test_a_value_stands_beside_that_of_its_baseline() -> None:
    table = Table("x", "within", "Within", ["fusion", "category"])
    content = printed_table(table, given(table)).content
    shown = content.set_index(["Model", "Shown"])["ROC AUC"]
    values = [text for (_, what), text in shown.items() if what.startswith("value")]
    assert ["; control " in text for text in values] == [True, False]


def test_only_tests_have_the_file_of_tests_as_their_source() -> None:
    table = Table("table2", "comparison", "Table 2", ["fusion", "visual"])
    content = printed_table(table, given(table)).content.set_index("Metric")[SOURCE]
    assert "ablation" not in content["Accuracy"]
    assert set(content.drop(["Accuracy"]).iloc[4:]) == {"described/statistics/ablation.tsv"}


def test_statistics_as_they_are_have_titles_of_their_own() -> None:
    table = Table("continuity", "plain")
    printed = printed_table(table, given(table))
    assert (printed.section, printed.title, printed.caption) == PLAIN["continuity"]
    assert printed.content["continuity (%)"].tolist() == ["50.00"]


def test_predicted_values_have_a_row_for_every_model_and_baseline() -> None:
    content = printed_table(Table("x", "values"), given(Table("x", "values"))).content
    assert content["Model"].tolist() == ["line", "mean", "human_agreement"]
    assert content["Kind"].tolist() == ["ridge", "baseline", "noise ceiling"]
    assert content["Concordance"].tolist() == [
        *("0.500 [0.400, 0.600]", "0.000 [0.000, 0.000]", "0.600 [0.400, 0.600]")
    ]
    assert content["Pearson r"].tolist()[1] == "n/a"
    assert content["Pearson r: trials"].tolist() == ["18", "0", "18"]
    assert content["Concordance: trials"].tolist() == ["20"] * 3
    assert set(content["Constant reports"]) == {"2"} and set(content["Participants"]) == {"5"}
    assert value_cell(1.0, float("nan"), 2.0) == "1.000"


def test_differences_say_that_they_are_descriptive() -> None:
    table = Table("x", "value_differences")
    printed = printed_table(table, given(table))
    assert printed.content["Baseline"].tolist() == ["mean", "mean", "mean"]
    assert "descriptive, and no p is given" in printed.caption


def test_a_table_is_written_in_three_forms_with_its_caption(tmp_path: Path) -> None:
    table = Table("continuity", "plain")
    content, section, title, caption, source = printed_table(table, given(table))
    about = ReportItem("continuity", "table", section, "p", title, caption, source, "Mind.")
    write_printed_table(content, about, tmp_path / "continuity.tsv")
    assert read_texts(tmp_path / "continuity.tsv").equals(content)
    assert (tmp_path / "continuity.md").read_text().startswith(f"{title}. {caption}\n")
    assert "tab:continuity" in (tmp_path / "continuity.tex").read_text()
    assert all(
        part in (tmp_path / "continuity.json").read_text() for part in dataclasses.asdict(about)
    )


def test_a_table_says_which_model_some_folds_test_nothing_of() -> None:
    four, three = (synthetic.fold_metrics(folds=n) for n in (4, 3))
    assert fewer_folds({"net": four, "human_agreement": three}) == (
        " human_agreement: 3 of 4 folds, because in the others nobody else saw the tested clips."
    )
    assert fewer_folds({"net": four, "human_agreement": four}) == ""
