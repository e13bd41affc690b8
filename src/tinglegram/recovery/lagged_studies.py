"""Lagged coupling and event-locked averages in studies whose pulse follows the rating by seconds.

Viewers of a clip may share a part of their pulse that no report goes with, and every clip may begin
with a pulse that settles and a time without reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tinglegram.pulse.coupling import compare_conditions, correlate
from tinglegram.pulse.lagged import LaggedCoupling, lag_table
from tinglegram.pulse.locked import EDGES, LockedAverage, locked_table
from tinglegram.recovery.cohort import Cohort, every_step
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.recovery.window_studies import (
    PULSE_SD_BPM,
    RESTING_BPM,
    RMSSD_MS,
    Spread,
    held_ratings,
    pulse_noise,
    spread_of,
    window_means,
)
from tinglegram.settings import fields_of

# Seconds over which a pulse that settles after the start of a clip falls to 1 / e of its height.
SETTLES_S = 5.0


@dataclass(frozen=True)
class LaggedWorld:
    """How the pulse goes with the rating in the target's clips.

    coupling : correlation of the pulse with the rating `lag` seconds before, within a participant
        who responds.
    lag : seconds by which the pulse follows the rating.
    shared : share of the rest of the pulse's variance that all viewers of a clip have in common.
    onset : seconds from a clip's start in which nobody reports anything, and in which the pulse
        falls by two of its SDs.
    """

    coupling: float = 0.0
    lag: float = 0.0
    shared: float = 0.0
    onset: float = 0.0


def lagged_study(
    cohort: Cohort, world: LaggedWorld, scale: Spread, generator: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate pulse windows and ratings of a cohort that sees every clip.

    Everybody's first clip is shorter, as in the paper's study.

    Returns
    -------
    Table of subject, video, condition, start_s, pulse_rate_bpm, rmssd_ms, mean_rating; and of
    subject, video, order, step, rating.
    """
    target, names = cohort.conditions[0], list(cohort.clips)
    people, grid = cohort.participants, cohort.timing.grid
    resting = generator.uniform(*RESTING_BPM, size=people)
    first = generator.integers(len(names), size=people)
    windows, reports = [], []
    for condition in cohort.conditions:
        videos = [name for name in names if cohort.clips[name] == condition]
        held = held_ratings(cohort, condition, people, len(videos), generator)
        held = np.where(every_step(cohort) < world.onset * grid, 0, held)
        rating = window_means(cohort, held).reshape(people, len(videos), -1)
        n_windows = rating.shape[2]
        place = np.arange(n_windows)
        drive = (rating - scale.mean[condition]) / scale.sd[condition]
        # Before the first report the pulse follows the state that the first window begins with.
        drive = drive[:, :, np.maximum(place - round(world.lag / cohort.step), 0)]
        own = pulse_noise(cohort, people, len(videos), generator)
        common = pulse_noise(cohort, 1, len(videos), generator)
        noise = np.sqrt(1 - world.shared) * own + np.sqrt(world.shared) * common
        r = world.coupling if condition == target else 0.0
        pulse = PULSE_SD_BPM * (r * drive + np.sqrt(1 - r**2) * noise)
        if world.onset:
            pulse += 2 * PULSE_SD_BPM * np.exp(-place * cohort.step / SETTLES_S)
        participant, video, window = np.indices(rating.shape)
        number = np.array([names.index(name) for name in videos])
        short = number[video] == first[participant]
        cut = (
            round(cohort.timing.clip - cohort.timing.first_trial)
            if cohort.timing.first_trial
            else 0
        )
        seen = ~short | (window < n_windows - round(cut / cohort.step))
        table = pd.DataFrame(
            {
                "subject": participant[seen] + 1,
                "video": np.array(videos)[video[seen]],
                "condition": condition,
                "start_s": window[seen] * cohort.step,
                "pulse_rate_bpm": (resting[participant] + pulse)[seen],
                "rmssd_ms": RMSSD_MS,
                "mean_rating": rating[seen],
            }
        )
        windows.append(table)
        who, which, step = np.indices((people, len(videos), held.shape[1]))
        shown = (number[which] != first[who]) | (step < held.shape[1] - cut * grid)
        reports.append(
            pd.DataFrame(
                {
                    "subject": who[shown] + 1,
                    "video": np.array(videos)[which[shown]],
                    "order": number[which[shown]],
                    "step": step[shown],
                    "rating": held.reshape(who.shape)[shown],
                }
            )
        )
    return pd.concat(windows, ignore_index=True), pd.concat(reports, ignore_index=True)


def prepare_lagged(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of the coupling at several lags, and around onsets and offsets.

    Parameters
    ----------
    parameters : those of `LaggedWorld`.

    Beside them stands the paired t-test between conditions, which looks at no lag.
    """
    world = LaggedWorld(**parameters)
    scale = spread_of(cohort, cohort.participants * draws.truth_cohorts, generator)
    target, null = cohort.conditions[0], world.coupling == 0
    lags, around = (
        next(s.default for s in fields_of(cls) if s.name == name)
        for cls, name in ((LaggedCoupling, "coupling_lags"), (LockedAverage, "locked_window"))
    )

    def study(generator: np.random.Generator) -> list[Result]:
        windows, ratings = lagged_study(cohort, world, scale, generator)
        settings = draws.settings(some_seed(generator))
        own = windows[windows["condition"] == target]
        found = lag_table(
            own,
            [target],
            lags=lags,
            step=cohort.step,
            minimum_windows=cohort.minimum_windows,
            permutations=settings,
        ).set_index("lag_s")
        largest = found[found["largest"]]
        results = [
            Result(
                "coupling at the largest lag",
                "clips shifted, largest of all lags",
                float(largest["r_mean"].iloc[0]),
                p_value=float(largest["p_value"].iloc[0]),
                null=null,
            ),
            Result(
                "lag of the largest coupling, s",
                "",
                float(largest.index[0]),
                np.nan if null else world.lag,
            ),
        ]
        around_table = locked_table(
            own,
            ratings,
            [target],
            above=0,
            around=around,
            grid=cohort.timing.grid,
            window=cohort.window,
            step=cohort.step,
            permutations=settings,
        ).set_index("edge")
        for edge in EDGES:
            one = around_table.loc[[edge]]
            one = one[one["largest"]]
            results.append(
                Result(
                    f"pulse around {edge}s",
                    "clips shifted, largest of all times",
                    float(one["mean_change"].iloc[0]),
                    p_value=float(one["p_value"].iloc[0]),
                    null=null,
                )
            )
        tests = compare_conditions(
            correlate(windows, cohort.conditions, cohort.minimum_windows), cohort.conditions
        )
        row = tests[tests["measure"] == "pulse_rate"].iloc[0]
        results.append(
            Result(
                "coupling without lag, between conditions",
                "paired t-test",
                p_value=float(row["p_value"]),
                null=null,
            )
        )
        return results

    return study
