"""Trials put together from ratings, pulse and features of the clips, each checked as it joins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.behaviour.showings import showing_names
from tinglegram.errors import InputProblem
from tinglegram.sensors.settings import SENSOR_TYPES, series_name
from tinglegram.trials.trials import (
    EVERY_MODALITY,
    Array,
    Trials,
    binary_labels,
    on_clips,
    ordered,
    rating_kind,
)

# Modality of which a clip has more than one version -> how many.
_VERSIONS = {"acoustic": 2}
_STIMULI_REMEDY = "Check that timing: fits the clip, then make the features anew."
_SENSOR_REMEDY = "Make the series of the sensors anew from the same trials."
_PULSE_REMEDY = "Check the person's recording, or list the trial in data: exclusions."


def _exact(values: Mapping[str, Array], key: str, length: int, source: str, remedy: str) -> Array:
    """Return array `key` of a file, checked for its length and for finite values."""
    if key not in values:
        found = ", ".join(values) or "nothing"
        raise InputProblem(source, expected=f"an array {key}", found=found, remedy=remedy)
    array = np.asarray(values[key], dtype=np.float32)
    expected, found = f"{length} steps", f"{len(array)}"
    if len(array) == length:
        expected, found = "finite values", f"{int((~np.isfinite(array)).sum())} that are not"
        if np.isfinite(array).all():
            return array
    raise InputProblem(source, where=key, expected=expected, found=found, remedy=remedy)


def _padded(array: Array, steps: int) -> Array:
    """Return a clip's features with zeros after its end, (steps, width)."""
    if len(array) == steps:
        return array
    return np.pad(array, ((0, steps - len(array)), (0, 0)))


def _stacked(versions: Sequence[Array | None], steps: int, modality: str) -> Array:
    """Stack features of clips, (versions, steps, width); None: a clip without this modality.

    ASSUMPTION: a clip without picture or sound has zeros in its place. People saw or heard nothing
    there, and 0 is what frames after the end of a trial hold, so that no model can take it for a
    feature of another clip. Standardised features leave such clips out of mean and SD, and keep
    the zeros (`Trials.without_stream`).
    """
    known = next((array for array in versions if array is not None), None)
    if known is None:
        raise InputProblem(
            "stimuli",
            expected=f"{modality} features of at least one clip",
            found="none",
            remedy=f"Take {modality} out of the modalities of the model.",
        )
    nothing = np.zeros((steps, known.shape[1]), dtype=known.dtype)
    return np.stack([nothing if a is None else _padded(a, steps) for a in versions])


def _of_each_clip(
    arrays: Mapping[str, Mapping[str, Array]],
    key: str,
    what: str,
    steps_of: Mapping[str, int],
    lacking: Collection[str],
) -> list[Array | None]:
    """Return the features of every clip; `what` names their files. None: a clip without them."""
    return [
        None
        if clip in lacking
        else _exact(arrays.get(clip, {}), key, own, f"{what} of {clip}", _STIMULI_REMEDY)
        for clip, own in steps_of.items()
    ]


def _visual(
    stimuli: Mapping[str, Mapping[str, Array]],
    steps_of: Mapping[str, int],
    steps: int,
    lacking: Collection[str],
) -> Array:
    """Stack the visual features of every clip, (clips, steps, width)."""
    versions = _of_each_clip(stimuli, "visual", "stimuli", steps_of, lacking)
    return _stacked(versions, steps, "visual")


def _acoustic(
    stimuli: Mapping[str, Mapping[str, Array]],
    steps_of: Mapping[str, int],
    steps: int,
    lacking: Collection[str],
    first_steps: Mapping[str, int],
    log_columns: Sequence[int],
) -> Array:
    """Stack both acoustic versions of every clip, (2 x clips, steps, width)."""
    versions: list[Array | None] = []
    for clip, own in steps_of.items():
        if clip in lacking:
            versions += [None, None]
            continue
        source, arrays = f"stimuli of {clip}", stimuli.get(clip, {})
        long = _exact(arrays, "acoustic", own, source, _STIMULI_REMEDY)
        first = np.zeros_like(long)
        if "acoustic_first" not in arrays:
            # Whatever was shown first was not cut off (timing: first_trial).
            first = long
        elif clip in first_steps:
            shown = first_steps[clip]
            first[:shown] = _exact(arrays, "acoustic_first", shown, source, _STIMULI_REMEDY)
        versions += [long, first]
    acoustic = _stacked(versions, steps, "acoustic")
    columns = list(log_columns)
    acoustic[..., columns] = np.log1p(acoustic[..., columns])
    return acoustic


