"""Options that name the files of trials, and what is read from them."""

import argparse

import numpy as np
import pandas as pd
import pytest
from test_trials import ACOUSTIC, ALL, CLIPS, FIRST, MFCC, SHOWN, VISUAL, T, build, files, with_skin

from tinglegram.files import write_arrays, write_table
from tinglegram.trials.files import add_trials, read_folds, read_reports, read_trials
from tinglegram.trials.trials import prediction_table

__all__ = ["files"]


@pytest.fixture()
def options(files, tmp_path, request):
    """What a script is told of two people's files."""
    for subject, rows in files["labels"].groupby("subject"):
        write_table(rows, tmp_path / f"labels/{subject:03d}.parquet")
        write_arrays(tmp_path / f"pulse/{subject:03d}.npz", files["pulse"][subject])
    for clip, arrays in files["stimuli"].items():
        write_arrays(tmp_path / f"stimuli/{clip}.npz", arrays)
    names = [f"{subject:03d}" for subject in SHOWN]
    (tmp_path / "all.txt").write_text("\n".join(names) + "\n")
    (tmp_path / "with_pulse.txt").write_text("003\n")
    folds = pd.DataFrame({"fold": 1, "subject": list(SHOWN), "video": "vid1", "role": "test"})
    write_table(folds, tmp_path / "folds.tsv")
    parser = argparse.ArgumentParser()
    add_trials(parser)
    words = {
        "folds": ["folds.tsv"],
        "ratings": ["labels/{subject}.parquet"],
        "participants": ["all.txt"],
        "pulse": ["pulse/{subject}.npz"],
        "with-pulse": ["with_pulse.txt"],
        "stimuli": ["stimuli/{video}.npz"],
    }
    given = [w for name, found in words.items() for w in (f"--{name}", str(tmp_path / found[0]))]
    given += ["--clips", *(f"{code}={condition}" for code, condition in CLIPS.items())]
    given += ["--clip", str(T / 10), "--warm-up", "0", "--grid", "10", "--n-mfcc", str(MFCC)]
    given += ["--above", "0", "--condition", next(iter(CLIPS.values()))]
    return parser.parse_args([*given, *getattr(request, "param", [])])


def test_a_model_without_pulse_has_everybody(files, options):
    found, expected = read_trials(options, ["visual"]), build(files, ["visual"])
    assert found.subject.tolist() == expected.subject.tolist()
    seen = (trials.features(range(8), ["visual"]) for trials in (found, expected))
    assert np.array_equal(*seen)
    assert read_folds(options, ["visual"])["subject"].tolist() == list(SHOWN)
    assert read_reports(options).ratings.tolist() == expected.ratings.tolist()


def test_a_model_with_pulse_does_without_those_who_have_none(files, options):
    found = read_trials(options, ALL)
    assert set(found.subject) == {3}
    assert found.width(ALL) == VISUAL + ACOUSTIC + 1 and found.n_steps.min() == FIRST
    own = files["labels"]["subject"] == 3
    expected = build(files | {"labels": files["labels"][own]})
    assert np.array_equal(found.features(range(4), ALL), expected.features(range(4), ALL))
    assert read_folds(options, ALL)["subject"].tolist() == [3]


def test_predictions_name_the_showing_though_nobody_of_the_model_saw_a_clip_again(
    files, options, tmp_path
):
    own = files["labels"].query("subject == 20")
    again = pd.concat([own, own[own["video"] == "vid5"].assign(order=7)])
    rows, nothing = np.arange(4), np.zeros((4, T))
    assert "order" not in prediction_table(read_trials(options, ALL), rows, nothing)
    write_table(again, tmp_path / "labels/020.parquet")
    found = read_trials(options, ALL)
    assert set(found.subject) == {3}
    assert prediction_table(found, rows, nothing).groupby(
        "order"
    ).size().to_dict() == dict.fromkeys(range(4), T)
    # As in the models that do with everybody.
    everybody = read_trials(options, ["visual"])
    assert "order" in prediction_table(everybody, rows, nothing)
    # A showing without a sensor is one of the study's as well.
    labels = pd.concat([files["labels"], again[again["order"] == 7]])
    lacking = build(files | {"labels": labels}, ["eda"], sensors=with_skin(files)["sensors"])
    assert len(lacking.left_out) == 1 and lacking.repeated


@pytest.mark.parametrize("options", [["--lengths", f"vid5={T / 10 + 1}"]], indirect=True)
def test_the_longest_clip_says_how_many_steps_there_are(options):
    found = read_reports(options)
    assert found.steps == T + 10
    assert found.clip_steps.tolist() == [T, T, T + 10, T]


@pytest.mark.parametrize(
    "options", [["--without-picture", "vid1", "--without-sound", *CLIPS]], indirect=True
)
def test_files_of_clips_without_what_is_asked_are_not_read(files, options, tmp_path):
    (tmp_path / "stimuli/vid1.npz").unlink()
    found = read_trials(options, ["visual"])
    assert not found.visual[0].any() and np.array_equal(
        found.visual[1], files["stimuli"]["vid2"]["visual"]
    )
