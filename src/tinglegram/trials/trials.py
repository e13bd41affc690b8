"""Trials as shared matrices: each clip's features stand once, for everyone who saw it.

A dense copy of all trials would hold the same visual features once per participant (34 times in
REST-ASMR); here a trial is an index into its clip's features plus its own pulse and labels.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import TinglegramError
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.settings import SWITCH, section

# Order of the feature columns (released code: visual 0-511, acoustic 512-542, pulse 543); signals
# other than the pulse stand behind them.
MODALITIES = ("visual", "acoustic", "pulse")
EVERY_MODALITY = (*MODALITIES, *SENSOR_TYPES)

# Number of the fold that trains on all trials.
EVERY_TRIAL = 0

Array = np.ndarray

Padding = Annotated[
    Literal["counted", "masked"],
    SWITCH,
    "Frames after the end of a clip that was cut off: counted as class 0, or left out.",
]


@section("")
class Scoring:
    """Which frames enter scores."""

    padding: Padding


@dataclass(frozen=True, eq=False)
class Trials:
    """Every trial of a study on a common grid of T steps, with the features of its clips.

    subject, video, condition, order, n_steps : (n,) arrays, one value per trial.
    ratings : (n, T) uint8 where they are whole numbers from 0 to 255, else float64; labels: (n, T)
        0 or 1. Both are 0 beyond a trial's `n_steps`.
    clip_index, acoustic_index : (n,) rows of `visual` and `acoustic` that belong to a trial.
    visual : (clips, T, 512) or None where not used.
    acoustic : (2 x clips, T, 31) or None; row 2c is clip c, row 2c + 1 its version for a trial
        shown first, padded with zeros.
    pulse : (n, T) z-scored pulse or None; 0 beyond `n_steps`.
    grid : steps per second.
    clip_steps : (clips,) steps of each clip; None: all have T.
    sensors : modality -> (n, T, columns) z-scored series of a sensor; 0 beyond `n_steps`.
    left_out : (subject, video, order) of trials without one of the sensors in use -> which.
    without_stream : modality -> rows of its matrix of clips without it, which hold zeros.
    clips_repeat : whether somebody of the study saw a clip more than once, be it one of those who
        are left out here.
    """

    subject: Array
    video: Array
    condition: Array
    order: Array
    n_steps: Array
    ratings: Array
    labels: Array
    clip_index: Array
    acoustic_index: Array
    visual: Array | None
    acoustic: Array | None
    pulse: Array | None
    grid: float
    clip_steps: Array | None = None
    sensors: Mapping[str, Array] = field(default_factory=dict)
    left_out: Mapping[tuple[int, str, int], str] = field(default_factory=dict)
    without_stream: Mapping[str, Array] = field(default_factory=dict)
    clips_repeat: bool = False

    @property
    def repeated(self) -> bool:
        """Whether somebody saw a clip more than once, so that only `order` tells trials apart."""
        if self.clips_repeat:
            return True
        seen = set(zip(self.subject.tolist(), self.video.tolist(), strict=True))
        return len(seen) < len(self.subject)

    def steps_of(self, clip: int) -> int:
        """Return the steps of a clip, by its row in `visual`."""
        return self.steps if self.clip_steps is None else int(self.clip_steps[clip])

    @property
    def steps(self) -> int:
        """Steps T of the longest clip."""
        return int(self.labels.shape[1])

    @property
    def valid(self) -> Array:
        """(n, T) True where a trial was shown, False in its padding."""
        return np.arange(self.steps) < self.n_steps[:, None]

    @property
    def of_clip(self) -> Array:
        """(n, T) True until the end of the clip, whether it was shown to its end or not."""
        if self.clip_steps is None:
            return np.ones(self.labels.shape, dtype=bool)
        found: Array = np.arange(self.steps) < self.clip_steps[self.clip_index][:, None]
        return found

    def counted(self, padding: str) -> Array:
        """(n, T) True on frames that count: valid ones; where padding does, all of the clip.

        The end of a clip that is shorter than others is no padding of a trial that was cut off.
        """
        return self.valid if padding == "masked" else self.of_clip

    def stream(self, modality: str) -> tuple[Array, Array]:
        """Return a modality's matrix (m, T, width) and each trial's (n,) row in it."""
        if modality == "pulse":
            matrix, index = self.pulse, np.arange(len(self.subject))
        elif modality == "visual":
            matrix, index = self.visual, self.clip_index
        elif modality in SENSOR_TYPES:
            matrix, index = self.sensors.get(modality), np.arange(len(self.subject))
        else:
            matrix, index = self.acoustic, self.acoustic_index
        if matrix is None:
            raise TinglegramError(f"These trials were assembled without the modality {modality}.")
        return (matrix[..., None] if modality == "pulse" else matrix), index

    def width(self, modalities: Collection[str]) -> int:
        """Number of feature columns of `modalities`."""
        return sum(self.stream(modality)[0].shape[2] for modality in ordered(modalities))

    def features(self, rows: Sequence[int] | Array, modalities: Collection[str]) -> Array:
        """Return float32 features (len(rows), T, columns), zero beyond each trial's `n_steps`.

        Columns run in the order of `EVERY_MODALITY`, whatever the order of `modalities`.
        """
        chosen = ordered(modalities)
        out = np.zeros((len(rows), self.steps, self.width(chosen)), dtype=np.float32)
        start = 0
        for matrix, index in map(self.stream, chosen):
            end = start + matrix.shape[2]
            for place, row in enumerate(rows):
                shown = self.n_steps[row]
                out[place, :shown, start:end] = matrix[index[row], :shown]
            start = end
        return out


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of `Trials` that train, validate and test in one fold (numbered from 1)."""

    fold: int
    train: Array
    validation: Array
    test: Array


