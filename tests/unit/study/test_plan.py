"""What rules ask of the plan of a study: who takes part, and options of scripts."""

import copy
import shlex
from typing import Any

import pytest
import yaml
from paths import ROOT

from tinglegram.inputs.raw_files import RawFiles
from tinglegram.study.plan import Plan

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
DEMO = yaml.safe_load((ROOT / "workflow/studies/demo.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def config() -> dict[str, Any]:
    return copy.deepcopy(DEFAULTS) | {"study": "s", "protocols": ["described", "corrected"]}


def planned(config: dict[str, Any], *people: str, **about: Any) -> Plan:
    """Plan a study of these people, all with a log."""
    logs = {s: f"raw/log/{s}.log" for s in people or ("001", "002", "010")}
    clips = {code: f"raw/stim/{clip['file']}" for code, clip in config["clips"].items()}
    return Plan(config, raw=RawFiles(logs, {}, clips, (), tuple(logs.values())), **about)


def test_clips_are_named_once_with_condition_and_file(config):
    config["clips"] = {
        "vid1": {"file": "it's.avi", "condition": "ASMR"},
        "vid5": {"file": "sea.avi", "condition": "Calm sea"},
    }
    plan = planned(config)
    assert shlex.split(plan.clip_options) == ["--clips", "vid1=ASMR", "vid5=Calm sea"]
    assert shlex.split(plan.file_options) == ["--files", "vid1=it's.avi", "vid5=sea.avi"]
    assert (plan.target, plan.control) == ("ASMR", "Calm sea")


def test_a_simulated_study_says_who_takes_part_and_its_seed(config):
    assert planned(config).simulation_options == ""
    config["data"]["simulation"] = DEMO["data"]["simulation"]
    assert planned(config).simulation_options == "--simulated 001 002 010 --seed 42"


def test_only_problems_taken_for_none_are_accepted(config):
    assert planned(config).accepted_problems == []
    config["data"]["problems"] |= {"missing_log": "exclude_subject", "other_subject": "accept"}
    assert planned(config).accepted_problems == ["other_subject"]


def test_people_and_clips_left_out(config):
    left_out = {("002", "*"): "ill", ("010", "vid5"): "noise", ("010", "vid1"): "late"}
    plan = planned(config, left_out=left_out, without_pulse=["010"])
    assert (plan.people("all"), plan.people("with_pulse")) == (["001", "010"], ["001"])
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
