"""Who is shown what and when, and what they feel and report: the truth of a simulated study."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np

from tinglegram.clock import TICKS_PER_SECOND
from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    CLOSED_SHARE,
    Bounds,
    Each,
    section,
)

# Rate of latent intensities, in Hz.
LATENT_RATE = 10
# ASSUMPTION: the condition with odd condition numbers first, and the one non-responders do not
# respond to, is called ASMR (paper, "Data Records").
TINGLE = "ASMR"


class Stream(IntEnum):
    """Independent random streams of one seed."""

    NAME = 0
    ORDER = 1
    SHARED = 2
    OWN = 3
    PULSE = 4
    LOG = 5
    CLIP = 6


class RawNames(NamedTuple):
    """Names of one participant's raw files, without folder."""

    log: str
    ppg: str


class Press(NamedTuple):
    """A key press: seconds on the log clock, and the rating (0-3) it stands for."""

    time_s: float
    rating: int


@dataclass(frozen=True)
class Schedule:
    """Planned durations in seconds.

    `clip` is the time reserved for each clip and `first_trial` what the session's first clip
    plays of it, because it starts late; `rests` stand before, between and after the blocks.
    """

    clip: float
    first_trial: float
    rests: tuple[float, ...]


class Showing(NamedTuple):
    """One clip as shown: `order` is 0-based in the session, times are seconds on the log clock."""

    video: str
    condition: str
    order: int
    start_s: float
    end_s: float


class SimulatedRest(NamedTuple):
    """One blank-screen rest, in seconds on the log clock."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class SimulatedSession:
    """One session on the log clock, whose 0 is the first sample of the pulse recording."""

    subject: int
    sequence: int
    showings: tuple[Showing, ...]
    rests: tuple[SimulatedRest, ...]

    @property
    def duration_s(self) -> float:
        """Seconds from 0 to the end of the last rest."""
        return self.rests[-1].end_s


@section("data.simulation")
class SimulatedStudy:
    """Who takes part in a simulated study, and for how long they rest and are recorded."""

    participants: Annotated[
        int | tuple[int, ...],
        Each(AT_LEAST_ONE),
        Bounds(minimum=1, minItems=1, uniqueItems=True),
        "Number of participants (1 to n), or a list of their numbers. Odd ones see ASMR first.",
    ]
    rests: Annotated[
        tuple[float, float, float],
        Each(AT_LEAST_ZERO),
        "Seconds of rest before, between and after the two blocks (paper: 60, 120, 60); with more "
        "conditions the second stands between every two blocks, with one it is left out.",
    ]
    sampling_rate: Annotated[float, ABOVE_ZERO, "Hz of the pulse recording."]


@section("data.simulation")
class Reporting:
    """How the latent intensity comes about and turns into key presses."""

    agreement: Annotated[
        float,
        CLOSED_SHARE,
        "Share of the latent variance that all viewers of a clip have in common: 1 makes all "
        "viewers alike, 0 makes them unrelated.",
    ]
    non_responders: Annotated[
        float, CLOSED_SHARE, "Share of participants who never report a tingle."
    ]
    level: Annotated[
        Mapping[str, float],
        "Condition -> mean of the latent intensity, in its SDs: higher means more time above 0.",
    ]
    thresholds: Annotated[
        tuple[float, ...],
        Bounds(minItems=1),
        "Latent values at which the rating rises to 1, 2 and 3.",
    ]
    smoothness: Annotated[
        float, ABOVE_ZERO, "SD, in seconds, of the Gaussian that smooths the latent intensity."
    ]
    decision: Annotated[
        float,
        ABOVE_ZERO,
        "Seconds between two moments at which a participant decides to press a key.",
    ]


def key(code: str) -> int:
    """Return a number for a clip's code that does not depend on the other clips."""
    return zlib.crc32(code.encode())


def generator(seed: int, stream: Stream, *indices: int) -> np.random.Generator:
    """Return the generator of one stream for one participant or clip."""
    return np.random.default_rng(np.random.SeedSequence([seed, stream, *indices]))


def whole_ticks(seconds: float) -> float:
    """Return seconds rounded to the clock of Presentation logs."""
    return round(seconds * TICKS_PER_SECOND) / TICKS_PER_SECOND


def subjects_of(participants: int | Sequence[int]) -> list[int]:
    """Return subject numbers: 1 to n for a count n, or the given list."""
    return list(range(1, participants + 1)) if isinstance(participants, int) else list(participants)


def sequence_of(subject: int) -> int:
    """Return the condition number in a log's name: odd shows the ASMR block first.

    Alternates between participants (paper, "Experimental Procedure"); takes it from the subject
    number, so that adding a participant changes nobody else's session.
    """
    return 1 if subject % 2 else 2


