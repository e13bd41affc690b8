"""The profile for a machine with one GPU: Snakemake takes it, and who asks for its slots."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from paths import ROOT

GPU = ROOT / "profiles/gpu"
# Snakemake gives a job that asks for more than there is all there is.
ASKS_FOR_TOO_MUCH = """
rule all:
    output: "slots.txt"
    resources: gpu=1000
    shell: "echo {resources.gpu} > {output}"
"""


def slots() -> int:
    (entry,) = yaml.safe_load((GPU / "config.yaml").read_text())["resources"]
    name, number = entry.split("=")
    assert name == "gpu"
    return int(number)


@pytest.mark.parametrize(("more", "expected"), [([], slots()), (["--resources", "gpu=3"], 3)])
def test_snakemake_hands_out_the_slots(tmp_path: Path, more, expected):
    (tmp_path / "Snakefile").write_text(ASKS_FOR_TOO_MUCH)
    variables = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "--profile", str(GPU), *more],
        cwd=tmp_path,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout
    assert int((tmp_path / "slots.txt").read_text()) == expected


def test_everything_else_is_as_in_the_default_profile():
    settings = yaml.safe_load((GPU / "config.yaml").read_text())
    assert settings.pop("cores") == "all"
    del settings["resources"], settings["set-resources"]
    assert settings == yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())


def test_rules_that_run_networks_ask_for_a_slot_and_no_other():
    """Elsewhere, reading clips does without a GPU; here it would take the GPU unasked."""
    settings = yaml.safe_load((GPU / "config.yaml").read_text())["set-resources"]
    asking, running = {line.removesuffix(":gpu=1") for line in settings}, set()
    assert asking == {"extract_features"}
    for path in (ROOT / "workflow").rglob("*.smk"):
        for body in re.split(r"^ *(?:use )?rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            # A rule that is made from another has the name that it is given.
            name = re.split(r":| with:", body, maxsplit=1)[0].split(" as ")[-1]
            if re.search(r"^ +gpu=", body, flags=re.MULTILINE):
                asking.add(name)
            script = re.search(r'\bcode=code\("([\w/]+)"\)', body)
            if script and re.search(r"\bDevice\b", (ROOT / f"scripts/{script[1]}.py").read_text()):
                running.add(name)
    trained = {"train_network", "train_value_network", "retrain_network", "reevaluate_models"}
    final = {"train_final_network", "train_final_value_network"}
    assert asking == running == {*trained, *final, "extract_features"}