def _feature_set(
    name: str,
    features: Mapping[str, Mapping[str, Array]],
    steps_of: Mapping[str, int],
    steps: int,
    lacking: Collection[str],
) -> Array:
    """Stack a feature set of every clip, (clips, steps, columns)."""
    versions = _of_each_clip(features, "values", name, steps_of, lacking)
    widths = {
        clip: array.shape[1]
        for clip, array in zip(steps_of, versions, strict=True)
        if array is not None
    }
    first = next(iter(widths), "")
    other = next((clip for clip, width in widths.items() if width != widths[first]), None)
    if other is not None:
        raise InputProblem(
            f"{name} of {other}",
            expected=f"{widths[first]} columns, as of {first}",
            found=str(widths[other]),
            remedy="Make the features of all clips anew with the same settings.",
        )
    return _stacked(versions, steps, name)


def _without_stream(
    codes: Sequence[str], lacking: Mapping[str, Collection[str]], used: Collection[str]
) -> dict[str, Array]:
    """Return modality -> rows of its matrix that are of clips without it, where there are any."""
    found = {}
    for modality in filter(on_clips, used):
        versions = _VERSIONS.get(modality, 1)
        gone = [place for place, code in enumerate(codes) if code in lacking[modality]]
        rows = [versions * place + version for place in gone for version in range(versions)]
        if rows:
            found[modality] = np.array(rows)
    return found


class _Shown(NamedTuple):
    """A trial: `name` tells it from other trials of the participant; ratings are (n_steps,)."""

    subject: int
    clip: str
    order: int
    name: str
    ratings: Array


def _each_trial(ratings: pd.DataFrame, steps_of: Mapping[str, int]) -> Iterator[_Shown]:
    """Yield every trial, by subject, clip and order."""
    found: dict[tuple[int, str], list[tuple[int, pd.DataFrame]]] = {}
    for key, rows in ratings.groupby(["subject", "video", "order"]):
        subject, clip, order = cast(tuple[int, str, int], key)
        found.setdefault((subject, clip), []).append((int(order), rows.sort_values("step")))
    participants = sorted(ratings["subject"].unique())
    for subject, clip in ((s, c) for s in participants for c in steps_of if (s, c) in found):
        names = showing_names([(clip, order) for order, _ in found[subject, clip]])
        for name, (order, rows) in zip(names, found[subject, clip], strict=True):
            steps = steps_of[clip]
            if len(rows) > steps or not np.array_equal(rows["step"], np.arange(len(rows))):
                raise InputProblem(
                    f"labels of subject {subject}",
                    where=name,
                    expected=f"steps 0, 1, ... and {steps} of them at most",
                    found=f"{len(rows)} rows, the last at step {rows['step'].iloc[-1]}",
                    remedy="Check timing: clip, warm_up and grid, then make the labels anew.",
                )
            yield _Shown(int(subject), clip, order, name, rows["rating"].to_numpy())


def _with_sensors(
    trials: Iterator[_Shown], used: Collection[str], sensors: Mapping[int, Mapping[str, Array]]
) -> tuple[list[_Shown], dict[tuple[int, str, int], str]]:
    """Return the trials that have every sensor in use, and of the others what they lack."""
    kept, left_out = [], {}
    kinds = [kind for kind in SENSOR_TYPES if kind in used]
    for trial in trials:
        own = sensors.get(trial.subject, {})
        lacking = [kind for kind in kinds if series_name(trial.name, kind) not in own]
        if lacking:
            left_out[trial.subject, trial.clip, trial.order] = " and ".join(lacking)
        else:
            kept.append(trial)
    return kept, left_out


def _sensor(
    kind: str, shown: Sequence[_Shown], sensors: Mapping[int, Mapping[str, Array]], steps: int
) -> Array:
    """Stack the series of one sensor, (n, steps, columns)."""
    if not shown:
        raise InputProblem(
            "sensors",
            expected=f"at least one trial with the signal {kind}",
            found="none",
            remedy=f"Take {kind} out of the modalities of the model, or see problems.tsv for what "
            "is amiss with the recordings.",
        )
    series = []
    for trial in shown:
        source = f"{kind} of subject {trial.subject}"
        key, length = series_name(trial.name, kind), len(trial.ratings)
        series.append(_exact(sensors[trial.subject], key, length, source, _SENSOR_REMEDY))
    return np.stack([_padded(own, steps) for own in series])


