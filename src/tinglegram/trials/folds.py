"""Which participant's trial of which clip trains, validates or tests in each fold.

A scheme holds out participants, clips or both. In the double-independent one neither a test
participant nor a test clip is ever seen in training (paper, section "Technical Validation",
cross-validation protocol).
"""

import random
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.errors import TinglegramError
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import SWITCH, Bounds, section

# How participants are ordered before they are cut into folds. The released code sorts the
# identifiers as strings: 1, 10, 11, ..., 19, 20, ..., 3, 30, ...
SUBJECT_ORDERS: dict[str, Callable[[int], str | int]] = {"string": str, "numeric": int}
# Leaving one participant out: one tests, one validates, one trains.
_FEWEST_PEOPLE = 3
# Scheme -> what is held out, for readers of its scores.
HELD_OUT = {
    "double_independent": "Held out: the people and the clips of the test trials; neither was "
    "seen in training.",
    "leave_one_participant_out": "Held out: the tested person; their clips were seen in training, "
    "with other people's reports.",
    "leave_one_clip_pair_out": "Held out: the tested clips, one of each condition; their viewers "
    "were seen in training, with other clips.",
}


@section("folds")
class FoldScheme(Seeding):
    """How participants and clips are held out, and how participants are ordered for it."""

    scheme: Annotated[
        Literal["double_independent", "leave_one_participant_out", "leave_one_clip_pair_out"],
        "double_independent: fold i tests clip i of each condition on the i-th group of "
        "participants. leave_one_participant_out: fold i tests all clips of participant i. "
        "leave_one_clip_pair_out: fold i tests clip i of each condition on everybody.",
    ] = "double_independent"
    number: Annotated[
        int | None,
        Bounds(minimum=2),
        "Number of folds; null with leave_one_participant_out: the number of participants decides.",
    ] = 4
    subject_order: Annotated[
        Literal["string", "numeric"],
        SWITCH,
        "Order of participants before they are cut into folds.",
    ]
    validation_fraction: Annotated[
        float, SWITCH, "Share of the training participants who validate."
    ]


def groups_of_participants(subjects: list[int], n_folds: int) -> list[list[int]]:
    """Cut ordered participants into `n_folds` test groups; the remainder joins the last one."""
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
    """Draw the inner validation participants from the ordered training participants of one fold.

    `max(1, int(fraction x participants))` of them, by Python's generator started afresh with `seed`
    in every fold, as the released code draws them.
    """
    if not 0 < fraction < 1:
        raise TinglegramError(f"validation_fraction is {fraction}; set it between 0 and 1.")
    return random.Random(seed).sample(training, max(1, int(fraction * len(training))))


