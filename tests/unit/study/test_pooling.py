"""The overlay of pooled studies: one clip or two, one target, and settings that all share."""

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT
from small_results import without_sensor, write_small_results

from tinglegram.files import read_table, write_table
from tinglegram.study import configuration
from tinglegram.study.cli import obey, renames
from tinglegram.study.files import read_pooled, studies_to_pool
from tinglegram.study.pooling import (
    PooledClip,
    PooledStudy,
    excluded_trials,
    pooled_clips,
    pooled_dimensions,
    pooled_overlay,
    pooled_target,
    shared_settings,
)

BASE = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text())
WAVE = {"ppg": "100 Hz, in V"}
JOY = {"kind": "continuous", "range": [0.0, 1.0]}


def config(target: str = "joy", **changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(BASE)
    found["responses"] = {
        "dimensions": {target: dict(JOY)},
        "target": {"dimension": target, "above": 0.5, "condition": None},
    }
    found["models"] = {"fusion": {"kind": "bilstm", "modalities": "auto"}}
    for key, value in changes.items():
        section, _, name = key.partition("__")
        found[section] = found[section] | {name: value} if name else value
    return found


def study(name: str, clips: dict[str, PooledClip], **about: Any) -> PooledStudy:
    people = about.pop("people", ["anna", "bo", "cleo"])
    return PooledStudy(name, name, about.pop("config", config()), clips, people, **about)


def film(content: str | None, seconds: float = 10.0, condition: str | None = None) -> PooledClip:
    return PooledClip(seconds, content and f"{content}.mp4", content, condition)


def test_the_same_file_is_one_clip_and_other_clips_of_one_code_stay_apart():
    a = study("a", {"sea": film("s"), "rain": film("r"), "fire": film("f")})
    b = study("b-2", {"sea": film("s", 10.5), "rain": film("other"), "flames": film("f")})
    plan = pooled_clips([a, b])
    assert list(plan.clips) == ["sea", "a_rain", "fire", "b_2_rain"]
    assert plan.renamed == {
        "a": {"rain": "a_rain"},
        "b-2": {"rain": "b_2_rain", "flames": "fire"},
    }
    assert plan.clips["sea"].seconds == 10.5
    said = " ".join(plan.asked)
    assert len(plan.asked) == 3
    assert "Clips called rain are different files" in said
    assert "fire (a), flames (b-2) are the same file" in said
    assert "seconds of sea is 10.0 in a, 10.5 in b-2" in said


def test_clips_without_a_file_are_not_taken_for_one():
    plan = pooled_clips([study("a", {"sea": film(None)}), study("b", {"sea": film(None)})])
    assert list(plan.clips) == ["a_sea", "b_sea"]
    assert "cannot be compared" in plan.asked[0]


def test_a_code_stays_free_of_another_that_is_called_so():
    a = study("a", {"sea": film("x"), "b_sea": film("y")})
    plan = pooled_clips([a, study("b", {"sea": film("z")})])
    assert len(plan.clips) == 3 and {"a_sea", "b_sea"} < set(plan.clips)
    assert plan.renamed["b"]["sea"] not in ("sea", "b_sea", "a_sea")


def test_two_clips_of_one_study_stay_two():
    plan = pooled_clips([study("a", {"x": film("same"), "y": film("same")}), study("b", {})])
    assert list(plan.clips) == ["x", "y"] and plan.renamed == {}


def test_conditions_of_some_clips_alone_are_asked_about():
    a, b = study("a", {"x": film("1", condition="calm")}), study("b", {"y": film("2")})
    plan = pooled_clips([a, b])
    assert [clip.condition for clip in plan.clips.values()] == [None, None]
    assert "y had none" in plan.asked[0]


def test_the_target_is_what_everybody_was_asked():
    a, b = study("a", {}), study("b", {}, config=config("pleasure"))
    renamed = {"b": {"pleasure": "joy"}}
    assert set(pooled_dimensions([a, b], renamed)) == {"joy"}
    target, asked = pooled_target([a, b], renamed, [None])
    assert target == {"dimension": "joy", "above": 0.5, "condition": None} and not asked
    other = config()
    other["responses"]["target"]["above"] = 0.2
    target, asked = pooled_target([a, study("b", {}, config=other)], {}, [None])
    assert target["above"] == 0.5 and "joy above 0.2 in any condition (b)" in asked[0]


def test_settings_that_all_share_are_taken_over():
    one, two = config(pulse__window=8.0, seed=7), config(pulse__window=8.0, seed=3)
    for own in (one, two):
        own["statistics"] = own["statistics"] | {"covariates": ["age"], "bootstrap": 50}
        own["pulse"]["channel"] = "CH1"
    shared, asked = shared_settings({"a": one, "b": two}, BASE)
    assert shared == {"pulse": {"window": 8.0}, "statistics": {"bootstrap": 50}}
    assert asked == ["seed is 7 in a, 3 in b; config.yaml's 42 stands. Which one?"]
    for own in (one, two):
        own["sensors"] = {"eda": "EDA_finger"}
        own["sensor_methods"] = own["sensor_methods"] | {"eda_slope": 5.0}
        own["regression"] = own["regression"] | {"models": {"line": {"kind": "ridge"}}}
    taken = shared_settings({"a": one, "b": two}, BASE)[0]
    assert {name: taken.pop(name) for name in ("sensors", "sensor_methods", "regression")} == {
        "sensors": {"eda": "EDA_finger"},
        "sensor_methods": {"eda_slope": 5.0},
        "regression": {"models": {"line": {"kind": "ridge"}}},
    }
    assert taken == shared
    two["sensors"] = {}
    _, asked = shared_settings({"a": one, "b": two}, BASE)
    assert any(said.startswith("sensors is {'eda': 'EDA_finger'} in a, {} in b") for said in asked)
    two["sensors"] = one["sensors"]
    shared = shared_settings({"a": one, "b": two}, BASE)[0]
    # A study that ran before a setting was there ran with the usual value.
    del one["pulse"]["rest_margin"]
    assert shared_settings({"a": one, "b": two}, BASE)[0] == shared


def test_what_studies_left_out_is_left_out():
    a = study("a", {"sea": film("s")}, left_out=[("anna", "sea")])
    assert excluded_trials([a], {"a": {"sea": "a_sea"}}) == [("a_anna", "a_sea", "as in a")]
    again = study("a", {"sea": film("s")}, left_out=[("anna", "sea@4")])
    assert excluded_trials([again], {"a": {"sea": "a_sea"}}) == [("a_anna", "a_sea@4", "as in a")]
    assert excluded_trials([again], {}) == [("a_anna", "sea@4", "as in a")]


def overlay(*studies: PooledStudy, **about: Any) -> dict[str, Any]:
    options = {"name": "both", "root": "results", "stimuli": "..", "dimensions": {}}
    text = pooled_overlay(studies, BASE, **(options | {"exclusions": None} | about))
    merged = configuration.merged_configuration([BASE, yaml.safe_load(text)])
    configuration.fill_defaults(merged, SCHEMA)
    configuration.check_configuration(merged, SCHEMA, [], files=False)
    return merged


def test_the_overlay_is_a_sound_configuration():
    wave = {"with_pulse": ["anna"], "signals": {"ppg": "100 Hz, in V", "eda": "4 Hz, in µS"}}
    a = study("a", {"sea": film("s")}, **wave, covariates=["age"])
    b = study("b", {"sea": film("t")}, **wave)
    found = overlay(a, b, exclusions="both_exclusions.tsv")
    assert found["data"]["options"]["studies"] == {"a": "a", "b": "b"}
    assert found["data"]["signals"]["options"]["with_pulse"] == ["a", "b"]
    assert found["folds"] == {"scheme": "leave_one_group_out", "number": None, "covariate": "study"}
    assert found["statistics"]["covariates"] == ["study"]
    assert list(found["clips"]) == ["a_sea", "b_sea"]
    assert list(found["models"]) == ["fusion"]
    assert found["pulse"]["signal"] == "ppg"
    assert found["data"]["exclusions"] == "both_exclusions.tsv"


def test_people_of_a_study_with_another_signal_are_without_pulse():
    a = study("a", {}, with_pulse=["anna"], signals={"ppg": "100 Hz, in V"})
    heart = {"pulse": config()["pulse"] | {"signal": "ibi"}}
    b = study("b", {"x": film("x")}, config=config() | heart, with_pulse=["bo"])
    text = pooled_overlay(
        [a, b], BASE, name="n", root=".", stimuli=".", dimensions={}, exclusions=None
    )
    assert yaml.safe_load(text)["data"]["signals"]["options"]["with_pulse"] == ["a"]
    assert "QUESTION: b has no ppg (it has no signal)" in text
    none = [study(name, {"x": film("x")}) for name in ("a", "b")]
    assert overlay(*none)["pulse"]["signal"] is None
    assert overlay(*none)["data"]["signals"] is None


def test_models_use_what_all_studies_have_where_a_fold_tests_one_of_them():
    skin = {"eda": "4 Hz, in µS"}
    ridge = {"line": {"kind": "ridge", "modalities": "auto"}}
    shared = {"sensors": {"eda": None}, "regression": BASE["regression"] | {"models": ridge}}
    heard = {"sea": PooledClip(10.0, "s.wav", "s", streams=("sound",))}
    a = study("a", heard, config=config(**shared), with_pulse=["anna"], signals=WAVE | skin)
    b = study("b", heard, config=config(**shared), signals=skin)
    found = overlay(a, b)
    assert found["folds"]["scheme"] == "leave_one_group_out"
    assert found["models"]["fusion"]["modalities"] == ["acoustic", "eda"]
    assert found["regression"]["models"]["line"]["modalities"] == ["acoustic", "eda"]
    assert found["perturbations"] == ["shifted_stimulus", "shuffled_sensors"]
    # The pulse alone is kept back: the signals of both are read.
    assert found["data"]["signals"]["options"]["with_pulse"] == ["a"]
    # The settings of the studies are as they were.
    assert a.config["regression"]["models"]["line"]["modalities"] == "auto"
    # With a pulse in both, models use all there is.
    c = study("b", heard, config=config(**shared), with_pulse=["bo"], signals=WAVE | skin)
    assert overlay(a, c)["models"]["fusion"]["modalities"] == "auto"
    assert "shuffled_pulse" in overlay(a, c)["perturbations"]


def test_studies_without_anything_in_common_are_not_held_out():
    a = study("a", {"x": PooledClip(10.0)}, with_pulse=["anna"], signals=WAVE)
    found = overlay(a, study("b", {"y": PooledClip(10.0)}))
    assert found["folds"]["scheme"] == "auto"
    assert found["models"]["fusion"]["modalities"] == "auto"


def test_a_study_alone_among_too_few_is_not_held_out():
    a, b = study("a", {"x": film("x")}), study("b", {"y": film("y")}, people=["zoe"])
    assert overlay(a, b)["folds"]["scheme"] == "auto"


def test_a_dimension_is_renamed_by_study_and_name():
    assert renames(["a.joy=valence", "a.x y=z"], ["a", "b"]) == {
        "a": {"joy": "valence", "x y": "z"}
    }


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Two finished studies with the same sea and another rain, in the working folder."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("one", "two")):
        results = write_small_results(tmp_path / "results" / name)
        own = yaml.safe_load((results / "config.yaml").read_text())
        own["data"]["root"] = f"raw_{name}"
        own["pulse"], own["report"] = {"signal": "ppg"}, {"response": "joy"}
        (results / "config.yaml").write_text(yaml.safe_dump(own, sort_keys=False))
        folder = tmp_path / f"raw_{name}/stim"
        folder.mkdir(parents=True)
        (folder / "sea.mp4").write_bytes(b"sea")
        (folder / "rain.wav").write_bytes(b"rain" + bytes([number]))
    without_sensor(tmp_path / "results/two")
    return tmp_path


def test_studies_are_read_for_pooling(small):
    folders = studies_to_pool([small / "results/one", small / "results/two"])
    assert list(folders) == ["one", "two"]
    root, stimuli, (one, two) = read_pooled(folders)
    assert (root, stimuli, one.folder) == ("results", "..", "one")
    assert one.people == ["ada", "ben", "cleo"] and one.with_pulse == ["ada", "ben"]
    assert one.signals == {"ppg": "10 Hz, in mV"} and one.pulse == "ppg"
    assert two.signals == {} and two.pulse is None
    assert one.clips["sea"].content == two.clips["sea"].content
    assert one.clips["rain"].content != two.clips["rain"].content
    assert one.clips["rain"].file == "raw_one/stim/rain.wav"
    assert (one.clips["sea"].seconds, one.clips["rain"].seconds) == (2.0, 1.5)


def test_a_showing_that_was_left_out_is_named_by_its_place(small):
    results = small / "results/one"
    shown = read_table(results / "canonical/002_trials.tsv")
    again = shown.iloc[[0]].assign(trial=3, order=4, onset_s=20.0)
    write_table(pd.concat([shown, again]), results / "canonical/002_trials.tsv")
    _, _, (one, _) = read_pooled(studies_to_pool([results, small / "results/two"]))
    assert one.left_out == [("ben", "rain@4")]


def test_the_command_writes_an_overlay_and_says_what_comes_next(small, capsys):
    timeline = small / "results/two/timeline/003.tsv"
    rows = timeline.read_text().splitlines(keepends=True)
    timeline.write_text("".join(row for row in rows if "rain" not in row))
    assert obey(["pool", "results/one", "results/two", "--output", "both.yaml"]) == 0
    assert "tinglegram run both.yaml" in capsys.readouterr().out
    found = yaml.safe_load((small / "both.yaml").read_text())
    assert found["study"] == "both"
    assert found["data"]["exclusions"] == "both_exclusions.tsv"
    assert (small / "both_exclusions.tsv").read_text().splitlines() == [
        "subject\tvideo\treason",
        "two_cleo\ttwo_rain\tas in two",
    ]
    assert np.all([clip in found["clips"] for clip in ("sea", "one_rain", "two_rain")])
