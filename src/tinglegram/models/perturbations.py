"""Trained models shown something else: what does a prediction rest on?

A model that ignores a feature predicts the same when that feature is exchanged or shifted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.trials.trials import Array, Trials, on_clips

# Streams of random numbers, one per perturbation, so that none depends on another's draws.
_SHUFFLED_PULSE, _SHIFTED_STIMULUS, _SHUFFLED_SENSORS = range(3)
# A clip is shifted by at least this share of its steps, in either direction.
_LEAST_SHIFT = 0.25


def _stream(seed: int, use: int, clip: str) -> np.random.Generator:
    # By name, so that a clip left out changes no other clip's draw.
    return np.random.default_rng(np.random.SeedSequence([seed, use, crc32(clip.encode())]))


def derangement(n: int, generator: np.random.Generator) -> Array:
    """Draw a permutation of n >= 2 items, uniform among those that leave none in its place."""
    while True:
        drawn = generator.permutation(n)
        if (drawn != np.arange(n)).all():
            return drawn


def shuffled_pulse(trials: Trials, seed: int) -> Trials:
    """Give everybody the pulse of another viewer of the same clip.

    A series shorter than the receiver's trial is filled up with zeros, a longer one is cut.

    Raises
    ------
    InputProblem : a clip has one viewer only.
    """
    matrix, _ = trials.stream("pulse")
    donor = _other_viewers(trials, seed, _SHUFFLED_PULSE, "pulse")
    return replace(trials, pulse=_given(trials, matrix, donor)[..., 0])


def shuffled_sensors(trials: Trials, seed: int) -> Trials:
    """Give everybody the series of all sensors of another viewer of the same clip.

    Those of one trial stay together: whose skin conductance it is, of them is the temperature too.
    Too short and too long ones: as in `shuffled_pulse`.

    Raises
    ------
    InputProblem : a clip has one viewer only.
    TinglegramError : the trials hold no sensor.
    """
    if not trials.sensors:
        trials.stream(SENSOR_TYPES[0])
    donor = _other_viewers(trials, seed, _SHUFFLED_SENSORS, "sensors")
    given = {kind: _given(trials, matrix, donor) for kind, matrix in trials.sensors.items()}
    return replace(trials, sensors=given)


def _given(trials: Trials, matrix: Array, donor: Array) -> Array:
    """Return the series (n, T, columns) of each trial's donor; 0 where either was not shown."""
    known = (trials.valid & trials.valid[donor])[..., None]
    return np.where(known, matrix[donor], 0).astype(np.float32)


def _other_viewers(trials: Trials, seed: int, use: int, what: str) -> Array:
    """Return, for each trial, (n,), the row of a trial of the same clip by somebody else.

    Every trial gives once. `what` is exchanged: the perturbation is called `shuffled_<what>`.
    """
    donor = np.arange(len(trials.subject))
    for clip in np.unique(trials.video.astype(str)):
        rows = np.flatnonzero(trials.video == clip)
        viewers = trials.subject[rows]
        # Somebody who saw a clip more often than all others together has nobody to exchange with.
        if 2 * np.unique(viewers, return_counts=True)[1].max() > len(rows):
            raise InputProblem(
                what,
                where=clip,
                expected=f"at least two viewers, who can exchange their {what}",
                found="one" if len(rows) == 1 else "one who saw it more often than all others",
                remedy=f"Take shuffled_{what} out of perturbations, or include more people.",
            )
        generator = _stream(seed, use, clip)
        drawn = derangement(len(rows), generator)
        while (viewers[drawn] == viewers).any():
            drawn = derangement(len(rows), generator)
        donor[rows] = rows[drawn]
    return donor


def shifted_stimulus(trials: Trials, seed: int) -> Trials:
    """Shift the features of each clip in time, the end coming round: of every set, all together.

    The shift is drawn per clip between a quarter and three quarters of its steps; picture and
    sound of a clip shift together. The acoustic features of a trial shown first come round within
    their own, shorter length.

    Raises
    ------
    TinglegramError : the trials hold no features of clips.
    """
    if trials.visual is None and trials.acoustic is None and not trials.feature_sets:
        trials.stream("visual")
    sets = {name: matrix.copy() for name, matrix in trials.feature_sets.items()}
    visual, acoustic = (None if m is None else m.copy() for m in (trials.visual, trials.acoustic))
    for index in np.unique(trials.clip_index):
        shown = trials.clip_index == index
        generator = _stream(seed, _SHIFTED_STIMULUS, str(trials.video[shown][0]))
        steps = trials.steps_of(int(index))
        least = int(np.ceil(_LEAST_SHIFT * steps))
        shift = int(generator.integers(least, steps - least, endpoint=True))
        for matrix in (visual, *sets.values()):
            if matrix is not None:
                matrix[index, :steps] = np.roll(matrix[index, :steps], shift, axis=0)
        if acoustic is not None:
            for row in np.unique(trials.acoustic_index[shown]):
                end = trials.n_steps[trials.acoustic_index == row].max()
                acoustic[row, :end] = np.roll(acoustic[row, :end], shift, axis=0)
    return replace(trials, visual=visual, acoustic=acoustic, feature_sets=sets)


@dataclass(frozen=True)
class Perturbation:
    """How trials are changed, which modalities change by it, and what stays."""

    apply: Callable[[Trials, int], Trials]
    changes: Callable[[str], bool]
    keeps: str


PERTURBATIONS: Mapping[str, Perturbation] = {
    "shuffled_pulse": Perturbation(
        shuffled_pulse,
        lambda modality: modality == "pulse",
        "Everybody's pulse is that of another viewer of the clip; picture and sound are right.",
    ),
    "shifted_stimulus": Perturbation(
        shifted_stimulus,
        on_clips,
        "Picture and sound are the clip's own at another time; the pulse is right.",
    ),
    "shuffled_sensors": Perturbation(
        shuffled_sensors,
        lambda modality: modality in SENSOR_TYPES,
        "Everybody's other signals are those of another viewer of the clip; all else is right.",
    ),
}
