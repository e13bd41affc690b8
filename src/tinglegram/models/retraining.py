"""Models trained again on reports that are moved in time: what tracking looks like by chance.

In a study whose folds share clips, the reports of one clip train the model that another is tested
with, and results of folds depend on each other. Moving the predictions of a model that is trained
already leaves that out. Here each draw moves the reports of every clip around in a circle, by one
step for all its viewers and in all folds, before anything is trained. It keeps how reports run in
time, what viewers of a clip share, features, folds and training, and breaks only when the reports
of a clip happen (surrogate data: Theiler et al. 1992, doi:10.1016/0167-2789(92)90102-S; a test of
the whole procedure of learning: Ojala & Garriga 2010, Journal of Machine Learning Research 11).
"""

import logging
from collections.abc import Callable, Iterable
from zlib import crc32

import numpy as np
import pandas as pd

from tinglegram.inference.rank_sums import rank_auc
from tinglegram.trials.trials import Array, Split, Trials

log = logging.getLogger(__name__)

# Labels (n, T) of all trials -> probability of class 1 of the test trials, (len(split.test), T).
Fit = Callable[[Array], Array]

# Random numbers of a use of their own, so that no other draws move when these are changed.
_STREAM = crc32(b"reports moved in time")


def clip_steps(lengths: Array, seed: int, shift: int) -> Array:
    """Return the steps by which one draw moves the reports of each clip to later times.

    Parameters
    ----------
    lengths : (clips,) steps of each clip.
    seed : of the study.
    shift : number of the draw, from 1; 0 moves nothing.

    Returns
    -------
    (clips,) int64, any step of a clip as likely as any other. They follow from `seed`, `shift` and
    the place of the clip alone: not from the model, the fold or the other draws.
    """
    if shift == 0:
        return np.zeros(len(lengths), dtype=np.int64)
    drawn = np.random.default_rng(np.random.SeedSequence([seed, _STREAM, shift]))
    found: Array = np.floor(drawn.random(len(lengths)) * lengths).astype(np.int64)
    return found


def moved_labels(trials: Trials, steps: Array) -> Array:
    """Return the labels of all trials, (n, T), moved to later times in a circle.

    Parameters
    ----------
    trials : see the class.
    steps : (clips,) of each clip, for all its viewers alike.

    A trial that was cut off turns within its own frames, so that every trial keeps its number of
    frames of each class, and its padding none. ASSUMPTION: such a trial is then moved by a little
    less, or more, than the others of its clip; it is one trial of a participant at most.
    """
    found: Array = trials.labels.copy()
    for row, (shown, clip) in enumerate(zip(trials.n_steps, trials.clip_index, strict=True)):
        found[row, :shown] = np.roll(trials.labels[row, :shown], steps[clip] % max(shown, 1))
    return found


def retrained_scores(
    trials: Trials,
    split: Split,
    shifts: Iterable[int],
    fit: Fit,
    *,
    seed: int,
    condition: str | None,
) -> pd.DataFrame:
    """Train one fold again for each draw, and score its test trials against reports moved alike.

    Parameters
    ----------
    trials, split : of the fold, features as the model gets them.
    shifts : numbers of the draws; see `clip_steps`.
    fit : trains on the fold's training trials with the labels it is given, and predicts.
    seed : of the study.
    condition : the target condition, whose trials are scored; None: all are.

    Returns
    -------
    One row per draw and test trial: shift, subject, video, order (where a clip was seen again) and
    roc_auc over valid frames, NaN where the reports are all of one class.
    """
    tested = [
        (place, row)
        for place, row in enumerate(split.test)
        if condition is None or trials.condition[row] == condition
    ]
    lengths = np.array([trials.steps_of(clip) for clip in range(int(trials.clip_index.max()) + 1)])
    shown, numbers = trials.valid, list(shifts)
    auc = np.full((len(numbers), len(tested)), np.nan)
    for number, shift in enumerate(numbers):
        labels = moved_labels(trials, clip_steps(lengths, seed, shift))
        probability = fit(labels)
        auc[number] = [
            rank_auc(probability[place, shown[row]], labels[row, shown[row]])
            for place, row in tested
        ]
        log.info("shift %d: trained again and tested on %d trials", shift, len(tested))
    rows = np.array([row for _, row in tested], dtype=np.int64)
    names = {"subject": trials.subject.astype(np.int64), "video": trials.video.astype(str)}
    names |= {"order": trials.order} if trials.repeated else {}
    return pd.DataFrame(
        {
            "shift": np.repeat(numbers, len(rows)),
            **{name: np.tile(values[rows], len(numbers)) for name, values in names.items()},
            "roc_auc": auc.ravel(),
        }
    )
