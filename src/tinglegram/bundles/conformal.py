"""Intervals of the mean response to a new clip, calibrated on clips that models had not seen.

Conformal prediction with whole clips as units (Vovk, Gammerman & Shafer 2005, "Algorithmic Learning
in a Random World"), because steps of a clip are not exchangeable and clips may be. The score of a
clip is the error that all but a share 1 - confidence of its steps stay within, of models of folds
that had not seen it. The half width is the k-th smallest score of n clips, k = (n + 1) × confidence
rounded up; where k > n, no width is wide enough, and there is no interval. It reaches from that
much below the lowest to that much above the highest prediction of the folds' models, and of the
model of all clips.

What is covered: of clips that are exchangeable with the training clips, at least the share
`confidence` have their mean reported response, of as many viewers as tested a clip, inside the
interval during at least the share `confidence` of their steps. With single clips held out that is
the jackknife-minmax, whose level holds without any assumption about the models (Barber, Candès,
Ramdas & Tibshirani 2021, doi:10.1214/20-AOS1965, theorem 3); proof for courses: where the new clip
is left out of training with a clip whose score is as large or larger, its own steps are within that
score of that model. ASSUMPTION: folds that hold out several clips at once are no different.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.trials.trials import Array

# Numbers such as 5 x 0.8 are a little above or below what they mean.
_ROUNDING = 1e-9


class HeldClips(NamedTuple):
    """Errors on clips that were held out.

    Attributes
    ----------
    clips : their codes.
    errors : (clips, T) mean reported minus mean predicted response; NaN where nobody was tested.
    viewers : (clips,) participants who tested each.
    reason : why there are none; empty where there are.
    """

    clips: tuple[str, ...]
    errors: Array
    viewers: tuple[int, ...]
    reason: str = ""


def unseen_clips(folds: pd.DataFrame) -> list[str]:
    """Return the clips that are tested, and trained on in none of the folds that test them.

    Parameters
    ----------
    folds : fold, video, role of each trial (folds.tsv).
    """
    role = folds["role"]
    tested = folds.loc[role == "test", ["fold", "video"]].drop_duplicates()
    trained = folds.loc[role.isin(["train", "validation"]), ["fold", "video"]].drop_duplicates()
    both = tested.merge(trained, on=["fold", "video"])
    return [clip for clip in dict.fromkeys(tested["video"]) if clip not in set(both["video"])]


def held_errors(
    predictions: pd.DataFrame, folds: pd.DataFrame, columns: tuple[str, str], steps: int
) -> HeldClips:
    """Return the errors of the folds' models on clips that they had not seen.

    Parameters
    ----------
    predictions : of all folds: subject, video, step, valid and `columns`.
    folds : fold, video, role (folds.tsv).
    columns : names of what was reported and what was predicted.
    steps : T, the steps of the longest clip.
    """
    unseen = unseen_clips(folds)
    if not unseen:
        reason = "no fold tests a clip that its model had not seen"
        return HeldClips((), np.empty((0, steps)), (), reason)
    shown = predictions[predictions["valid"] & predictions["video"].isin(unseen)]
    means = shown.groupby(["video", "step"], sort=False)[list(columns)].mean()
    error = means[columns[0]] - means[columns[1]]
    wide = error.unstack("step").reindex(index=unseen, columns=range(steps))
    viewers = shown.groupby("video")["subject"].nunique().reindex(unseen)
    return HeldClips(
        tuple(unseen), wide.to_numpy(np.float64), tuple(int(number) for number in viewers)
    )


def clip_scores(errors: Array, confidence: float) -> Array:
    """Return for each clip what the absolute error of a share `confidence` of its steps is within.

    Parameters
    ----------
    errors : (clips, T); NaN counts for nothing.

    Returns
    -------
    (clips,): the smallest error such that at least that share of the steps has no larger one.
    """
    found = np.empty(len(errors))
    for place, course in enumerate(np.abs(errors)):
        known = np.sort(course[~np.isnan(course)])
        found[place] = known[math.ceil(len(known) * confidence - _ROUNDING) - 1]
    return found


def clips_needed(confidence: float) -> int:
    """Return the fewest clips that calibrate an interval of this confidence."""
    return math.ceil(confidence / (1 - confidence) - _ROUNDING)


def half_width(scores: Array | Sequence[float], confidence: float) -> float | None:
    """Return the half width of an interval; None: there are too few clips for this confidence.

    Parameters
    ----------
    scores : (n,) of clips that were held out.
    """
    rank = math.ceil((len(scores) + 1) * confidence - _ROUNDING)
    return None if rank > len(scores) else float(np.sort(np.asarray(scores))[rank - 1])


def interval(
    courses: Array, half: float | None, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[Array, Array]:
    """Return the lower and the upper end of the interval at every step, (T,) each.

    Parameters
    ----------
    courses : (models, T) what the folds' models and that of all clips predict.
    half : half width; None: both ends are NaN.
    bounds : that no mean response exceeds.
    """
    if half is None:
        nothing = np.full(courses.shape[1], np.nan)
        return nothing, nothing.copy()
    low, high = courses.min(axis=0) - half, courses.max(axis=0) + half
    return np.clip(low, *bounds), np.clip(high, *bounds)


def coverage_sentence(held: Mapping[str, object], confidence: float) -> str:
    """Say in a sentence what an interval covers, or why there is none.

    Parameters
    ----------
    held : `clips` (codes), `viewers` (of each) and `reason`, as in bundle.json.
    """
    clips, viewers = list(held["clips"]), list(held["viewers"])  # type: ignore[call-overload]
    share = f"{100 * confidence:g} %"
    if held["reason"]:
        return f"No calibrated interval: {held['reason']}."
    if len(clips) < clips_needed(confidence):
        return (
            f"No calibrated interval at {share}: {len(clips)} clip(s) were held out, and at least "
            f"{clips_needed(confidence)} are needed."
        )
    seen = (
        f"{min(viewers)}" if min(viewers) == max(viewers) else f"{min(viewers)} to {max(viewers)}"
    )
    return (
        f"Interval: of clips like the {len(clips)} training clips, at least {share} have the mean "
        f"reported response of {seen} viewers inside it during at least {share} of the time "
        "(conformal prediction over clips). It says nothing of single viewers, or of other clips."
    )
