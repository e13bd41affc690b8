"""Scores of simulated models within the target's clips: their intervals and their tests."""

from collections.abc import Mapping

import numpy as np

from tinglegram.recovery.cohort import Cohort, courses, every_step
from tinglegram.recovery.predictions import SimulatedModel, simulate_answers
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.within_target import (
    WITHIN_TARGET_METRICS,
    within_target_table,
    within_target_values,
)


def prepare_within_target(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one model: every score of `within_table`, its interval and its p.

    Parameters
    ----------
    parameters : the weights of `SimulatedModel`.

    The truth is the same score of very many participants who see the study's clips.
    """
    model, steps = SimulatedModel.of(parameters), every_step(cohort)
    # Exchanging reports between viewers of a clip asks for what tells them apart.
    null = model.own == 0

    def study(generator: np.random.Generator) -> list[Result]:
        shared, noise = (courses(cohort, len(cohort.clips), generator) for _ in range(2))

        def answers(cohorts: int) -> ScoredTrials:
            return simulate_answers(cohort, model, shared, noise, steps, generator, cohorts)

        settings = draws.settings(some_seed(generator))
        rows = within_target_table(answers(1), settings).to_dict("records")
        truths = dict(
            zip(
                WITHIN_TARGET_METRICS,
                within_target_values(answers(draws.truth_cohorts)),
                strict=True,
            )
        )
        return [
            Result(
                row["metric"].replace("_", " "),
                "resampled participants, reports exchanged between viewers",
                row["value"],
                float(truths[row["metric"]]),
                row["ci_low"],
                row["ci_high"],
                row["p_value"],
                null,
            )
            for row in rows
        ]

    return study
