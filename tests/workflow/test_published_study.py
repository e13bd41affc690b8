"""The authors' file of predictions, through the workflow to tables, figures and report."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from paths import ROOT
from workflow_helpers import Study


@pytest.fixture(scope="module")
def published(shared, tmp_path_factory):
    """Results of `make published FILE=...` in a folder of their own."""
    folder = tmp_path_factory.mktemp("published")
    file = shared / "paper_fusion_results_4_fold.pkl"
    Study(folder, ROOT, ROOT / "workflow/studies/published.yaml").run(
        "--config", f"published_predictions={file}"
    )
    return folder / "results" / "published"


def test_table_1_equals_the_paper(published, shared):
    claims = pd.read_csv(shared.parent / "claims.csv").set_index("id")
    table = pd.read_csv(published / "released/tables/table1_published.tsv", sep="\t", dtype=str)
    printed = table.set_index("Metric")["4-fold mean ± SD (%)"].to_dict()
    expected = {
        name: "{:.2f} ± {:.2f}".format(
            *claims.loc[f"table1.fusion.{key}", ["value", "spread_sd"]].map(float)
        )
        for name, key in {
            "Accuracy": "accuracy",
            "Macro F1": "macro_f1",
            "Macro precision": "macro_precision",
            "Macro recall": "macro_recall",
            "Nature specificity": "nature_specificity",
        }.items()
    }
    assert printed == expected
    assert set(table["p"]) == {"< 0.0002"}


def test_video_level_equals_the_paper(published):
    table = pd.read_csv(published / "released/statistics/published/video_level.tsv", sep="\t")
    accuracy = table.set_index("metric").loc["accuracy"]
    assert accuracy[["value", "tn", "fp", "fn", "tp"]].tolist() == [1.0, 34, 0, 0, 34]


def test_figure_6_is_drawn_for_subject_27(published):
    figures = published / "released/figures"
    assert (figures / "figure6_published_027.svg").stat().st_size > 5000
    caption = json.loads((figures / "figure6_published_027.json").read_text())["caption"]
    assert "27" in caption


def test_every_claim_has_its_verdict(published, shared):
    claims = pd.read_csv(shared.parent / "claims.csv")
    table = pd.read_csv(published / "claims.tsv", sep="\t", keep_default_na=False).set_index("id")
    assert list(table.index) == list(claims["id"])
    assert (table["verdict"] == table["released_verdict"]).all()
    assert table["verdict"].value_counts().to_dict() == {
        "not computable here": 36,
        "reproduced": 19,
        "differs": 1,
    }
    assert table.loc["table1.fusion.macro_f1", "verdict"] == "reproduced"
    assert table.loc["folds.4.subjects", "released_value"] == "?/?/10"
    assert (table.loc[table["verdict"] == "not computable here", "missing"] != "").all()
    assert (table["note"] == "").all()
    page = (published / "report.html").read_text()
    assert "Claims of the paper" in page and "32 pairs, not 34" in page


def test_results_keep_the_contract(published, shared):
    checker = shared.parent / "check_contract.py"
    answer = subprocess.run(
        [sys.executable, str(checker), str(published), "--published-only"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
