"""A small cohort whose models train in milliseconds, and studies of it."""

import numpy as np

from tinglegram.clock import Timing
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws
from tinglegram.recovery.trained_studies import PlantedStudy, PlantedWorld, planted_study
from tinglegram.simulation.design import Reporting

CLIPS = {f"a{i}": "ASMR" for i in range(4)} | {f"n{i}": "Nature" for i in range(4)}
COHORT = Cohort(
    participants=12,
    clips=CLIPS,
    n_folds=4,
    timing=Timing(clip=30.0, first_trial=28.0, warm_up=5.0, grid=10),
    window=5.0,
    step=1.0,
    minimum_windows=10,
    reporting=Reporting(
        agreement=0.6,
        non_responders=0.2,
        level={"ASMR": 0.25, "Nature": 0.25},
        thresholds=(0.0, 0.6, 1.2),
        smoothness=2.0,
        decision=1.0,
    ),
)
STILL = np.zeros((1, 8), dtype=np.int64)
DRAWS = Draws(bootstrap=49, permutations=99, confidence=0.95, truth_cohorts=2)


def made(seed: int = 1, **world: float) -> PlantedStudy:
    """Return a study of the cohort, with three features unless said otherwise."""
    planted = PlantedWorld(**({"features": 3} | world))
    return planted_study(COHORT, planted, np.random.default_rng(seed))
