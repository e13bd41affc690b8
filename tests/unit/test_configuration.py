"""Every fault of a configuration is reported, at once, with the nearest known name."""

import copy

import pytest
import yaml
from paths import ROOT

from tinglegram.configuration import nearest, problems, put_in_order
from tinglegram.controls import CONTROLS
from tinglegram.perturbations import PERTURBATIONS

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())


def changed(path: str, value: object) -> dict:
    config = copy.deepcopy(DEFAULT)
    *parents, last = path.split(".")
    place = config
    for parent in parents:
        place = place[parent]
    place[last] = value
    return config


def test_default_is_sound():
    assert problems(DEFAULT, SCHEMA) == []


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("pulse.windw", 5, "pulse.windw: unknown key. Did you mean 'window'?"),
        ("sed", 1, "sed: unknown key. Did you mean 'seed'?"),
        ("seed", "42", "seed: '42' is not of type 'integer'"),
        ("overrides", {"paddin": "masked"}, "overrides.paddin: unknown switch. Did you mean"),
        ("overrides", {"padding": "mask"}, "expected one of 'counted', 'masked'"),
        ("overrides", {"validation_fraction": 2}, "expected a fraction between 0 and 1, found 2"),
        ("overrides", {"seed_networks": 1}, "expected one of False, True, found 1"),
        (
            "own_protocols",
            {"corrected": {"from": "described"}},
            "own_protocols.corrected: this name is one of released, described, corrected",
        ),
        (
            "own_protocols",
            {"mine": {"from": "relased"}},
            "own_protocols.mine.from: no protocol 'relased'. Did you mean 'released'?",
        ),
        ("own_protocols", {"mine": {"padding": "masked"}}, "own_protocols.mine.from: missing"),
        (
            "own_protocols",
            {"mine": {"from": "released", "padding": "mask"}},
            "own_protocols.mine.padding: expected one of 'counted', 'masked', found 'mask'",
        ),
        ("controls", ["majorty"], "controls.0: 'majorty' is not one of"),
        ("protocols", ["descrbed"], "no protocol 'descrbed'. Did you mean 'described'?"),
        ("models.fusion.modalities", ["visul"], "models.fusion.modalities.0: 'visul'"),
        ("statistics.reference", "fuson", "no model 'fuson'. Did you mean 'fusion'?"),
        ("timing.first_trial", 61.0, "timing: expected warm_up < first_trial <= clip"),
        ("pulse.band", [4.0, 0.5], "pulse.band: the first value must be below the second"),
        ("folds.number", 3, "3 double-independent folds need as many clips in each condition"),
        ("folds.number", None, "double_independent needs the number of clips in each condition"),
        (
            "folds",
            {"scheme": "leave_one_clip_pair_out", "number": 3},
            "3 leave-one-clip-pair-out folds need as many clips in each condition",
        ),
        (
            "folds.scheme",
            "leave_one_participant_out",
            "folds.number: with leave_one_participant_out the number of people decides",
        ),
        ("controls", ["majorty"], "controls.0: 'majorty' is not one of"),
        ("perturbations", ["shuffled"], "perturbations.0: 'shuffled' is not one of"),
        ("data.root", None, "there is nothing to analyse"),
        ("clips.vid1.file", "ASMR2.avi", "file ASMR2.avi is named by more than one code"),
        ("clips.vid1.condition", "Rest", "clips: expected two conditions"),
        (
            "models.published",
            {"kind": "bilstm", "modalities": ["visual"]},
            "models.published: this name is kept",
        ),
        (
            "models.majority",
            {"kind": "bilstm", "modalities": ["visual"]},
            "models.majority: this name is kept for a control or a perturbed model",
        ),
        (
            "models.fusion_shuffled_pulse",
            {"kind": "bilstm", "modalities": ["visual"]},
            "models.fusion_shuffled_pulse: this name is kept",
        ),
    ],
)
def test_fault_is_named(path, value, sentence):
    assert any(sentence in found for found in problems(changed(path, value), SCHEMA))


def test_folds_by_participant_do_not_fit_published_predictions():
    config = changed("folds", {"scheme": "leave_one_participant_out", "number": None})
    assert problems(config, SCHEMA) == []
    config["published_predictions"] = "predictions.pkl"
    assert "leave_one_participant_out does not fit published_pred" in problems(config, SCHEMA)[0]


@pytest.mark.parametrize("section", ["controls", "perturbations"])
def test_controls_are_those_the_library_has(section):
    known = {"controls": CONTROLS, "perturbations": PERTURBATIONS}[section]
    assert set(SCHEMA["properties"][section]["items"]["enum"]) == set(known)
    assert DEFAULT[section] == list(known)


def test_missing_key_is_named_without_a_dump_of_the_schema():
    config = copy.deepcopy(DEFAULT)
    del config["pulse"]["step"]
    assert problems(config, SCHEMA) == ["pulse.step: missing. Take its line over from config.yaml."]


def test_unquoted_key_is_named():
    config = changed("ratings", {1: 0, 2: 1})
    assert problems(config, SCHEMA)[0] == 'ratings.1: write this key in quotes: "1"'


def test_unknown_key_of_the_simulation_is_named():
    config = changed("data.simulation", {"particpants": 8})
    found = problems(config, SCHEMA)
    assert "data.simulation.particpants: unknown key. Did you mean 'participants'?" in found


def test_all_faults_at_once():
    config = changed("pulse.windw", 5)
    config["seed"] = "x"
    assert len(problems(config, SCHEMA)) == 2


def test_nearest_lists_all_when_nothing_is_close():
    assert nearest("zzz", ["alpha", "beta"]) == "Known: alpha, beta."


def test_an_overlay_moves_no_clip():
    # As Snakemake merges them: what an overlay names comes first.
    merged = {"clips": {"vid5": {"file": "other.avi"}, "extra": {}}} | {"study": "x"}
    merged["clips"] |= {k: v for k, v in DEFAULT["clips"].items() if k != "vid5"}
    merged |= {k: v for k, v in DEFAULT.items() if k not in merged}
    put_in_order(merged, DEFAULT)
    assert list(merged) == list(DEFAULT)
    assert list(merged["clips"]) == [*DEFAULT["clips"], "extra"]
    assert merged["clips"]["vid5"] == {"file": "other.avi"}
