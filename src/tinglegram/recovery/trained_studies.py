"""Tests of tracking within clips, in studies in which a model is really trained.

Features of clips are smooth courses, of which a known part is what viewers share in what they feel.
A ridge regression learns the reports of the other folds' people and clips from them and predicts
the fold's own, as in a real study: the reports of one clip train the model that another is tested
with, so that folds depend on each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.resampling import exceedance
from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    place_of,
    ratings_at_looks,
)
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.time_shift import course_test, shift_test, shifted_auc
from tinglegram.statistics.within_target import within_target_table
from tinglegram.trials.folds import clips_of_folds, groups_of_participants

RESULT = "tracking, model trained"
# Penalty of the ridge regression, of standardised features and thousands of frames: next to none.
PENALTY = 1.0


@dataclass(frozen=True)
class PlantedWorld:
    """What features hold, and what viewers of all clips have in common.

    features : number of features of a clip; one more tells its category.
    signal : share of each feature's variance that is what viewers of the clip share.
    trend : share of what viewers share, and of each feature, that rises alike in all clips.
    onset : seconds from a clip's start in which nobody reports anything, which a feature tells.
    """

    features: float
    signal: float = 0.0
    trend: float = 0.0
    onset: float = 0.0


@dataclass(frozen=True)
class PlantedStudy:
    """Reports and features of one study.

    label : (people, clips, steps) bool. features : (clips, steps, features). control : (clips,).
    """

    label: np.ndarray
    features: np.ndarray
    control: np.ndarray


@dataclass(frozen=True)
class PlantedFold:
    """People and clips, by number, that a fold tests, and those that train."""

    people: np.ndarray
    clips: np.ndarray
    training_people: np.ndarray
    training_clips: np.ndarray


def planted_study(
    cohort: Cohort, world: PlantedWorld, generator: np.random.Generator
) -> PlantedStudy:
    """Simulate what people report of clips, and features that hold a known part of it."""
    n_clips, people, n_features = len(cohort.clips), cohort.participants, int(world.features)
    look = place_of(cohort, every_step(cohort)).astype(int)
    ramp = np.linspace(-1, 1, cohort.n_looks) * np.sqrt(3)
    shared = _with_trend(courses(cohort, n_clips, generator), ramp, world.trend)
    noise = courses(cohort, n_clips * n_features, generator).reshape(n_clips, n_features, -1)
    own = np.sqrt(1 - world.signal) * _with_trend(noise, ramp, world.trend)
    control = np.array([kind != cohort.conditions[0] for kind in cohort.clips.values()])
    responds = draw_responders(cohort, people, generator)
    label = np.zeros((people, n_clips, len(look)), dtype=bool)
    early = every_step(cohort) < world.onset * cohort.timing.grid
    for clip in np.flatnonzero(~control):
        felt = courses(cohort, people, generator)
        looks = ratings_at_looks(cohort, cohort.conditions[0], shared[clip], felt, responds)
        label[:, clip] = (held(cohort, looks, every_step(cohort), generator) > 0) & ~early
    told = [np.sqrt(world.signal) * shared[:, None] + own]
    told.append(np.broadcast_to(np.where(control, -1.0, 1.0)[:, None, None], (n_clips, 1, 1)))
    features = np.concatenate(
        [np.broadcast_to(part, (*part.shape[:2], cohort.n_looks)) for part in told], axis=1
    )[:, :, look]
    if world.onset:
        since = np.broadcast_to(early.astype(float), (n_clips, 1, len(look)))
        features = np.concatenate([features, since], axis=1)
    return PlantedStudy(label, features.transpose(0, 2, 1), control)


def _with_trend(values: np.ndarray, ramp: np.ndarray, share: float) -> np.ndarray:
    mixed: np.ndarray = np.sqrt(share) * ramp + np.sqrt(1 - share) * values
    return mixed


def planted_folds(cohort: Cohort) -> list[PlantedFold]:
    """Return the double-independent folds of a cohort that sees every clip."""
    people, codes = list(range(cohort.participants)), list(cohort.clips)
    folds = []
    for group, names in zip(
        groups_of_participants(people, cohort.n_folds),
        clips_of_folds(cohort.clips, cohort.n_folds),
        strict=True,
    ):
        own = np.array([codes.index(name) for name in names])
        folds.append(
            PlantedFold(
                np.array(group),
                own,
                np.setdiff1d(people, group),
                np.setdiff1d(range(len(codes)), own),
            )
        )
    return folds


def fitted_predictions(study: PlantedStudy, fold: PlantedFold, shifts: np.ndarray) -> np.ndarray:
    """Train on a fold's training reports, moved in time, and predict its clips.

    Every training viewer of a clip has the same features, so that the mean report of them trains
    as all of them would.

    Parameters
    ----------
    shifts : (draws, clips) steps by which the reports of each clip are moved to later times, in a
        circle, for all its viewers alike.

    Returns
    -------
    (draws, test clips, steps) predictions.
    """
    # Imported here: planning reads this package, and it takes a second to load.
    from sklearn.linear_model import Ridge

    reported = study.label[np.ix_(fold.training_people, fold.training_clips)].mean(axis=0)
    steps = np.arange(reported.shape[1])
    moved = (steps - shifts[:, fold.training_clips, None]) % len(steps)
    targets = np.take_along_axis(np.broadcast_to(reported, moved.shape), moved, axis=2)
    training, tested = study.features[fold.training_clips], study.features[fold.clips]
    mean, spread = training.mean(axis=(0, 1)), training.std(axis=(0, 1))
    seen, unseen = (
        (part - mean) / np.where(spread > 0, spread, 1.0) for part in (training, tested)
    )
    width = seen.shape[-1]
    y = targets.reshape(len(shifts), -1)
    x, new = seen.reshape(-1, width), unseen.reshape(-1, width)
    given = Ridge(alpha=PENALTY).fit(x, y.T).predict(new).reshape(-1, len(shifts)).T
    return np.asarray(given, dtype=float).reshape(len(shifts), len(fold.clips), -1)


def as_scored(
    cohort: Cohort,
    study: PlantedStudy,
    folds: Sequence[PlantedFold],
    predicted: Sequence[np.ndarray],
) -> ScoredTrials:
    """Return the test trials of all folds, the predictions of each (test clips, steps)."""
    codes = list(cohort.clips)
    rows = [
        (number, int(person) + 1, codes[clip], cohort.clips[codes[clip]], clip, given[place])
        for number, (fold, given) in enumerate(zip(folds, predicted, strict=True), 1)
        for person in fold.people
        for place, clip in enumerate(fold.clips)
    ]
    names = pd.DataFrame(
        [row[:4] for row in rows], columns=["fold", "subject", "video", "condition"]
    )
    clip = np.array([row[4] for row in rows])
    probability = scipy.special.expit(np.array([row[5] for row in rows]) - 0.5)
    label = study.label[names["subject"].to_numpy() - 1, clip]
    everywhere = np.ones_like(label)
    return ScoredTrials(
        names,
        study.control[clip],
        label,
        probability > 0.5,
        everywhere,
        probability,
        everywhere,
    )


def trained_again(
    study: PlantedStudy, folds: Sequence[PlantedFold], shifts: np.ndarray
) -> np.ndarray:
    """Return the mean ROC AUC within the target of models trained and tested with moved reports.

    Parameters
    ----------
    shifts : (draws, clips) steps, as for `fitted_predictions`; zeros give the observed one.

    Returns
    -------
    (draws,) : mean over target trials whose reports are of both classes.
    """
    sums, n_trials = np.zeros(len(shifts)), 0
    for fold in folds:
        predicted = fitted_predictions(study, fold, shifts)
        for place, clip in enumerate(fold.clips):
            if study.control[clip]:
                continue
            ranks = scipy.stats.rankdata(predicted[:, place], axis=1)
            label = study.label[fold.people, clip]
            positive = label.sum(axis=1)
            mixed = (positive > 0) & (positive < label.shape[1])
            moved = (np.arange(label.shape[1]) - shifts[:, [clip]]) % label.shape[1]
            for own, n in zip(label[mixed], positive[mixed], strict=True):
                wins = np.sum(own[moved] * ranks, axis=1) - n * (n + 1) / 2
                sums += wins / (n * (len(own) - n))
                n_trials += 1
    found: np.ndarray = sums / n_trials if n_trials else np.full(len(shifts), np.nan)
    return found


def fold_aucs(trials: ScoredTrials) -> np.ndarray:
    """Return the mean ROC AUC of each fold's target trials, NaN where none is of both classes."""
    target = trials.within_target()
    auc = np.array(
        [
            shifted_auc(probability[valid], label[valid])[0]
            for probability, label, valid in zip(
                target.probability, target.label, target.valid, strict=True
            )
        ]
    )
    fold = target.names["fold"].to_numpy()
    means = [auc[(fold == number) & ~np.isnan(auc)] for number in np.unique(fold)]
    return np.array([one.mean() if len(one) else np.nan for one in means])