def every_trial(trials: Trials) -> Split:
    """Return a fold, numbered 0, that trains on all trials and holds none out."""
    none = np.empty(0, dtype=np.int64)
    return Split(EVERY_TRIAL, np.arange(len(trials.subject)), none, none)


def trial_keys(trials: pd.DataFrame) -> list[str]:
    """Return the columns that tell trials apart: subject and video; order where a clip came again.

    Parameters
    ----------
    trials : one row per trial, with `subject`, `video` and, for a clip seen again, `order`.

    Raises
    ------
    TinglegramError : a trial stands twice.
    """
    keys = ["subject", "video"]
    if not trials.duplicated(keys).any():
        return keys
    if "order" in trials.columns and not trials.duplicated([*keys, "order"]).any():
        return [*keys, "order"]
    twice = trials[trials.duplicated(keys)].iloc[0]
    raise TinglegramError(
        f"The trial of subject {twice['subject']}, {twice['video']} stands twice. Make the tables "
        "of trials anew."
    )


def ordered(modalities: Collection[str]) -> tuple[str, ...]:
    """Return `modalities` in column order; none or an unknown one is an error."""
    wanted = set(modalities)
    if not wanted or wanted - set(EVERY_MODALITY):
        raise TinglegramError(
            f"A model needs modalities out of {', '.join(EVERY_MODALITY)}; "
            f"found {', '.join(sorted(wanted)) or 'none'}. Correct models: modalities."
        )
    return tuple(modality for modality in EVERY_MODALITY if modality in wanted)


def rating_kind(values: Array) -> type[np.generic]:
    """Return the smallest kind of number that keeps ratings as they are."""
    if values.dtype.kind != "f" and (not values.size or 0 <= values.min() <= values.max() <= 255):
        return np.uint8
    return np.float64


def binary_labels(ratings: Array, valid: Array, condition: Array, target: ResponseTarget) -> Array:
    """Return (n, T) uint8 labels: 1 where a trial of the target's condition is rated above it.

    Parameters
    ----------
    ratings : (n, T) of the target's dimension.
    valid : (n, T) True where a trial was shown; elsewhere labels are 0.
    condition : (n,) of each trial.
    target : what class 1 is; without a condition, trials of every condition can be of class 1.
    """
    found: Array = (ratings > target.above) & valid
    if target.condition is not None:
        found &= (condition == target.condition)[:, None]
    return found.astype(np.uint8)


