"""The tiny study from raw files to its report."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import networkx as nx
import pandas as pd
import pytest
import yaml
from paths import ROOT
from workflow_helpers import Study

from tinglegram.trials.folds import HELD_OUT


def test_results_keep_the_contract(finished, shared):
    checker = shared.parent / "check_contract.py"
    answer = subprocess.run(
        [sys.executable, str(checker), str(finished.results)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_every_output_of_every_model_exists(finished):
    for protocol in ("described", "released"):
        for model in ("fusion", "acoustic", "xgboost"):
            folder = finished.results / protocol
            assert (folder / f"statistics/{model}/pooled.tsv").is_file()
            for fold in (1, 2):
                assert (folder / f"models/{model}/fold{fold}/predictions.parquet").is_file()


BESIDE = {
    *("condition_only", "stimulus_mean", "majority", "padding_only", "condition_and_padding"),
    *("human_agreement", "fusion_shuffled_pulse", "fusion_shifted_stimulus"),
    *("acoustic_shifted_stimulus", "xgboost_shuffled_pulse", "xgboost_shifted_stimulus"),
}


def test_controls_and_perturbed_models_stand_beside_the_models(finished):
    for protocol in ("described", "released"):
        folder = finished.results / protocol
        models = {path.name for path in (folder / "models").iterdir()}
        assert models == {"fusion", "acoustic", "xgboost"} | BESIDE
        for name in BESIDE:
            assert (folder / f"statistics/{name}/pooled.tsv").is_file()
            for fold in (1, 2):
                own, of_model = (
                    pd.read_parquet(folder / f"models/{model}/fold{fold}/predictions.parquet")
                    for model in (name, "fusion")
                )
                told = ["probability", "predicted"]
                pd.testing.assert_frame_equal(own.drop(columns=told), of_model.drop(columns=told))
                assert not own["probability"].equals(of_model["probability"])


@pytest.mark.parametrize(("model", "suffix"), [("fusion", "safetensors"), ("xgboost", "ubj")])
def test_a_stored_model_gives_its_predictions_again(finished, tmp_path, model, suffix):
    """Re-evaluation without any perturbation reads what training wrote, and changes no bit."""
    config = yaml.safe_load((finished.results / "config.yaml").read_text())
    clips = {code: clip["condition"] for code, clip in config["clips"].items() if clip}
    folder = finished.results / "described"
    fold = [folder / f"models/{model}/fold{k}" for k in (1, 2)]
    given = {
        "folds": [folder / "folds.tsv"],
        "participants": [finished.results / "participants/all.txt"],
        "ratings": [folder / "labels/{subject}.parquet"],
        "pulse": [folder / "pulse_10hz/{subject}.npz"],
        "with-pulse": [finished.results / "participants/with_pulse.txt"],
        "stimuli": [folder / "stimuli/{video}.npz"],
        "model": [
            *(model, folder / f"models/{model}/fold{{fold}}/weights.{suffix}"),
            *config["models"][model]["modalities"],
        ],
        "set": [model, model, "none"],
        "clips": [f"{code}={condition}" for code, condition in clips.items()],
        "clip": [config["timing"]["clip"]],
        "warm-up": [config["timing"]["warm_up"]],
        "grid": [config["timing"]["grid"]],
        "above": [config["responses"]["target"]["above"]],
        "condition": [config["responses"]["target"]["condition"]],
        "n-mfcc": [config["stimuli"]["n_mfcc"]],
        "seed": [config["seed"]],
        "device": ["cpu"],
        "predictions": [tmp_path / "{model}_fold{fold}.parquet"],
    }
    words = [str(word) for name, values in given.items() for word in (f"--{name}", *values)]
    script = finished.code / "scripts/models/reevaluate.py"
    environment = os.environ | {"PYTHONPATH": str(finished.code / "src")}
    subprocess.run([sys.executable, str(script), *words], check=True, env=environment)
    written = [tmp_path / f"{model}_fold{k}.parquet" for k in (1, 2)]
    for path, stored in zip(written, fold, strict=True):
        expected = pd.read_parquet(stored / "predictions.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_exact=True)


def test_shared_stages_are_computed_once(finished):
    ours, theirs = (
        finished.results / protocol / "labels/001.parquet" for protocol in ("described", "released")
    )
    assert ours.read_bytes() == theirs.read_bytes()
    computed = [p.parent.name for p in finished.results.glob("benchmarks/rate_grid/*/001.tsv")]
    assert len(computed) == 1


def test_no_half_written_file_is_left(finished):
    assert not list(finished.results.rglob(".*.partial*"))


def test_inventory_lists_everybody(finished):
    inventory = pd.read_csv(finished.results / "inventory.tsv", sep="\t")
    assert inventory.subject.tolist() == [1, 2, 3, 4]
    assert (inventory.n_clips == 4).all()
    assert inventory.included.all()


@pytest.mark.parametrize("model", ["fusion", "xgboost"])
def test_predictions_do_not_depend_on_cores(study, model):
    """A model trained again on one core gives the same bytes as in the run on two."""
    folder = study.results / "described" / "models" / model
    before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for path in before:
        (folder / path).unlink()
    targets = [str((folder / p).relative_to(study.folder)) for p in before]
    study.run(*targets, cores=1)
    assert {path: (folder / path).read_bytes() for path in before} == before


def test_models_trained_again_do_not_depend_on_cores(study):
    overlay = yaml.safe_load(study.overlay.read_text())
    overlay["own_protocols"] = {"again": {"from": "described", "tracking_test": "retrained"}}
    overlay["protocols"].append("again")
    overlay["models"] |= {"fusion": None, "acoustic": None}
    overlay["statistics"] = {"reference": "xgboost", "retrainings": {"xgboost": 3}}
    study.overlay.write_text(yaml.safe_dump(overlay))
    folder = study.results / "again"
    table = folder / "statistics/retrained.tsv"
    target = str(table.relative_to(study.folder))
    assert "Test of tracking: 6 models are trained on moved reports" in study.run(target, cores=2)
    parts = [folder / f"models/xgboost/fold{k}/retrained/part1.parquet" for k in (1, 2)]
    before = [path.read_bytes() for path in (table, *parts)]
    assert pd.read_parquet(parts[0])["shift"].unique().tolist() == [1, 2, 3]
    for path in (table, *parts):
        path.unlink()
    study.run(target, cores=1)
    assert [path.read_bytes() for path in (table, *parts)] == before


def test_the_graph_of_rules_is_planned_for_one_person_and_shows_all_rules(tmp_path):
    drawn, jobs = Study(tmp_path, ROOT, ROOT / "workflow/studies/demo.yaml").rule_graphs()
    everybody, planned = (
        {rule for rule in graph if rule.startswith("simulate_participant_")}
        for graph in (jobs, drawn)
    )
    # Person 7's Tinglegram is drawn.
    assert planned == {"simulate_participant_001", "simulate_participant_007"}
    assert len(everybody) == 8
    jobs.remove_nodes_from(everybody - planned)
    assert nx.utils.graphs_equal(drawn, jobs)


def test_snakemake_report_works(study):
    study.run("--report", "snakemake.html")
    assert (study.folder / "snakemake.html").stat().st_size > 10_000


def test_broken_log_stops_with_one_sentence(study):
    log = next((study.folder / "raw/log").glob("002-*"))
    log.write_bytes(b"")
    code, said = study.snakemake("--cores", "2")
    assert code != 0
    said = " ".join(said.split())
    assert f"{log.name}: expected a Presentation event log, found an empty file." in said
    assert "Traceback" not in said


def test_faulty_configuration_lists_every_fault(study):
    overlay = study.folder / "tiny.yaml"
    text = overlay.read_text()
    last = text.count("\n")
    overlay.write_text(text + "overides: {}\nstatistics: {bootstrap: 0}\n")
    _, said = study.snakemake("-n", "--config", "sed=1")
    said = " ".join(said.split())
    assert "The configuration has 3 fault(s):" in said
    assert f"tiny.yaml, line {last + 1}: overides: unknown key. Did you mean 'overrides'?" in said
    assert "the command line (--config): sed: unknown key. Did you mean 'seed'?" in said
    sentence = "statistics.bootstrap: expected a whole number of at least 1, found 0"
    assert f"tiny.yaml, line {last + 2}: {sentence}" in said


def test_a_manual_that_cannot_be_read_is_named_with_its_line(study, tmp_path):
    code = tmp_path / "code"
    shutil.copytree(study.code, code)
    manual = code / "config.yaml"
    manual.write_text(manual.read_text() + "\tseed: 1\n")
    line = manual.read_text().count("\n")
    _, said = replace(study, code=code).snakemake("-n")
    assert f"config.yaml, line {line}, column 1: expected YAML" in " ".join(said.split())


def test_too_few_people_are_noticed_while_planning(study):
    lines = "".join(f"{subject}\t*\tleft\n" for subject in (2, 3, 4))
    (study.folder / "exclusions.tsv").write_text(f"subject\tvideo\treason\n{lines}")
    text = study.overlay.read_text()
    study.overlay.write_text(
        text.replace("  root: raw\n", "  root: raw\n  exclusions: exclusions.tsv\n")
    )
    line = study.overlay.read_text().split("number:")[0].count("\n") + 1
    _, said = study.snakemake("-n")
    said = " ".join(said.split())
    assert f"tiny.yaml, line {line}: 2 double-independent folds need 4 people" in said


@pytest.mark.parametrize(
    ("scheme", "number", "folds"),
    [("leave_one_participant_out", None, 4), ("leave_one_clip_pair_out", 2, 2)],
)
def test_other_fold_schemes_run_to_verdict_and_figure(study, scheme, number, folds):
    overlay = yaml.safe_load((study.folder / "tiny.yaml").read_text())
    overlay["folds"] = {"scheme": scheme, "number": number}
    overlay["models"] |= {"fusion": None, "acoustic": None}
    overlay["statistics"] = {"reference": "xgboost"}
    (study.folder / "tiny.yaml").write_text(yaml.safe_dump(overlay))
    folder = study.results / "described"
    study.run(
        *(f"results/tiny/described/{f}" for f in ("statistics/verdicts.tsv", "figures/beside.json"))
    )
    tested = pd.concat(
        pd.read_parquet(folder / f"models/xgboost/fold{k}/predictions.parquet")
        for k in range(1, folds + 1)
    )
    assert len(tested[["subject", "video"]].drop_duplicates()) == 16
    assert not tested.duplicated(["subject", "video", "step"]).any()
    assert HELD_OUT[scheme] in json.loads((folder / "figures/beside.json").read_text())["caption"]


def test_own_protocol_shares_what_its_switch_cannot_touch(study):
    overlay = yaml.safe_load((study.folder / "tiny.yaml").read_text())
    overlay["own_protocols"] = {"plus_one": {"from": "described", "p_value": "plus_one"}}
    overlay["protocols"].append("plus_one")
    (study.folder / "tiny.yaml").write_text(yaml.safe_dump(overlay))
    plan = study.plan("results/tiny/plus_one/statistics/fusion/pooled.tsv")
    assert plan == {"share_models_fusion_plus_one": 1, "score_model": 1}
