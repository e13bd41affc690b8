"""`make validate` and `make power` at tiny size, and the short version of the first."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml
from paths import ROOT

OVERLAY = {
    "recovery": {
        "participants": 8,
        "studies": 5,
        "null_studies": 6,
        "chunks": 2,
        "bootstrap": 49,
        "permutations": 49,
        "truth_cohorts": 2,
        "tables": "page/recovery",
        "page": "page/recovery.md",
        "rates": "page/recovery.tsv",
        "figure": "page/images/recovery.svg",
    }
}
POWER = {
    "power": {
        "participants": [8, 12],
        "clips": [2, 4],
        "marked_participants": 12,
        "marked_clips": 4,
        "signals": [0, 0.6],
        "couplings": [0, -0.5],
        "agreements": [0, 0.6],
        "studies": 4,
        "shifts": 19,
        "section": "page/power.md",
        "table": "page/power.tsv",
        "figure": "page/power.svg",
    }
}
SHORT = ROOT / "workflow/recovery/short.yaml"


def asked(folder: Path, overlay: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the recovery studies in a folder."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", str(overlay)]
    snakefile = ["--snakefile", str(ROOT / "workflow/recovery/Snakefile"), *more]
    return subprocess.run(
        command + snakefile,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )


def snakemake(folder: Path, overlay: Path, *more: str) -> str:
    """Run the recovery studies in a folder; return what Snakemake printed."""
    answer = asked(folder, overlay, *more)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


def test_tiny_validation(tmp_path):
    shipped = yaml.safe_load((ROOT / "workflow/recovery/config.yaml").read_text())
    # The other statistics differ by their parameters alone; trained models: see below.
    others = [topic for topic in shipped["recovery"]["topics"] if topic != "comparison"]
    OVERLAY["recovery"]["topics"] = dict.fromkeys(others)
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(OVERLAY))
    snakemake(tmp_path, tmp_path / "overlay.yaml")
    effects = shipped["recovery"]["topics"]["comparison"]
    kept = tmp_path / "page/recovery/comparison.tsv"
    table = pd.read_csv(kept, sep="\t")
    assert list(dict.fromkeys(table["cell"])) == list(effects)
    numbers = table.groupby("cell", sort=False)["studies"].unique().map(list).tolist()
    assert numbers == [[6], [6], [5]]
    page = (tmp_path / "page/recovery.md").read_text()
    assert "For each effect: 5 simulated studies of 8\nparticipants (6 where there is" in page
    assert "(images/recovery.svg)" in page and (tmp_path / "page/images/recovery.png").is_file()
    # Of a run that was stopped, the parts that lack are simulated, and no others.
    lost = tmp_path / "results/recovery/studies/comparison/1/0.parquet"
    before = pd.read_parquet(lost)
    for path in (lost, kept, tmp_path / "page/recovery.md"):
        path.unlink()
    said = snakemake(tmp_path, tmp_path / "overlay.yaml")
    parts = [line for line in said.splitlines() if "Simulate studies: " in line]
    assert {line.split("Simulate studies: ")[1] for line in parts} == {
        "comparison, effect 1, part 0"
    }
    pd.testing.assert_frame_equal(pd.read_parquet(lost), before)
    pd.testing.assert_frame_equal(pd.read_csv(kept, sep="\t"), table)
    assert "Not simulated yet" not in page


def test_one_statistic_is_simulated_beside_kept_summaries(tmp_path):
    """Where a long run is done in parts: the summaries of the others stay as they are."""
    topics = {"comparison": {"equal, noise per trial": {"reference_category": 1.0}}}
    topics["covariates"] = {"0": {"correlation": 0.0}}
    shipped = yaml.safe_load((ROOT / "workflow/recovery/config.yaml").read_text())["recovery"]
    none = {name: dict.fromkeys(effects) for name, effects in shipped["topics"].items()}
    for name, effects in topics.items():
        none[name] |= effects
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({"recovery": OVERLAY["recovery"] | {"topics": none}}))
    only = ("--config", 'recovery={"only": ["covariates",]}')
    said = snakemake(tmp_path, overlay, *only)
    assert "covariates, effect" in said and "comparison, effect" not in said
    page = tmp_path / "page/recovery.md"
    assert "Not simulated yet: `make validate ONLY='comparison'`." in page.read_text()
    first = (tmp_path / "page/recovery/covariates.tsv").read_bytes()
    said = snakemake(tmp_path, overlay, "--config", 'recovery={"only": ["comparison",]}')
    assert "comparison, effect" in said and "covariates, effect" not in said
    assert (tmp_path / "page/recovery/covariates.tsv").read_bytes() == first
    both = page.read_text()
    assert "Not simulated yet" not in both
    assert "## Comparison of two models" in both and "## Covariates" in both
    unknown = asked(tmp_path, overlay, "--config", 'recovery={"only": ["covariate",]}')
    assert "recovery: only: expected comparison, covariates, found covariate" in unknown.stderr


def test_trained_models_keep_their_rates(tmp_path):
    """The short version trains models in every study, and fails where a test rejects too often."""
    snakemake(tmp_path, SHORT)
    rates = pd.read_csv(tmp_path / "results/recovery/short/recovery.tsv", sep="\t")
    keys = ["topic", "world", "statistic", "inference", "kind"]
    found = rates.set_index(keys)["rate"].to_dict()

    def null(statistic: str, inference: str) -> float:
        return found["trained", "category only", statistic, inference, "false positives"]

    tracking, folds = "tracking within clips", "corrected t over folds"
    # Of 150 studies of a test that rejects in 6 %, more than 11 % has a probability of 0.6 %.
    assert null("ROC AUC, within target, any clips", folds) <= 11
    assert null("residual ROC AUC, any clips", folds) <= 11
    assert null("difference of macro F1, any clips", folds) <= 11
    assert null(tracking, "trained again on moved reports") <= 11
    # What released and described have: participants and shifted predictions.
    assert null(tracking, "ROC AUC, interval over participants above 0.5") >= 18
    strong = ("trained", "clip's course", tracking, "trained again on moved reports", "power")
    assert found[strong] >= 90
    for how in ("trained again", "folds"):
        claim = ("verdicts", "category only", "decision", f"timing, {how}: shown")
        assert found[*claim, "false positives"] <= 11
    told = found["verdicts", "category only", "decision", "category: shown", "power"]
    assert told >= 90
    own = rates[(rates["topic"] == "trained") & (rates["kind"] == "coverage")]
    own = own.set_index(["world", "statistic", "inference"])["rate"]
    inside = own["category only", "ROC AUC, within target, these clips"]
    assert inside["jackknife over people within folds"] >= 88
    assert own["category only", "ROC AUC, within target, any clips", folds] >= 88
    assert set(rates["model"]) == {"ridge", "xgboost", "bilstm"}
    assert (rates.loc[rates["kind"] == "correlation", "n_studies"] > 0).all()
    page = (tmp_path / "results/recovery/short/recovery.md").read_text()
    assert "## Acceptance" in page and "## Dependence between folds" in page


def test_tiny_designs(tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(yaml.safe_dump(POWER))
    snakemake(tmp_path, overlay, "power")
    table = pd.read_csv(tmp_path / "page/power.tsv", sep="\t")
    sizes = table.groupby("question", sort=False)[["participants", "clips"]].agg(set)
    assert sizes.loc["tracking"].tolist() == [{8, 12}, {2, 4}]
    # Of each agreement study one clip; coupling has clips of its own.
    assert sizes.loc["agreement"].tolist() == [{8, 12}, {1}]
    assert sizes.loc["coupling"].tolist() == [{8, 12}, {4}]
    assert (table["studies"] == 4).all() and table.loc[table["effect"] == 0, "level"].notna().all()
    keys = ["test", "participants", "clips"]
    strongest = table[table["effect"] == 0.6].set_index(keys)["found"]
    assert strongest["trained again on moved reports", 12, 4] >= 0.75
    section = (tmp_path / "page/power.md").read_text()
    assert "**Bold**: 12 people, 4 + 4 clips." in section
    assert (tmp_path / "page/power.svg").is_file() and (tmp_path / "page/power.png").is_file()
    assert not (tmp_path / "docs").exists() and not (tmp_path / "results/recovery").exists()


def test_designs_that_cannot_be_simulated_are_refused(tmp_path):
    overlay = tmp_path / "overlay.yaml"
    bad = {"power": POWER["power"] | {"signals": [0.1, 0.6], "marked_clips": 3}}
    overlay.write_text(yaml.safe_dump(bad))
    refused = asked(tmp_path, overlay, "power")
    assert refused.returncode and not (tmp_path / "results").exists()
    assert "power: signals: expected 0 among the effects" in refused.stderr
    assert (
        "the marked design of 12 people, 3 + 3 clips is none of those simulated" in refused.stderr
    )
    overlay.write_text(yaml.safe_dump({"power": POWER["power"] | {"shifts": 9}}))
    assert (
        "shifts: expected a whole number of at least 19, found 9" in asked(tmp_path, overlay).stderr
    )