def assemble(
    ratings: pd.DataFrame,
    clips: Mapping[str, str],
    *,
    steps: int,
    grid: float,
    modalities: Collection[str],
    stimuli: Mapping[str, Mapping[str, Array]],
    pulse: Mapping[int, Mapping[str, Array]],
    log_columns: Sequence[int],
    target: ResponseTarget | None = None,
    steps_of: Mapping[str, int] | None = None,
    lacking: Mapping[str, Collection[str]] | None = None,
    sensors: Mapping[int, Mapping[str, Array]] | None = None,
    without: Collection[int] = (),
    features: Mapping[str, Mapping[str, Mapping[str, Array]]] | None = None,
) -> Trials:
    """Put every trial of a study on a grid of `steps` steps, ordered by subject and clip.

    Parameters
    ----------
    ratings : rows of subject, video, order, step, rating; the trials are those found.
    clips : clip code -> condition, in the order of the configuration.
    steps : T, the steps of the longest clip.
    grid : steps per second.
    modalities : those to assemble; files of the others are not asked for. None at all gives the
        reports alone.
    stimuli : clip code -> `visual` (T, 512), `acoustic` (T, 31), and `acoustic_first` where the
        trial shown first was cut off; of a shorter clip they have its own steps.
    pulse : subject -> clip code, or the name of a later showing (`showing_names`) -> (n_steps,)
        pulse.
    log_columns : acoustic columns (spectral centroid and bandwidth, Hz) that are replaced by
        log(1 + x), as in the released code.
    target : what class 1 is; by default a rating above 0 in the condition of the first clip.
    steps_of : clip code -> its steps, where it is shorter than T.
    lacking : modality -> clips without it.
    sensors : subject -> `<trial>@<modality>` -> (n_steps, columns) series. A trial without one of
        the modalities in use is left out, and named in the result.
    without : participants in `ratings` who are left out, as they lack a modality. Whether clips
        were seen again is asked of them too, so that tables of all models have the same columns.
    features : name of a feature set -> clip code -> `values` (T, columns), in its own steps.

    Raises
    ------
    InputProblem : a file misses a clip, or does not have the trial's number of steps.
    """
    used, codes = ordered(modalities) if modalities else (), list(clips)
    own = {clip: (steps_of or {}).get(clip, steps) for clip in codes}
    every = ratings[["subject", "video", "order"]].drop_duplicates()
    ratings = ratings[~ratings["subject"].isin(without)]
    without_clips = {name: (lacking or {}).get(name, ()) for name in used}
    shown, left_out = _with_sensors(_each_trial(ratings, own), used, sensors or {})
    subject = np.array([trial.subject for trial in shown], dtype=np.int64)
    video = np.array([trial.clip for trial in shown], dtype=object)
    order = np.array([trial.order for trial in shown], dtype=np.int64)
    n_steps = np.array([len(trial.ratings) for trial in shown], dtype=np.int64)
    dense = np.zeros((len(shown), steps), dtype=rating_kind(ratings["rating"].to_numpy()))
    target = target or ResponseTarget(condition=next(iter(clips.values())))
    waves = np.zeros((len(shown), steps), dtype=np.float32) if "pulse" in used else None
    for row, trial in enumerate(shown):
        length = len(trial.ratings)
        dense[row, :length] = trial.ratings
        if waves is not None:
            source = f"pulse of subject {trial.subject}"
            known = pulse.get(trial.subject, {})
            waves[row, :length] = _exact(known, trial.name, length, source, _PULSE_REMEDY)
    condition = np.array([clips[clip] for clip in video], dtype=object)
    clip_index = np.array([codes.index(clip) for clip in video], dtype=np.int64)
    first_steps = {trial.clip: len(trial.ratings) for trial in shown if trial.order == 0}
    acoustic = None
    if "acoustic" in used:
        acoustic = _acoustic(
            stimuli, own, steps, without_clips["acoustic"], first_steps, log_columns
        )
    return Trials(
        subject=subject,
        video=video,
        condition=condition,
        order=order,
        n_steps=n_steps,
        ratings=dense,
        labels=binary_labels(dense, np.arange(steps) < n_steps[:, None], condition, target),
        clip_index=clip_index,
        acoustic_index=2 * clip_index + (order == 0),
        visual=_visual(stimuli, own, steps, without_clips["visual"]) if "visual" in used else None,
        acoustic=acoustic,
        pulse=waves,
        grid=grid,
        sensors={k: _sensor(k, shown, sensors or {}, steps) for k in SENSOR_TYPES if k in used},
        feature_sets={
            name: _feature_set(
                name, (features or {}).get(name, {}), own, steps, without_clips[name]
            )
            for name in used
            if name not in EVERY_MODALITY
        },
        left_out=left_out,
        without_stream=_without_stream(codes, without_clips, used),
        clips_repeat=bool(every.duplicated(["subject", "video"]).any()),
        clip_steps=None
        if all(length == steps for length in own.values())
        else np.array([*own.values()], dtype=np.int64),
    )
