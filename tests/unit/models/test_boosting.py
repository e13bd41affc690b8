"""XGBoost on frames: the released code's settings, repeatable, on all training people."""

import dataclasses

import numpy as np
import pytest
import xgboost

from tinglegram.errors import TinglegramError
from tinglegram.models.boosting import Boosting, fit_boosting, frames, predict_boosting
from tinglegram.trials.trials import Split, Trials

T, FIRST, N = 15, 11, 24
SETTINGS = Boosting(trees=8, depth=3, learning_rate=0.3, padding="counted")
SPLIT = Split(2, np.arange(2, 14), np.array([0, 1, 14, 15]), np.arange(16, N))
BOTH = ("visual", "pulse")


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Labels follow the sign of the pulse."""
    rng = np.random.default_rng(5)
    n_steps = np.where(np.arange(N) % 4 == 0, FIRST, T)
    valid = np.arange(T) < n_steps[:, None]
    pulse = (rng.normal(size=(N, T)) * valid).astype("f4")
    clip = np.arange(N) % 4
    return Trials(
        subject=np.arange(N) // 4,
        video=clip.astype(str).astype(object),
        condition=np.array(["ASMR"] * N, dtype=object),
        order=clip,
        n_steps=n_steps,
        ratings=(pulse > 0).astype("u1"),
        labels=(pulse > 0).astype("u1"),
        clip_index=clip,
        acoustic_index=2 * clip,
        visual=rng.normal(size=(4, T, 3)).astype("f4"),
        acoustic=None,
        pulse=pulse,
        grid=10.0,
    )


def test_frames_are_the_trials_below_each_other(trials):
    rows = np.array([4, 1])
    matrix, labels = frames(trials, rows, BOTH, "counted")
    assert np.array_equal(matrix, trials.features(rows, BOTH).reshape(-1, 4))
    assert np.array_equal(labels, trials.labels[rows].ravel())
    matrix, labels = frames(trials, rows, BOTH, "masked")
    valid = trials.valid[rows]
    assert matrix.dtype == np.float32 and len(matrix) == FIRST + T
    assert np.array_equal(matrix, trials.features(rows, BOTH)[valid])
    assert np.array_equal(labels, trials.labels[rows][valid])


def test_learns_and_repeats(trials):
    first, second = (fit_boosting(trials, SPLIT, BOTH, SETTINGS, seed=42) for _ in range(2))
    assert ((first.probability > 0.5) == trials.labels[SPLIT.test]).mean() > 0.98
    assert np.array_equal(first.probability, second.probability)
    assert first.weights == second.weights
    assert first.history["epoch"].tolist() == list(range(1, 9))
    assert first.history["train_loss"].is_monotonic_decreasing
    assert first.history["selected"].tolist() == [False] * 7 + [True]
    assert first.history[["validation_loss", "validation_macro_f1"]].isna().all(axis=None)


def test_frames_reach_xgboost_in_parts(trials, monkeypatch):
    whole = fit_boosting(trials, SPLIT, BOTH, SETTINGS, seed=42)
    held = []

    def watched(trials, rows, *how):
        held.append(len(rows))
        return frames(trials, rows, *how)

    monkeypatch.setattr("tinglegram.models.boosting.PART", 5)
    monkeypatch.setattr("tinglegram.models.boosting.frames", watched)
    parts = fit_boosting(trials, SPLIT, BOTH, SETTINGS, seed=42)
    assert max(held) == 5 and sum(held) >= 16 + len(SPLIT.test)
    # The same frames, binned at slightly other places.
    same = (parts.probability > 0.5) == (whole.probability > 0.5)
    assert same.mean() > 0.98
    again = predict_boosting(trials, SPLIT.test, BOTH, parts.weights)
    assert np.array_equal(again, parts.probability)


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_equals_the_classifier_of_the_released_code_on_all_training_people(trials, padding):
    rows = np.arange(16)
    matrix, labels = frames(trials, rows, BOTH, padding)
    classifier = xgboost.XGBClassifier(
        n_estimators=8,
        max_depth=3,
        learning_rate=0.3,
        scale_pos_weight=(labels == 0).sum() / (labels == 1).sum(),
        random_state=42,
        n_jobs=1,
    ).fit(matrix, labels)
    expected = classifier.predict_proba(frames(trials, SPLIT.test, BOTH, "counted")[0])[:, 1]
    boosted = fit_boosting(
        trials, SPLIT, BOTH, Boosting(trees=8, depth=3, learning_rate=0.3, padding=padding), seed=42
    )
    assert np.allclose(boosted.probability.ravel(), expected, atol=1e-6)


def test_the_saved_model_predicts_the_same(trials):
    boosted = fit_boosting(trials, SPLIT, ["pulse"], SETTINGS, seed=42)
    model = xgboost.Booster(model_file=bytearray(boosted.weights))
    matrix, _ = frames(trials, SPLIT.test, ["pulse"], "counted")
    again = model.predict(xgboost.DMatrix(matrix)).reshape(boosted.probability.shape)
    assert np.array_equal(again, boosted.probability)


def test_absent_class_names_the_fold(trials):
    none = dataclasses.replace(trials, labels=np.zeros_like(trials.labels))
    with pytest.raises(TinglegramError, match="training frames of fold 2 is of class 0"):
        fit_boosting(none, SPLIT, BOTH, SETTINGS, seed=42)


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_a_stored_model_predicts_what_it_did_after_fitting(trials, padding):
    settings = dataclasses.replace(SETTINGS, padding=padding)
    boosted = fit_boosting(trials, SPLIT, BOTH, settings, seed=42)
    assert np.array_equal(
        predict_boosting(trials, SPLIT.test, BOTH, boosted.weights), boosted.probability
    )
    silent = dataclasses.replace(trials, pulse=np.zeros_like(trials.pulse))
    other = predict_boosting(silent, SPLIT.test, BOTH, boosted.weights)
    assert other.shape == (len(SPLIT.test), T)
    assert not np.array_equal(other, boosted.probability)
