"""Which files a bundle is made from, and which jobs it asks for."""

import json
from typing import Any

import pytest
from test_plan import config, planned  # noqa: F401 (a fixture)

from tinglegram.bundles.contents import SCHEMA

ACOUSTIC = {"acoustic": {"kind": "bilstm", "modalities": ["acoustic"]}}
TREES = {"trees": {"kind": "xgboost", "modalities": ["acoustic", "pulse"]}}
RIDGE = {"line": {"kind": "ridge", "modalities": ["acoustic"]}}


@pytest.fixture
def plan(config: dict[str, Any]):  # noqa: F811
    config["protocols"] = ["described", "corrected"]
    config["models"] = ACOUSTIC | TREES
    config["regression"] = config["regression"] | {"models": RIDGE}
    config["training"]["network_seeds"] = {"released": 1, "described": 2, "corrected": 3}
    return planned(config, "001", "002", n_folds=2)


def test_a_network_has_a_final_model_for_each_seed(plan):
    folder = "results/s/corrected/models/acoustic"
    name = "weights.safetensors"
    assert plan.final_weights("acoustic", "corrected") == [
        f"{folder}/final/{part}{name}" for part in ("", "seed2/", "seed3/")
    ]
    assert plan.final_weights("trees", "corrected")[0].endswith("models/trees/final/weights.ubj")
    assert len(plan.final_weights("trees", "corrected")) == 1
    (line,) = plan.final_weights("regression/line", "corrected")
    assert line == "results/s/corrected/regression/line/final/weights.npz"


def test_folds_give_the_networks_that_make_the_model(plan):
    """Where the first network is the model, further seeds only tell its spread."""
    assert plan.makes_mean("acoustic", "corrected")
    assert not plan.makes_mean("acoustic", "described")
    assert len(plan.fold_weights("acoustic", "corrected")) == 3 * 2
    assert len(plan.fold_weights("acoustic", "described")) == 2
    assert plan.fold_patterns("acoustic", "corrected")[1].endswith(
        "fold{fold}/seed2/weights.safetensors"
    )


def test_epochs_are_told_by_every_network_of_every_fold(plan):
    found = plan.histories("acoustic", "described")
    assert len(found) == 2 * 2 and len(set(found)) == 4
    assert {path.rsplit("/", 1)[-1] for path in found} == {"history.tsv"}


def test_the_text_of_a_bundle_names_what_its_script_reads(plan):
    told = json.loads(plan.bundle_text("corrected"))
    assert list(told["models"]) == ["acoustic", "trees", "regression/line"]
    own = told["models"]["regression/line"]
    assert (own["kind"], own["predicts"], own["averaged"]) == ("ridge", "value", False)
    assert own["predictions"] == (
        "results/s/corrected/regression/line/fold{fold}/predictions.parquet"
    )
    # Whatever the study says of itself, a bundle has a place for.
    assert told["study"].keys() <= SCHEMA["properties"].keys()
    named = [path for model in told["models"].values() for path in model["final"]]
    assert set(named) <= set(plan.bundle_inputs("corrected"))


def test_models_of_signals_alone_give_no_bundle(config):  # noqa: F811
    config["models"] = TREES
    assert planned(config, "001", n_folds=2).bundled_protocols == []
    config["models"] = TREES | ACOUSTIC
    assert planned(config, "001", n_folds=2).bundled_protocols == config["protocols"]
