"""Studies of a planned size: what each test finds with so many people, so many clips, such effects.

The tests are those of the protocol `corrected`. To ask whether a model follows reports, one is
really trained in every study, as in `trained_studies`; agreement and coupling need no model.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.behaviour.agreement import agreement_of_shifted
from tinglegram.errors import TinglegramError
from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.resampling import exceedance
from tinglegram.pulse.clip_shifts import ClipShifts, coupling_shift_p, less_course
from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.recovery.agreement_studies import ratings_of_clip
from tinglegram.recovery.cohort import Cohort, courses
from tinglegram.recovery.planted_models import SIZES
from tinglegram.recovery.results import ANY, Draws, Result, Study, run_studies, some_seed
from tinglegram.recovery.trained_studies import (
    PlantedWorld,
    as_scored,
    fitted_predictions,
    fold_aucs,
    planted_folds,
    planted_study,
    trained_again,
)
from tinglegram.recovery.window_studies import coupled_windows, spread_of
from tinglegram.statistics.time_shift import residual_course_test

# Features of a clip that the model is trained with, beside one that tells the clip's category.
FEATURES = 8
# Coupling is planted in units of the SD of ratings, measured in this many times as many people.
_SCALE_COHORTS = 10

AGAIN = "trained again on moved reports"
AUC_ANY, RESIDUAL_ANY = "ROC AUC, any clips", "residual ROC AUC, any clips"
SHIFTED_CLIPS = "clips moved in time, less the course of other clips"
SHIFTED_VIEWERS = "every viewer moved in time"
# Prepares studies of one effect: cohort, draws, effect, and a generator for what all share.
PrepareDesign = Callable[[Cohort, Draws, float, np.random.Generator], Study]


class StudyDesign(NamedTuple):
    """How large a study is: people, and clips of each of two conditions."""

    participants: int
    clips: int

    @property
    def words(self) -> str:
        """The design as a reader sees it."""
        return f"{self.participants} people, {self.clips} + {self.clips} clips"


@dataclass(frozen=True)
class DesignQuestion:
    """What a planned study asks.

    title : heading. effect : what the effect is, in words. prepare : its studies. tests : which
    tests are shown. by_clips : whether the number of clips counts; without, each clip is a study of
    its own. by_folds : whether folds count.
    """

    title: str
    effect: str
    prepare: PrepareDesign
    tests: tuple[str, ...]
    by_clips: bool = True
    by_folds: bool = False


def folds_of_design(design: StudyDesign, most_folds: int) -> int:
    """Return the number of double-independent folds: one for each pair of clips, up to a limit.

    Every fold tests a clip of each condition that trained none of its models. With more clips than
    folds it tests several: the models then train on nearly all clips as it is.
    """
    return min(design.clips, most_folds)


def cohort_of_design(cohort: Cohort, design: StudyDesign, most_folds: int) -> Cohort:
    """Return a cohort with other numbers of people and clips; all else is as it was.

    Raises
    ------
    TinglegramError : fewer people than folds.
    """
    folds = folds_of_design(design, most_folds)
    if design.participants < folds:
        raise TinglegramError(
            f"power: a design of {design.words} has {folds} folds and fewer people. "
            "Raise participants, or lower clips or most_folds."
        )
    clips = {
        f"{condition}_{number}": condition
        for condition in cohort.conditions
        for number in range(1, design.clips + 1)
    }
    return replace(cohort, participants=design.participants, clips=clips, n_folds=folds)


def _tracking(cohort: Cohort, draws: Draws, effect: float, _: np.random.Generator) -> Study:
    cohort = SIZES["ridge"].of(cohort)
    world = PlantedWorld(features=FEATURES, signal=effect)
    folds, n_clips = planted_folds(cohort), len(cohort.clips)
    still = np.zeros((1, n_clips), dtype=np.int64)

    def study(generator: np.random.Generator) -> list[Result]:
        made = planted_study(cohort, world, generator)
        moved = generator.integers(made.features.shape[1], size=(draws.permutations, n_clips))
        again = trained_again(made, folds, np.vstack([still, moved]))
        p_again = float(exceedance(again[1:], again[0], "plus_one"))
        predicted = [fitted_predictions(made, fold, still)[0] for fold in folds]
        trials = as_scored(cohort, made, folds, predicted)
        auc = corrected_fold_test(fold_aucs(trials), 0.5, draws.confidence)
        residual = residual_course_test(trials, confidence=draws.confidence)
        null = effect == 0
        return [
            Result("ROC AUC", AGAIN, float(again[0]), p_value=p_again, null=null),
            Result("ROC AUC", AUC_ANY, auc.mean, p_value=auc.p_value, null=null, population=ANY),
            Result(
                "residual ROC AUC",
                RESIDUAL_ANY,
                residual.auc,
                p_value=residual.p_value,
                null=null,
                population=ANY,
            ),
        ]

    return study


def _coupling(cohort: Cohort, draws: Draws, effect: float, generator: np.random.Generator) -> Study:
    target, control = conditions = cohort.conditions
    scale = spread_of(cohort, cohort.participants * _SCALE_COHORTS, generator)
    coupling, column = {target: effect, control: 0.0}, PULSE_RATE.column

    def study(generator: np.random.Generator) -> list[Result]:
        windows = coupled_windows(cohort, coupling, scale, generator)
        shifts = ClipShifts(draws.permutations, (some_seed(generator),), "plus_one")
        tested = windows.assign(**{column: less_course(windows, column)})
        p_values = coupling_shift_p(tested, column, conditions, cohort.minimum_windows, shifts)
        p_value = p_values[f"{target} - {control}"]
        return [Result("difference of Fisher z", SHIFTED_CLIPS, p_value=p_value, null=effect == 0)]

    return study


def _agreement(cohort: Cohort, draws: Draws, effect: float, _: np.random.Generator) -> Study:
    cohort = cohort.with_agreement(effect)

    def study(generator: np.random.Generator) -> list[Result]:
        # Every study has a clip of its own: some are easier to agree on than others.
        shared = courses(cohort, 1, generator)
        found = agreement_of_shifted(
            ratings_of_clip(cohort, shared, cohort.participants, generator),
            shifts=draws.permutations,
            confidence=draws.confidence,
            seed=some_seed(generator),
            p_value="plus_one",
        )
        null, p_value = effect == 0, found["p_value"]
        return [Result("agreement r", SHIFTED_VIEWERS, found["r"], p_value=p_value, null=null)]

    return study


DESIGN_QUESTIONS: dict[str, DesignQuestion] = {
    "tracking": DesignQuestion(
        "Does a model follow reports within clips?",
        "ROC AUC within clips that models of the marked design reach with the same planted signal",
        _tracking,
        (AGAIN, AUC_ANY, RESIDUAL_ANY),
        by_folds=True,
    ),
    "coupling": DesignQuestion(
        "Does the pulse rate follow the rating?",
        "correlation of pulse rate and rating in the target's clips, 0 in the control's",
        _coupling,
        (SHIFTED_CLIPS,),
    ),
    "agreement": DesignQuestion(
        "Do viewers of a clip agree?",
        "share of what is felt that viewers of a clip share; each study is one clip",
        _agreement,
        (SHIFTED_VIEWERS,),
        by_clips=False,
    ),
}


def simulate_design(
    cohort: Cohort,
    draws: Draws,
    question: str,
    design: StudyDesign,
    effects: tuple[float, ...],
    *,
    most_folds: int,
    first: int,
    studies: int,
    seed: int,
) -> pd.DataFrame:
    """Run studies `first`, `first` + 1, ... of every effect in one design.

    Parameters
    ----------
    cohort : timing, windows and reports; its numbers of people, clips and folds are replaced.
    question : of `DESIGN_QUESTIONS`. effects : planted, in its unit; 0: nothing to find.

    Returns
    -------
    Table of question, participants, clips, folds, effect, study, result, test, estimate, p_value;
    the same whatever the parts, and whatever other effects and designs are simulated.
    """
    asked = DESIGN_QUESTIONS[question]
    cohort = cohort_of_design(cohort, design, most_folds)
    parts = []
    for effect in effects:
        found = run_studies(
            lambda cohort, draws, given, made: asked.prepare(cohort, draws, given["effect"], made),
            cohort,
            draws,
            topic=f"power, {question}",
            cell=f"{design.words}, {effect:g}",
            parameters={"effect": effect},
            first=first,
            studies=studies,
            seed=seed,
        )
        named = pd.DataFrame(
            {
                "question": question,
                "participants": design.participants,
                "clips": design.clips,
                "folds": cohort.n_folds,
                "effect": effect,
            },
            index=found.index,
        )
        parts.append(named.join(found[["study", "result", "test", "estimate", "p_value"]]))
    return pd.concat(parts, ignore_index=True)
