"""Intervals hold what they promise, and are not given where they cannot."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.bundles.conformal import (
    clip_scores,
    clips_needed,
    coverage_sentence,
    half_width,
    held_errors,
    interval,
    unseen_clips,
)


def test_scores_known_answers():
    """Of five steps, four are within 4 and all within 10."""
    errors = np.array([[1.0, -2, 3, -4, 10], [0, 0, np.nan, np.nan, 5]])
    assert clip_scores(errors, 0.8).tolist() == [4, 5]
    assert clip_scores(errors, 0.6).tolist() == [3, 0]


@pytest.mark.parametrize(("confidence", "fewest"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19)])
def test_how_many_clips_are_needed(confidence, fewest):
    assert clips_needed(confidence) == fewest
    assert half_width(np.arange(fewest, dtype=float), confidence) == fewest - 1
    assert half_width(np.arange(fewest - 1, dtype=float), confidence) is None


@given(st.integers(1, 200), st.sampled_from([0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99]))
def test_a_width_is_given_exactly_where_there_are_enough_clips(number, confidence):
    width = half_width(np.arange(number, dtype=float), confidence)
    assert (width is None) == (number < clips_needed(confidence))


def simulated_clip(rng, steps=40):
    """A feature course, and a mean response that follows it, with its own noise and offset."""
    course = np.cumsum(rng.normal(size=steps)) / 4
    return course, 0.5 * course + rng.normal() + rng.normal(size=steps) * rng.exponential()


def slope_and_level(clips):
    """Least squares over the steps of clips."""
    x, y = (np.concatenate(part) for part in zip(*clips, strict=True))
    return np.polyfit(x, y, 1)


@pytest.mark.parametrize(("number", "confidence"), [(5, 0.8), (12, 0.8), (12, 0.9)])
def test_new_clips_are_covered_as_promised(number, confidence):
    """Models are trained on few clips, so that those of the folds differ from that of all."""
    rng = np.random.default_rng(number)
    repetitions, covered = 600, 0
    for _ in range(repetitions):
        *known, (course, response) = [simulated_clip(rng) for _ in range(number + 1)]
        folds = [slope_and_level(known[:i] + known[i + 1 :]) for i in range(number)]
        errors = np.stack(
            [y - np.polyval(fold, x) for fold, (x, y) in zip(folds, known, strict=True)]
        )
        half = half_width(clip_scores(errors, confidence), confidence)
        models = [*folds, slope_and_level(known)]
        low, high = interval(np.stack([np.polyval(m, course) for m in models]), half)
        inside = (low <= response) & (response <= high)
        covered += inside.mean() >= confidence - 1e-12
    # Below the promise only by what 600 repetitions leave to chance (two SDs).
    chance = 2 * np.sqrt(confidence * (1 - confidence) / repetitions)
    assert covered / repetitions >= confidence - chance


def test_no_interval_without_a_width():
    low, high = interval(np.zeros((2, 3)), None)
    assert np.isnan(low).all() and np.isnan(high).all()


def test_the_interval_reaches_beyond_every_model_and_not_beyond_what_is_possible():
    low, high = interval(np.array([[0.2, 0.5], [0.4, 0.9]]), 0.3, (0.0, 1.0))
    np.testing.assert_allclose([low, high], [[0.0, 0.2], [0.7, 1.0]])


FOLDS = pd.DataFrame(
    [(1, 1, "a", "test"), (1, 2, "a", "unused"), (1, 1, "b", "train"), (2, 1, "b", "test")]
    + [(2, 2, "a", "validation"), (2, 1, "c", "test"), (1, 2, "c", "test"), (2, 2, "c", "train")],
    columns=["fold", "subject", "video", "role"],
)


def test_clips_that_a_fold_trained_on_calibrate_nothing():
    """Clip c is tested by fold 1, which has not seen it, and by fold 2, which has."""
    assert unseen_clips(FOLDS) == ["a", "b"]


def test_errors_are_those_of_means_over_viewers():
    rows = [
        *((1, "a", step, True, said, 0.5) for step, said in enumerate([0, 1, 1])),
        *((2, "a", step, step < 2, said, 0.25) for step, said in enumerate([1, 1, 1])),
        *((1, "c", step, True, 1, 1.0) for step in range(3)),
    ]
    columns = ["subject", "video", "step", "valid", "label", "probability"]
    table = pd.DataFrame(rows, columns=columns)
    folds = FOLDS[FOLDS["video"] != "b"]
    held = held_errors(table, folds, ("label", "probability"), 4)
    assert held.clips == ("a",) and held.viewers == (2,)
    np.testing.assert_allclose(held.errors, [[0.125, 0.625, 0.5, np.nan]])


def test_folds_of_people_give_no_interval_for_clips():
    held = held_errors(pd.DataFrame(), FOLDS[FOLDS["video"] == "c"], ("label", "probability"), 4)
    assert held.clips == () and held.reason == "no fold tests a clip that its model had not seen"


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"clips": ["a"] * 8, "viewers": [8] * 8, "reason": ""}, "at least 80 % have the mean"),
        ({"clips": ["a"] * 3, "viewers": [8] * 3, "reason": ""}, "at least 4 are needed"),
        ({"clips": [], "viewers": [], "reason": "it is so"}, "No calibrated interval: it is so."),
    ],
)
def test_what_is_covered_is_said(held, words):
    assert words in coverage_sentence(held, 0.8)
