"""The tiny study with models of feature sets: from clips to scores, and what an edit reruns."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from small_networks import onnx_means
from workflow_helpers import Study, edited

from tinglegram.bundles.files import read_bundle, temporary_file
from tinglegram.bundles.prediction import predict_file
from tinglegram.datasets import TrialDataset
from tinglegram.files import read_arrays

SETS = ("texture", "motion", "scene")
PROTOCOLS = ("described", "released")
TARGETS = [f"results/tiny/{p}/statistics/trees/pooled.tsv" for p in PROTOCOLS]
TARGETS += [f"results/tiny/{p}/statistics/regression.tsv" for p in PROTOCOLS]


@pytest.fixture(scope="module")
def featured(finished, tmp_path_factory) -> Study:
    """The finished study with trees of the texture and of a network, and a line of the motion."""
    study = finished.copy(tmp_path_factory.mktemp("featured"))
    overlay = yaml.safe_load(study.overlay.read_text())
    overlay["models"]["trees"] = {"kind": "xgboost", "modalities": ["texture", "scene"]}
    (study.folder / "networks").mkdir()
    (study.folder / "networks/means.onnx").write_bytes(onnx_means())
    scene = {"path": "networks/means.onnx", "stream": "picture", "size": [8, 8]}
    overlay["features"] = {"networks": {"scene": scene}}
    line = {"kind": "ridge", "modalities": ["motion", "acoustic"]}
    overlay["regression"] = {"models": {"line": line}, "baselines": ["mean"]}
    study.overlay.write_text(yaml.safe_dump(overlay, sort_keys=False))
    study.run(*TARGETS)
    return study


def test_every_set_in_use_has_its_file_of_every_clip_and_no_other(featured):
    for protocol in PROTOCOLS:
        folder = featured.results / protocol / "features"
        assert {path.name for path in folder.iterdir()} == {*SETS}
        for name in SETS:
            assert len(list((folder / name).iterdir())) == 4
            for path in (folder / name).iterdir():
                found = read_arrays(path)
                assert found["values"].dtype == np.float32
                assert found["values"].shape == (20, len(found["columns"]))
                assert np.isfinite(found["values"]).all() and found["values"].std() > 0
                np.testing.assert_array_equal(found["time_s"], np.arange(20) / 2)
    # One decoding for all sets and protocols.
    jobs = {path.stem for path in (featured.results / "logs/extract_feature_sets").iterdir()}
    assert len(jobs) == 4


def test_a_bundle_carries_sets_and_network(featured):
    featured.run("results/tiny/described/bundle/bundle.json")
    bundle = read_bundle(featured.results / "described/bundle")
    assert {*SETS} <= bundle.sets.keys() and bundle.networks.keys() == {"networks/scene.onnx"}
    clip = next((featured.folder / "raw/stim").iterdir())
    with clip.open("rb") as stream:
        found = predict_file(
            bundle, stream, clip.name, models=["trees", "regression/line"], store=temporary_file
        )
    assert found.table.groupby("model")["mean"].std().min() > 0


def test_models_of_sets_predict_as_others_do(featured):
    own, other = (
        pd.read_parquet(featured.results / f"described/models/{model}/fold1/predictions.parquet")
        for model in ("trees", "xgboost")
    )
    told = ["probability", "predicted"]
    pd.testing.assert_frame_equal(own.drop(columns=told), other.drop(columns=told))
    assert own["probability"].nunique() > 5
    arrays = read_arrays(featured.results / "described/regression/line/fold1/weights.npz")
    data = TrialDataset(featured.results, "described", ["motion", "acoustic"])
    assert arrays["coefficients"].shape[1] == len(data.columns)
    assert data.columns[-1].startswith("motion_") and data.columns[0] == "acoustic_mfcc_1"
    assert {"scaling.motion.mean", "scaling.motion.sd", "scaling.acoustic.sd"} <= arrays.keys()


def test_results_with_sets_keep_the_contract(featured, shared):
    checker = shared.parent / "check_contract.py"
    answer = subprocess.run(
        [sys.executable, str(checker), str(featured.results)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_an_edit_of_a_set_reruns_its_job_and_the_models_that_use_it(featured):
    assert not featured.plan(*TARGETS)
    with edited(featured.code / "src/tinglegram/stimuli/texture.py"):
        plan = featured.plan(*TARGETS)
    wanted = {"extract_feature_sets": 4, "train_boosting": 4, "score_model": 2, "fit_ridge": 4}
    assert {name: plan[name] for name in wanted} == wanted
    spared = ("extract_features", "measure_courses", "train_network", "slice_recording")
    assert not any(plan[name] for name in spared)
    # Neither is a job of features, nor one of a model, a reason to read clips of others again.
    for module in ("stimuli/acoustic.py", "stimuli/courses.py"):
        with edited(featured.code / "src/tinglegram" / module):
            assert featured.plan(*TARGETS)["train_network"] == 0


def test_a_setting_of_a_set_reruns_the_job_only_where_it_is_in_use(featured):
    text = featured.overlay.read_text()
    try:
        for changed, jobs in (({"binaural": {"bands": 3}}, 0), ({"motion": {"columns": 32}}, 4)):
            overlay = yaml.safe_load(text)
            overlay["features"] |= changed
            featured.overlay.write_text(yaml.safe_dump(overlay, sort_keys=False))
            assert featured.plan(*TARGETS)["extract_feature_sets"] == jobs
    finally:
        featured.overlay.write_text(text)


def test_another_network_in_the_file_reruns_what_uses_it(featured):
    path = featured.folder / "networks/means.onnx"
    with edited(path):
        plan = featured.plan(*TARGETS)
    assert plan["extract_feature_sets"] == 4 and plan["train_boosting"] == 4
    assert plan["train_network"] == plan["extract_features"] == 0
