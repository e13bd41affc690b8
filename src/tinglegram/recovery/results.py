"""What one simulated study gives for one statistic, and how studies are run in order."""

import zlib
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.resampling import Resamples
from tinglegram.recovery.cohort import Cohort
from tinglegram.settings import AT_LEAST_ONE, SHARE, At, section

# Whom an interval or a test speaks of: other people, with the clips and the trained models of the
# study; or other people, clips of the same kind and models trained anew.
THESE, ANY = "these clips", "any clips"
# Name of the result that holds the ROC AUC of one fold of a study; `test` is the fold's number.
FOLD_AUC = "ROC AUC of a fold"


class Result(NamedTuple):
    """One statistic of one study; NaN where the statistic gives no such number.

    `result` names the statistic and `test` its variant; `null` says whether what the test denies
    is true in this simulation (None: there is no test). A rejection is `p_value` <= alpha.
    `population` is `THESE`, `ANY` or empty. An interval for any clips without a `truth` is held
    against the mean estimate of all studies of its effect.
    """

    result: str
    test: str
    estimate: float = np.nan
    truth: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    p_value: float = np.nan
    null: bool | None = None
    population: str = ""


@section("recovery")
class Draws:
    """Resamples within each study, the coverage of intervals, and cohorts behind a truth."""

    bootstrap: Annotated[int, AT_LEAST_ONE, "Bootstrap resamples within each study."]
    permutations: Annotated[int, AT_LEAST_ONE, "Permutations within each study."]
    confidence: Annotated[
        float, At(("statistics", "confidence")), SHARE, "Coverage of all confidence intervals."
    ]
    truth_cohorts: Annotated[
        int,
        AT_LEAST_ONE,
        "A truth without a formula comes from this many times as many participants.",
    ]

    def settings(
        self, seed: int, inference: Literal["resampled", "folds"] = "resampled"
    ) -> Resamples:
        """Return the resampling settings of one study, p counted as in the protocol `corrected`.

        `inference`: the switch `score_inference`.
        """
        return Resamples(
            bootstrap=self.bootstrap,
            permutations=self.permutations,
            confidence=self.confidence,
            seed=seed,
            p_value="plus_one",
            score_inference=inference,
        )


Study = Callable[[np.random.Generator], list[Result]]
# Takes the cohort, the draws, the effect's parameters and a generator for the truth.
Prepare = Callable[[Cohort, Draws, Mapping[str, float], np.random.Generator], Study]


def streams(seed: int, topic: str, cell: str, index: int) -> np.random.Generator:
    """Return the generator of one study (`index` from 1) or of the truth (0) of a cell."""
    key = zlib.crc32(f"{topic}/{cell}".encode())
    return np.random.default_rng(np.random.SeedSequence([seed, key, index]))


def run_studies(
    prepare: Prepare,
    cohort: Cohort,
    draws: Draws,
    *,
    topic: str,
    cell: str,
    parameters: Mapping[str, float],
    first: int,
    studies: int,
    seed: int,
) -> pd.DataFrame:
    """Run studies `first`, `first` + 1, ... of one effect; the same whatever the chunks.

    Returns
    -------
    Table of topic, cell, study and the fields of `Result`.
    """
    study = prepare(cohort, draws, parameters, streams(seed, topic, cell, 0))
    rows = [
        (topic, cell, number, *result)
        for number in range(first, first + studies)
        for result in study(streams(seed, topic, cell, number))
    ]
    table = pd.DataFrame(rows, columns=["topic", "cell", "study", *Result._fields])
    return table.astype({"null": "boolean"})


def some_seed(generator: np.random.Generator) -> int:
    """Draw a seed for functions that start their own stream."""
    return int(generator.integers(2**32))
