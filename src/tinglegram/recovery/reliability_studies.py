"""Reliability of the ratings, in studies whose viewers share a known part of what they feel."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from tinglegram.behaviour.reliability import (
    Level,
    intraclass_correlation,
    krippendorff_alpha,
    without_each,
)
from tinglegram.recovery.agreement_studies import ratings_of_clip
from tinglegram.recovery.cohort import Cohort, courses
from tinglegram.recovery.results import THESE, Draws, Result, Study

JACKKNIFE_VIEWERS = "jackknife over viewers"
# Levels of the ratings: 0 to 3 are ordinal; other studies have ratings without steps.
LEVELS: tuple[Level, ...] = ("ordinal", "interval")


def stepped(icc: float, viewers: int, to: int) -> float:
    """Return ICC(2, k) of another number of viewers than it was found in (Spearman-Brown).

    Parameters
    ----------
    icc : of the mean of `viewers`; `to` : number of viewers whose mean is asked for.
    """
    single = icc / (viewers - (viewers - 1) * icc)
    return to * single / (1 + (to - 1) * single)


def prepare_reliability(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one clip each, the target condition's clips taken in turn by chance.

    Parameters
    ----------
    parameters : `agreement`, the share of the latent variance that all viewers have in common.

    The truth of a clip is that of `truth_cohorts` times as many viewers of it, for ICC(2, k) as it
    would be with the viewers of a study; 0 where viewers share nothing.
    """
    cohort = cohort.with_agreement(parameters["agreement"])
    n_clips = sum(condition == cohort.conditions[0] for condition in cohort.clips.values())
    shared = courses(cohort, n_clips, generator)
    many = cohort.participants * draws.truth_cohorts
    truths = np.zeros((n_clips, 1 + len(LEVELS)))
    if cohort.reporting.agreement > 0:
        for clip in range(n_clips):
            series = ratings_of_clip(cohort, shared[clip], many, generator)
            icc = stepped(intraclass_correlation(series), many, cohort.participants)
            truths[clip] = icc, *(krippendorff_alpha(series, level) for level in LEVELS)

    def study(generator: np.random.Generator) -> list[Result]:
        clip = int(generator.integers(n_clips))
        series = ratings_of_clip(cohort, shared[clip], cohort.participants, generator)
        found = {
            "reliability, ICC(2, k)": without_each(series, intraclass_correlation, draws.confidence)
        }
        for level in LEVELS:
            found[f"reliability, alpha ({level})"] = without_each(
                series, partial(krippendorff_alpha, level=level), draws.confidence
            )
        return [
            Result(name, JACKKNIFE_VIEWERS, numbers[0], truth, *numbers[1:], population=THESE)
            for (name, numbers), truth in zip(found.items(), truths[clip], strict=True)
        ]

    return study