def split(
    trials: Trials, folds: pd.DataFrame, fold: int, without: Mapping[int, str] | None = None
) -> Split:
    """Find the rows of one fold's roles in `trials`.

    Parameters
    ----------
    trials, folds : of the model; the table of folds may list participants that it does without.
    fold : number of the fold.
    without : participants without a pulse or sensor, of whom a model that uses it has no trials ->
        what they lack. Single trials without a sensor are those of `trials.left_out`.

    Raises
    ------
    TinglegramError : the table lists a trial that has no labels, or a role has no trial.
    """
    names = ["subject", "video", *(["order"] if "order" in folds.columns else [])]
    keys = zip(*(getattr(trials, name) for name in names), strict=True)
    row = {key: i for i, key in enumerate(keys)}
    rows: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    chosen = folds[(folds["fold"] == fold) & (folds["role"] != "unused")]
    left_out = {key[: len(names)]: lacks for key, lacks in trials.left_out.items()}
    of_trial = [left_out.get(k, "") for k in chosen[names].itertuples(index=False, name=None)]
    of_subject = chosen["subject"].map(without or {})
    chosen = chosen.assign(lacks=of_subject.where(of_subject.notna(), of_trial))
    lacking = chosen[chosen["lacks"] != ""]
    chosen = chosen.drop(index=lacking.index)
    for *key, role in chosen[[*names, "role"]].itertuples(index=False):
        if tuple(key) not in row:
            raise TinglegramError(
                f"Fold {fold} lists subject {key[0]}, {key[1]}, which has no labels. "
                "Make the table of folds anew from the same trials."
            )
        rows[role].append(row[tuple(key)])
    empty = [role for role, found in rows.items() if not found]
    silent = lacking[lacking["role"].isin(empty)]
    if len(silent):
        who: dict[str, list[int]] = {}
        for subject, lacks in sorted(set(zip(silent["subject"], silent["lacks"], strict=True))):
            who.setdefault(lacks, []).append(subject)
        told = "; ".join(
            f"{lacks.replace('pulse', 'the pulse')}, which is not there for subject "
            f"{', '.join(map(str, own))}"
            for lacks, own in who.items()
        )
        name = " or ".join(who)
        raise TinglegramError(
            f"Fold {fold} has no {empty[0]} trial: the model uses {told}. Leave out who has no "
            f"{name} (data.exclusions), take {name} out of the model's modalities, or choose "
            "another folds: scheme."
        )
    if empty:
        raise TinglegramError(
            f"Fold {fold} has no {empty[0]} trial. Make the table of folds anew, "
            "or lower folds: number."
        )
    return Split(fold, **{role: np.sort(np.array(found)) for role, found in rows.items()})


def class_counts(trials: Trials, rows: Array, padding: str, fold: int) -> tuple[int, int]:
    """Count the frames of class 0 and class 1 in `rows`; padding is class 0 or `masked`.

    Raises
    ------
    TinglegramError : one class does not occur, so that no class weight exists.
    """
    frames = int(trials.counted(padding)[rows].sum())
    ones = int(trials.labels[rows].sum())
    if ones == 0 or ones == frames:
        raise TinglegramError(
            f"Every one of the {frames} training frames of fold {fold} is of class "
            f"{int(ones > 0)}: a classifier needs both. Include people or clips with and without "
            "ratings of class 1, or correct responses: target."
        )
    return frames - ones, ones


def _as_column(ratings: Array) -> Array:
    return ratings.astype(np.float64 if ratings.dtype.kind == "f" else np.int64)


def prediction_table(trials: Trials, rows: Array, probability: Array) -> pd.DataFrame:
    """Lay out the probability of class 1, (len(rows), T), one row per trial and step.

    Padded steps are kept, with `valid` False. `predicted` is the more probable class; at exactly
    0.5 it is 0, as in an argmax over both classes. Where somebody saw a clip more than once,
    `order` tells these trials apart. After the end of a clip there are no rows.
    """
    columns = {
        "label": trials.labels[rows].astype(np.int64),
        "rating": _as_column(trials.ratings[rows]),
        "probability": np.asarray(probability, dtype=np.float64),
        "predicted": (np.asarray(probability) > 0.5).astype(np.int64),
    }
    return trial_frames(trials, rows, columns)


def trial_frames(trials: Trials, rows: Array, columns: Mapping[str, Array]) -> pd.DataFrame:
    """Lay out matrices (len(rows), T), one row per trial and step, beside what names each."""
    shape, steps = (len(rows), trials.steps), np.arange(trials.steps)

    def each(values: Array) -> Array:
        return np.repeat(values[rows], trials.steps)

    table = pd.DataFrame(
        {
            "subject": each(trials.subject),
            "video": each(trials.video),
            **({"order": each(trials.order)} if trials.repeated else {}),
            "condition": each(trials.condition),
            "step": np.broadcast_to(steps, shape).ravel(),
            "time_s": np.broadcast_to(steps / trials.grid, shape).ravel(),
            "valid": trials.valid[rows].ravel(),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
    of_clip = trials.of_clip[rows].ravel()
    return table if of_clip.all() else table[of_clip].reset_index(drop=True)
