"""CONTRIBUTING.md is right: its examples, applied as they stand, add a model and a feature."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT
from workflow_helpers import TINY, Study, write_overlay

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```diff\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
# Files that an example touches, tests and pages left out.
MOST = 5


@pytest.mark.parametrize("example", EXAMPLES, ids=["feature", "model"])
def test_an_example_touches_five_files_or_fewer(example):
    assert 1 <= len(re.findall(r"^\+\+\+ b/", example, flags=re.MULTILINE)) <= MOST


@pytest.fixture
def extended(tmp_path, code) -> Path:
    """The workflow with both examples applied, its schemas made anew."""
    folder = tmp_path / "code"
    shutil.copytree(code, folder)
    for example in EXAMPLES:
        subprocess.run(["git", "apply", "-"], input=example, text=True, cwd=folder, check=True)
    schemas = folder / "workflow" / "schemas"
    subprocess.run(
        [sys.executable, folder / "scripts/study/write_schemas.py"]
        + ["--configuration", schemas / "config.schema.json"]
        + ["--overlay", schemas / "overlay.schema.json", "--page", tmp_path / "settings.md"],
        env={"PYTHONPATH": str(folder / "src")},
        check=True,
    )
    return folder


def test_the_examples_run_in_a_study(finished, extended, tmp_path):
    shutil.copytree(finished.folder / "raw", tmp_path / "raw")
    study = Study(tmp_path, extended, tmp_path / "tiny.yaml")
    prior = {"kind": "prior", "modalities": ["acoustic"]}
    models = dict.fromkeys(yaml.safe_load((ROOT / "config.yaml").read_text())["models"])
    overlay = TINY | {
        "protocols": ["described"],
        "models": models | {"prior": prior},
        "statistics": {"reference": "prior"},
    }
    write_overlay(tmp_path, overlay)
    folder = "results/tiny/described"
    study.run(f"{folder}/statistics/prior/pooled.tsv", f"{folder}/statistics/verdicts.tsv")
    predictions = pd.read_parquet(tmp_path / folder / "models/prior/fold1/predictions.parquet")
    # The model knows the time alone: at one step it says the same of every trial.
    assert predictions.groupby("step")["probability"].nunique().eq(1).all()
    assert predictions["probability"].nunique() > 1
    sound = np.load(tmp_path / folder / "stimuli/vid1.npz")["acoustic"]
    without = np.load(finished.results / "described/stimuli/vid1.npz")["acoustic"]
    assert np.array_equal(sound[:, :-1], without)
    assert (sound[:, -1] > 0).all() and (sound[:, -1] <= 1).all()
    assert (
        "prior"
        in pd.read_csv(tmp_path / folder / "statistics/verdicts.tsv", sep="\t")["model"].tolist()
    )
