"""Change of the pulse rate against the participant's own rest, in studies with a known change."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tinglegram.pulse.rest_change import rest_change
from tinglegram.pulse.rests import ALL_RESTS, BASELINE, FINAL, WASHOUT
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.recovery.window_studies import (
    PULSE_SD_BPM,
    RESTING_BPM,
    RMSSD_MS,
    RMSSD_SD_MS,
    pulse_noise,
)

RESTS = (BASELINE, WASHOUT, FINAL)
# SD, in bpm, of what participants differ by in their change.
CHANGE_SD_BPM = 2.0


def blocks_of(cohort: Cohort, change: float, generator: np.random.Generator) -> pd.DataFrame:
    """Simulate the table of `tinglegram.pulse.rests.block_table` for a cohort.

    Parameters
    ----------
    change : mean change of the pulse rate during the target's clips, bpm; the control's is 0.

    ASSUMPTION: a rest is as long as a clip, which makes the mean of its autocorrelated windows
    about as noisy as in the study.
    """
    target, control = cohort.conditions
    clips = list(cohort.clips.values())
    resting = generator.uniform(*RESTING_BPM, size=cohort.participants)
    noise = PULSE_SD_BPM * pulse_noise(
        cohort, cohort.participants, len(RESTS) + len(clips), generator
    )
    means = noise.mean(axis=2)
    rows = {name: resting + means[:, i] for i, name in enumerate(RESTS)}
    for condition in (target, control):
        shown = [len(RESTS) + i for i, name in enumerate(clips) if name == condition]
        own = CHANGE_SD_BPM * generator.standard_normal(cohort.participants)
        mean = change if condition == target else 0.0
        rows[condition] = resting + means[:, shown].mean(axis=1) + mean + own
    parts = [
        pd.DataFrame(
            {
                "subject": np.arange(1, cohort.participants + 1),
                "block": name,
                "segment": "rest" if name in RESTS else "clips",
                "windows": "all",
                "pulse_rate_bpm": rate,
                "rmssd_ms": RMSSD_MS + RMSSD_SD_MS * generator.standard_normal(cohort.participants),
            }
        )
        for name, rate in rows.items()
    ]
    return pd.concat(parts, ignore_index=True)


def prepare_rest_change(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of the mean change in the target's clips; it is its own truth.

    Parameters
    ----------
    parameters : `change`, bpm.
    """
    conditions, change = cohort.conditions, parameters["change"]

    def study(generator: np.random.Generator) -> list[Result]:
        blocks = blocks_of(cohort, change, generator)
        table = rest_change(
            blocks,
            conditions,
            resamples=draws.bootstrap,
            confidence=draws.confidence,
            seed=some_seed(generator),
        )
        keys = (table["measure"] == "pulse_rate") & (table["against"] == ALL_RESTS)
        row = table[keys & (table["condition"] == conditions[0])].iloc[0]
        return [
            Result(
                "change against rest, bpm",
                "bootstrap of participants, t-test",
                *(float(row["mean_change"]), change, float(row["ci_low"]), float(row["ci_high"])),
                float(row["p_value"]),
                change == 0,
            )
        ]

    return study
