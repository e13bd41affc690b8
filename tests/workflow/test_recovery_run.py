"""`make validate` at tiny size: chunks of studies to table, figure and page."""

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
        "chunks": 2,
        "bootstrap": 49,
        "permutations": 49,
        "truth_cohorts": 2,
        "page": "page/recovery.md",
        "figure": "page/images/recovery.svg",
    }
}


def test_tiny_validation(tmp_path):
    shipped = yaml.safe_load((ROOT / "workflow/recovery/config.yaml").read_text())
    # The other statistics differ by their parameters alone.
    others = [topic for topic in shipped["recovery"]["topics"] if topic != "comparison"]
    OVERLAY["recovery"]["topics"] = dict.fromkeys(others)
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(OVERLAY))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "overlay.yaml"]
    snakefile = ["--snakefile", str(ROOT / "workflow/recovery/Snakefile")]
    answer = subprocess.run(
        command + snakefile,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    effects = shipped["recovery"]["topics"]["comparison"]
    table = pd.read_csv(tmp_path / "results/recovery/recovery.tsv", sep="\t")
    assert list(dict.fromkeys(table["cell"])) == list(effects)
    assert (table["studies"] == 5).all()
    page = (tmp_path / "page/recovery.md").read_text()
    assert "For each effect: 5 simulated studies of 8\nparticipants" in page
    assert "(images/recovery.svg)" in page and (tmp_path / "page/images/recovery.png").is_file()
