"""Studies in which a model is really trained: what is planted, and a ridge regression on it.

Features of clips are smooth courses, of which a known part is what viewers share in what they feel.
A model learns the reports of the other folds' people and clips from them and predicts the fold's
own, as in a real study: the reports of one clip train the model that another is tested with, so
that folds depend on each other. Which models, and what is asked of each, stands in
`planted_models` and `model_studies`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy

from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    place_of,
    ratings_at_looks,
)
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.time_shift import shifted_auc
from tinglegram.trials.folds import clips_of_folds, groups_of_participants

# Penalty of the ridge regression, of standardised features and thousands of frames: next to none.
PENALTY = 1.0
# A predicted share of reports is written as a probability: expit(STEEPNESS x (share - 0.5)), which
# follows the share near 0.5 and stays between 0 and 1.
STEEPNESS = 4.0


@dataclass(frozen=True)
class PlantedWorld:
    """What features hold, and what viewers of all clips have in common.

    features : number of features of a clip.
    signal : share of each feature's variance that is what viewers of the clip share.
    trend : share of what viewers share, and of each feature, that rises alike in all clips.
    onset : seconds from a clip's start in which nobody reports anything, which a feature tells.
    category : 1: one more feature tells the clip's category; 0: none does.
    clip_noise : SD, among clips, of a constant error of that feature, whose values are 1 and -1.
    own_features : number of features of a trial, such as a pulse: a course of the person's.
    own : share of their variance that is the person's own part of what is felt.
    other : share `signal` of the features that a second model has; as many of its own. Below 0: as
        the first one's, so that both are equally good.
    weighted : 1: a ridge regression weighs both classes alike, as networks and trees always do; 0:
        it does not, and what it decides in the target's clips lies near the threshold.
    """

    features: float
    signal: float = 0.0
    trend: float = 0.0
    onset: float = 0.0
    category: float = 1.0
    clip_noise: float = 0.0
    own_features: float = 0.0
    own: float = 0.0
    other: float = -1.0
    weighted: float = 1.0


@dataclass(frozen=True)
class PlantedStudy:
    """Reports and features of one study.

    label : (people, clips, steps) bool. features : (clips, steps, features). control : (clips,).
    shared : (clips, looks) what viewers of a clip share. own : (people, clips, steps, features) of
    trials, or None.
    """

    label: np.ndarray
    features: np.ndarray
    control: np.ndarray
    shared: np.ndarray | None = None
    own: np.ndarray | None = None


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
    control = np.array([kind != cohort.conditions[0] for kind in cohort.clips.values()])
    ramp = _ramp(cohort)
    shared = _with_trend(courses(cohort, len(control), generator), ramp, world.trend)
    features = _features(cohort, world, shared, control, generator)
    made = PlantedStudy(np.empty(0), features, control, shared)
    clips, people = np.arange(len(control)), cohort.participants
    label, own = planted_people(cohort, world, made, clips, people, generator)
    return replace(made, label=label, own=own)


def second_features(
    cohort: Cohort, world: PlantedWorld, study: PlantedStudy, generator: np.random.Generator
) -> PlantedStudy:
    """Return the study as another model sees it: features of clips of its own, `world.other`."""
    signal = world.signal if world.other < 0 else world.other
    shared = np.empty(0) if study.shared is None else study.shared
    features = _features(cohort, replace(world, signal=signal), shared, study.control, generator)
    return replace(study, features=features)


def planted_people(
    cohort: Cohort,
    world: PlantedWorld,
    study: PlantedStudy,
    clips: np.ndarray,
    people: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Simulate people who see some clips of a study.

    Parameters
    ----------
    clips : (clips,) numbers of those that they see. people : how many there are.

    Returns
    -------
    label : (people, clips, steps) bool. own : (people, clips, steps, features) or None.
    """
    steps, n_own = every_step(cohort), int(world.own_features)
    look, early = _looks(cohort), _early(cohort, world)
    responds = draw_responders(cohort, people, generator)
    label = np.zeros((people, len(clips), len(look)), dtype=bool)
    own = np.empty((*label.shape, n_own), dtype=np.float32) if n_own else None
    shared = np.empty(0) if study.shared is None else study.shared
    for place, clip in enumerate(clips):
        if own is None and study.control[clip]:
            continue
        felt = courses(cohort, people, generator)
        for column in range(n_own):
            noise = courses(cohort, people, generator)
            both = np.sqrt(world.own) * felt + np.sqrt(1 - world.own) * noise
            own[:, place, :, column] = both[:, look]  # type: ignore[index]
        if not study.control[clip]:
            looks = ratings_at_looks(cohort, cohort.conditions[0], shared[clip], felt, responds)
            label[:, place] = (held(cohort, looks, steps, generator) > 0) & ~early
    return label, own


