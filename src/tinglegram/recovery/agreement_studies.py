"""Agreement among viewers in studies whose viewers share a known part of what they feel."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from tinglegram.behaviour.agreement import (
    agreement_of_shifted,
    bootstrap_agreement,
    leave_one_out,
    pairwise_agreement,
)
from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    ratings_at_looks,
)
from tinglegram.recovery.results import Draws, Result, Study, some_seed

P_VALUES: tuple[Literal["count", "plus_one"], ...] = ("count", "plus_one")


def ratings_of_clip(
    cohort: Cohort, shared: np.ndarray, participants: int, generator: np.random.Generator
) -> np.ndarray:
    """Return the ratings (participants x steps) of one target clip, cut to its shortest viewer.

    ASSUMPTION: somebody saw the clip first, as happens to each clip in cohorts of this size.
    """
    responds = draw_responders(cohort, participants, generator)
    looks = ratings_at_looks(
        cohort, cohort.conditions[0], shared, courses(cohort, participants, generator), responds
    )
    return held(cohort, looks, every_step(cohort)[: cohort.timing.steps_first], generator)


def prepare_agreement(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one clip each, the target condition's clips taken in turn by chance.

    Parameters
    ----------
    parameters : `agreement`, the share of the latent variance that all viewers have in common.

    The truth of a clip is the same statistic among `truth_cohorts` times as many viewers of it; it
    is 0 where viewers share nothing. That of the correlation with all others is so of more others
    than a study has, and lies above what the study can find; that of pairs does not.
    """
    cohort = cohort.with_agreement(parameters["agreement"])
    n_clips = sum(condition == cohort.conditions[0] for condition in cohort.clips.values())
    shared = courses(cohort, n_clips, generator)
    truths, truths_of_pairs = np.zeros(n_clips), np.zeros(n_clips)
    if cohort.reporting.agreement > 0:
        for clip in range(n_clips):
            many = cohort.participants * draws.truth_cohorts
            series = ratings_of_clip(cohort, shared[clip], many, generator)
            truths[clip] = np.tanh(np.arctanh(leave_one_out(series)).mean())
            truths_of_pairs[clip] = pairwise_agreement(series, draws.confidence).r

    def study(generator: np.random.Generator) -> list[Result]:
        clip = int(generator.integers(n_clips))
        series = ratings_of_clip(cohort, shared[clip], cohort.participants, generator)
        correlations, seed = leave_one_out(series), some_seed(generator)
        results = []
        for p_value in P_VALUES:
            found = bootstrap_agreement(
                correlations,
                resamples=draws.bootstrap,
                confidence=draws.confidence,
                seed=seed,
                p_value=p_value,
            )
            results.append(
                Result(
                    "agreement r",
                    f"bootstrap of viewers, {p_value}",
                    found.r,
                    truths[clip],
                    # Both ways of counting p come with the same interval: once is enough.
                    *(found[2:4] if p_value == P_VALUES[0] else (np.nan, np.nan)),
                    p_value=found.p_value,
                    null=cohort.reporting.agreement == 0,
                )
            )
        null = cohort.reporting.agreement == 0
        shifted = agreement_of_shifted(
            series,
            shifts=draws.permutations,
            confidence=draws.confidence,
            seed=seed,
            p_value="plus_one",
        )
        results += [
            Result(
                "agreement r",
                "every viewer moved in time",
                shifted["r"],
                truths[clip],
                p_value=shifted["p_value"],
                null=null,
            ),
            Result(
                "agreement of pairs r",
                "jackknife over viewers",
                shifted["r_pairwise"],
                truths_of_pairs[clip],
                shifted["pairwise_ci_low"],
                shifted["pairwise_ci_high"],
            ),
        ]
        return results

    return study