def prepare_trained(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one model that is trained in each: every test of tracking.

    Parameters
    ----------
    parameters : those of `PlantedWorld`, and `agreement`, the share of the latent variance that
        viewers of a clip share.

    A model tracks a clip only where features hold what its viewers share: `signal` above 0.
    """
    parameters = dict(parameters)
    cohort = cohort.with_agreement(parameters.pop("agreement", cohort.reporting.agreement))
    world, folds = PlantedWorld(**parameters), planted_folds(cohort)
    null = world.signal == 0

    def study(generator: np.random.Generator) -> list[Result]:
        made = planted_study(cohort, world, generator)
        n_clips, n_steps = made.features.shape[:2]
        still = np.zeros((1, n_clips), dtype=np.int64)
        predicted = [fitted_predictions(made, fold, still)[0] for fold in folds]
        trials = as_scored(cohort, made, folds, predicted)
        settings = draws.settings(some_seed(generator))
        table = within_target_table(trials, settings).set_index("metric")
        auc = table.to_dict("index")["roc_auc"]
        corrected = corrected_fold_test(fold_aucs(trials), 0.5, draws.confidence)
        moved = generator.integers(n_steps, size=(draws.permutations, n_clips))
        again = trained_again(made, folds, np.vstack([still, moved]))
        tests = {
            "predictions moved in time": shift_test(trials, settings).p_value,
            "above its own course on other clips": course_test(trials, settings).p_value,
            "interval over participants above 0.5": float(auc["ci_low"] <= 0.5),
            "corrected t over folds": corrected.p_value,
            "trained again on moved reports": float(
                exceedance(again[1:], again[0], settings.p_value)
            ),
        }
        return [
            Result(RESULT, test, float(auc["value"]), p_value=p_value, null=null)
            for test, p_value in tests.items()
        ]

    return study
