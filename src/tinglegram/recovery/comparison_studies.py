"""Two simulated models on the same trials: is the test of the reference's advantage level?"""

from collections.abc import Mapping

import numpy as np

from tinglegram.recovery.cohort import Cohort, courses, every_step
from tinglegram.recovery.predictions import (
    SimulatedModel,
    as_answers,
    layout,
    score_frames,
    simulate_truth,
)
from tinglegram.recovery.results import ANY, Draws, Result, Study, some_seed
from tinglegram.statistics.comparison import (
    difference_of_any_clips,
    fold_f1,
    paired_tests,
    participant_f1,
)
from tinglegram.statistics.scored_trials import ScoredTrials

DIFFERENCE = "difference of macro F1"
# Units -> how each protocol counts p with them (docs/protocols.md).
UNITS = {"folds": "count", "participants": "plus_one"}


def prepare_comparison(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of a reference and another model, each with noise of its own.

    Parameters
    ----------
    parameters : weights of `SimulatedModel` as `reference_...` and `other_...`; equal ones make
        two models that are equally good.
    """
    models = [SimulatedModel.of(parameters, prefix) for prefix in ("reference_", "other_")]
    trials, equal = layout(cohort), models[0] == models[1]

    def study(generator: np.random.Generator) -> list[Result]:
        n_clips = len(cohort.clips)
        shared = courses(cohort, n_clips, generator)
        truth = simulate_truth(cohort, trials, shared, every_step(cohort), generator)
        answers = []
        for model in models:
            noise = courses(cohort, n_clips, generator)
            scores = score_frames(cohort, truth, model, noise, generator)
            answers.append(as_answers(truth, scores))
        seed, results = some_seed(generator), []
        for units, p_value in UNITS.items():
            score = fold_f1 if units == "folds" else participant_f1
            differences = score(answers[0]) - score(answers[1])
            tests = paired_tests(
                differences,
                units=units,
                n_resamples=draws.bootstrap,
                seed=seed,
                p_value=p_value,
            )
            results += [
                Result(
                    DIFFERENCE,
                    f"{units}, {name.replace('_', ' ')}",
                    float(np.mean(differences)),
                    0.0 if equal else np.nan,
                    p_value=p,
                    null=equal,
                )
                for name, p in tests.items()
            ]
        return [*results, _of_any_clips(*answers, equal=equal, confidence=draws.confidence)]

    return study


def _of_any_clips(
    reference: ScoredTrials, other: ScoredTrials, *, equal: bool, confidence: float
) -> Result:
    """Return the test over folds; folds of made-up models depend on each other by no training."""
    differences = fold_f1(reference) - fold_f1(other)
    found = difference_of_any_clips(differences, held_out=True, confidence=confidence)
    return Result(
        f"{DIFFERENCE}, {ANY}",
        "corrected t over folds",
        found.mean_difference,
        0.0 if equal else np.nan,
        found.ci_low,
        found.ci_high,
        found.p_value,
        equal,
        ANY,
    )
