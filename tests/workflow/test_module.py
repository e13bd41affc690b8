"""The examples that import the workflow as a module, in folders and configurations of their own."""

import shutil
from collections import Counter
from pathlib import Path
from statistics import mean

import pandas as pd
import pytest
import yaml
from paths import ROOT
from workflow_helpers import Study, changed, fingerprint

EXAMPLES = ROOT / "docs" / "examples" / "module"
PREFIX = "tinglegram_"
MINE = {"study": "mine", "data": {"root": "sessions"}}
# What names the study or its data folder, and what the example adds.
OWN = ["inventory.tsv", "pulse_rates.tsv"]


def imported(example: str, study: Study, folder: Path, overlay: dict) -> Study:
    """Copy an example and set its configuration as a user does."""
    shutil.copytree(EXAMPLES / example, folder, dirs_exist_ok=True)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert set(config) == {"workflow", "tinglegram"}
    config["workflow"] = str(study.code)
    config["tinglegram"] |= overlay
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return Study(folder, folder, folder / "config.yaml")


def tiny(study: Study) -> dict:
    return yaml.safe_load(study.overlay.read_text())


def of_module(plan: Counter) -> Counter:
    """Jobs per rule of the workflow, by the names that the rules have in it."""
    jobs = {name.removeprefix(PREFIX): n for name, n in plan.items() if name.startswith(PREFIX)}
    assert len(jobs) == len(plan)
    jobs.pop("all", None)
    return Counter(jobs)


@pytest.fixture(scope="module")
def pulse(finished, tmp_path_factory) -> Study:
    """The pulse example after its run, as a study of another name with its data elsewhere."""
    folder = tmp_path_factory.mktemp("pulse")
    shutil.copytree(finished.folder / "raw", folder / "sessions")
    # What the example says about the report stays: the pulse stage has none.
    overlay = {key: value for key, value in tiny(finished).items() if key != "report"}
    study = imported("pulse", finished, folder, overlay | MINE)
    study.run()
    return study


def test_pulse_stage_alone_gives_the_bytes_of_the_whole_run(pulse, finished):
    made = fingerprint(pulse.folder / "results" / "mine")
    ordinary = fingerprint(finished.results)
    assert changed({name: ordinary.get(name, "") for name in made}, made) == OWN
    people = ["001", "002", "003", "004"]
    assert set(made) >= {
        *(f"{kind}/{s}.npz" for kind in ("recordings", "rests") for s in people),
        *(f"{p}/pulse_10hz/{s}.npz" for p in ("described", "released") for s in people),
        *(f"{p}/pulse_windows/{s}.tsv" for p in ("described", "released") for s in people),
        *(f"{p}/pulse_blocks/{s}.tsv" for p in ("described", "released") for s in people),
        *(f"described/statistics/pulse_coupling{kind}.tsv" for kind in ("", "_test", "_quality")),
        "described/statistics/continuity.tsv",
    }


def test_the_rule_behind_the_pulse_stage_averages_its_windows(pulse):
    results = pulse.folder / "results" / "mine"
    table = pd.read_csv(results / "pulse_rates.tsv", sep="\t").set_index("video")
    assert list(table.index) == ["vid1", "vid2", "vid5", "vid6"]
    tables = [pd.read_csv(p, sep="\t") for p in (results / "described/pulse_windows").iterdir()]
    assert len(tables) == 4
    for video, row in table.iterrows():
        rates = [
            [w.pulse_rate_bpm for w in one.itertuples() if w.video == video and not w.poor]
            for one in tables
        ]
        rates = [[rate for rate in one if rate == rate] for one in rates]
        used = [one for one in rates if one]
        assert (row["people"], row["windows"]) == (len(used), sum(map(len, used)))
        assert row["pulse_rate_bpm"] == pytest.approx(mean(map(mean, used)), abs=0.006)


def test_whole_workflow_plans_the_jobs_of_the_ordinary_run(finished, study, tmp_path):
    shutil.copytree(study.folder / "raw", tmp_path / "sessions")
    example = imported("whole", study, tmp_path, tiny(study) | MINE)
    ordinary = finished.plan("--forceall")
    assert sum(ordinary.values()) > 90
    assert of_module(example.plan()) == ordinary
    # What the importing Snakefile holds is not what the workflow saves.
    example.run("results/mine/config.yaml")
    saved = yaml.safe_load((tmp_path / "results/mine/config.yaml").read_text())
    assert (saved["timing"]["clip"], saved["pulse"]["window"]) == (14.0, 5.0)
    assert "workflow" not in saved


def test_whole_workflow_takes_finished_results_for_its_own(study):
    example = imported("whole", study, study.folder, tiny(study))
    assert example.plan() == Counter()


def test_faults_of_the_configuration_name_the_module(finished, tmp_path):
    example = imported(
        "whole", finished, tmp_path, tiny(finished) | {"sedd": 7, "seed": "forty-two"}
    )
    code, said = example.snakemake("-n")
    assert code != 0
    assert "the config of module tinglegram: sedd: unknown key. Did you mean 'seed'?" in said
    assert "the config of module tinglegram: seed: expected a whole number" in said
    assert not (tmp_path / "results").exists()
