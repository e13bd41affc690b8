"""Names of folders and files are data: never part of a command, of a pattern or of a page."""

import json
import shutil
from pathlib import Path

import markupsafe
import pandas as pd
import pytest
import yaml
from workflow_helpers import Study

# Everything a file system takes but what Snakemake fills in, which is refused while planning.
ODD = "a b 'c' \"d\"; touch pwned; $(touch pwned) `touch pwned` & | > * ? [x] # ~ \\ % = é 数\n.e"
MARKUP = "<SCRIPT>touch('pwned')<img src=x onerror=alert(1)>&\"'"


def elsewhere(finished: Study, folder: Path, root: str) -> Study:
    """The raw data of the tiny study in a folder of this name, under a working folder."""
    folder.mkdir()
    shutil.copytree(finished.folder / "raw", folder / root)
    overlay = yaml.safe_load(finished.overlay.read_text())
    overlay["data"]["root"] = root
    (folder / "tiny.yaml").write_text(yaml.safe_dump(overlay, allow_unicode=True))
    return Study(folder, finished.code, folder / "tiny.yaml")


def rename_log(study: Study, root: str, name: str) -> Path:
    log = next((study.folder / root / "log").glob("001-*"))
    return log.rename(log.with_name(f"001-1-{name}.log"))


def test_odd_names_are_only_names(finished, tmp_path):
    study = elsewhere(finished, tmp_path / f"work {ODD}", f"data {ODD}")
    log = rename_log(study, f"data {ODD}", ODD.replace("\n", ""))
    study.run(
        *(f"results/tiny/{file}" for file in ("inventory.tsv", "provenance.json")),
        "results/tiny/recordings/001.npz",
        *(f"results/tiny/described/{f}" for f in ("folds.tsv", "stimuli/vid1.npz")),
    )
    inventory = pd.read_csv(study.results / "inventory.tsv", sep="\t", dtype=str)
    assert inventory.set_index("subject").loc["1", "log"] == f"data {ODD}/log/{log.name}"
    inputs = json.loads((study.results / "provenance.json").read_text())["inputs"]
    assert f"data {ODD}/log/{log.name}" in inputs
    assert not list(tmp_path.rglob("pwned*"))


@pytest.mark.parametrize(
    ("root", "name", "said"),
    [
        (
            "{raw}",
            "a",
            "data.root: expected a name without braces and <word>, and no dash in front",
        ),
        ("raw", "{a}", "Rename raw/log/001-1-{a}.log"),
        ("raw", "<script>", "Rename raw/log/001-1-<script>.log"),
    ],
)
def test_names_that_snakemake_changes_are_refused_while_planning(
    finished, tmp_path, root, name, said
):
    study = elsewhere(finished, tmp_path / "work", root)
    rename_log(study, root, name)
    code, answer = study.snakemake("-n")
    assert code != 0
    assert said in " ".join(answer.split())


def test_markup_in_a_name_is_text_in_the_report(study):
    log = rename_log(study, "raw", MARKUP)
    # The new name changes what rules are given, but nothing that they compute.
    changed = ("--forcerun", "take_inventory", "record_provenance", "--rerun-triggers", "mtime")
    study.run("results/tiny/report.html", *changed)
    inventory = pd.read_csv(study.results / "inventory.tsv", sep="\t")
    assert inventory.set_index("subject").loc[1, "log"] == f"raw/log/{log.name}"
    page = (study.results / "report.html").read_text()
    # Once among the people, once among the checksums.
    assert page.count(str(markupsafe.escape(f"raw/log/{log.name}"))) == 2
    assert "<script" not in page.lower() and "<img src=x" not in page
