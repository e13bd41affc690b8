"""Trials put together from ratings, pulse and features of the clips, each checked as it joins."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.trials.trials import Array, Trials, binary_labels, ordered, rating_kind

_STIMULI_REMEDY = "Check that timing: fits the clip, then make the features anew."
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


def _visual(stimuli: Mapping[str, Mapping[str, Array]], clips: Iterable[str], steps: int) -> Array:
    """Stack the visual features of every clip, (clips, steps, width)."""
    return np.stack(
        [
            _exact(stimuli.get(clip, {}), "visual", steps, f"stimuli of {clip}", _STIMULI_REMEDY)
            for clip in clips
        ]
    )


def _acoustic(
    stimuli: Mapping[str, Mapping[str, Array]],
    clips: Iterable[str],
    steps: int,
    first_steps: Mapping[str, int],
    log_columns: Sequence[int],
) -> Array:
    """Stack both acoustic versions of every clip, (2 x clips, steps, width)."""
    versions = []
    for clip in clips:
        source, arrays = f"stimuli of {clip}", stimuli.get(clip, {})
        long = _exact(arrays, "acoustic", steps, source, _STIMULI_REMEDY)
        first = np.zeros_like(long)
        if clip in first_steps:
            shown = first_steps[clip]
            first[:shown] = _exact(arrays, "acoustic_first", shown, source, _STIMULI_REMEDY)
        versions += [long, first]
    acoustic = np.stack(versions)
    columns = list(log_columns)
    acoustic[..., columns] = np.log1p(acoustic[..., columns])
    return acoustic


def _each_trial(
    ratings: pd.DataFrame, clips: Iterable[str], steps: int
) -> Iterator[tuple[int, str, int, Array]]:
    """Yield subject, clip, order and (n_steps,) ratings of every trial, by subject and clip."""
    found = {key: rows for key, rows in ratings.groupby(["subject", "video"])}
    participants = sorted(ratings["subject"].unique())
    for subject, clip in ((s, c) for s in participants for c in clips if (s, c) in found):
        rows = found[subject, clip].sort_values("step")
        if len(rows) > steps or not np.array_equal(rows["step"], np.arange(len(rows))):
            raise InputProblem(
                f"labels of subject {subject}",
                where=clip,
                expected=f"steps 0, 1, ... and {steps} of them at most",
                found=f"{len(rows)} rows, the last at step {rows['step'].iloc[-1]}",
                remedy="Check timing: clip, warm_up and grid, then make the labels anew.",
            )
        yield int(subject), clip, int(rows["order"].iloc[0]), rows["rating"].to_numpy()


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
) -> Trials:
    """Put every trial of a study on a grid of `steps` steps, ordered by subject and clip.

    Parameters
    ----------
    ratings : rows of subject, video, order, step, rating; the trials are those found.
    clips : clip code -> condition, in the order of the configuration.
    steps : T, the steps of a full clip.
    grid : steps per second.
    modalities : those to assemble; files of the others are not asked for. None at all gives the
        reports alone.
    stimuli : clip code -> `visual` (T, 512), `acoustic` (T, 31), `acoustic_first`.
    pulse : subject -> clip code -> (n_steps,) pulse.
    log_columns : acoustic columns (spectral centroid and bandwidth, Hz) that are replaced by
        log(1 + x), as in the released code.
    target : what class 1 is; by default a rating above 0 in the condition of the first clip.

    Raises
    ------
    InputProblem : a file misses a clip, or does not have the trial's number of steps.
    """
    used, codes = ordered(modalities) if modalities else (), list(clips)
    shown = list(_each_trial(ratings, codes, steps))
    subject = np.array([trial[0] for trial in shown], dtype=np.int64)
    video = np.array([trial[1] for trial in shown], dtype=object)
    order = np.array([trial[2] for trial in shown], dtype=np.int64)
    n_steps = np.array([len(trial[3]) for trial in shown], dtype=np.int64)
    dense = np.zeros((len(shown), steps), dtype=rating_kind(ratings["rating"].to_numpy()))
    target = target or ResponseTarget(condition=next(iter(clips.values())))
    waves = np.zeros((len(shown), steps), dtype=np.float32) if "pulse" in used else None
    for row, (participant, clip, _, given) in enumerate(shown):
        dense[row, : len(given)] = given
        if waves is not None:
            source = f"pulse of subject {participant}"
            waves[row, : len(given)] = _exact(
                pulse.get(participant, {}), clip, len(given), source, _PULSE_REMEDY
            )
    condition = np.array([clips[clip] for clip in video], dtype=object)
    clip_index = np.array([codes.index(clip) for clip in video], dtype=np.int64)
    first_steps = {trial[1]: len(trial[3]) for trial in shown if trial[2] == 0}
    acoustic = None
    if "acoustic" in used:
        acoustic = _acoustic(stimuli, codes, steps, first_steps, log_columns)
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
        visual=_visual(stimuli, codes, steps) if "visual" in used else None,
        acoustic=acoustic,
        pulse=waves,
        grid=grid,
    )
