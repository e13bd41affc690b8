"""Feature sets in the plan of a study: which are made, whose files a model reads, what is wrong."""

import argparse
import copy
import json
import shlex
from typing import Any

import pytest
import yaml
from paths import ROOT

from tinglegram.inputs.raw_files import RawFiles
from tinglegram.settings import add_settings, as_options, read_settings
from tinglegram.stimuli.settings import FEATURE_SETS, NetworkSets, TextureFeatures
from tinglegram.study.consistency import contradictions, drop_removed
from tinglegram.study.plan import Plan
from tinglegram.study.schema import switch_schemas
from tinglegram.trials.trials import EVERY_MODALITY

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SCENE = {"path": "networks/scene.onnx", "stream": "picture"}
VOICE = {"path": "networks/voice.pt", "stream": "sound", "window": 2.0}


@pytest.fixture
def config() -> dict[str, Any]:
    """A study of three films, of which one has no sound and one no picture."""
    found = copy.deepcopy(DEFAULTS) | {"study": "s", "protocols": ["described", "corrected"]}
    found["clips"] = {
        "mute": {"file": "mute.mp4", "streams": ["picture"]},
        "film": {"file": "film.mp4"},
        "sea": {"file": "sea.wav"},
    }
    found["features"]["networks"] = {"scene": SCENE, "voice": VOICE}
    return found


def planned(config: dict[str, Any]) -> Plan:
    logs = {s: f"raw/log/{s}.log" for s in ("001", "002")}
    files = {code: clip.get("file") for code, clip in config["clips"].items()}
    clips = {code: f"raw/stim/{file}" for code, file in files.items() if file}
    return Plan(config, raw=RawFiles(logs, {}, clips, (), tuple(logs.values())), n_folds=2)


def with_models(config: dict[str, Any], *modalities: str, **values: list[str]) -> Plan:
    config["models"] = {"m": {"kind": "xgboost", "modalities": [*modalities]}}
    config["regression"]["models"] = {
        name: {"kind": "ridge", "modalities": used} for name, used in values.items()
    }
    return planned(config)


def test_bundles_are_of_what_a_file_is_enough_for(config):
    plan = with_models(config, "texture", "scene", line=["voice", "pulse"])
    assert plan.bundled_protocols == config["protocols"]
    told = json.loads(plan.bundle_text("corrected"))["features"]
    assert told == {
        "texture": config["features"]["texture"],
        "networks": {"scene": SCENE, "voice": VOICE},
    }
    files = plan.bundle_inputs("corrected")
    for name in ("texture", "scene", "voice"):
        assert {*plan.set_files(name, "corrected")} <= {*files}
    # No image network runs for a study that has no use for it.
    assert not any("/stimuli/" in path for path in files)
    # TorchScript runs code: no bundle carries it.
    assert with_models(config, "voice").bundled_protocols == []


def test_nothing_is_made_that_no_model_names(config):
    plan = planned(config)
    assert plan.feature_sets == [] and "features" not in plan.stages
    assert plan.network_files == plan.set_settings == plan.set_packages == []
    for model in plan.models:
        assert "--features" not in plan.model_options(model, "described")
    assert not any("/features/" in path for path in plan.model_inputs("fusion", "described"))
    config["models"] = {"all": {"kind": "bilstm", "modalities": "auto"}}
    assert set(planned(config).models["all"]["modalities"]) <= {*EVERY_MODALITY}
    # Results of versions that knew of no feature sets.
    del config["features"]
    assert planned(config).feature_sets == []


def test_sets_that_models_name_are_made_once_in_column_order(config):
    plan = with_models(config, "voice", "motion", "acoustic", line=["texture", "motion"])
    assert plan.feature_sets == ["texture", "motion", "voice"]
    assert plan.set_settings == [FEATURE_SETS["texture"].settings, FEATURE_SETS["motion"].settings]
    assert plan.network_files == ["networks/voice.pt"] and plan.set_packages == []
    other = with_models(config, "scene", "psychoacoustic")
    assert other.set_packages == ["mosqito", "onnxruntime"]
    assert other.network_files == ["networks/scene.onnx"]
    plan = with_models(config, "voice", "motion", "acoustic", line=["texture", "motion"])
    owner = plan.owner("features", "described")
    assert plan.owners["features"] == ["described", "corrected"]
    assert plan.stage_files("features", "described") == [
        f"features/{name}/{clip}.npz"
        for name in ("texture", "motion", "voice")
        for clip in ("mute", "film", "sea")
    ]
    assert plan.model_inputs("regression/line", "described") == [
        f"results/s/{owner}/features/{name}/{clip}.npz"
        for name in ("texture", "motion")
        for clip in ("mute", "film", "sea")
    ]


