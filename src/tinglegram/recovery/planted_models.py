"""Models that are trained on the reports of a simulated study, each as a real study trains it.

The ridge regression is made for speed; boosted trees and the network are fitted by the code that
fits them in a real study, smaller than there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from tinglegram.models.settings import Boosting, NetworkTraining
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.trained_studies import PlantedFold, PlantedStudy, fitted_ridge
from tinglegram.trials.trials import Split, Trials

PlantedKind = Literal["ridge", "xgboost", "bilstm"]
# Features of trials of some people, (people, test clips, steps, features) or None, -> probability
# of a report, (people, test clips, steps); (test clips, steps), for everybody, without any.
Tested = Callable[[np.ndarray | None], np.ndarray]

# Fewer and shallower trees, a smaller network and fewer epochs than a study's: what is planted is
# simple, and hundreds of them are trained.
TREES = Boosting(trees=20, depth=3, learning_rate=0.3, padding="masked")
NETWORK = NetworkTraining(
    hidden=8,
    layers=1,
    dropout=0.0,
    learning_rate=0.02,
    batch=8,
    epochs=6,
    padding="masked",
    checkpoint="best",
)
# A predicted share of a linear model is taken to be no surer than this.
SUREST = 0.01
# Share of the training people that choose a network's epoch.
VALIDATION = 0.2


class PlantedSize(NamedTuple):
    """How large the studies of a kind of model are; None: as all others are.

    A feature changes once per decision, so that a coarser grid loses only when keys were pressed.
    """

    participants: int | None = None
    grid: int | None = None

    def of(self, cohort: Cohort) -> Cohort:
        """Return the cohort of studies of this size."""
        people = self.participants or cohort.participants
        timing = replace(cohort.timing, grid=self.grid or cohort.timing.grid)
        return replace(cohort, participants=people, timing=timing)


SIZES: dict[PlantedKind, PlantedSize] = {
    "ridge": PlantedSize(grid=5),
    "xgboost": PlantedSize(grid=2),
    "bilstm": PlantedSize(participants=16, grid=2),
}


def planted_trials(study: PlantedStudy, own: np.ndarray | None, clips: np.ndarray) -> Trials:
    """Return trials that show some clips to people, as a real study's models take them.

    Rows run over people, then clips. Features of clips stand where those of pictures do, features
    of trials where those of skin conductance do: models do not know what columns are.

    Parameters
    ----------
    own : (people, clips, steps, features) of their trials, or None: one person, without any.
    clips : (clips,) numbers of the clips that they see.
    """
    people = 1 if own is None else len(own)
    n_steps = study.features.shape[1]
    n, clip = people * len(clips), np.tile(clips, people)
    nothing = np.zeros((n, n_steps), dtype=np.uint8)
    return Trials(
        subject=np.repeat(np.arange(people), len(clips)),
        video=clip.astype(str),
        condition=np.where(study.control[clip], "control", "target"),
        order=np.tile(np.arange(len(clips)), people),
        n_steps=np.full(n, n_steps),
        ratings=nothing,
        labels=nothing,
        clip_index=clip,
        acoustic_index=clip,
        visual=study.features.astype(np.float32),
        acoustic=None,
        pulse=None,
        grid=1.0,
        sensors={} if own is None else {"eda": own.reshape(n, n_steps, -1).astype(np.float32)},
    )


def train_planted(
    kind: PlantedKind,
    study: PlantedStudy,
    fold: PlantedFold,
    seed: int,
    *,
    weighted: bool = True,
) -> Tested:
    """Train a model on a fold's training people and clips.

    Parameters
    ----------
    seed : of a network's weights and batches.
    weighted : whether ridge weighs both classes alike; the others do.

    Returns
    -------
    The function that predicts the fold's test clips for any people.
    """
    if kind == "ridge":
        return _ridge(study, fold, weighted=weighted)
    trials, split, modalities = _training(study, fold)
    shown = study.features.shape[1]

    def people_of(own: np.ndarray | None) -> Trials:
        return planted_trials(study, own, fold.clips)

    def arranged(found: np.ndarray, own: np.ndarray | None) -> np.ndarray:
        shape = (len(fold.clips), shown) if own is None else (len(own), len(fold.clips), shown)
        return found.reshape(shape)

    if kind == "xgboost":
        # Imported here, as the network's: planning reads this package, and both load slowly.
        from tinglegram.models.boosting import fit_boosting, predict_boosting

        weights = fit_boosting(trials, split, modalities, TREES, seed=seed).weights

        def by_trees(own: np.ndarray | None) -> np.ndarray:
            asked = people_of(own)
            every = np.arange(len(asked.subject))
            return arranged(predict_boosting(asked, every, modalities, weights), own)

        return by_trees

    import torch

    from tinglegram.models.bilstm import fit_network, predict_network
    from tinglegram.models.standardise import fit_scaling, standardise

    scaling, device = fit_scaling(trials, split.train, modalities), torch.device("cpu")
    scaled = standardise(trials, scaling)
    fitted = fit_network(scaled, split, modalities, NETWORK, seed=seed, device=device)

    def by_network(own: np.ndarray | None) -> np.ndarray:
        asked = standardise(people_of(own), scaling)
        every = np.arange(len(asked.subject))
        found = predict_network(asked, every, modalities, NETWORK, fitted.weights, device=device)
        return arranged(found, own)

    return by_network


def _ridge(study: PlantedStudy, fold: PlantedFold, *, weighted: bool) -> Tested:
    still = np.zeros((1, len(study.control)), dtype=np.int64)
    fitted, features = fitted_ridge(study, fold, still), study.features[fold.clips]

    level = float(fitted.level[0]) if weighted else 0.5

    def predict(own: np.ndarray | None) -> np.ndarray:
        return balanced(fitted.shares(features, own)[0], level)

    return predict


def balanced(share: np.ndarray, level: float) -> np.ndarray:
    """Return predicted shares of reports as probabilities of a model that weights its classes.

    As networks and trees of a study are trained, both classes weigh the same, so that a model that
    knows nothing says one half, however rare reports are.

    Parameters
    ----------
    share : (...) predicted, possibly beyond 0 and 1. level : share of reports that trained.
    """
    kept = np.clip(share, SUREST, 1 - SUREST)
    odds = kept / (1 - kept) * (1 - level) / level
    found: np.ndarray = odds / (1 + odds)
    return found


def _training(study: PlantedStudy, fold: PlantedFold) -> tuple[Trials, Split, tuple[str, ...]]:
    """Return the trials of all people who train, what trains and validates, and the modalities."""
    people, clips = fold.training_people, fold.training_clips
    label = study.label[np.ix_(people, clips)].reshape(-1, study.label.shape[-1])
    own = np.empty((len(people), len(clips), label.shape[-1], 0))
    modalities: tuple[str, ...] = ("visual",)
    if study.own is not None:
        own, modalities = study.own[np.ix_(people, clips)], ("visual", "eda")
    trials = planted_trials(study, own, clips)
    trials = replace(trials, ratings=label.astype(np.uint8), labels=label.astype(np.uint8))
    held = trials.subject >= len(people) - max(1, round(VALIDATION * len(people)))
    every = np.arange(len(label))
    # Nobody is tested here: what a model says of test trials is asked of it afterwards.
    return trials, Split(0, every[~held], every[held], every[:1]), modalities
