"""Change of the pulse rate against the participant's own rest, in studies with a known change."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from tinglegram.pulse.measures import MEASURES_OF_BLOCKS
from tinglegram.pulse.rest_change import Interval, rest_change
from tinglegram.pulse.rests import ALL_RESTS, BASELINE, FINAL, WASHOUT
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.recovery.window_studies import (
    PULSE_SD_BPM,
    RESTING_BPM,
    RMSSD_MS,
    pulse_noise,
)

RESTS = (BASELINE, WASHOUT, FINAL)
INTERVALS: Mapping[Interval, str] = MappingProxyType(
    {"bootstrap": "bootstrap of participants, t-test", "t": "t over participants, t-test"}
)
# SD, in bpm, of what participants differ by in their change.
CHANGE_SD_BPM = 2.0
# The same of RMSSD and of its change, on the scale of logarithms; differences of intervals in 30 s.
LOG_RMSSD_SD, LOG_CHANGE_SD, DIFFERENCES = 0.4, 0.1, 35


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
    usual = np.log(RMSSD_MS) + LOG_RMSSD_SD * generator.standard_normal(cohort.participants)
    n_windows = dict.fromkeys(RESTS, 1) | {c: clips.count(c) for c in (target, control)}
    parts = [
        pd.DataFrame(
            {
                "subject": np.arange(1, cohort.participants + 1),
                "block": name,
                "segment": "rest" if name in RESTS else "clips",
                "windows": "all",
                "pulse_rate_bpm": rate,
                "rmssd_ms": rmssd_of_block(usual, n_windows[name], name in RESTS, generator),
            }
        )
        for name, rate in rows.items()
    ]
    return pd.concat(parts, ignore_index=True)


def rmssd_of_block(
    usual: np.ndarray, windows: int, rest: bool, generator: np.random.Generator
) -> np.ndarray:
    """Return RMSSD in ms of a block, the geometric mean over windows; its change is 0 on average.

    ASSUMPTION: differences of neighbouring intervals are normal and independent.

    Parameters
    ----------
    usual : (people,) logarithm of their RMSSD.
    windows : of the block, without overlap.
    """
    found = usual + (0.0 if rest else LOG_CHANGE_SD * generator.standard_normal(len(usual)))
    squares = generator.chisquare(DIFFERENCES, size=(len(usual), windows)) / DIFFERENCES
    in_ms: np.ndarray = np.exp(found + 0.5 * np.log(squares).mean(axis=1))
    return in_ms


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
        found = []
        for interval, words in INTERVALS.items():
            table = rest_change(
                blocks,
                conditions,
                resamples=draws.bootstrap,
                confidence=draws.confidence,
                seed=some_seed(generator),
                interval=interval,
                measures=MEASURES_OF_BLOCKS["long"],
            )
            against = table[table["against"] == ALL_RESTS]
            own = against[against["condition"] == conditions[0]]
            rows = {row["measure"]: row for row in own.to_dict("records")}
            for measure, name, truth in (
                ("pulse_rate", "change against rest, bpm", change),
                ("rmssd", "RMSSD against rest, %", 0.0),
            ):
                row = rows[measure]
                numbers = (float(row["mean_change"]), truth)
                limits = (float(row["ci_low"]), float(row["ci_high"]))
                p_value = float(row["p_value"])
                found.append(Result(name, words, *numbers, *limits, p_value, truth == 0))
        return found

    return study
