"""What a bundle predicts is what its models predicted in the study, whatever the file's length."""

import io

import made_bundles as made
import numpy as np
import pytest

from tinglegram.bundles.extraction import only_sound, stretch_features
from tinglegram.bundles.prediction import (
    COLUMNS,
    applicable,
    choose_models,
    distance_warning,
    predict_stretches,
    stretch_starts,
    stretch_weights,
)
from tinglegram.errors import InputProblem
from tinglegram.trials.trials import every_trial


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return made.bundle_in(tmp_path_factory.mktemp("bundle") / "bundle")


def of_clip(bundle, clip, models, **more):
    return predict_stretches(bundle, only_sound(bundle, made.noise(clip), "x"), models, **more)


FILE_MODELS = [name for name, (_, used) in made.MODELS.items() if "pulse" not in used]


@pytest.mark.parametrize("name", FILE_MODELS)
def test_a_training_clip_gets_what_the_final_model_and_the_folds_said(bundle, name):
    """To the last bit: nothing of the way from file to prediction differs from the study's."""
    table = of_clip(bundle, 0, [name])
    assert tuple(table.columns) == COLUMNS
    folds = []
    for fold in made.FOLDS:
        split = made.split_of(fold)
        rows = np.flatnonzero(made.trials().clip_index == 0)
        own = type(split)(fold, split.train, split.validation, rows[:1])
        seeds = range(1, 1 + len(made.every_model()[name].final))
        folds.append(np.mean([made.fitted(name, own, seed)[1][0] for seed in seeds], axis=0))
    np.testing.assert_allclose(table["sd_folds"], np.std(folds, axis=0, ddof=1), atol=1e-12)
    whole = every_trial(made.trials())
    first = type(whole)(0, whole.train, whole.validation, np.array([0]))
    seeds = range(1, 1 + len(made.every_model()[name].final))
    each = np.stack([made.fitted(name, first, seed)[1][0] for seed in seeds])
    np.testing.assert_allclose(table["mean"], each.mean(axis=0), atol=1e-12)
    if len(each) > 1:
        np.testing.assert_allclose(table["sd_seeds"], each.std(axis=0, ddof=1), atol=1e-12)
    else:
        assert table["sd_seeds"].isna().all()


def test_stretches_cover_every_step_and_end_with_the_file():
    for steps in range(1, 60):
        for length in range(1, 12):
            starts = stretch_starts(steps, length)
            covered = {s + i for s in starts for i in range(min(length, steps))}
            assert covered == set(range(steps))
            assert len(set(starts)) == len(starts)


def test_weights_fall_to_both_ends():
    assert stretch_weights(5).tolist() == [1, 2, 3, 2, 1]
    assert stretch_weights(4).tolist() == [1, 2, 2, 1]


def test_a_long_sound_is_the_weighted_mean_of_its_stretches(bundle):
    long = np.concatenate([made.noise(5), made.noise(6)])
    decoded = only_sound(bundle, long, "long")
    table = predict_stretches(bundle, decoded, ["acoustic"])
    assert len(table) == 2 * made.STEPS
    total, weight = np.zeros(len(table)), np.zeros(len(table))
    for start in (0, 12, 24):
        part = long[start * made.HOP : (start + made.STEPS) * made.HOP]
        said = predict_stretches(bundle, only_sound(bundle, part, "part"), ["acoustic"])
        total[start : start + made.STEPS] += stretch_weights(made.STEPS) * said["mean"]
        weight[start : start + made.STEPS] += stretch_weights(made.STEPS)
    np.testing.assert_allclose(table["mean"], total / weight, atol=1e-12)


def test_a_stretch_has_the_features_of_a_clip_that_is_cut_there(bundle):
    long = np.concatenate([made.noise(5), made.noise(6)])
    found = stretch_features(bundle, only_sound(bundle, long, "x"), ["acoustic"], 7, made.STEPS)
    cut = long[7 * made.HOP : (7 + made.STEPS) * made.HOP]
    np.testing.assert_array_equal(found["acoustic"], made.acoustic(cut))


def test_a_short_sound_is_predicted_too(bundle):
    short = made.noise(3, steps=5)
    table = predict_stretches(bundle, only_sound(bundle, short, "short"), FILE_MODELS)
    assert table.groupby("model").size().to_dict() == dict.fromkeys(FILE_MODELS, 5)
    assert np.isfinite(table["mean"]).all()


def test_intervals_only_where_the_clips_allow_them(bundle):
    """Four held-out clips calibrate 80 %, and not 90 %."""
    some, none = (of_clip(bundle, 1, ["acoustic"], confidence=c) for c in (0.8, 0.9))
    assert (some["low"] <= some["mean"]).all() and (some["mean"] <= some["high"]).all()
    assert some["low"].between(0, 1).all() and some["high"].between(0, 1).all()
    assert none[["low", "high"]].isna().all(axis=None)


def test_strangers_are_outside_and_training_clips_inside(bundle):
    own = of_clip(bundle, 2, ["acoustic"])
    assert own["outside"].mean() < 0.1 and distance_warning(own) == ""
    beep = np.int16(20000 * np.sign(np.sin(np.arange(made.STEPS * made.HOP) * 2.5)))
    other = predict_stretches(bundle, only_sound(bundle, beep, "beep"), ["acoustic"])
    assert other["outside"].all() and other["distance"].median() > 2
    assert distance_warning(other).startswith("WARNING 100 % of the steps are unlike")


def test_the_best_model_that_a_file_is_enough_for(bundle):
    """Fusion has the best score, and needs a pulse."""
    choice = choose_models(bundle, ["sound"], "song.wav")
    assert choice.models == ("acoustic",) and "0.70" in choice.reason
    assert set(choose_models(bundle, ["sound"], "a", ["all"]).models) == set(FILE_MODELS)
    assert choose_models(bundle, ["sound"], "a", ["trees"]).models == ("trees",)
    assert applicable(bundle, ["picture"]) == []


def test_a_model_that_needs_a_pulse_names_those_that_do_not(bundle):
    with pytest.raises(
        InputProblem, match="a file with pulse, which model fusion needs"
    ) as problem:
        choose_models(bundle, ["sound"], "song.wav", ["fusion"])
    assert "acoustic, trees, regression/ridge" in str(problem.value)


def test_progress_ends_with_all_steps(bundle):
    told = []
    of_clip(bundle, 0, ["trees"], progress=lambda *what: told.append(what))
    assert told[-1] == ("predicted", made.STEPS, made.STEPS)


def test_nothing_is_read_from_a_stream_that_is_no_film(bundle):
    from tinglegram.bundles.prediction import predict_file

    with pytest.raises(InputProblem, match="a video clip"):
        predict_file(bundle, io.BytesIO(b"nothing" * 100), "nothing.mp4")
