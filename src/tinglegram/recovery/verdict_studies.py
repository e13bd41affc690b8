"""What the verdict as a decision calls a model that is really trained, in each planted world."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinglegram.inference.resampling import exceedance
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, Result, Study
from tinglegram.recovery.trained_studies import (
    PlantedWorld,
    as_scored,
    fitted_predictions,
    planted_folds,
    planted_study,
    trained_again,
)
from tinglegram.statistics.decisions import (
    CATEGORY_CALLS,
    NOT_ASKED,
    NOT_TESTED,
    SCORE_CALLS,
    SHOWN,
    TIMING_CALLS,
    VerdictRule,
    decision_numbers,
    decision_table,
)
from tinglegram.statistics.retrained import Retrained
from tinglegram.statistics.scored_trials import ScoredTrials

DECISION = "decision"


def category_rule(trials: ScoredTrials) -> ScoredTrials:
    """Return what a rule gives that calls every frame of the target condition, and no other."""
    called = ~trials.control[:, None] & trials.counted
    return replace(trials, predicted=called, probability=called.astype(float))


def prepare_verdicts(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of the calls on one trained model, with and without training again.

    Parameters
    ----------
    parameters : those of `PlantedWorld`, and `agreement`, the share of the latent variance that
        viewers of a clip share.
    """
    parameters = dict(parameters)
    cohort = cohort.with_agreement(parameters.pop("agreement", cohort.reporting.agreement))
    world, folds = PlantedWorld(**parameters), planted_folds(cohort)
    # Claims that would be an error.
    untrue = {"timing": world.signal == 0 and world.own == 0, "category": world.category == 0}
    alpha, clear = round(1 - draws.confidence, 12), VerdictRule(verdict="decision").clear_auc

    def study(generator: np.random.Generator) -> list[Result]:
        made = planted_study(cohort, world, generator)
        n_clips, n_steps = made.features.shape[:2]
        still = np.zeros((1, n_clips), dtype=np.int64)
        predicted = [fitted_predictions(made, fold, still)[0] for fold in folds]
        trials = as_scored(cohort, made, folds, predicted)
        moved = generator.integers(n_steps, size=(draws.permutations, n_clips))
        again = trained_again(made, folds, np.vstack([still, moved]))
        test = Retrained(
            roc_auc=float(again[0]),
            null_mean=float(again[1:].mean()),
            p_value=float(exceedance(again[1:], again[0], "plus_one")),
            n_shifts=draws.permutations,
            n_participants=cohort.participants,
            n_clips=n_clips,
        )
        calls: dict[str, tuple[str, tuple[str, ...]]] = {}
        for retrained in (test, None):
            numbers = decision_numbers(
                trials,
                category_rule(trials),
                confidence=draws.confidence,
                clear=clear,
                retrained=retrained,
            )
            row = decision_table({"model": numbers}, alpha).iloc[0]
            calls[f"timing, {row['decided_by']}"] = (str(row["timing"]), TIMING_CALLS)
        # Neither depends on how timing was tested.
        calls["score"] = (str(row["score"]), SCORE_CALLS)
        calls["category"] = (str(row["category"]), CATEGORY_CALLS)
        return [
            Result(
                DECISION,
                f"{claim}: {call}",
                p_value=float(found != call),
                null=untrue.get(claim.partition(",")[0]) if call == SHOWN else None,
            )
            for claim, (found, possible) in calls.items()
            for call in possible
            # Planted studies hold clips out and have two categories.
            if call not in (NOT_ASKED, NOT_TESTED)
        ]

    return study
