"""Frame-level predictions of simulated models with known ingredients."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import expit

from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    held,
    place_of,
    ratings_at_looks,
)
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.trials.folds import clips_of_folds, groups_of_participants


@dataclass(frozen=True)
class SimulatedModel:
    """Weights of what a model's score of a frame is the sum of; each part has an SD of 1.

    level : the same for every frame; below 0 the model says tingle less often.
    category : +1 in the target's clips, -1 in the control's.
    clip : the time course that all viewers of the clip share in what they feel.
    own : the participant's own time course.
    clip_noise : a course of the model's for the clip, the same for everybody who sees it.
    own_noise : a course for each trial.
    ease : a participant's factor, in both of their trials, by which `category` is easier to tell.
    """

    level: float = 0.0
    category: float = 0.0
    clip: float = 0.0
    own: float = 0.0
    clip_noise: float = 0.0
    own_noise: float = 0.0
    ease: float = 0.0

    @classmethod
    def of(cls, parameters: Mapping[str, float], prefix: str = "") -> "SimulatedModel":
        """Return the model whose weights stand under `prefix` in an effect's parameters."""
        names = [f.name for f in fields(cls) if prefix + f.name in parameters]
        return cls(**{name: parameters[prefix + name] for name in names})


@dataclass(frozen=True)
class Layout:
    """Which test trials there are: each array has one entry per trial, folds together."""

    names: pd.DataFrame
    clip: np.ndarray
    participant: np.ndarray
    control: np.ndarray


@dataclass(frozen=True)
class Truth:
    """What happens in one study: courses and reports, the same for every model.

    steps : the label steps simulated. shared : (clips x looks). own : (trials x looks).
    label, counted : (trials x steps) bool.
    """

    layout: Layout
    steps: np.ndarray
    shared: np.ndarray
    own: np.ndarray
    label: np.ndarray
    counted: np.ndarray


def layout(cohort: Cohort, cohorts: int = 1) -> Layout:
    """Return the test trials of double-independent folds, for `cohorts` times the participants."""
    participants = list(range(1, cohort.participants + 1))
    clips = clips_of_folds(cohort.clips, cohort.n_folds)
    rows = [
        (fold, subject + cohort.participants * copy, video)
        for fold, (group, videos) in enumerate(
            zip(groups_of_participants(participants, cohort.n_folds), clips, strict=True), 1
        )
        for copy in range(cohorts)
        for subject in group
        for video in videos
    ]
    names = pd.DataFrame(rows, columns=["fold", "subject", "video"])
    place = {video: index for index, video in enumerate(cohort.clips)}
    control = cohort.conditions[1]
    return Layout(
        names=names,
        clip=names["video"].map(place).to_numpy(),
        participant=names["subject"].to_numpy() - 1,
        control=(names["video"].map(cohort.clips) == control).to_numpy(),
    )


def simulate_truth(
    cohort: Cohort,
    trials: Layout,
    shared: np.ndarray,
    steps: np.ndarray,
    generator: np.random.Generator,
) -> Truth:
    """Simulate what participants report at the given label steps; labels are reports above 0.

    Frames after the end of a trial that was shown first are not counted.
    """
    own = courses(cohort, len(trials.clip), generator)
    responds = draw_responders(cohort, int(trials.participant.max()) + 1, generator)
    target = cohort.conditions[0]
    looks = ratings_at_looks(cohort, target, shared[trials.clip], own, responds[trials.participant])
    label = (held(cohort, looks, steps, generator) > 0) & ~trials.control[:, None]
    first = generator.integers(len(cohort.clips), size=len(responds))[trials.participant]
    short = first == trials.clip
    counted = ~short[:, None] | (steps < cohort.timing.steps_first)
    return Truth(trials, steps, shared, own, label & counted, counted)


def score_frames(
    cohort: Cohort,
    truth: Truth,
    model: SimulatedModel,
    noise: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the model's score of each frame (trials x steps); above 0 it says tingle.

    Parameters
    ----------
    noise : (clips x looks) the model's own course for each clip.
    """
    trials = truth.layout
    side = np.where(trials.control, -1.0, 1.0)
    ease = 1 + model.ease * generator.standard_normal(int(trials.participant.max()) + 1)
    looks = (
        model.level
        + model.category * (side * ease[trials.participant])[:, None]
        + model.clip * truth.shared[trials.clip]
        + model.own * truth.own
        + model.clip_noise * noise[trials.clip]
        + model.own_noise * courses(cohort, len(trials.clip), generator)
    )
    seen: np.ndarray = looks[:, place_of(cohort, truth.steps).astype(int)]
    return seen


def as_answers(truth: Truth, score: np.ndarray) -> ScoredTrials:
    """Return the trials to be scored: tingle where the score is above 0, on counted frames."""
    return ScoredTrials(
        truth.layout.names,
        truth.layout.control,
        truth.label,
        (score > 0) & truth.counted,
        truth.counted,
        expit(score),
        truth.counted,
    )


def simulate_answers(
    cohort: Cohort,
    model: SimulatedModel,
    shared: np.ndarray,
    noise: np.ndarray,
    steps: np.ndarray,
    generator: np.random.Generator,
    cohorts: int = 1,
) -> ScoredTrials:
    """Simulate one study and what a model says in it, for `cohorts` times the participants.

    Parameters
    ----------
    shared, noise, steps : as in `simulate_truth` and `score_frames`.
    """
    truth = simulate_truth(cohort, layout(cohort, cohorts), shared, steps, generator)
    return as_answers(truth, score_frames(cohort, truth, model, noise, generator))
