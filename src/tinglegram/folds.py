"""Which person's trial of which clip trains, validates or tests in each fold.

In the double-independent scheme neither a test person nor a test clip is ever seen in training
(paper, section "Technical Validation", cross-validation protocol).
"""

import random
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tinglegram.errors import TinglegramError

# How people are ordered before they are cut into folds. The released code sorts the identifiers
# as strings: 1, 10, 11, ..., 19, 20, ..., 3, 30, ...
SUBJECT_ORDERS: dict[str, Callable[[int], str | int]] = {"string": str, "numeric": int}
ROLES = ("train", "validation", "test", "unused")


def groups_of_people(subjects: list[int], n_folds: int) -> list[list[int]]:
    """Cut ordered people into `n_folds` test groups; the remainder joins the last one."""
    size = len(subjects) // n_folds
    starts = [size * fold for fold in range(n_folds)] + [len(subjects)]
    return [subjects[first:end] for first, end in zip(starts, starts[1:], strict=False)]


def clips_of_folds(clips: Mapping[str, str], n_folds: int) -> list[list[str]]:
    """Return the clips each fold tests: clip i of every condition in fold i.

    Parameters
    ----------
    clips : clip code -> condition, in the order of the configuration.

    Raises
    ------
    TinglegramError : a condition does not have exactly `n_folds` clips.
    """
    by_condition: dict[str, list[str]] = {}
    for code, condition in clips.items():
        by_condition.setdefault(condition, []).append(code)
    uneven = {name: len(codes) for name, codes in by_condition.items() if len(codes) != n_folds}
    if uneven:
        counts = ", ".join(f"{name} has {count}" for name, count in uneven.items())
        raise TinglegramError(
            f"Fold i tests clip i of each condition, so {n_folds} folds need {n_folds} clips per "
            f"condition, but {counts}. Set folds: number to the number of clips per condition, or "
            "list as many clips of each condition as there are folds."
        )
    return [list(pair) for pair in zip(*by_condition.values(), strict=True)]


def draw_validation(training: list[int], fraction: float, seed: int) -> list[int]:
    """Draw the inner validation people from the ordered training people of one fold.

    `max(1, int(fraction x people))` of them, by Python's generator started afresh with `seed` in
    every fold, as the released code draws them.
    """
    return random.Random(seed).sample(training, max(1, int(fraction * len(training))))


def double_independent(
    trials: pd.DataFrame,
    clips: Mapping[str, str],
    *,
    n_folds: int,
    subject_order: str,
    validation_fraction: float,
    seed: int,
) -> pd.DataFrame:
    """Give every trial its role in every fold.

    Fold i tests clip i of each condition on the i-th group of people, and trains on the other
    clips of the other people. The inner validation people give their trials of the training clips.
    A test person's training clips and a training person's test clips are unused.

    Parameters
    ----------
    trials : one row per trial that exists, with `subject` (int) and `video` (clip code).
    clips : clip code -> condition, in the order of the configuration.
    n_folds : number of folds, equal to the number of clips per condition.
    subject_order : `string` (released code) or `numeric`.
    validation_fraction : share of the training people set aside, between 0 and 1.
    seed : starts the draw of the validation people in each fold.

    Returns
    -------
    Table of fold (from 1), subject, video, role; one row per fold and trial, ordered by fold,
    subject and clip.

    Raises
    ------
    TinglegramError : the folds cannot be made from these people and clips.
    """
    if not 0 < validation_fraction < 1:
        raise TinglegramError(
            f"validation_fraction is {validation_fraction}; set it between 0 and 1."
        )
    groups_of_clips = clips_of_folds(clips, n_folds)
    subjects = sorted({int(s) for s in trials["subject"]}, key=SUBJECT_ORDERS[subject_order])
    if n_folds < 2 or len(subjects) < n_folds:
        raise TinglegramError(
            f"{n_folds} folds cannot be made from {len(subjects)} people. Set folds: number "
            "between 2 and the number of people, or include more people."
        )
    position = {code: index for index, code in enumerate(clips)}
    ordered = trials.loc[:, ["subject", "video"]].sort_values(
        ["subject", "video"],
        key=lambda column: column.map(position) if column.name == "video" else column,
    )
    folds = []
    for index, group in enumerate(groups_of_people(subjects, n_folds)):
        training = [subject for subject in subjects if subject not in group]
        validation = draw_validation(training, validation_fraction, seed)
        held_clip = ordered["video"].isin(groups_of_clips[index])
        tested = ordered["subject"].isin(group)
        validated = ordered["subject"].isin(validation)
        role = np.select(
            [tested & held_clip, tested | held_clip, validated],
            ["test", "unused", "validation"],
            default="train",
        )
        for needed in ("train", "validation", "test"):
            if needed not in role:
                raise TinglegramError(
                    f"Fold {index + 1} has no {needed} trial: of {len(subjects)} people it tests "
                    f"{len(group)} and sets {len(validation)} aside for validation. Include more "
                    "people or trials, or lower folds: number or validation_fraction."
                )
        folds.append(ordered.assign(fold=index + 1, role=role))
    return pd.concat(folds, ignore_index=True)[["fold", "subject", "video", "role"]]


# Name of a scheme in the configuration -> the function that makes its table.
SCHEMES: dict[str, Callable[..., pd.DataFrame]] = {"double_independent": double_independent}
