"""What rules ask of the plan of a study: who takes part, and options of scripts."""

import argparse
import copy
import dataclasses
import json
import re
import shlex
from typing import Any

import pytest
import yaml
from paths import ROOT

from tinglegram.command_line import add_simulated
from tinglegram.errors import TinglegramError
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.simulation.design import subjects_of
from tinglegram.study.configuration_lines import key_places
from tinglegram.study.consistency import contradictions
from tinglegram.study.files import measured_trainings
from tinglegram.study.plan import Plan
from tinglegram.study.planning import plan_study
from tinglegram.study.schema import switch_schemas
from tinglegram.study.training_cost import describe_training_cost

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
DEMO = yaml.safe_load((ROOT / "workflow/studies/demo.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def config() -> dict[str, Any]:
    return copy.deepcopy(DEFAULTS) | {"study": "s", "protocols": ["described", "corrected"]}


def planned(config: dict[str, Any], *people: str, **about: Any) -> Plan:
    """Plan a study of these people, all with a log."""
    logs = {s: f"raw/log/{s}.log" for s in people or ("001", "002", "010")}
    files = {code: clip.get("file") for code, clip in config["clips"].items()}
    clips = {code: f"raw/stim/{file}" for code, file in files.items() if file}
    return Plan(config, raw=RawFiles(logs, {}, clips, (), tuple(logs.values())), **about)


def test_clips_are_named_once_with_condition_and_file(config):
    config["clips"] = {
        "vid1": {"file": "it's.avi", "condition": "ASMR"},
        "vid5": {"file": "sea.avi", "condition": "Calm sea"},
    }
    plan = planned(config)
    assert shlex.split(plan.clip_options) == ["--clips", "vid1=ASMR", "vid5=Calm sea"]
    assert shlex.split(plan.file_options) == ["--files", "vid1=it's.avi", "vid5=sea.avi"]
    assert (plan.target, plan.others) == ("ASMR", ["Calm sea"])


@pytest.mark.parametrize(
    ("participants", "option"), [(10000, "--simulated 1-10000"), ([1, 2, 10], "--simulated 1 2 10")]
)
def test_a_simulated_study_says_who_takes_part(config, participants, option):
    assert planned(config).simulated == ""
    config["data"]["simulation"] = DEMO["data"]["simulation"] | {"participants": participants}
    plan = planned(config)
    assert plan.simulated == option
    assert plan.simulation_options == f"{option} --seed 42"
    parser = argparse.ArgumentParser()
    add_simulated(parser)
    assert parser.parse_args(shlex.split(option)).simulated == subjects_of(participants)


@pytest.mark.parametrize("given", ["5-1", "1-2-3", "-1", "all", "1.5", ""])
def test_what_is_no_range_of_numbers_is_refused(given, capsys):
    parser = argparse.ArgumentParser()
    add_simulated(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args([f"--simulated={given}"])
    sentence = f"expected a number such as 3 or a range such as 1-34, found '{given}'"
    assert sentence in capsys.readouterr().err


def test_only_problems_taken_for_none_are_accepted(config):
    assert planned(config).accepted_problems == []
    # What becomes of a clip's problem is no setting of a job that reads logs or recordings.
    assert config["data"]["problems"]["near_black"] == "accept"
    config["data"]["problems"] |= {"missing_log": "exclude_subject", "other_subject": "accept"}
    assert planned(config).accepted_problems == ["other_subject"]


def test_people_and_clips_left_out(config):
    left_out = {("002", "*"): "ill", ("010", "vid5"): "noise", ("010", "vid1"): "late"}
    plan = planned(config, left_out=left_out, without_pulse=["010"])
    assert (plan.participants("all"), plan.participants("with_pulse")) == (["001", "010"], ["001"])
    assert plan.excluded_videos("010") == ["vid1", "vid5"] and plan.excluded_videos("001") == []


@pytest.mark.parametrize(
    ("weights", "files"),
    [
        ("untrained", []),
        ("IMAGENET1K_V1", ["results/s/weights/resnet18.txt"]),
        ("own.pth", ["own.pth"]),
    ],
)
def test_weights_come_from_a_download_a_file_or_nowhere(config, weights, files):
    config["stimuli"]["weights"] = weights
    plan = planned(config)
    assert plan.weights_files == files and plan.weights_are_random == (not files)
    assert Plan(config).weights_files == []


def test_a_model_is_told_of_its_own_modalities_alone(config):
    plan = planned(config)
    options = shlex.split(plan.model_options("fusion", "corrected"))
    assert options[:4] == ["--modalities", *config["models"]["fusion"]["modalities"]]
    folder = f"results/s/{plan.owner('pulse_10hz', 'corrected')}/pulse_10hz"
    assert options[4:8] == [
        *("--pulse", f"{folder}/{{subject}}.npz"),
        *("--with-pulse", "results/s/participants/with_pulse.txt"),
    ]
    assert options[8:] == ["--stimuli", "results/s/corrected/stimuli/{video}.npz"]
    assert "--pulse" not in plan.model_options("visual", "corrected")
    assert "results/s/participants/with_pulse.txt" in plan.model_inputs("fusion", "corrected")
    config["models"] = {"heart": {"kind": "bilstm", "modalities": ["pulse"]}}
    assert "--stimuli" not in planned(config).model_options("heart", "corrected")


def test_options_do_not_grow_with_people(config):
    few, many = planned(config), planned(config, *(f"{n:03d}" for n in range(1, 400)))
    for name in ("perturbed_options", "network_options"):
        assert getattr(few, name)("corrected") == getattr(many, name)("corrected")
    ours, theirs = (plan.model_options("fusion", "corrected") for plan in (few, many))
    assert ours == theirs


def test_perturbed_models_are_named_with_their_weights(config):
    options = shlex.split(planned(config).perturbed_options("corrected"))
    place = options.index("xgboost")
    assert options[place - 1 : place + 2] == [
        *("--model", "xgboost"),
        "results/s/corrected/models/xgboost/fold{fold}/weights.ubj",
    ]
    sets = [options[i + 1 : i + 4] for i, word in enumerate(options) if word == "--set"]
    assert ["fusion_shuffled_pulse", "fusion", "shuffled_pulse"] in sets
    assert ["visual_shifted_stimulus", "visual", "shifted_stimulus"] in sets
    assert not any(name == "visual_shuffled_pulse" for name, *_ in sets)


def test_networks_of_further_seeds_follow_the_first(config):
    config["training"]["network_seeds"] |= {"corrected": 3}
    config["models"] = {"visual": config["models"]["visual"]}
    plan = planned(config, n_folds=2)
    words = shlex.split(plan.network_options("corrected"))
    assert words[:2] == ["--model", "visual"]
    found = [word.replace("{fold}", str(fold)) for word in words[2:] for fold in plan.folds]
    assert found == plan.network_predictions("visual", "corrected")


def test_the_mean_over_networks_is_the_model_where_there_are_several(config):
    config["training"]["network_seeds"] |= {"corrected": 3}
    config["models"] = {name: config["models"][name] for name in ("visual", "xgboost")}
    plan = planned(config, n_folds=1)
    folder = "results/s/corrected/models/visual/fold1"
    own = [f"{folder}/seed{n}/predictions.parquet" for n in (1, 2, 3)]
    assert plan.network_predictions("visual", "corrected") == own
    assert set(own) < set(plan.at_owner("models/visual", "corrected"))
    assert plan.predictions(["visual"], "corrected") == [f"{folder}/predictions.parquet"]
    # What is perturbed is shown to all of them, as their mean is the model.
    weights = [f"{folder}/{part}weights.safetensors" for part in ("", "seed2/", "seed3/")]
    assert plan.trained("visual", "corrected") == weights
    words = shlex.split(plan.perturbed_options("corrected"))
    place = words.index("--averaged")
    assert words[place + 1 : place + 4] == [
        "visual",
        *(weight.replace("fold1", "fold{fold}") for weight in weights[1:]),
    ]
    assert words.count("--averaged") == 1 and set(weights) < {*plan.perturbed_inputs("corrected")}
    assert re.match(plan.networks_trained_in(averaged=True), "corrected/models/visual/")
    assert not re.match(plan.networks_trained_in(averaged=False), "corrected/models/visual/")
    assert re.match(plan.networks_trained_in(averaged=False), "described/models/visual/")


def test_the_mean_over_one_network_moves_no_file(config):
    config["training"]["network_seeds"] |= {"corrected": 1}
    config["own_protocols"] = {"mean": {"from": "described", "network_predictions": "mean"}}
    plan = planned(config | {"protocols": ["described", "mean", "corrected"]}, n_folds=1)
    assert not any(plan.averages(protocol) for protocol in plan.protocols)
    assert plan.owner("models/fusion", "mean") == "described"
    assert plan.network_predictions("fusion", "corrected") == plan.predictions(
        ["fusion"], "corrected"
    )
    assert "--averaged" not in plan.perturbed_options("corrected")


def test_models_are_trained_again_in_parts_where_the_protocol_says_so(config):
    config["models"] = {name: config["models"][name] for name in ("visual", "xgboost")}
    config["statistics"]["retrainings"] = {"bilstm": 7, "xgboost": 3}
    config["own_protocols"] = {"count": {"from": "corrected", "p_value": "count"}}
    plan = planned(config | {"protocols": ["described", "count", "corrected"]}, n_folds=2)
    assert plan.retrained_in == ["count", "corrected"] and plan.retrainings("described") == {}
    assert plan.retrainings("corrected") == {"visual": 7, "xgboost": 3}
    assert plan.retrained("described") == []
    assert plan.retrained("corrected") == ["results/s/corrected/statistics/retrained.tsv"]
    assert plan.shifts_of_parts("visual") == [[1, 2, 3, 4, 5], [6, 7]]
    assert plan.shifts_of_parts("xgboost") == [[1, 2, 3]]
    # Protocols that train alike train again once, in the first of them by name.
    folder = "results/s/corrected/models"
    assert plan.retrained_owner("xgboost", "count") == "corrected"
    files = plan.retrained_scores("count")
    assert files == [
        *(f"{folder}/visual/fold{k}/seed1/predictions.parquet" for k in (1, 2)),
        *(f"{folder}/visual/fold{k}/retrained/part{p}.parquet" for k in (1, 2) for p in (1, 2)),
        *(f"results/s/count/models/xgboost/fold{k}/predictions.parquet" for k in (1, 2)),
        *(f"{folder}/xgboost/fold{k}/retrained/part1.parquet" for k in (1, 2)),
    ]
    assert shlex.split(plan.retrained_options("count"))[-5:] == [
        *("--model", "xgboost", "results/s/count/models/xgboost/fold{fold}/predictions.parquet"),
        *(f"{folder}/xgboost/fold{{fold}}/retrained/part{{part}}.parquet", "1"),
    ]
    path = "/models/xgboost/fold1/retrained/part1.parquet"
    assert re.match(plan.retrained_by, f"corrected{path}")
    assert not re.match(plan.retrained_by, f"count{path}")
    assert not re.match(plan.retrained_by, f"described{path}")


@pytest.mark.parametrize("retrainings", [{"bilstm": 0}, {}])
def test_kinds_without_retrainings_have_no_test(config, retrainings):
    config["statistics"]["retrainings"] = retrainings
    plan = planned(config, n_folds=2)
    assert plan.retrained_in == plan.retrained_models == plan.retrained("corrected") == []
    assert describe_training_cost(plan, {}) == "" and plan.retrained_by == "(?!)"


def test_planning_says_what_training_again_costs(config):
    config["models"] = {name: config["models"][name] for name in ("visual", "xgboost")}
    config["statistics"]["retrainings"] = {"bilstm": 39, "xgboost": 99}
    plan = planned(config, n_folds=4)
    said = describe_training_cost(plan, {"xgboost": [1.0]})
    # Four folds: one network and trees in described, five networks and trees in corrected.
    assert said == (
        "Test of tracking: 552 models are trained on moved reports beside the 32 of the study: "
        "visual 156 (39 shifts), xgboost 396 (99 shifts) (statistics: retrainings). "
        "How long that takes is told once visual was trained here."
    )
    told = describe_training_cost(plan, {"xgboost": [1.0, 3.0], "visual": [100.0]})
    assert told.endswith("(visual 100.0 s, xgboost 2.0 s): about 4.6 h one by one.")


def test_what_trainings_took_is_read_from_a_run_before(tmp_path):
    def write(path: str, seconds: float) -> None:
        place = tmp_path / "benchmarks" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"s\th:m:s\n{seconds}\t0:00:01\n")

    sizes = {"visual": 5, "xgboost": 50, "fusion": 5}
    assert measured_trainings(tmp_path, sizes) == {}
    write("train_network/corrected/visual/fold1_seed1.tsv", 30.0)
    write("train_boosting/described/xgboost/fold1.tsv", 9.0)
    write("retrain_boosting/corrected/xgboost/fold1_part1.tsv", 100.0)
    # The last part may hold fewer shifts.
    write("retrain_boosting/corrected/xgboost/fold1_part2.tsv", 7.0)
    assert measured_trainings(tmp_path, sizes) == {"visual": [30.0], "xgboost": [2.0]}


def test_a_model_is_trained_in_the_folders_of_its_owners(config):
    plan = planned(config)
    for protocol in plan.protocols:
        path = f"{protocol}/models/fusion/fold1/history.tsv"
        owns = plan.owner("models/fusion", protocol) == protocol
        assert bool(re.match(plan.trained_in, path)) == owns
    assert re.match(Plan(config | {"models": {}}).trained_in, "corrected/models/x/") is None


def of_conditions(config: dict[str, Any], *conditions: str | None) -> Plan:
    """Plan a study with a clip of each of these conditions; None: the clip has none."""
    config["clips"] = {
        f"clip{i}": {"file": f"{i}.avi", "condition": name} for i, name in enumerate(conditions)
    }
    config["responses"]["target"]["condition"] = conditions[0]
    return planned(config)


def test_any_number_of_conditions(config):
    plan = of_conditions(config, "joy", "fear", "joy", "calm")
    assert plan.all_conditions == ["joy", "fear", "calm"]
    assert (plan.target, plan.others) == ("joy", ["fear", "calm"])
    plan = of_conditions(config, "joy", "joy")
    assert (plan.all_conditions, plan.target, plan.others) == (["joy"], "joy", [])


@pytest.mark.parametrize("clips", [{"a": {"file": "a.avi"}}, {"a": {"condition": None}}])
def test_clips_without_a_condition_are_called_all(config, clips):
    config["responses"]["target"]["condition"] = None
    plan = Plan(config | {"clips": clips})
    assert plan.conditions == {"a": "all"} and plan.clip_options == "--clips a=all"
    assert (plan.all_conditions, plan.target, plan.others) == (["all"], None, [])


@pytest.mark.parametrize(
    ("chosen", "others"),
    [("Nature", ["ASMR"]), (None, [])],
)
def test_the_target_is_the_configured_one(config, chosen, others):
    plan = planned(config | {"responses": {"target": {"condition": chosen}}})
    assert (plan.target, plan.others) == (chosen, others)


def test_stages_that_nothing_needs_are_computed_for_no_protocol(config):
    config["protocols"] = ["described", "released", "corrected"]
    everybody = ["001", "002", "010"]
    shared = {stage for stage, _ in planned(config).shared}
    assert {"continuity", "labels", "folds"} <= shared
    silent = {stage for stage, _ in planned(config, without_pulse=everybody).shared}
    assert {"labels", "folds"} <= silent < shared
    assert not silent & {"continuity", "coupling", "physiology", "pulse_10hz", "pulse_windows"}
    config["models"] = {}
    unscored = {stage for stage, _ in planned(config).shared}
    assert {"continuity", "labels"} <= unscored and "folds" not in unscored


@pytest.mark.parametrize(
    ("conditions", "sentences"),
    [
        (["joy"], []),
        (["joy", "fear", "calm"], []),
        ([None, None], []),
        (
            ["joy", None],
            ["clips: clip1 without a condition, others with one"],
        ),
    ],
)
def test_all_clips_have_a_condition_or_none(config, conditions, sentences):
    of_conditions(config, *conditions)
    config["report"]["claims"] = False
    config["folds"]["scheme"], config["folds"]["number"] = "leave_one_participant_out", None
    faults = contradictions(config, switch_schemas())
    assert [fault.sentence.split(";")[0] for fault in faults] == sentences


def test_folds_are_nothing_to_a_study_without_models(config):
    config |= {"models": {}, "folds": config["folds"] | {"number": 7}}
    assert list(contradictions(config, switch_schemas())) == []


def test_a_clip_says_its_length_condition_and_streams(config):
    config["timing"] |= {"clip": 60.0, "first_trial": 55.7}
    config["clips"] = {
        "film": {"file": "film.mp4", "condition": "fear", "duration": 90.5},
        "rain": {"file": "rain.WAV", "duration": 20},
        "still": {"file": "still.png"},
        "silent": {"file": "silent.mp4", "streams": ["picture"]},
        "secret": {"condition": "fear"},
    }
    plan = planned(config)
    assert plan.conditions == {
        **{"film": "fear", "rain": "all", "still": "all", "silent": "all", "secret": "fear"}
    }
    assert plan.clips_with("picture") == ["film", "still", "silent"]
    assert plan.clips_with("sound") == ["film", "rain"]
    assert [plan.stream_options(clip) for clip in ("film", "rain", "silent")] == [
        *("", "--streams sound", "--streams picture")
    ]
    assert plan.config_of("film")["timing"]["clip"] == 90.5
    assert plan.config_of("film")["timing"]["first_trial"] == 55.7
    # What is over before anything was cut off plays whole.
    assert (
        plan.config_of("rain")["timing"] | {"clip": 20.0, "first_trial": 20.0}
        == (plan.config_of("rain")["timing"])
    )
    assert plan.config_of("still") is config
    assert plan.trial_options.endswith(" --lengths film=90.5 rain=20.0")
    assert shlex.split(plan.file_options)[1:] == [
        *("film=film.mp4", "rain=rain.WAV", "still=still.png", "silent=silent.mp4")
    ]
    assert plan.stage_files("stimuli", "corrected") == [
        f"stimuli/{clip}.npz" for clip in ("film", "rain", "still", "silent")
    ]
    options = plan.model_options("fusion", "corrected")
    assert "--without-picture rain secret --without-sound still silent secret" in options


def test_rest_asmr_is_told_of_no_lengths_and_streams(config):
    plan = planned(config)
    assert plan.trial_options == plan.clip_options
    assert "--without" not in plan.model_options("fusion", "corrected")
    assert all(plan.stream_options(clip) == "" for clip in plan.conditions)


@pytest.mark.parametrize(
    ("files", "without_pulse", "modalities"),
    [
        (["a.avi", "b.avi"], [], ["visual", "acoustic", "pulse"]),
        (["a.wav", "b.avi"], ["001"], ["visual", "acoustic"]),
        (["a.wav", "b.mp3"], ["001"], ["acoustic"]),
        ([None, "b.png"], [], ["visual", "pulse"]),
    ],
)
def test_a_model_takes_what_the_study_has(config, files, without_pulse, modalities):
    config["clips"] = {f"c{i}": {"file": file} for i, file in enumerate(files)}
    config["models"] = {"all": {"kind": "bilstm", "modalities": "auto"}}
    plan = planned(config, "001", without_pulse=without_pulse)
    assert plan.models == {"all": {"kind": "bilstm", "modalities": modalities}}
    assert list(plan.model_faults()) == []
    assert set(plan.perturbed) == {
        *(["all_shuffled_pulse"] if "pulse" in modalities else []),
        *(["all_shifted_stimulus"] if {"visual", "acoustic"} & {*modalities} else []),
    }


def test_a_model_of_what_is_not_there_is_refused(config):
    config["clips"] = {"c": {"file": None}, "d": {"file": None}}
    config["models"] = {
        "heart": {"kind": "bilstm", "modalities": ["pulse"]},
        "eye": {"kind": "xgboost", "modalities": ["visual"]},
        "any": {"kind": "xgboost", "modalities": "auto"},
    }
    assert dict(planned(config, "001").model_faults()) == {
        "eye": "models.eye.modalities: not in this study: visual (no clip has a file with "
        "pictures). Name others or auto, or take the model out by setting it to null"
    }
    found = dict(planned(config, "001", without_pulse=["001"]).model_faults())
    assert list(found) == ["heart", "eye", "any"]
    assert found["any"] == (
        "models.any.modalities: not in this study: visual (no clip has a file with pictures), "
        "acoustic (no clip has a file with sound), pulse (nobody has a pulse). Name others or "
        "auto, or take the model out by setting it to null"
    )


def test_models_of_values_stand_apart_from_classifiers_of_the_same_name(config):
    config["models"] = {"same": {"kind": "xgboost", "modalities": ["pulse"]}}
    config["regression"]["models"] = {"same": {"kind": "ridge", "modalities": ["acoustic"]}}
    plan = planned(config, "001", "002", n_folds=2)
    assert plan.uses("same", "pulse") and not plan.uses("regression/same", "pulse")
    (inputs,) = {path.split("/")[3] for path in plan.model_inputs("regression/same", "described")}
    assert inputs == "stimuli"
    assert plan.model_options("regression/same", "described").startswith("--modalities acoustic ")
    files = [name for name in plan.stages["regression/same"].files]
    assert files[-1] == "regression/same/fold{fold}/weights.npz"
    assert plan.value_predictions(["same"], "described") == [
        f"{plan.results}/described/regression/same/fold{fold}/predictions.parquet"
        for fold in (1, 2)
    ]


def test_models_of_values_do_not_depend_on_padding(config):
    config["regression"]["models"] = {"net": {"kind": "bilstm", "modalities": ["pulse"]}}
    config["protocols"] = ["described", "masked"]
    config["own_protocols"] = {"masked": {"from": "described", "padding": "masked"}}
    config["models"] = {"net": config["regression"]["models"]["net"]}
    plan = planned(config, "001", "002")
    assert plan.owner("regression/net", "masked") == "described"
    assert plan.owner("models/net", "masked") == "masked"
    assert ("regression/net", "masked") in plan.shared


def test_the_mean_of_a_condition_needs_several_conditions(config):
    config["regression"]["models"] = {"net": {"kind": "bilstm", "modalities": ["pulse"]}}
    assert "condition_mean" in planned(config, "001").value_baselines
    config["clips"] = {"c": {"file": "c.avi"}}
    plan = planned(config, "001")
    assert plan.value_baselines == ["mean", "time_course", "stimulus_mean", "human_agreement"]
    assert plan.value_scored["human_agreement"] == "noise_ceiling"
    assert plan.value_scored["net"] == "bilstm"


def test_a_model_of_values_of_what_is_not_there_is_refused(config):
    config["clips"] = {"c": {"file": None}}
    config["models"] = {}
    config["regression"]["models"] = {"eye": {"kind": "ridge", "modalities": ["visual"]}}
    ((place, sentence),) = planned(config, "001").model_faults()
    assert place == "regression.models.eye"
    assert sentence.startswith("regression.models.eye.modalities: not in this study: visual")


def test_covariates_are_made_from_what_there_is(config):
    config["statistics"]["covariates"] = ["age"]
    plan = planned(config)
    assert plan.covariates == ["age"] and plan.fold_people == []
    found = [plan.outcomes_of_people(n, "corrected") for n in ("rest_change_people", "coupling")]
    assert found == [
        ["results/s/corrected/statistics/rest_change_people.tsv"],
        ["results/s/corrected/statistics/pulse_coupling.tsv"],
    ]
    without = planned(config, "001", without_pulse=["001"])
    assert without.outcomes_of_people("coupling", "corrected") == []
    config["folds"] |= {"scheme": "leave_one_group_out", "covariate": "site"}
    assert planned(config).fold_people == ["results/s/participants.tsv"]
    assert "participants" not in json.loads(plan.reading_text)
    config["data"]["participants"] = "people.csv"
    assert json.loads(planned(config).reading_text)["participants"] == "people.csv"


@pytest.fixture
def asking(config, tmp_path, monkeypatch) -> dict[str, Any]:
    """A study of REST-ASMR's files whose statistics and folds ask for covariates."""
    monkeypatch.chdir(tmp_path)
    for number in (1, 2, 3, 10):
        for name in (f"log/{number:03d}-1-a.log", f"ppg/{number:03d}_csv.txt"):
            path = tmp_path / "raw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    (tmp_path / "people.csv").write_text("subject,site,age\n1,a,30\n2,b,\n003,a,40\n10,b,50\n")
    config["data"] |= {"root": "raw", "participants": "people.csv"}
    config["statistics"]["covariates"] = ["age"]
    config["folds"] |= {"scheme": "leave_one_group_out", "number": None, "covariate": "site"}
    return config


def test_groups_of_a_table_make_folds(asking):
    plan, _ = plan_study(asking, [key_places(asking, "c.yaml")], [])
    assert plan.n_folds == 2


@pytest.mark.parametrize(
    ("section", "key", "value", "said"),
    [
        ("statistics", "covariates", ["size"], r"present: site, age\), found size\."),
        ("folds", "covariate", "size", r"present: site, age\), found size\."),
        ("folds", "covariate", "age", r"but 002 of 4 people have no value of it\."),
    ],
)
def test_covariates_that_are_lacking_stop_the_plan(asking, section, key, value, said):
    asking[section][key] = value
    with pytest.raises(TinglegramError, match=said):
        plan_study(asking, [key_places(asking, "c.yaml")], [])


def with_wrists(config, sensors, files=("001", "002"), **about):
    """A study of another reader in which some people have files of signals."""
    config["data"]["reader"] = "csv"
    config["sensors"] = sensors
    config["models"] = {"all": {"kind": "xgboost", "modalities": "auto"}}
    people = {s: f"raw/{s}.csv" for s in ("001", "002", "010")}
    raw = RawFiles(people, {s: f"raw/{s}_e4" for s in files}, {"vid1": "raw/stim/a.avi"})
    return Plan(config, raw=raw, **about)


def test_sensors_are_planned_where_the_study_names_them(config):
    plan = with_wrists(config, {"temperature": "Wrist", "eda": None}, without_pulse=["001"])
    assert plan.sensors == {"eda": None, "temperature": "Wrist"}
    assert shlex.split(plan.sensor_options) == ["--sensors", "eda=", "temperature=Wrist"]
    assert plan.participants("with_sensors") == ["001", "002"]
    assert plan.with_sensors_alone == ["001"] and plan.with_signals == ["001", "002", "010"]
    assert plan.available[-2:] == ["eda", "temperature"] and "resp" in plan.lacking
    assert "all_shuffled_sensors" in plan.perturbed
    unread = dataclasses.replace(plan, sources=plan.sources.passing_over(["002"]))
    assert unread.with_sensors == ["001"]
    # Both protocols place windows alike; no switch changes a series.
    assert plan.owners["sensors_10hz"] == plan.owners["sensor_windows"] == ["corrected"]
    inputs, options = plan.model_inputs("all", "described"), plan.model_options("all", "described")
    folder = "results/s/corrected/sensors_10hz"
    assert [path for path in inputs if "sensors_10hz" in path] == [
        f"{folder}/001.npz",
        f"{folder}/002.npz",
    ]
    words = shlex.split(options)
    place = words.index("--sensors")
    assert words[place : place + 4] == [
        *("--sensors", f"{folder}/{{subject}}.npz"),
        *("--with-sensors", "results/s/participants/with_sensors.txt"),
    ]


@pytest.mark.parametrize(("sensors", "files"), [({}, ("001",)), ({"eda": None}, ())])
def test_without_sensors_nothing_of_them_is_planned(config, sensors, files):
    plan = with_wrists(config, sensors, files)
    assert plan.with_sensors == [] and not {*plan.stages} & {"sensors_10hz", "sensor_windows"}
    assert "eda" in plan.lacking and "--sensors" not in plan.model_options("all", "described")
    assert "all_shifted_stimulus" in plan.perturbed and "all_shuffled_sensors" not in plan.perturbed


def test_sensors_of_rest_asmr_are_none(config):
    assert planned(config | {"sensors": {"eda": None}}).sensors == {}


def test_only_protocols_that_fit_a_response_function_have_its_stages(config):
    config["protocols"] = ["corrected", "described", "other"]
    config["own_protocols"] = {"other": {"from": "corrected", "p_value": "count"}}
    plan = planned(config)
    assert plan.with_response_function == ["corrected", "other"]
    assert plan.owners["courses"] == ["corrected"]
    assert plan.owners["response_function"] == ["corrected", "other"]
    shared = {(stage, protocol) for stage, protocol in plan.shared if "courses" in stage}
    assert shared == {("courses", "other")}
    assert {plan.conditions[clip] for clip in plan.response_clips} == {plan.target}


def test_a_protocol_of_ones_own_can_do_without_a_response_function(config):
    config["overrides"] = {"response_function": "none"}
    plan = planned(config)
    assert plan.with_response_function == [] and "courses" not in plan.stages
