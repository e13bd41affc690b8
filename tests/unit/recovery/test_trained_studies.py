"""Studies in which a model is trained: what is planted, what trains, what the tests find."""

import dataclasses

import numpy as np
import pytest
from planted import COHORT, STILL, made
from sklearn.linear_model import Ridge

from tinglegram.recovery.trained_studies import (
    PENALTY,
    PlantedWorld,
    as_scored,
    fitted_predictions,
    fold_aucs,
    planted_folds,
    second_features,
    trained_again,
)
from tinglegram.statistics.time_shift import shifted_auc


def test_what_is_planted():
    study = made(onset=8.0)
    assert study.features.shape == (8, 250, 3 + 1 + 1)
    assert study.label.shape == (12, 8, 250) and not study.label[:, study.control].any()
    # Nobody reports anything early, and the last feature tells when that is.
    assert not study.label[..., :80].any() and study.label[..., 80:].any()
    assert (study.features[..., -1] == (np.arange(250) < 80)).all()
    assert (study.features[study.control, :, 3] == -1).all()


def test_features_of_nothing_but_signal_are_all_alike():
    study = made(signal=1.0)
    for clip in range(8):
        assert np.ptp(study.features[clip, :, :3], axis=1).max() == 0
    trend = made(trend=1.0).features[..., :3]
    assert np.ptp(trend, axis=(0, 2)).max() == pytest.approx(0)
    assert (np.diff(trend[0, :, 0]) >= 0).all()


def test_nobody_and_no_clip_of_a_fold_trains_it():
    study, folds = made(), planted_folds(COHORT)
    assert sorted(np.concatenate([fold.people for fold in folds])) == list(range(12))
    assert sorted(np.concatenate([fold.clips for fold in folds])) == list(range(8))
    for fold in folds:
        before = fitted_predictions(study, fold, STILL)
        label = study.label.copy()
        label[fold.people] = ~label[fold.people]
        label[:, fold.clips] = ~label[:, fold.clips]
        assert (
            fitted_predictions(dataclasses.replace(study, label=label), fold, STILL) == before
        ).all()
        label[fold.training_people[0], fold.training_clips[0]] = True
        assert (
            fitted_predictions(dataclasses.replace(study, label=label), fold, STILL) != before
        ).any()


def test_the_mean_report_trains_as_every_viewer_would():
    study, fold = made(signal=0.3), planted_folds(COHORT)[0]
    x = study.features[fold.training_clips]
    mean, spread = x.mean(axis=(0, 1)), x.std(axis=(0, 1))
    rows = np.tile(((x - mean) / spread).reshape(-1, 4), (len(fold.training_people), 1))
    y = study.label[np.ix_(fold.training_people, fold.training_clips)].reshape(-1)
    # The penalty of each frame is that of the mean report.
    model = Ridge(alpha=PENALTY * len(fold.training_people)).fit(rows, y)
    new = ((study.features[fold.clips] - mean) / spread).reshape(-1, 4)
    found = fitted_predictions(study, fold, STILL)[0].reshape(-1)
    np.testing.assert_allclose(found, model.predict(new), atol=1e-9)


def test_features_of_trials_train_as_every_viewer_would():
    study, fold = made(signal=0.3, own_features=2, own=0.4), planted_folds(COHORT)[1]
    people, clips = fold.training_people, fold.training_clips

    def frames(who, shown):
        own = study.own[np.ix_(who, shown)].astype(float)
        both = [np.broadcast_to(study.features[shown], (*own.shape[:-1], 4)), own]
        return np.concatenate(both, axis=-1).reshape(-1, 6)

    x = frames(people, clips)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    y = study.label[np.ix_(people, clips)].reshape(-1)
    model = Ridge(alpha=PENALTY * len(people)).fit((x - mean) / spread, y)
    expected = model.predict((frames(fold.people, fold.clips) - mean) / spread)
    found = fitted_predictions(study, fold, STILL)[0]
    assert found.shape == (len(fold.people), len(fold.clips), 250)
    np.testing.assert_allclose(found.reshape(-1), expected, atol=1e-6)


def test_a_second_model_sees_other_features_of_the_same_clips():
    study, world = made(signal=1.0, features=2), PlantedWorld(features=2, signal=1.0)
    generator = np.random.default_rng(8)
    equal = second_features(COHORT, world, study, generator)
    np.testing.assert_allclose(equal.features, study.features)
    worse = second_features(COHORT, dataclasses.replace(world, other=0.0), study, generator)
    assert worse.label is study.label and not np.allclose(worse.features, study.features)


@pytest.mark.parametrize("world", [{}, {"own_features": 1, "own": 0.5}, {"onset": 8.0}])
def test_trained_again_is_what_moved_reports_would_give(world):
    study, folds = made(signal=0.3, **world), planted_folds(COHORT)
    shifts = np.vstack([STILL, np.random.default_rng(3).integers(0, 250, (2, 8))])
    found = trained_again(study, folds, shifts)
    for row, value in zip(shifts, found, strict=True):
        label = np.stack([np.roll(study.label[:, c], row[c], axis=1) for c in range(8)], axis=1)
        moved = dataclasses.replace(study, label=label)
        predicted = [fitted_predictions(moved, fold, STILL)[0] for fold in folds]
        target = as_scored(COHORT, moved, folds, predicted).within_target()
        pairs = zip(target.probability, target.label, strict=True)
        aucs = [shifted_auc(p, one)[0] for p, one in pairs if 0 < one.sum() < len(one)]
        assert value == pytest.approx(np.mean(aucs))


def test_means_of_folds():
    study, folds = made(signal=0.3), planted_folds(COHORT)
    predicted = [fitted_predictions(study, fold, STILL)[0] for fold in folds]
    trials = as_scored(COHORT, study, folds, predicted)
    assert len(trials.names) == 12 * 2 and set(trials.names["condition"]) == {"ASMR", "Nature"}
    means = fold_aucs(trials)
    target = trials.within_target()
    own = [
        shifted_auc(p, one)[0]
        for p, one, fold in zip(target.probability, target.label, target.names["fold"], strict=True)
        if fold == 2 and 0 < one.sum() < len(one)
    ]
    assert means[1] == pytest.approx(np.mean(own))
