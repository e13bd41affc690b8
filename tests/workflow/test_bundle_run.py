"""A bundle of the tiny study, made on request, predicts a clip of the study and any other."""

import subprocess
import sys

import numpy as np
import pandas as pd

from tinglegram.bundles.files import read_bundle
from tinglegram.files import read_table


def predicted(study, folder, *words: str) -> subprocess.CompletedProcess:
    script = study.code / "scripts/bundles/predict.py"
    return subprocess.run(
        [sys.executable, str(script), str(folder), *words],
        env={"PYTHONPATH": str(study.code / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bundle_leaves_the_study_and_predicts(study, tmp_path):
    study.run(f"results/{study.results.name}/described/bundle/bundle.json")
    # Away from the study: nothing else is needed.
    folder = (study.results / "described/bundle").rename(tmp_path / "bundle")
    bundle = read_bundle(folder)
    assert set(bundle.models) >= {"fusion", "acoustic", "xgboost"}
    assert bundle.about["participants"] and len(bundle.about["clips"]) == 4
    clip = next((study.folder / "raw/stim").iterdir())
    told = predicted(study, folder, str(clip), "--output", str(tmp_path / "out"))
    assert told.returncode == 0, told.stderr
    assert f"{clip.name}: " in told.stdout and "model acoustic" in told.stdout
    table = read_table(tmp_path / f"out/{clip.name}.tsv")
    assert table["mean"].between(0, 1).all() and np.isfinite(table["distance"]).all()
    for form in ("svg", "png"):
        assert (tmp_path / f"out/{clip.name}.{form}").stat().st_size > 1000
    assert pd.read_csv(tmp_path / "out/summary.tsv", sep="\t")["file"].tolist() == [clip.name]
    refused = predicted(
        study, folder, str(clip), "--output", str(tmp_path / "out"), "--model", "fusion"
    )
    assert (
        refused.returncode == 1 and "a file with pulse, which model fusion needs" in refused.stderr
    )
