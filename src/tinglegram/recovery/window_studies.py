"""Coupling of the pulse to the rating in studies whose windows hold a known correlation."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.ndimage import gaussian_filter1d

from tinglegram.pulse.clip_shifts import ClipShifts, shifted_coupling
from tinglegram.pulse.coupling import AGAINST_ZERO, compare_conditions, correlate
from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    ratings_at_looks,
)
from tinglegram.recovery.results import Draws, Result, Study, some_seed

# Pulse of the simulated participants: resting rates (bpm) and SD within a participant, RMSSD (ms)
# and its SD.
RESTING_BPM, PULSE_SD_BPM, RMSSD_MS, RMSSD_SD_MS = (60.0, 80.0), 4.0, 40.0, 8.0
# SD, in seconds, of the Gaussian that smooths the pulse rate: its own autocorrelation.
PULSE_SMOOTHNESS = 3.0


@dataclass(frozen=True)
class Spread:
    """Mean and SD, over very many windows, of the mean rating in each condition."""

    mean: Mapping[str, float]
    sd: Mapping[str, float]


@dataclass(frozen=True)
class PulseBeside:
    """What a pulse holds, and ratings do, beside their coupling.

    Attributes
    ----------
    shared : share of the pulse's variance that all viewers of a clip have in common.
    onset : share of its variance that is one course from the start of every clip of the target,
        falling to nothing (e-fold: `ONSET_WINDOWS` windows).
    silent : seconds after the warm-up in which nobody reports anything, in all clips.
    uneven : share of their windows that all clips of a condition but the last one lack: clips of
        unequal length.
    """

    shared: float = 0.0
    onset: float = 0.0
    silent: float = 0.0
    uneven: float = 0.0


NOTHING_BESIDE = PulseBeside()
BESIDE = tuple(field.name for field in fields(PulseBeside))
ONSET_WINDOWS = 8.0


def _onset(shape: tuple[int, ...]) -> np.ndarray:
    """Return the course of an onset, of mean 0 and SD 1, that broadcasts to a shape."""
    course = np.exp(-np.arange(shape[-1]) / ONSET_WINDOWS)
    standard: np.ndarray = (course - course.mean()) / course.std()
    return standard


def beside_of(parameters: Mapping[str, float]) -> PulseBeside:
    """Return what an effect's parameters say of a pulse beside its coupling."""
    return PulseBeside(**{name: parameters.get(name, 0.0) for name in BESIDE})


def shift_results(name: str, shifted: Mapping[Hashable, Any], null: bool) -> list[Result]:
    """Return the tests of clips moved in time: alone, and less the course of other clips.

    Parameters
    ----------
    shifted : p_shift, p_shift_course.
    """
    tests = {
        "": float(shifted["p_shift"]),
        ", less the course of other clips": float(shifted["p_shift_course"]),
    }
    return [
        Result(name, f"clips moved in time{test}", p_value=p, null=null)
        for test, p in tests.items()
    ]


def n_windows(cohort: Cohort, seconds: float) -> int:
    """Count windows with start + window < end (released code)."""
    return int(np.ceil(round((seconds - cohort.window) / cohort.step, 9)))


def mean_ratings(
    cohort: Cohort,
    condition: str,
    participants: int,
    clips: int,
    generator: np.random.Generator,
    silent: float = 0.0,
) -> np.ndarray:
    """Return the mean rating of each window (participants x clips x windows).

    `silent` : seconds of the clip, after the warm-up, in which nobody reports anything.
    """
    responds = np.repeat(draw_responders(cohort, participants, generator), clips)
    shared = np.tile(courses(cohort, clips, generator), (participants, 1))
    own = courses(cohort, participants * clips, generator)
    looks = ratings_at_looks(cohort, condition, shared, own, responds)
    if silent:
        seconds = np.arange(looks.shape[1]) * cohort.reporting.decision
        looks = looks * (seconds >= cohort.timing.warm_up + silent)
    ratings = held(cohort, looks, every_step(cohort), generator)
    length, stride = (
        round(cohort.window * cohort.timing.grid),
        round(cohort.step * cohort.timing.grid),
    )
    total = np.pad(np.cumsum(ratings, axis=1), ((0, 0), (1, 0)))
    first = np.arange(n_windows(cohort, cohort.timing.steps / cohort.timing.grid)) * stride
    means: np.ndarray = (total[:, first + length] - total[:, first]) / length
    return means.reshape(participants, clips, -1)


def pulse_noise(
    cohort: Cohort, participants: int, clips: int, generator: np.random.Generator
) -> np.ndarray:
    """Return pulse rate in overlapping windows (participants x clips x windows), SD 1.

    A smooth course, one value per stride, averaged over the strides of each window.
    """
    count = n_windows(cohort, cohort.timing.steps / cohort.timing.grid)
    inside = round(cohort.window / cohort.step)
    width = PULSE_SMOOTHNESS / cohort.step
    reach = int(np.ceil(4 * width))
    noise = generator.standard_normal((participants, clips, count + inside - 1 + 2 * reach))
    kernel = np.zeros(2 * reach + inside)
    kernel[reach : reach + inside] = 1 / inside
    kernel = gaussian_filter1d(kernel, width, mode="constant")
    smooth = gaussian_filter1d(noise, width, axis=-1)[..., reach : noise.shape[-1] - reach]
    total = np.cumsum(np.pad(smooth, ((0, 0), (0, 0), (1, 0))), axis=-1)
    # White noise through a filter has the variance of the sum of its squared weights.
    means = (total[..., inside:] - total[..., :-inside]) / inside
    standard: np.ndarray = means / np.sqrt((kernel**2).sum())
    return standard


