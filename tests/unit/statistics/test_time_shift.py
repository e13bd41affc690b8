"""The test that moves predictions in time: exact areas, and what it does and does not find."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tinglegram.inference.resampling import Resamples
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.time_shift import common_share, course_test, shift_test, shifted_auc

SETTINGS = Resamples(
    bootstrap=1,
    permutations=199,
    confidence=0.95,
    seed=7,
    p_value="plus_one",
    score_inference="resampled",
)


def trials_of(probability: np.ndarray, label: np.ndarray, videos: list[str]) -> ScoredTrials:
    n = len(label)
    names = pd.DataFrame({"fold": 1, "subject": np.arange(1, n + 1), "video": videos})
    every = np.ones(label.shape, dtype=bool)
    return ScoredTrials(
        names, np.zeros(n, bool), label, probability > 0.5, every, probability, every
    )


@pytest.mark.parametrize("length", [20, 21])
def test_areas_are_those_of_rolled_predictions(length):
    generator = np.random.default_rng(1)
    # Few distinct values, so that ties occur.
    probability = generator.integers(0, 5, length) / 4
    label = generator.random(length) < 0.4
    found = shifted_auc(probability, label)
    expected = [roc_auc_score(label, np.roll(probability, shift)) for shift in range(length)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_trial_of_one_class_has_no_area():
    assert np.isnan(shifted_auc(np.linspace(0, 1, 6), np.zeros(6, bool))).all()
    trials = trials_of(np.full((2, 6), 0.4), np.zeros((2, 6), bool), ["a", "a"])
    found = shift_test(trials, SETTINGS)
    assert found.n_participants == 0 and np.isnan([found.roc_auc, found.p_value]).all()


def courses(n: int, generator: np.random.Generator) -> np.ndarray:
    noise = generator.standard_normal((n, 240))
    smooth = np.apply_along_axis(np.convolve, 1, noise, np.ones(15), mode="same")
    return smooth / smooth.std()


def test_a_course_shared_by_viewers_is_found():
    generator = np.random.default_rng(2)
    shared = np.repeat(courses(4, generator), 3, axis=0)
    label = shared + courses(12, generator) > 0
    probability = 1 / (1 + np.exp(-shared))
    found = shift_test(trials_of(probability, label, [f"v{i // 3}" for i in range(12)]), SETTINGS)
    assert found.p_value == 1 / 200 and found.roc_auc > 0.7
    assert found.null_mean == pytest.approx(0.5, abs=0.05)
    assert (found.n_participants, found.n_clips) == (12, 4)


def test_constant_predictions_find_nothing():
    label = courses(6, np.random.default_rng(3)) > 0
    found = shift_test(trials_of(np.full(label.shape, 0.8), label, ["a"] * 6), SETTINGS)
    assert (found.roc_auc, found.p_value) == (0.5, 1.0)


def test_viewers_of_a_clip_are_moved_together():
    # One clip, whose viewers all report the same: seen as independent they would prove anything.
    generator = np.random.default_rng(4)
    p_values = []
    for seed in range(60):
        label = np.repeat(courses(1, generator) > 0, 20, axis=0)
        course = np.repeat(courses(1, generator), 20, axis=0)
        trials = trials_of(1 / (1 + np.exp(-course)), label, ["a"] * 20)
        settings = Resamples(
            bootstrap=1, permutations=99, seed=seed, p_value="plus_one", score_inference="resampled"
        )
        p_values.append(shift_test(trials, settings).p_value)
    # 60 draws of a level test: more than 10 below 0.05 has a probability below 1e-4.
    assert sum(p <= 0.05 for p in p_values) <= 10


def test_short_trials_turn_within_their_own_frames():
    generator = np.random.default_rng(5)
    label = courses(3, generator) > 0
    probability = label * 0.6 + 0.2
    valid = np.ones(label.shape, bool)
    valid[0, 200:] = False
    probability[0, 200:] = 0.99
    label[0, 200:] = False
    trials = trials_of(probability, label, ["a", "a", "a"])
    trials = ScoredTrials(
        *[getattr(trials, n) for n in ("names", "control", "label", "predicted")],
        counted=valid,
        probability=probability,
        valid=valid,
    )
    assert shift_test(trials, SETTINGS).roc_auc == 1.0


def test_a_start_without_reports_is_no_knowledge_of_the_clip():
    generator = np.random.default_rng(4)
    ramp = np.minimum(np.arange(240) / 60, 1.0)
    label = courses(12, generator) + 3 * ramp - 1.5 > 0
    clips = [f"v{i // 3}" for i in range(12)]
    trials = trials_of(np.tile(0.2 + 0.6 * ramp, (12, 1)), label, clips)
    assert shift_test(trials, SETTINGS).p_value < 0.05
    found = course_test(trials, SETTINGS)
    assert found.roc_auc == pytest.approx(found.course_auc)
    assert found.p_value == 1.0


def test_a_clips_own_course_is_more_than_that_of_other_clips():
    generator = np.random.default_rng(2)
    shared = np.repeat(courses(4, generator), 3, axis=0)
    label = shared + courses(12, generator) > 0
    clips = [f"v{i // 3}" for i in range(12)]
    found = course_test(trials_of(1 / (1 + np.exp(-shared)), label, clips), SETTINGS)
    assert found.roc_auc > 0.7 > found.course_auc
    assert found.p_value < 0.05 and found.n_participants == 12
    one = course_test(trials_of(shared, label, ["a"] * 12), SETTINGS)
    assert one.n_participants == 0 and np.isnan(one.p_value)


def test_each_viewer_in_a_fold_of_their_own_changes_nothing():
    """Leaving one participant out, viewers of a clip still move together."""
    generator = np.random.default_rng(5)
    shared = np.repeat(courses(4, generator), 3, axis=0)
    trials = trials_of(shared, courses(12, generator) > 0, [f"v{i // 3}" for i in range(12)])
    alone = dataclasses.replace(trials, names=trials.names.assign(fold=range(1, 13)))
    assert shift_test(alone, SETTINGS) == shift_test(trials, SETTINGS)


def test_what_viewers_have_in_common():
    generator = np.random.default_rng(6)
    shared, own = np.repeat(courses(4, generator), 3, axis=0), courses(12, generator)
    clips = [f"v{i // 3}" for i in range(12)]
    label = own > 0
    assert common_share(trials_of(shared, label, clips)) == pytest.approx(1.0)
    # Of independent courses, a mean over three viewers keeps a third.
    assert common_share(trials_of(own, label, clips)) == pytest.approx(1 / 3, abs=0.15)
    assert np.isnan(common_share(trials_of(own, label, [f"v{i}" for i in range(12)])))


def test_a_short_clip_turns_within_its_own_length():
    label = np.zeros((1, 40), bool)
    label[0, :5] = True
    probability = np.where(label, 0.9, 0.1)
    of_clip = np.arange(40)[None] < 10
    short = dataclasses.replace(
        trials_of(probability, label, ["a"]), valid=of_clip, counted=of_clip, of_clip=of_clip
    )
    found = shift_test(short, dataclasses.replace(SETTINGS, permutations=4000))
    # Of ten shifts one leaves all in place; areas of a block of five moved by s: |1 - s / 5|.
    assert found.roc_auc == 1 and found.p_value == pytest.approx(0.1, abs=0.02)
    assert found.null_mean == pytest.approx(0.5, abs=0.02)
