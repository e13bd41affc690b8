"""The heart's intervals or rates in the valid epoch of every clip, and in every rest."""

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import timeline_names
from tinglegram.errors import InputProblem
from tinglegram.pulse.alignment import STARTS_TOGETHER, Clock
from tinglegram.pulse.heart_values import HEART_KIND, HeartValues, pack_heart
from tinglegram.pulse.rests import RestEpochs, find_rests
from tinglegram.pulse.slices import Slices


def with_beats(
    slices: Slices,
    heart: HeartValues,
    timeline: pd.DataFrame,
    clock: Clock = STARTS_TOGETHER,
    margin_s: float = 0.0,
) -> Slices:
    """Add to the slices of a wave what its beats are.

    Parameters
    ----------
    slices : of `tinglegram.pulse.slices.slice_participant`.
    heart : of the whole recording, on its own clock.
    timeline : trials of the participant.
    clock : where the recording started on the participant's clock.
    margin_s : seconds on either side of a clip or rest to keep.
    """
    kind = {HEART_KIND: np.array(heart.kind)}
    clips, rests = slices.clips | kind, slices.rests | kind
    trials = timeline.to_dict("records")
    for name, trial in zip(timeline_names(timeline), trials, strict=True):
        own = heart.moved(clock.offset(trial["start_s"]))
        cut = own.within(trial["valid_start_s"] - margin_s, trial["end_s"] + margin_s)
        clips |= pack_heart(name, cut)
    for rest in slices.found:
        if not rest.problem:
            own = heart.moved(rest.offset_s)
            rests |= pack_heart(
                rest.name, own.within(rest.start_s - margin_s, rest.end_s + margin_s)
            )
    return slices._replace(clips=clips, rests=rests)


def slice_heart(
    heart: HeartValues,
    source: str,
    timeline: pd.DataFrame,
    n_clips: int,
    settings: RestEpochs,
    margin_s: float = 0.0,
) -> Slices:
    """Cut clips and rests out of intervals or heart rates that no wave belongs to.

    A clip during which the device gave nothing keeps nothing: its windows have no value.

    Parameters
    ----------
    heart : of the whole session, on the participant's clock.
    source : name of the participant, for messages.
    timeline, n_clips, settings, margin_s : see `tinglegram.pulse.slices.slice_participant`.

    Raises
    ------
    InputProblem : not one value falls into a clip.
    """
    kind = {HEART_KIND: np.array(heart.kind)}
    first_s, last_s = float(heart.from_s[0]), float(heart.to_s[-1])
    trials = timeline.to_dict("records")
    if trials and not any(
        len(heart.within(trial["valid_start_s"], trial["end_s"]).values) for trial in trials
    ):
        raise InputProblem(
            source,
            where="heart rate",
            expected=f"values during the clips, from second {trials[0]['start_s']:.1f} on",
            found=f"values from second {first_s:.1f} to second {last_s:.1f} alone",
            remedy="Correct the clock or offset_s of the file in data: options.",
        )
    found = find_rests(
        timeline,
        last_s,
        n_clips,
        margin_s=settings.rest_margin,
        minimum_s=settings.rest_minimum,
        begin_s=first_s,
    )
    rests: dict[str, np.ndarray] = kind | {"names": np.array([rest.name for rest in found])}
    for rest in found:
        if rest.problem:
            rests[f"{rest.name}@problem"] = np.array(rest.problem)
        else:
            rests[f"{rest.name}@edges_s"] = np.array([rest.start_s, rest.end_s])
    whole = Slices(dict(kind), rests, found)
    return with_beats(whole, heart, timeline, margin_s=margin_s)
