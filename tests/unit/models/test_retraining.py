"""Reports that are moved in time, and models that are trained on them again."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from tinglegram.models.bilstm import NetworkTraining, fit_network
from tinglegram.models.boosting import Boosting, boosting_refit, fit_boosting
from tinglegram.models.retraining import clip_steps, moved_labels, retrained_scores
from tinglegram.statistics.retrained import retrained_test
from tinglegram.statistics.scored_trials import as_trials
from tinglegram.trials.trials import Split, Trials, prediction_table

CLIPS, PER_FOLD, STEPS, SHORTER = 4, 2, 40, 34
BOOSTING = Boosting(trees=3, depth=2, learning_rate=0.3, padding="masked")
Fitted = Callable[[np.ndarray], np.ndarray]


def smooth(generator: np.random.Generator, n: int) -> np.ndarray:
    """Courses (n, STEPS) that have no beginning and no end."""
    width = np.fft.rfft(np.arange(STEPS) < 8)
    return np.fft.irfft(np.fft.rfft(generator.standard_normal((n, STEPS))) * width, STEPS)


def study(seed: int, signal: float = 0.0) -> tuple[Trials, list[Split]]:
    """Two people test each of four folds on a clip of their own; all are of class 1 at times.

    A feature of each clip is, by `signal`, what its viewers share.
    """
    generator = np.random.default_rng(seed)
    shared = smooth(generator, CLIPS)
    visual = np.sqrt(signal) * shared + np.sqrt(1 - signal) * smooth(generator, CLIPS)
    subject, clip = np.divmod(np.arange(CLIPS * CLIPS * PER_FOLD), CLIPS)
    own = subject % CLIPS == clip
    n_steps = np.where(own & (subject < CLIPS), SHORTER, STEPS)
    felt = shared[clip] + 0.8 * smooth(generator, len(clip))
    labels = ((felt > 0) & (np.arange(STEPS) < n_steps[:, None])).astype("u1")
    trials = Trials(
        subject=subject + 1,
        video=np.array([f"vid{c}" for c in clip], dtype=object),
        condition=np.full(len(clip), "ASMR", dtype=object),
        order=clip,
        n_steps=n_steps,
        ratings=labels,
        labels=labels,
        clip_index=clip,
        acoustic_index=2 * clip,
        visual=visual[..., None].astype("f4"),
        acoustic=None,
        pulse=None,
        grid=2.0,
    )
    folds = []
    for fold in range(CLIPS):
        others = np.flatnonzero((subject % CLIPS != fold) & (clip != fold))
        tested = np.flatnonzero(own & (clip == fold))
        folds.append(Split(fold + 1, others[2:], others[:2], tested))
    return trials, folds


def line(trials: Trials, split: Split) -> Fitted:
    """A straight line from the feature to the label."""
    visual = trials.visual[..., 0].astype(float)
    seen = np.concatenate([visual[trials.clip_index[r], : trials.n_steps[r]] for r in split.train])
    new = visual[trials.clip_index[split.test]]

    def fit(labels: np.ndarray) -> np.ndarray:
        told = np.concatenate([labels[row, : trials.n_steps[row]] for row in split.train])
        slope = np.cov(seen, told)[0, 1]
        return 1 / (1 + np.exp(-slope * new))

    return fit


def scores(trials: Trials, split: Split, shifts, fit: Fitted, seed: int = 1) -> pd.DataFrame:
    return retrained_scores(trials, split, shifts, fit, seed=seed, condition="ASMR")


def test_steps_follow_from_the_seed_and_the_number_of_the_draw_alone():
    lengths = np.array([10, 600, 7])
    assert clip_steps(lengths, 42, 0).tolist() == [0, 0, 0]
    drawn = np.array([clip_steps(lengths, 42, shift) for shift in range(1, 1001)])
    assert (drawn >= 0).all() and (drawn < lengths).all()
    # Every step of a clip is as likely as any other, that of no move too.
    assert np.bincount(drawn[:, 2], minlength=7) == pytest.approx(np.full(7, 1000 / 7), abs=45)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.1
    assert not np.array_equal(clip_steps(lengths, 43, 5), drawn[4])
    # Models with fewer clips move them alike.
    assert clip_steps(lengths[:2], 42, 5).tolist() == drawn[4, :2].tolist()


def test_a_shorter_trial_turns_within_its_own_frames():
    trials, _ = study(1)
    steps = np.array([3, 0, 39, 36])
    moved = moved_labels(trials, steps)
    assert not moved[~trials.valid].any() and moved.dtype == trials.labels.dtype
    for row, (clip, shown) in enumerate(zip(trials.clip_index, trials.n_steps, strict=True)):
        expected = np.roll(trials.labels[row, :shown], steps[clip])
        assert np.array_equal(moved[row, :shown], expected)
    assert {SHORTER, STEPS} == set(trials.n_steps)
    assert np.array_equal(moved.sum(axis=1), trials.labels.sum(axis=1))
    assert np.array_equal(moved_labels(trials, np.zeros(4, int)), trials.labels)


def test_test_reports_move_as_training_reports_do():
    trials, folds = study(2)
    given = []

    def fit(labels: np.ndarray) -> np.ndarray:
        given.append(labels)
        # Knows the moved reports of the test trials, so that it ranks them without a fault.
        return labels[folds[0].test].astype(float)

    found = scores(trials, folds[0], [1, 2], fit)
    assert found["roc_auc"].tolist() == [1.0] * 4 and found["shift"].tolist() == [1, 1, 2, 2]
    lengths = np.full(CLIPS, STEPS)
    for shift, labels in enumerate(given, 1):
        assert np.array_equal(labels, moved_labels(trials, clip_steps(lengths, 1, shift)))
        assert not np.array_equal(labels, trials.labels)


def test_only_trials_of_the_target_are_scored_and_one_class_has_no_score():
    trials, folds = study(3)
    kind, labels = trials.condition.copy(), trials.labels.copy()
    first, second = folds[0].test
    kind[first], labels[second] = "Nature", 0
    trials = dataclasses.replace(trials, condition=kind, labels=labels)
    found = scores(trials, folds[0], [1], line(trials, folds[0]))
    assert found["subject"].tolist() == [trials.subject[second]] and found["roc_auc"].isna().all()
    every = retrained_scores(trials, folds[0], [1], line(trials, folds[0]), seed=1, condition=None)
    assert every["subject"].tolist() == trials.subject[folds[0].test].tolist()
    # Where somebody saw a clip again, `order` tells trials apart.
    again = dataclasses.replace(trials, clips_repeat=True)
    assert "order" in scores(again, folds[0], [1], line(trials, folds[0]))


def test_parts_of_the_shifts_are_those_of_the_whole():
    trials, folds = study(4)
    fit = boosting_refit(trials, folds[1], ["visual"], BOOSTING, seed=42)
    whole = scores(trials, folds[1], range(1, 6), fit)
    again = boosting_refit(trials, folds[1], ["visual"], BOOSTING, seed=42)
    parts = [scores(trials, folds[1], part, again) for part in ([4, 5], [1], [2, 3])]
    joined = pd.concat(parts).sort_values(["shift", "subject"], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole, check_exact=True)


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_trees_on_bins_that_are_shared_are_those_of_a_fit_of_their_own(padding):
    trials, folds = study(5, signal=0.8)
    settings = dataclasses.replace(BOOSTING, padding=padding)
    fit = boosting_refit(trials, folds[0], ["visual"], settings, seed=42)
    lengths = np.full(CLIPS, STEPS)
    for shift in (2, 1, 0):
        labels = moved_labels(trials, clip_steps(lengths, 1, shift))
        own = dataclasses.replace(trials, labels=labels)
        alone = fit_boosting(own, folds[0], ["visual"], settings, seed=42)
        assert np.array_equal(fit(labels), alone.probability)


def test_a_network_on_reports_that_do_not_move_is_the_first_network_of_the_fold():
    trials, folds = study(6)
    settings = NetworkTraining(
        hidden=4, layers=1, dropout=0.0, epochs=2, padding="masked", checkpoint="best"
    )

    def fit(labels: np.ndarray) -> np.ndarray:
        own = dataclasses.replace(trials, labels=labels)
        how = (folds[0], ["visual"], settings)
        return fit_network(own, *how, seed=42, device=torch.device("cpu")).probability

    found = scores(trials, folds[0], [0, 1], fit)
    predicted = prediction_table(trials, folds[0].test, fit(trials.labels))
    test = as_trials([predicted], padding="masked")
    still = found[found["shift"] == 0]
    observed = retrained_test(test, still, p_value="plus_one")
    assert observed.roc_auc == observed.null_mean and observed.p_value == 1.0
    moved = found.loc[found["shift"] == 1, "roc_auc"].to_numpy()
    assert not np.array_equal(moved, still["roc_auc"].to_numpy())


def p_of(seed: int, signal: float, shifts: int) -> float:
    trials, folds = study(seed, signal)
    fits = [line(trials, fold) for fold in folds]
    moved = [
        scores(trials, fold, range(1, shifts + 1), fit, seed)
        for fold, fit in zip(folds, fits, strict=True)
    ]
    told = [
        prediction_table(trials, fold.test, fit(trials.labels))
        for fold, fit in zip(folds, fits, strict=True)
    ]
    observed = as_trials(told, padding="masked")
    return retrained_test(observed, pd.concat(moved), p_value="plus_one").p_value


def test_p_is_uniform_where_features_hold_nothing_and_small_where_they_do():
    # Five studies of each possible p are expected; in one of a thousand such tests the largest
    # distance of the distributions is above 0.28.
    found = np.array([p_of(seed, 0.0, 9) for seed in range(50)])
    share = np.array([(found <= p + 1e-9).mean() for p in np.arange(1, 11) / 10])
    assert np.abs(share - np.arange(1, 11) / 10).max() < 0.28
    assert found.mean() == pytest.approx(0.55, abs=0.12)
    assert np.mean([p_of(seed, 0.9, 9) for seed in range(8)]) < 0.15