def recording_day(subject: int) -> date:
    """Return the day of a participant's session: two participants on each day."""
    return date(2024, 4, 1) + timedelta(days=(subject - 1) // 2)


def file_names(participants: int | Sequence[int], seed: int) -> dict[str, RawNames]:
    """Return subject ("001") -> names of log and pulse recording, as the dataset names them."""
    names = {}
    for subject in subjects_of(participants):
        mark = generator(seed, Stream.NAME, subject).integers(2**32)
        log = f"{subject:03d}-{sequence_of(subject)}-{recording_day(subject):%Y%m%d}-{mark:08x}.log"
        names[f"{subject:03d}"] = RawNames(log, f"{subject:03d}_csv.txt")
    return names


def rests_of(rests: tuple[float, float, float], n_conditions: int) -> tuple[float, ...]:
    """Return the seconds of all rests: before the first block, between every two, after the last.

    Parameters
    ----------
    rests : before, between and after the blocks, in seconds.
    n_conditions : number of blocks, at least one.
    """
    before, between, after = rests
    return (before, *[between] * (n_conditions - 1), after)


def plan_session(
    subject: int, clips: Mapping[str, str], schedule: Schedule, seed: int
) -> SimulatedSession:
    """Return a participant's session: rest, block, rest, block, ..., rest.

    Parameters
    ----------
    clips : code -> condition. Each condition is one block, its clips in pseudo-random order.

    Raises
    ------
    ValueError : rests are not one more than the conditions.
    """
    # ASMR goes first for odd condition numbers, whatever the order of `clips`.
    conditions = sorted(dict.fromkeys(clips.values()), key=lambda name: name != TINGLE)
    if len(schedule.rests) != len(conditions) + 1:
        raise ValueError(
            f"{len(conditions)} conditions need {len(conditions) + 1} rests, "
            f"not {len(schedule.rests)}"
        )
    sequence = sequence_of(subject)
    draw = generator(seed, Stream.ORDER, subject)
    rests, clock = [SimulatedRest(0.0, schedule.rests[0])], schedule.rests[0]
    showings: list[Showing] = []
    for condition, rest in zip(
        conditions if sequence % 2 else conditions[::-1], schedule.rests[1:], strict=True
    ):
        block = draw.permutation([code for code in clips if clips[code] == condition])
        # Clips start on screen refreshes, a little later than planned and never overlapping.
        delays = np.sort(draw.uniform(0.001, 0.017, len(block)))
        for place, (video, delay) in enumerate(zip(block, delays, strict=True)):
            first = not showings
            start = clock + place * schedule.clip + delay
            # The first trial begins late and still ends on schedule (paper, "Latency Correction").
            start += schedule.clip - schedule.first_trial if first else 0.0
            end = start + (schedule.first_trial if first else schedule.clip)
            times = (whole_ticks(start), whole_ticks(end))
            showings.append(Showing(str(video), condition, len(showings), *times))
        clock += len(block) * schedule.clip
        rests.append(SimulatedRest(showings[-1].end_s, clock + rest))
        clock += rest
    return SimulatedSession(subject, sequence, tuple(showings), tuple(rests))


def smooth_noise(draw: np.random.Generator, seconds: float, smoothness: float) -> np.ndarray:
    """Return smooth Gaussian noise at 10 Hz with mean 0 and SD 1 over its `seconds`."""
    width = smoothness * LATENT_RATE
    reach = int(np.ceil(4 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    steps = int(np.ceil(seconds * LATENT_RATE))
    series = np.convolve(draw.standard_normal(steps + 2 * reach), kernel, mode="valid")
    standard: np.ndarray = (series - series.mean()) / series.std()
    return standard


def shared_latent(video: str, seconds: float, smoothness: float, seed: int) -> np.ndarray:
    """Return what all viewers of a clip have in common, at 10 Hz, mean 0 and SD 1."""
    return smooth_noise(generator(seed, Stream.SHARED, key(video)), seconds, smoothness)


def latent(video: str, subject: int, seconds: float, ask: Reporting, seed: int) -> np.ndarray:
    """Return one viewer's latent intensity during a clip, 10 Hz: sqrt(a) shared + sqrt(1-a) own.

    Two viewers' latent intensities correlate, in expectation, at the agreement a.
    """
    own = smooth_noise(generator(seed, Stream.OWN, subject, key(video)), seconds, ask.smoothness)
    common = shared_latent(video, seconds, ask.smoothness, seed)
    intensity: np.ndarray = np.sqrt(ask.agreement) * common + np.sqrt(1 - ask.agreement) * own
    return intensity


def is_responder(subject: int, non_responders: float, seed: int) -> bool:
    """Return whether a participant ever reports a tingle."""
    return bool(generator(seed, Stream.OWN, subject).random() >= non_responders)


def reports(
    session: SimulatedSession, clip: float, ask: Reporting, seed: int
) -> dict[str, tuple[Press, ...]]:
    """Return clip -> a participant's key presses: one for each change of the state (0 at first).

    Press times are whole log ticks within [start, end) of the clip; some fall into the warm-up.
    """
    responds = is_responder(session.subject, ask.non_responders, seed)
    key_presses = {}
    for showing in session.showings:
        intensity = latent(showing.video, session.subject, clip, ask, seed) + ask.level.get(
            showing.condition, 0.0
        )
        ratings = np.searchsorted(ask.thresholds, intensity, side="right")
        if showing.condition == TINGLE and not responds:
            ratings[:] = 0
        draw = generator(seed, Stream.LOG, session.subject, key(showing.video))
        looks = np.arange(0.0, whole_ticks(showing.end_s - showing.start_s), ask.decision)
        # A press follows a look before the next look, so key presses keep their order.
        moments = looks + draw.uniform(0.2, 0.8, len(looks)) * ask.decision
        state, made = 0, []
        for look, moment in zip(looks, moments, strict=True):
            rating = int(ratings[int(look * LATENT_RATE)])
            pressed = whole_ticks(showing.start_s + moment)
            if rating != state and pressed < showing.end_s:
                made.append(Press(pressed, rating))
                state = rating
        key_presses[showing.video] = tuple(made)
    return key_presses