def spread_of(cohort: Cohort, participants: int, generator: np.random.Generator) -> Spread:
    """Measure the mean and SD of window ratings of participants who respond."""
    everybody = replace(cohort, reporting=replace(cohort.reporting, non_responders=0.0))
    values = {
        condition: mean_ratings(everybody, condition, participants, 4, generator)
        for condition in cohort.conditions
    }
    return Spread(
        {c: float(v.mean()) for c, v in values.items()},
        {c: float(v.std()) for c, v in values.items()},
    )


def coupled_windows(
    cohort: Cohort,
    coupling: Mapping[str, float],
    scale: Spread,
    generator: np.random.Generator,
    *,
    clips: int | None = None,
    beside: PulseBeside = NOTHING_BESIDE,
) -> pd.DataFrame:
    """Simulate the pulse windows of a cohort.

    Parameters
    ----------
    coupling : condition -> Pearson correlation of pulse rate and mean rating within a participant
        who responds, over all windows there could be.
    clips : clips per condition; None: as many as the study has, one of them seen first.
    beside : what the pulse holds that has nothing to do with ratings.

    Returns
    -------
    Table of subject, video, condition, start_s, pulse_rate_bpm, rmssd_ms, mean_rating.
    """
    resting = generator.uniform(*RESTING_BPM, size=cohort.participants)
    short = n_windows(cohort, cohort.timing.steps_first / cohort.timing.grid)
    names = list(cohort.clips)
    first = generator.integers(len(names), size=cohort.participants)
    parts = []
    for condition, r in coupling.items():
        videos = [name for name in names if cohort.clips[name] == condition]
        if clips is not None:
            videos = [f"{condition}{i}" for i in range(clips)]
        rating = mean_ratings(
            cohort, condition, cohort.participants, len(videos), generator, beside.silent
        )
        noise = pulse_noise(cohort, cohort.participants, len(videos), generator)
        if beside.shared:
            common = pulse_noise(cohort, 1, len(videos), generator)
            noise = np.sqrt(1 - beside.shared) * noise + np.sqrt(beside.shared) * common
        if beside.onset and condition == cohort.conditions[0]:
            noise = np.sqrt(1 - beside.onset) * noise + np.sqrt(beside.onset) * _onset(rating.shape)
        drive = (rating - scale.mean[condition]) / scale.sd[condition]
        pulse = PULSE_SD_BPM * (r * drive + np.sqrt(1 - r**2) * noise)
        participant, video, window = (axis.ravel() for axis in np.indices(rating.shape))
        rmssd = RMSSD_MS + RMSSD_SD_MS * generator.standard_normal(rating.size)
        part = pd.DataFrame(
            {
                "subject": participant + 1,
                "video": np.array(videos)[video],
                "condition": condition,
                "start_s": window * cohort.step,
                "pulse_rate_bpm": resting[participant] + pulse.ravel(),
                "rmssd_ms": rmssd,
                "mean_rating": rating.ravel(),
            }
        )
        if beside.uneven:
            left = round((1 - beside.uneven) * rating.shape[-1])
            part = part[(video == len(videos) - 1) | (window < left)]
            window = window[part.index]
        if clips is None:
            shown_first = np.array(names)[first][part["subject"] - 1] == part["video"].to_numpy()
            part = part[~shown_first | (window < short)]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def prepare_coupling(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of the paired t-test between conditions (paper, "Cardiovascular Response").

    Parameters
    ----------
    parameters : `coupling`, the correlation in the target condition; the control's is 0; and those
        of `PulseBeside`.

    The true Spearman r is that of participants who saw `truth_cohorts` times as many clips.
    """
    target, control = conditions = cohort.conditions
    scale = spread_of(cohort, cohort.participants * draws.truth_cohorts, generator)
    coupling = {target: parameters["coupling"], control: 0.0}
    r = 0.0
    if coupling[target]:
        long = coupled_windows(cohort, coupling, scale, generator, clips=4 * draws.truth_cohorts)
        found = correlate(long[long["condition"] == target], [target], cohort.minimum_windows)
        r = float(found["r_pulse_rate"].mean())

    beside = beside_of(parameters)

    def study(generator: np.random.Generator) -> list[Result]:
        windows = coupled_windows(cohort, coupling, scale, generator, beside=beside)
        found = correlate(windows, conditions, cohort.minimum_windows)
        tests = compare_conditions(found, conditions).to_dict("records")
        row = next(test for test in tests if test["measure"] == "pulse_rate")
        mean = Result("mean Spearman r", "", float(row[f"r_mean_{target}"]), r)
        wide = found.pivot(index="subject", columns="condition", values="r_pulse_rate").dropna()
        z = np.arctanh(wide)
        difference = float((z[target] - z[control]).mean())
        # The interval that belongs to the paired t-test.
        half = stats.t.ppf((1 + draws.confidence) / 2, row["df"]) * difference / row["t"]
        test = Result(
            "difference of Fisher z",
            "paired t-test",
            difference,
            float(np.arctanh(r)),
            difference - half,
            difference + half,
            float(row["p_value"]),
            r == 0,
        )
        shifts = ClipShifts(draws.permutations, (some_seed(generator),), "plus_one")
        tested = (cohort.minimum_windows, [PULSE_RATE], shifts)
        shifted = shifted_coupling(windows, conditions, *tested)
        rows = {test["comparison"]: test for test in shifted.to_dict("records")}
        names = {
            f"{target} - {control}": "difference of Fisher z",
            f"{target} {AGAINST_ZERO}": "mean Fisher z",
        }
        moved = [shift_results(name, rows[row], r == 0) for row, name in names.items()]
        return [mean, test, *moved[0], *moved[1]]

    return study
