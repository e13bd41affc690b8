"""The linear mixed model on windows that hold a known slope of pulse rate on rating."""

from collections.abc import Hashable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

from tinglegram.pulse.clip_shifts import ClipShifts, slope_p_values
from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.pulse.mixed_model import fit_mixed_model, slope_weights, spread_out
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.recovery.window_studies import (
    NOTHING_BESIDE,
    PULSE_SD_BPM,
    PulseBeside,
    beside_of,
    coupled_windows,
    shift_results,
    spread_of,
)


def prepare_mixed_model(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of the slope's difference between the conditions.

    Parameters
    ----------
    parameters : `coupling`, as in `window_studies`: it makes the true slope in the target
        condition, in bpm per rating unit; in the control's it is 0. And those of
        `tinglegram.recovery.window_studies.PulseBeside`.
    """
    target, control = cohort.conditions
    scale = spread_of(cohort, cohort.participants * draws.truth_cohorts, generator)
    coupling = {target: parameters["coupling"], control: 0.0}
    slope = PULSE_SD_BPM * coupling[target] / scale.sd[target]

    beside, slopes = beside_of(parameters), slope_weights(cohort.conditions)

    def study(generator: np.random.Generator) -> list[Result]:
        windows = coupled_windows(cohort, coupling, scale, generator, beside=beside)
        apart = spread_out(windows, cohort.window, cohort.step)
        model = fit_mixed_model(
            apart, target, control, confidence=draws.confidence, family="mixed model"
        )
        term = f"slope, {target} - {control}"
        rows = {row["term"]: row for row in model.table.to_dict("records")}
        row = rows[term]
        estimate, null = float(row["estimate"]), slope == 0
        reach = float(row["se_naive"]) * _normal_reach(draws.confidence)
        shifts = ClipShifts(draws.permutations, (some_seed(generator),), "plus_one")
        moved = slope_p_values(
            apart, cohort.conditions, PULSE_RATE, model.covariance, {term: slopes[term]}, shifts
        )
        return [
            *shift_results("slope, bpm per rating unit", moved.to_dict("records")[0], null),
            Result(
                "slope, bpm per rating unit",
                "mixed model, clusters: participants",
                estimate,
                slope,
                float(row["ci_low"]),
                float(row["ci_high"]),
                float(row["p_value"]),
                null,
            ),
            Result(
                "slope, bpm per rating unit",
                "mixed model, windows taken as independent",
                estimate,
                slope,
                estimate - reach,
                estimate + reach,
                float(row["p_naive"]),
                null,
            ),
            *_difference_of_means(rows[f"{PULSE_RATE.words}, {target} - {control}"], beside),
        ]

    return study


def _difference_of_means(row: Mapping[Hashable, Any], beside: PulseBeside) -> list[Result]:
    """Return the test of the conditions' means, which are the same where nothing is shared.

    What viewers of these clips share makes their means differ in truth, by an unknown amount.
    """
    if beside != NOTHING_BESIDE:
        return []
    low, high, p_value = (float(row[name]) for name in ("ci_low", "ci_high", "p_value"))
    words = "difference of means, bpm", "mixed model, clusters: participants"
    return [Result(*words, float(row["estimate"]), 0.0, low, high, p_value, null=True)]


def _normal_reach(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
