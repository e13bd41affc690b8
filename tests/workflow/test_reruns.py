"""Each kind of change reruns exactly what it should: planned jobs per rule."""

import io
import shutil
from collections import Counter

import pandas as pd
import pytest
from paths import ROOT
from workflow_helpers import edited

from tinglegram.files import read_table
from tinglegram.provenance.code_files import code_files


def subset(plan: Counter, names: set[str]) -> dict:
    return {name: count for name, count in plan.items() if name in names}


PER_PERSON = {"read_log", "rate_grid", "slice_recording", "resample_pulse"} | {
    "compute_pulse_windows",
    "extract_features",
    "make_folds",
}
MODELS = {"train_network", "train_boosting"}
# Looks at all raw files again when one changed; what it writes is no reason to run others' jobs.
INVENTORY = {"take_inventory", "require_inputs"}


def test_finished_study_has_nothing_to_do(study):
    assert study.plan() == Counter()


def test_touched_raw_file_reruns_nothing(study):
    for path in (study.folder / "raw").glob("*/*"):
        path.touch()
    assert study.plan() == Counter()


def test_changed_log_reruns_that_person(study):
    log = next((study.folder / "raw/log").glob("002-*"))
    log.write_bytes(log.read_bytes().replace(b"\tResponse\t1\t", b"\tResponse\t2\t", 1))
    plan = study.plan()
    assert subset(plan, PER_PERSON) == {
        "read_log": 1,
        "rate_grid": 1,
        "slice_recording": 1,
        "resample_pulse": 1,
        "compute_pulse_windows": 1,
        "make_folds": 1,
    }
    assert plan["train_network"] == 8


def test_changed_pulse_recording_reruns_that_person(study):
    export = study.folder / "raw/ppg/003_csv.txt"
    export.write_bytes(export.read_bytes() + b"\r\n")
    plan = study.plan()
    assert subset(plan, PER_PERSON) == {
        "slice_recording": 1,
        "resample_pulse": 1,
        "compute_pulse_windows": 1,
    }
    assert subset(plan, INVENTORY) == dict.fromkeys(INVENTORY, 1)
    # Models with pulse run again, acoustic-only networks do not.
    assert subset(plan, MODELS) == {"train_network": 4, "train_boosting": 4}


def test_changed_clip_reruns_that_clip(study):
    clip = study.folder / "raw/stim/ASMR1.avi"
    clip.write_bytes(clip.read_bytes() + b"\0")
    assert subset(study.plan(), PER_PERSON) == {"extract_features": 1}


def test_added_person_runs_theirs_and_what_follows(study):
    for path in (study.folder / "aside").iterdir():
        shutil.copy(path, study.folder / "raw" / ("log" if path.suffix == ".log" else "ppg"))
    plan = study.plan()
    assert subset(plan, PER_PERSON) == {
        "read_log": 1,
        "rate_grid": 1,
        "slice_recording": 1,
        "resample_pulse": 1,
        "compute_pulse_windows": 1,
        "make_folds": 1,
    }
    assert subset(plan, MODELS) == {"train_network": 8, "train_boosting": 4}


# What follows any edit of code: the record of what a run was made from, and what shows it.
RECORDS = {"record_provenance", "write_report", "write_crate"}
TRAINING = {"train_network", "train_network_again", "train_boosting"}
PULSE = {"compute_pulse_windows", "correlate_ratings", "measure_physiology"}
# File -> rules that must run, and rules that must not; share_*, tables and figures may.
EDITS = {
    "pulse/windows.py": (PULSE, TRAINING | {"resample_pulse", "slice_recording", "make_folds"}),
    "pulse/quality.py": (PULSE, TRAINING | {"resample_pulse", "slice_recording"}),
    "pulse/series.py": ({"resample_pulse"}, PULSE | {"slice_recording", "make_folds"}),
    "pulse/slicing.py": (
        {"slice_recording", "resample_pulse"} | PULSE,
        {"read_log", "extract_features", "make_folds"},
    ),
    "formats/biopac.py": (
        {"slice_recording", "resample_pulse", "take_inventory"} | PULSE,
        {"read_log", "extract_features", "make_folds", "predict_baselines"},
    ),
    "statistics/metrics.py": ({"score_model"}, TRAINING | PULSE | {"measure_agreement"}),
    "statistics/scored_trials.py": ({"score_model"}, TRAINING | PULSE),
    "statistics/pooled.py": ({"score_model"}, TRAINING | PULSE),
    "inference/resampling.py": (
        {"score_model", "measure_physiology", "correlate_ratings"},
        TRAINING | {"compute_pulse_windows", "make_folds"},
    ),
    "inference/counts.py": ({"score_model", "train_network"}, PULSE | {"train_boosting"}),
    "behaviour/ratings.py": ({"rate_grid"} | TRAINING, {"read_log", "slice_recording"}),
    "stimuli/acoustic.py": ({"extract_features"} | TRAINING, PULSE | {"read_log"}),
    "models/boosting.py": ({"train_boosting"}, {"train_network"} | PULSE),
    "provenance/ro_crate.py": ({"write_crate"}, TRAINING | PULSE | {"score_model"}),
}


@pytest.fixture(scope="module")
def jobs(finished) -> pd.DataFrame:
    """Every file of the finished study: its rule, and the files it is made from."""
    _, printed = finished.snakemake("--detailed-summary")
    table = pd.read_csv(io.StringIO(printed[printed.index("output_file") :]), sep="\t")
    table = table[table["input-file(s)"].str.contains("/")]
    inputs = table["input-file(s)"].str.split(",")
    # That the raw files are accepted comes first, but is no reason to run again (`ancient`).
    ancient = "results/tiny/inputs_accepted.txt"
    return table.assign(inputs=[[path for path in own if path != ancient] for own in inputs])


