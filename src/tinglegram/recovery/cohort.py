"""Reports of a simulated cohort, a whole cohort at a time.

The same model as `tinglegram.simulation.design`, which writes raw files participant by participant:
a latent intensity, part of it shared by all viewers of a clip, looked at once per decision, and
turned into key presses by thresholds. Here it is drawn at the looks alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import scipy

from tinglegram.clock import Timing
from tinglegram.settings import AT_LEAST_ONE, section
from tinglegram.simulation.design import Reporting

# A press follows the look after this share of the time to the next one (simulation/design.py).
PRESS_DELAY = (0.2, 0.8)


@section("recovery")
class CohortSize:
    """How many take part in a simulated study."""

    participants: Annotated[int, AT_LEAST_ONE, "Participants in each study (paper: 34)."]


@dataclass(frozen=True)
class Cohort:
    """Size and timing of the simulated studies.

    Parameters
    ----------
    participants : number of participants.
    clips : clip -> condition. The first condition is the target, the other its control.
    n_folds : folds of the double-independent scheme.
    timing : of the clips, and the grid of the ratings.
    window, step : seconds of the sliding windows of the pulse.
    minimum_windows : a correlation needs more windows than this.
    reporting : how reports come about.
    """

    participants: int
    clips: Mapping[str, str]
    n_folds: int
    timing: Timing
    window: float
    step: float
    minimum_windows: int
    reporting: Reporting

    @property
    def conditions(self) -> tuple[str, str]:
        """Target and control condition."""
        target, control = dict.fromkeys(self.clips.values())
        return target, control

    @property
    def n_looks(self) -> int:
        """Decisions during a clip, the warm-up included."""
        return int(np.ceil(self.timing.clip / self.reporting.decision))

    def with_agreement(self, agreement: float) -> "Cohort":
        """Return the cohort with another share of latent variance common to all viewers."""
        return replace(self, reporting=replace(self.reporting, agreement=agreement))


def courses(cohort: Cohort, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Return smooth Gaussian time courses at the looks (rows x looks), each of mean 0 and SD 1."""
    width = cohort.reporting.smoothness / cohort.reporting.decision
    reach = int(np.ceil(4 * width))
    noise = generator.standard_normal((rows, cohort.n_looks + 2 * reach))
    smooth = scipy.ndimage.gaussian_filter1d(noise, width, axis=1)
    smooth = smooth[:, reach : reach + cohort.n_looks]
    smooth -= smooth.mean(axis=1, keepdims=True)
    standard: np.ndarray = smooth / smooth.std(axis=1, keepdims=True)
    return standard


def ratings_at_looks(
    cohort: Cohort, condition: str, shared: np.ndarray, own: np.ndarray, responds: np.ndarray
) -> np.ndarray:
    """Return the rating at each look: sqrt(a) shared + sqrt(1 - a) own, above the thresholds.

    Parameters
    ----------
    condition : sets the mean of the latent intensity.
    shared, own : (rows x looks) courses; `shared` may be one row.
    responds : (rows,) False: the rating is always 0.
    """
    ask = cohort.reporting
    latent = np.sqrt(ask.agreement) * shared + np.sqrt(1 - ask.agreement) * own
    ratings: np.ndarray = np.searchsorted(ask.thresholds, latent + ask.level[condition], "right")
    ratings = ratings * responds[:, None]
    return ratings


def place_of(cohort: Cohort, steps: np.ndarray) -> np.ndarray:
    """Return the time of label steps in looks since the start of the clip."""
    # Rounded, because 0.1-s steps add up to numbers just below whole looks.
    seconds = cohort.timing.warm_up + steps / cohort.timing.grid
    return np.round(seconds / cohort.reporting.decision, 9)


def every_step(cohort: Cohort) -> np.ndarray:
    """Return all label steps of a trial."""
    return np.arange(cohort.timing.steps)


def middle_steps(cohort: Cohort) -> np.ndarray:
    """Return the label step midway between every two looks.

    There half of the key presses have been made, as over all steps on average, so that large
    samples on these steps alone have the same expected counts.
    """
    stride = max(1, round(cohort.timing.grid * cohort.reporting.decision))
    return np.arange(stride // 2, cohort.timing.steps, stride)


def held(
    cohort: Cohort, ratings: np.ndarray, steps: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return ratings at label steps (rows x steps): each holds from its press to the next.

    Parameters
    ----------
    ratings : (rows x looks) of `ratings_at_looks`. The state before the first press is 0.
    """
    place = place_of(cohort, steps)
    look = place.astype(int)
    delay = generator.uniform(*PRESS_DELAY, size=ratings.shape)
    before = np.concatenate([np.zeros_like(ratings[:, :1]), ratings[:, :-1]], axis=1)
    return np.where(place - look >= delay[:, look], ratings[:, look], before[:, look])


def draw_responders(
    cohort: Cohort, participants: int, generator: np.random.Generator
) -> np.ndarray:
    """Draw who ever reports anything (participants,)."""
    return generator.random(participants) >= cohort.reporting.non_responders