def _features(
    cohort: Cohort,
    world: PlantedWorld,
    shared: np.ndarray,
    control: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return features of clips (clips, steps, features)."""
    n_clips, n_features, look = len(control), int(world.features), _looks(cohort)
    noise = courses(cohort, n_clips * n_features, generator).reshape(n_clips, n_features, -1)
    rest = np.sqrt(1 - world.signal) * _with_trend(noise, _ramp(cohort), world.trend)
    parts = [(np.sqrt(world.signal) * shared[:, None] + rest)[:, :, look]]
    if world.category:
        wrong = world.clip_noise * generator.standard_normal(n_clips)
        told = np.where(control, -1.0, 1.0) + wrong
        parts.append(np.broadcast_to(told[:, None, None], (n_clips, 1, len(look))))
    if world.onset:
        early = _early(cohort, world).astype(float)
        parts.append(np.broadcast_to(early, (n_clips, 1, len(look))))
    found: np.ndarray = np.concatenate(parts, axis=1).transpose(0, 2, 1)
    return found


def _ramp(cohort: Cohort) -> np.ndarray:
    found: np.ndarray = np.linspace(-1, 1, cohort.n_looks) * np.sqrt(3)
    return found


def _looks(cohort: Cohort) -> np.ndarray:
    return place_of(cohort, every_step(cohort)).astype(int)


def _early(cohort: Cohort, world: PlantedWorld) -> np.ndarray:
    found: np.ndarray = every_step(cohort) < world.onset * cohort.timing.grid
    return found


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


@dataclass(frozen=True)
class PlantedRidge:
    """Ridge regressions of one fold, one for each way in which the training reports are moved.

    weights : (draws, columns) of standardised features of clips, then of trials. level : (draws,)
    mean training report. mean, spread : (columns,) of the training features.
    """

    weights: np.ndarray
    level: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    def shares(self, features: np.ndarray, own: np.ndarray | None) -> np.ndarray:
        """Return predicted shares (draws, clips, steps), or (draws, people, clips, steps).

        Parameters
        ----------
        features : (clips, steps, features). own : (people, clips, steps, features) or None.
        """
        n = features.shape[-1]
        seen = (features - self.mean[:n]) / self.spread[:n]
        found: np.ndarray = np.moveaxis(seen @ self.weights[:, :n].T + self.level, -1, 0)
        if own is None:
            return found
        trials = ((own - self.mean[n:]) / self.spread[n:]) @ self.weights[:, n:].T
        both: np.ndarray = found[:, None] + np.moveaxis(trials, -1, 0)
        return both


def fitted_ridge(study: PlantedStudy, fold: PlantedFold, shifts: np.ndarray) -> PlantedRidge:
    """Train on a fold's training reports, moved in time.

    Every training viewer of a clip has the same features of the clip, so that the mean report of
    them trains as all of them would. The penalty is that of one viewer's frames.

    Parameters
    ----------
    shifts : (draws, clips) steps by which the reports of each clip are moved to later times, in a
        circle, for all its viewers alike.
    """
    clips, people = fold.training_clips, fold.training_people
    reports, moves = study.label[np.ix_(people, clips)], shifts[:, clips]
    reported, features = reports.mean(axis=0), study.features[clips]
    width = features.shape[-1]
    mean, spread = _scale(features.reshape(-1, width))
    seen = (features - mean) / spread
    x = seen.reshape(-1, width)
    products, answers = x.T @ x, _moved_products(seen[None], reported[None], moves)
    if study.own is not None:
        own = study.own[np.ix_(people, clips)].astype(float)
        own_mean, own_spread = _scale(own.reshape(-1, own.shape[-1]))
        z = (own - own_mean) / own_spread
        flat = z.mean(axis=0).reshape(len(x), -1)
        both = np.einsum("pcti,pctj->ij", z, z, optimize=True) / len(people)
        products = np.block([[products, x.T @ flat], [flat.T @ x, both]])
        answers = np.hstack([answers, _moved_products(z, reports, moves)])
        mean, spread = np.append(mean, own_mean), np.append(spread, own_spread)
    weights = np.linalg.solve(products + PENALTY * np.eye(len(products)), answers.T).T
    return PlantedRidge(weights, np.full(len(shifts), reported.mean()), mean, spread)


def _scale(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and SD of columns; an SD of 1 where a column never varies."""
    spread = values.std(axis=0)
    return values.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _moved_products(own: np.ndarray, reports: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return (draws, features) mean over people of the products with reports that are moved."""
    steps = reports.shape[-1]
    spectra = np.fft.rfft(own, axis=2)
    crossed = (spectra * np.conj(np.fft.rfft(reports, axis=2))[..., None]).mean(axis=0)
    # (clips, steps, features): the product at every shift.
    table = np.fft.irfft(crossed, steps, axis=1)
    found: np.ndarray = table[np.arange(table.shape[0]), moves % steps].sum(axis=1)
    return found


def fitted_predictions(study: PlantedStudy, fold: PlantedFold, shifts: np.ndarray) -> np.ndarray:
    """Train on a fold's training reports, moved in time, and predict its test trials.

    Parameters
    ----------
    shifts : as for `fitted_ridge`.

    Returns
    -------
    (draws, test clips, steps) predicted shares; (draws, test people, test clips, steps) where
    trials have features of their own.
    """
    own = None if study.own is None else study.own[np.ix_(fold.people, fold.clips)]
    return fitted_ridge(study, fold, shifts).shares(study.features[fold.clips], own)


def as_scored(
    cohort: Cohort,
    study: PlantedStudy,
    folds: Sequence[PlantedFold],
    predicted: Sequence[np.ndarray],
) -> ScoredTrials:
    """Return the test trials of all folds.

    Parameters
    ----------
    predicted : of each fold: predicted shares (test clips, steps), the same for all its people, or
        (people, test clips, steps).
    """
    labels = [study.label[np.ix_(fold.people, fold.clips)] for fold in folds]
    shares = [
        scipy.special.expit(STEEPNESS * (np.asarray(given, dtype=float) - 0.5))
        for given in predicted
    ]
    return scored_people(cohort, folds, labels, shares)


def scored_people(
    cohort: Cohort,
    folds: Sequence[PlantedFold],
    labels: Sequence[np.ndarray],
    probability: Sequence[np.ndarray],
) -> ScoredTrials:
    """Return trials to be scored of people and of what models say of their trials.

    Parameters
    ----------
    folds : numbers of people and of the clips that they are tested with, for the names.
    labels : of each fold (people, test clips, steps).
    probability : of each fold, of the same shape or (test clips, steps) for all its people.
    """
    codes = np.array(list(cohort.clips))
    conditions = np.array(list(cohort.clips.values()))
    names = pd.concat(
        [
            pd.DataFrame(
                {
                    "fold": number,
                    "subject": np.repeat(fold.people + 1, len(fold.clips)),
                    "video": np.tile(codes[fold.clips], len(fold.people)),
                    "condition": np.tile(conditions[fold.clips], len(fold.people)),
                }
            )
            for number, fold in enumerate(folds, 1)
        ],
        ignore_index=True,
    )
    n_steps = labels[0].shape[-1]
    label = np.concatenate([part.reshape(-1, n_steps) for part in labels])
    given = np.concatenate(
        [
            np.broadcast_to(part, own.shape).reshape(-1, n_steps)
            for part, own in zip(probability, labels, strict=True)
        ]
    )
    everywhere = np.ones_like(label)
    control = (names["condition"] != cohort.conditions[0]).to_numpy()
    return ScoredTrials(names, control, label, given > 0.5, everywhere, given, everywhere)


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
    sums, n_trials, block = np.zeros(len(shifts)), 0, _constant_for(study)
    for fold in folds:
        predicted = fitted_predictions(study, fold, shifts)
        for place, clip in enumerate(fold.clips):
            if study.control[clip]:
                continue
            label = study.label[fold.people, clip]
            mixed = label.any(axis=1) & ~label.all(axis=1)
            # Reports moved later meet what predictions moved earlier by as much meet.
            back = (np.arange(label.shape[1]) + shifts[:, [clip]]) % label.shape[1]
            if study.own is None:
                sums += _summed_auc(predicted[:, place], label[mixed], back, block)
            else:
                for person in np.flatnonzero(mixed):
                    sums += _summed_auc(predicted[:, person, place], label[[person]], back, block)
            n_trials += int(mixed.sum())
    found: np.ndarray = sums / n_trials if n_trials else np.full(len(shifts), np.nan)
    return found


def _constant_for(study: PlantedStudy) -> int:
    """Return how many steps, from the first on, features and so predictions stay as they are."""
    values = [study.features] if study.own is None else [study.features, *study.own]
    changes = [np.flatnonzero(np.diff(part, axis=1).any(axis=(0, 2))) + 1 for part in values]
    return int(np.gcd.reduce([study.features.shape[1], *np.concatenate(changes)]))


def _summed_auc(
    predicted: np.ndarray, label: np.ndarray, places: np.ndarray, block: int
) -> np.ndarray:
    """Return (draws,) the sum over trials of ROC AUC, predictions (draws, steps) taken at places.

    Parameters
    ----------
    label : (trials, steps) of both classes. places : (draws, steps). block : predictions are the
        same for as many steps at a time; they are ranked once for all of them.
    """
    ranks = block * scipy.stats.rankdata(predicted[:, ::block], axis=1) - (block - 1) / 2
    positive = label.sum(axis=1)
    taken = np.take_along_axis(ranks, places // block, axis=1)
    wins = taken @ label.T - positive * (positive + 1) / 2
    found: np.ndarray = (wins / (positive * (label.shape[1] - positive))).sum(axis=1)
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
