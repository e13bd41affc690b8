"""A small cohort whose models train in milliseconds, and studies of it."""

from collections.abc import Mapping

import numpy as np

from tinglegram.clock import Timing
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws
from tinglegram.recovery.trained_studies import PlantedStudy, PlantedWorld, planted_study
from tinglegram.simulation.design import Reporting


def clips_of(n: int) -> dict[str, str]:
    """Return as many clips of the target as of the control: clip -> condition."""
    return {f"a{i}": "ASMR" for i in range(n)} | {f"n{i}": "Nature" for i in range(n)}


def small_cohort(
    participants: int,
    clips: Mapping[str, str],
    n_folds: int,
    timing: Timing,
    *,
    agreement: float = 0.6,
    non_responders: float = 0.0,
) -> Cohort:
    """Return a cohort that reports a quarter of the time, in both conditions alike."""
    reporting = Reporting(
        agreement=agreement,
        non_responders=non_responders,
        level=dict.fromkeys(clips.values(), 0.25),
        thresholds=(0.0, 0.6, 1.2),
        smoothness=2.0,
        decision=1.0,
    )
    return Cohort(participants, clips, n_folds, timing, 5.0, 1.0, 10, reporting)


COHORT = small_cohort(12, clips_of(4), 4, Timing(clip=30.0, first_trial=28.0), non_responders=0.2)
STILL = np.zeros((1, 8), dtype=np.int64)
DRAWS = Draws(bootstrap=49, permutations=99, confidence=0.95, truth_cohorts=2)


def made(seed: int = 1, **world: float) -> PlantedStudy:
    """Return a study of the cohort, with three features unless said otherwise."""
    planted = PlantedWorld(**({"features": 3} | world))
    return planted_study(COHORT, planted, np.random.default_rng(seed))