def number_of_folds(
    scheme: str, number: int | None, n_participants: int, clips: Mapping[str, str]
) -> int:
    """Return how many folds a scheme makes.

    Parameters
    ----------
    scheme : one of `SCHEMES`.
    number : as configured; None where the number of participants decides.
    n_participants : participants who take part; 0 where only predictions are given.
    clips : clip code -> condition.

    Raises
    ------
    TinglegramError : `number` contradicts the scheme, the participants or the clips.
    """
    if scheme == "leave_one_participant_out":
        if number not in (None, n_participants):
            raise TinglegramError(
                f"folds: number is {number}, but leaving one participant out makes one fold for "
                f"each of {n_participants} people. Write null."
            )
        if n_participants < _FEWEST_PEOPLE:
            raise TinglegramError(
                f"Leaving one participant out needs {_FEWEST_PEOPLE} people (one tests, one "
                f"validates, one trains), found {n_participants}. Include more people."
            )
        return n_participants
    if number is None:
        raise TinglegramError(f"folds: number is null; {scheme} needs the number of clip pairs.")
    if number < 2:
        raise TinglegramError(f"folds: number is {number}; what one fold tests, others must train.")
    clips_of_folds(clips, number)
    # Two participants at least must be left in every fold: one validates, one trains.
    fewest = 2
    if scheme == "double_independent":
        fewest = number if number > 2 else 4
    if 0 < n_participants < fewest:
        raise TinglegramError(
            f"{number} {scheme.replace('_', '-')} folds need {fewest} people, so that in each of "
            f"them somebody tests, somebody validates and somebody trains, found {n_participants}. "
            "Include more people, or choose other folds."
        )
    return number


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

    Fold i tests clip i of each condition on the i-th group of participants, and trains on the other
    clips of the other participants. The inner validation participants give their trials of the
    training clips. A test participant's training clips and a training participant's test clips are
    unused.

    Parameters
    ----------
    trials : one row per trial that exists, with `subject` (int) and `video` (clip code).
    clips : clip code -> condition, in the order of the configuration.
    n_folds : number of folds, equal to the number of clips per condition.
    subject_order : `string` (released code) or `numeric`.
    validation_fraction : share of the training participants set aside, between 0 and 1.
    seed : starts the draw of the validation participants in each fold.

    Returns
    -------
    Table of fold (from 1), subject, video, role; one row per fold and trial, ordered by fold,
    subject and clip.

    Raises
    ------
    TinglegramError : the folds cannot be made from these participants and clips.
    """
    subjects = _ordered_participants(trials, subject_order)
    number_of_folds("double_independent", n_folds, len(subjects), clips)
    groups_of_clips = clips_of_folds(clips, n_folds)
    ordered, folds = _ordered_trials(trials, clips), []
    for group, held in zip(groups_of_participants(subjects, n_folds), groups_of_clips, strict=True):
        training = [subject for subject in subjects if subject not in group]
        participant, clip = ordered["subject"].isin(group), ordered["video"].isin(held)
        drawn = draw_validation(training, validation_fraction, seed)
        folds.append(_roles(ordered, participant & clip, ~(participant | clip), drawn))
    return _joined(folds, len(subjects))


def leave_one_participant_out(
    trials: pd.DataFrame,
    clips: Mapping[str, str],
    *,
    n_folds: int,
    subject_order: str,
    validation_fraction: float,
    seed: int,
) -> pd.DataFrame:
    """Give every trial its role: fold i tests all clips of the i-th participant, the others train.

    Arguments, table and errors are those of `double_independent`; `n_folds` is the number of
    participants. Validation participants are drawn from the others; no trial is unused.
    """
    subjects = _ordered_participants(trials, subject_order)
    number_of_folds("leave_one_participant_out", n_folds, len(subjects), clips)
    ordered, folds = _ordered_trials(trials, clips), []
    for subject in subjects:
        test = ordered["subject"] == subject
        training = [other for other in subjects if other != subject]
        drawn = draw_validation(training, validation_fraction, seed)
        folds.append(_roles(ordered, test, ~test, drawn))
    return _joined(folds, len(subjects))


def leave_one_clip_pair_out(
    trials: pd.DataFrame,
    clips: Mapping[str, str],
    *,
    n_folds: int,
    subject_order: str,
    validation_fraction: float,
    seed: int,
) -> pd.DataFrame:
    """Give every trial its role: fold i tests clip i of each condition on everybody.

    Arguments, table and errors are those of `double_independent`. All other clips train, but for
    those of the validation participants, who are drawn from everybody; no trial is unused.
    """
    subjects = _ordered_participants(trials, subject_order)
    number_of_folds("leave_one_clip_pair_out", n_folds, len(subjects), clips)
    ordered, folds = _ordered_trials(trials, clips), []
    for held in clips_of_folds(clips, n_folds):
        test = ordered["video"].isin(held)
        drawn = draw_validation(subjects, validation_fraction, seed)
        folds.append(_roles(ordered, test, ~test, drawn))
    return _joined(folds, len(subjects))


def _ordered_participants(trials: pd.DataFrame, subject_order: str) -> list[int]:
    return sorted({int(s) for s in trials["subject"]}, key=SUBJECT_ORDERS[subject_order])


def _ordered_trials(trials: pd.DataFrame, clips: Mapping[str, str]) -> pd.DataFrame:
    position = {code: index for index, code in enumerate(clips)}
    return trials.loc[:, ["subject", "video"]].sort_values(
        ["subject", "video"],
        key=lambda column: column.map(position) if column.name == "video" else column,
    )


def _roles(
    ordered: pd.DataFrame, test: pd.Series, seen: pd.Series, validation: list[int]
) -> pd.DataFrame:
    """Name the trials that test, those seen in training, and of these those that validate."""
    validated = ordered["subject"].isin(validation)
    role = np.select([test, ~seen, validated], ["test", "unused", "validation"], default="train")
    return ordered.assign(role=role)


def _joined(folds: list[pd.DataFrame], n_participants: int) -> pd.DataFrame:
    """Number the folds from 1 and refuse one that lacks a role."""
    for number, fold in enumerate(folds, 1):
        held = fold.groupby("role")["subject"].nunique()
        for needed in ("train", "validation", "test"):
            if needed not in held:
                raise TinglegramError(
                    f"Fold {number} has no {needed} trial: of {n_participants} people it tests "
                    f"{held.get('test', 0)} and sets {held.get('validation', 0)} aside for "
                    "validation. Include more people or trials, or lower folds: number or "
                    "validation_fraction."
                )
    numbered = [fold.assign(fold=number) for number, fold in enumerate(folds, 1)]
    return pd.concat(numbered, ignore_index=True)[["fold", "subject", "video", "role"]]


# Name of a scheme in the configuration -> the function that makes its table.
SCHEMES: dict[str, Callable[..., pd.DataFrame]] = {
    "double_independent": double_independent,
    "leave_one_participant_out": leave_one_participant_out,
    "leave_one_clip_pair_out": leave_one_clip_pair_out,
}


def make_folds(trials: pd.DataFrame, clips: Mapping[str, str], scheme: FoldScheme) -> pd.DataFrame:
    """Give every trial its role in every fold, as a scheme says.

    Parameters
    ----------
    trials : one row per trial that exists, with `subject` (int) and `video` (clip code).
    clips : clip code -> condition, in the order of the configuration.
    scheme : see the class.

    Returns
    -------
    The table that `double_independent` describes.

    Raises
    ------
    TinglegramError : the folds cannot be made from these participants and clips.
    """
    n_participants = trials["subject"].nunique()
    return SCHEMES[scheme.scheme](
        trials,
        clips,
        n_folds=number_of_folds(scheme.scheme, scheme.number, n_participants, clips),
        subject_order=scheme.subject_order,
        validation_fraction=scheme.validation_fraction,
        seed=scheme.seed,
    )