def test_a_model_is_told_its_sets_their_stream_and_who_has_none(config):
    plan = with_models(config, "texture", "scene", other=["acoustic"])
    folder = f"results/s/{plan.owner('features', 'corrected')}/features"
    assert shlex.split(plan.model_options("m", "corrected")) == [
        *("--modalities", "texture", "scene"),
        *("--features", "texture", "sound", f"{folder}/texture/{{video}}.npz"),
        *("--features", "scene", "picture", f"{folder}/scene/{{video}}.npz"),
        *("--without-picture", "sea", "--without-sound", "mute"),
    ]
    assert "--features" not in plan.model_options("regression/other", "corrected")
    # Perturbed models are handed the same.
    assert "m_shifted_stimulus" in plan.perturbed and "m_shuffled_pulse" not in plan.perturbed
    assert f"{folder}/scene/{{video}}.npz" in plan.perturbed_options("corrected")
    assert f"{folder}/scene/sea.npz" in plan.perturbed_inputs("corrected")


def test_the_job_of_a_clip_is_told_every_set_network_and_protocol(config):
    plan = with_models(config, "texture", "voice")
    assert shlex.split(plan.set_options) == [
        *("--sets", "texture", "voice", "--networks"),
        *("voice.path=networks/voice.pt", "voice.stream=sound", "voice.window=2.0"),
    ]
    assert shlex.split(plan.set_variants("film")) == [
        *("--variant", "timestamps", "none", "none"),
        "results/s/described/features/{set}/film.npz",
        *("--variant", "timestamps", "top_field", "mobius"),
        "results/s/corrected/features/{set}/film.npz",
    ]
    assert shlex.split(with_models(config, "motion").set_options) == [
        *("--sets", "motion", "--networks")
    ]
    options = shlex.split(as_options(config, TextureFeatures))
    assert options[:4] == ["--texture-window", "1.0", "--texture-bands", "12"]


def test_what_was_told_of_a_network_is_read_again(config):
    plan = with_models(config, "scene", "voice")
    words = shlex.split(plan.set_options)
    parser = argparse.ArgumentParser()
    add_settings(parser, NetworkSets)
    found = read_settings(parser.parse_args(words[words.index("--networks") :]), NetworkSets)
    assert found.networks["voice"].window == 2.0 and found.networks["voice"].hop is None
    assert found.networks["scene"].size == (224, 224)


def test_protocols_that_look_alike_share_sets_and_their_models(config):
    config["protocols"] = ["described", "also", "released"]
    config["own_protocols"] = {"also": {"from": "described", "audio_window": "cover_hop"}}
    plan = with_models(config, "texture")
    assert plan.owners["features"] == ["also", "released"]
    assert ("features", "described") in plan.shared
    # A model of the acoustic features is trained anew, one of a set is not.
    assert plan.owner("models/m", "described") == plan.owner("models/m", "also") == "also"
    config["models"]["m"]["modalities"] = ["acoustic"]
    assert planned(config).owner("models/m", "described") == "described"


def test_a_set_without_its_stream_in_the_study_is_refused(config):
    del config["clips"]["film"], config["clips"]["mute"]
    plan = with_models(config, "motion", "texture", line=["scene"])
    assert dict(plan.model_faults()) == {
        "m": "models.m.modalities: not in this study: motion (no clip has a file with pictures). "
        "Name others or auto, or take the model out by setting it to null",
        "regression.models.line": "regression.models.line.modalities: not in this study: scene (no "
        "clip has a file with pictures). Name others or auto, or take the model out by setting it "
        "to null",
    }
    config["models"]["m"]["modalities"] = "auto"
    assert planned(config).models["m"]["modalities"] == ["acoustic"] + (
        ["pulse"] if planned(config).with_pulse else []
    )


def test_a_network_is_taken_out_by_null(config):
    config["clips"] = DEFAULTS["clips"]
    config["features"]["networks"]["scene"] = None
    drop_removed(config)
    assert list(config["features"]["networks"]) == ["voice"]
    assert list(contradictions(config, switch_schemas())) == []
    config["models"]["voices"] = {"kind": "xgboost", "modalities": ["voice", "scene"]}
    (fault,) = contradictions(config, switch_schemas())
    assert fault.sentence.startswith("models.voices.modalities: no features 'scene'. Known: visual")
    assert fault.places == [["models", "voices", "modalities", "1"]]