def rerun_by(jobs: pd.DataFrame, module: str) -> set[str]:
    """Rules of all files that are made from a module of ours, directly or not."""
    stale = {path for given in jobs["inputs"] for path in given if path.endswith(f"/{module}")}
    assert stale
    rules: set[str] = set()
    while True:
        found = jobs[[not stale.isdisjoint(given) for given in jobs["inputs"]]]
        if set(found["output_file"]) <= stale:
            return rules
        stale |= set(found["output_file"])
        rules |= set(found["rule"])


@pytest.mark.parametrize("module", EDITS)
def test_an_edit_reruns_what_depends_on_it_and_no_more(jobs, module):
    plan = rerun_by(jobs, module)
    wanted, spared = EDITS[module]
    # The tiny study trains one network per fold.
    assert wanted - {"train_network_again"} <= plan
    assert spared & plan == set()
    assert plan >= RECORDS


@pytest.mark.parametrize(
    "module",
    ["pulse/windows.py", "formats/biopac.py", "statistics/metrics.py", "report/figures/ratings.py"],
)
def test_snakemake_plans_what_these_dependencies_say(study, jobs, module):
    with edited(study.code / "src/tinglegram" / module):
        plan = set(study.plan())
    assert plan == rerun_by(jobs, module)


# What reruns whole when a figure or the table of responders is edited.
EXACT = {
    "report/figures/ratings.py": {"draw_ratings"},
    "report/figures/confusion.py": {"draw_confusion"},
    "behaviour/responders.py": {
        "count_responders",
        "share_responders_released",
        "check_claims",
        "show_claims",
        "make_tables",
    },
}


@pytest.mark.parametrize("module", EXACT)
def test_an_edit_reruns_these_rules_alone(jobs, module):
    assert rerun_by(jobs, module) == EXACT[module] | RECORDS


def test_no_recovery_study_depends_on_a_format():
    found = code_files(ROOT / "scripts/recovery/simulate_studies.py", ROOT / "src")
    assert [path for path in found if "/formats/biopac" in path or "/presentation" in path] == []


@pytest.mark.parametrize("module", ["binaural", "texture", "motion", "feature_sets"])
def test_a_feature_set_that_no_model_names_is_only_recorded(jobs, module):
    """What reruns where a model names one: test_feature_set_run.py."""
    assert rerun_by(jobs, f"stimuli/{module}.py") == RECORDS


def test_unrelated_configuration_reruns_only_what_reads_it(study):
    overlay = study.folder / "tiny.yaml"
    overlay.write_text(overlay.read_text() + "statistics: {agreement_bootstrap: 500}\n")
    plan = study.plan()
    assert subset(plan, PER_PERSON | MODELS) == {}
    assert plan["measure_agreement"] == 1


def test_two_changes_at_once_rerun_what_either_does(study):
    """What waits for the inventory alone has its own reasons while the inventory runs, too."""
    overlay = study.folder / "tiny.yaml"
    changed = overlay.read_text() + "statistics: {agreement_bootstrap: 500}\n"
    policy = "  root: raw\n  problems: {missing_clip: exclude_trial}\n"
    overlay.write_text(changed.replace("  root: raw\n", policy))
    plan = study.plan()
    assert subset(plan, INVENTORY) == dict.fromkeys(INVENTORY, 1)
    assert plan["measure_agreement"] == 1
    assert subset(plan, PER_PERSON | MODELS) == {}


def test_excluded_trial_reruns_that_person(study):
    (study.folder / "exclusions.tsv").write_text("subject\tvideo\treason\n4\tvid1\t-cough: loud\n")
    overlay = study.folder / "tiny.yaml"
    overlay.write_text(
        overlay.read_text().replace("  root: raw\n", "  root: raw\n  exclusions: exclusions.tsv\n")
    )
    plan = study.plan()
    assert subset(plan, {"read_log", "slice_recording", "extract_features"}) == {
        "read_log": 1,
        "slice_recording": 1,
    }
    study.run("results/tiny/inventory.tsv")
    people = read_table(study.results / "inventory.tsv").set_index("subject")
    assert people.loc[4, "reason"] == "vid1: -cough: loud"
    assert people["n_left_out"].to_dict() == {1: 0, 2: 0, 3: 0, 4: 1}


def test_policies_rerun_nobody_without_a_problem(study):
    overlay = study.folder / "tiny.yaml"
    policy = (
        "  root: raw\n  problems: {missing_clip: exclude_trial, missing_pulse: without_pulse}\n"
    )
    overlay.write_text(overlay.read_text().replace("  root: raw\n", policy))
    plan = study.plan()
    assert subset(plan, PER_PERSON | MODELS) == {}
    assert subset(plan, INVENTORY) == dict.fromkeys(INVENTORY, 1)


def test_added_model_trains_only_that_model(study):
    overlay = study.folder / "tiny.yaml"
    added = "models:\n  pulse_alone: {kind: bilstm, modalities: [pulse]}\n"
    overlay.write_text(overlay.read_text().replace("models:\n", added))
    plan = study.plan()
    assert subset(plan, PER_PERSON | MODELS) == {"train_network": 4}
    assert plan["score_model"] == 2
