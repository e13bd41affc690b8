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
from tinglegram.pulse.locked import LockedAverage, WindowPlaces, locked_table
from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    ratings_at_looks,
)
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.recovery.window_studies import (
    PULSE_SD_BPM,
    RESTING_BPM,
    RMSSD_MS,
    Spread,
    n_windows,
    pulse_noise,
    spread_of,
)
from tinglegram.settings import fields_of

# Seconds over which a pulse that settles after the start of a clip falls to 1 / e of its height.
SETTLES_S = 5.0
SHIFTED = "clips shifted, largest of all"
WITHOUT_LAG = "coupling without lag, between conditions"


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


def reports_on_grid(
    cohort: Cohort, condition: str, clips: int, onset: float, generator: np.random.Generator
) -> np.ndarray:
    """Return the rating at each step of the grid (participants, clips, steps); 0 before `onset`."""
    people, steps = cohort.participants, every_step(cohort)
    responds = np.repeat(draw_responders(cohort, people, generator), clips)
    shared = np.tile(courses(cohort, clips, generator), (people, 1))
    own = courses(cohort, people * clips, generator)
    looks = ratings_at_looks(cohort, condition, shared, own, responds)
    ratings = held(cohort, looks, steps, generator).reshape(people, clips, -1)
    return np.where(steps < onset * cohort.timing.grid, 0, ratings)


def means_in_windows(cohort: Cohort, ratings: np.ndarray) -> np.ndarray:
    """Return the mean of ratings (..., steps) in each window (..., windows)."""
    grid = cohort.timing.grid
    n = n_windows(cohort, cohort.timing.steps / grid)
    starts = np.arange(n) * round(cohort.step * grid)
    inside = starts[:, None] + np.arange(round(cohort.window * grid))
    means: np.ndarray = ratings[..., inside].mean(axis=-1)
    return means


def pulse_after(
    cohort: Cohort,
    world: LaggedWorld,
    rating: np.ndarray,
    coupling: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return what the pulse rate adds to its resting one, bpm (participants, clips, windows).

    Parameters
    ----------
    rating : (participants, clips, windows) standardised mean ratings.
    coupling : correlation with the rating `world.lag` before; 0 in the control's clips.
    """
    people, clips, number = rating.shape
    place = np.arange(number)
    # Before the first report the pulse follows the state that the first window begins with.
    drive = rating[:, :, np.maximum(place - round(world.lag / cohort.step), 0)]
    own, common = (pulse_noise(cohort, rows, clips, generator) for rows in (people, 1))
    noise = np.sqrt(1 - world.shared) * own + np.sqrt(world.shared) * common
    pulse: np.ndarray = coupling * drive + np.sqrt(1 - coupling**2) * noise
    if world.onset:
        pulse = pulse + 2 * np.exp(-place * cohort.step / SETTLES_S)
    return PULSE_SD_BPM * pulse


def lagged_study(
    cohort: Cohort, world: LaggedWorld, scale: Spread, generator: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate pulse windows and ratings of a cohort that sees every clip, the first one shortened.

    Returns
    -------
    Table of subject, video, condition, start_s, pulse_rate_bpm, rmssd_ms, mean_rating; and of
    subject, video, order, step, rating.
    """
    names, people = list(cohort.clips), cohort.participants
    resting = generator.uniform(*RESTING_BPM, size=people)
    first = generator.integers(len(names), size=people)
    short_steps = cohort.timing.steps_first
    short_windows = n_windows(cohort, short_steps / cohort.timing.grid)
    windows: list[pd.DataFrame] = []
    reports: list[pd.DataFrame] = []
    for condition in cohort.conditions:
        number = np.array([i for i, name in enumerate(names) if cohort.clips[name] == condition])
        reported = reports_on_grid(cohort, condition, len(number), world.onset, generator)
        rating = means_in_windows(cohort, reported)
        coupling = world.coupling if condition == cohort.conditions[0] else 0.0
        standard = (rating - scale.mean[condition]) / scale.sd[condition]
        pulse = resting[:, None, None] + pulse_after(cohort, world, standard, coupling, generator)
        for values, limit, made in (
            (rating, short_windows, windows),
            (reported, short_steps, reports),
        ):
            person, clip, place = map(np.asarray, np.indices(values.shape))
            shown = (number[clip] != first[person]) | (place < limit)
            table = pd.DataFrame(
                {
                    "subject": person[shown] + 1,
                    "video": np.array(names)[number[clip[shown]]],
                    "condition": condition,
                    "order": number[clip[shown]],
                    "step": place[shown],
                    "rating": values[shown],
                }
            )
            made.append(table.assign(pulse_rate_bpm=pulse[shown]) if made is windows else table)
    table = pd.concat(windows, ignore_index=True)
    table = table.assign(
        start_s=table["step"] * cohort.step, mean_rating=table["rating"], rmssd_ms=RMSSD_MS
    )
    return table.drop(columns=["order", "step", "rating"]), pd.concat(reports, ignore_index=True)


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
    lags, around = (fields_of(cls)[0].default for cls in (LaggedCoupling, LockedAverage))

    def study(generator: np.random.Generator) -> list[Result]:
        windows, ratings = lagged_study(cohort, world, scale, generator)
        settings = draws.settings(some_seed(generator))
        own = windows[windows["condition"] == target]
        lagged = lag_table(
            own,
            [target],
            lags=lags,
            step=cohort.step,
            minimum_windows=cohort.minimum_windows,
            permutations=settings,
        )
        locked = locked_table(
            own,
            ratings,
            [target],
            above=0,
            around=around,
            places=WindowPlaces(cohort.timing.grid, cohort.window, cohort.step),
            permutations=settings,
        )
        found = correlate(windows, cohort.conditions, cohort.minimum_windows)
        paired = compare_conditions(found, cohort.conditions).set_index("measure")
        (largest,) = lagged[lagged["largest"]].to_dict("records")
        largest_lag = Result(
            "lag of the largest coupling, s",
            "",
            largest["lag_s"],
            np.nan if null else world.lag,
        )
        tests = {
            ("coupling at the largest lag", SHIFTED): largest["p_value"],
            **{
                (f"pulse around {row['edge']}s", SHIFTED): row["p_value"]
                for row in locked[locked["largest"]].to_dict("records")
            },
            (WITHOUT_LAG, "paired t-test"): float(paired["p_value"]["pulse_rate"]),
        }
        return [
            largest_lag,
            *(Result(*names, p_value=p_value, null=null) for names, p_value in tests.items()),
        ]

    return study
