"""Which participant's trial of which clip trains, validates or tests in each fold.

A scheme holds out participants, clips or both. In the double-independent one neither a test
participant nor a test clip is ever seen in training (paper, section "Technical Validation",
cross-validation protocol).
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.errors import TinglegramError
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import NOT_EMPTY, SWITCH, Bounds, section
from tinglegram.trials.trials import trial_keys

# How participants are ordered before they are cut into folds. The released code sorts the
# identifiers as strings: 1, 10, 11, ..., 19, 20, ..., 3, 30, ...
SUBJECT_ORDERS: dict[str, Callable[[int], str | int]] = {"string": str, "numeric": int}
# Leaving one participant out: one tests, one validates, one trains.
_FEWEST_PEOPLE = 3
# ASSUMPTION: up to this many clips each is held out by itself; with more, every fold would train
# nearly the same models, and folds of people tell as much for less time.
_MOST_STIMULI = 20
# ASSUMPTION: as in most of the field, where nobody says how many groups of people there are.
_GROUPS = 5
# Scheme -> what is held out, for readers of its scores.
HELD_OUT = {
    "double_independent": "Held out: the people and the clips of the test trials; neither was "
    "seen in training.",
    "leave_one_participant_out": "Held out: the tested person; their clips were seen in training, "
    "with other people's reports.",
    "leave_one_clip_pair_out": "Held out: the tested clips, one of each condition; their viewers "
    "were seen in training, with other clips.",
    "leave_one_stimulus_out": "Held out: the tested clip; its viewers were seen in training, with "
    "other clips.",
    "grouped_k_fold": "Held out: the tested people; their clips were seen in training, with other "
    "people's reports.",
    "leave_one_group_out": "Held out: all people of the tested group; their clips were seen in "
    "training where people of other groups saw them too.",
}
# The scheme whose folds are values of a covariate.
BY_COVARIATE = "leave_one_group_out"


@section("folds")
class FoldScheme(Seeding):
    """How participants and clips are held out, and how participants are ordered for it."""

    scheme: Annotated[
        Literal[
            "auto",
            "double_independent",
            "leave_one_participant_out",
            "leave_one_clip_pair_out",
            "leave_one_stimulus_out",
            "grouped_k_fold",
            "leave_one_group_out",
        ],
        "double_independent: fold i tests the i-th group of clips (dealt in turn within each "
        "condition) on the i-th group of participants. leave_one_participant_out: fold i tests all "
        "clips of participant i. leave_one_clip_pair_out: fold i tests clip i of each condition on "
        "everybody. leave_one_stimulus_out: fold i tests clip i on everybody. grouped_k_fold: fold "
        "i tests all clips of the i-th group of participants. leave_one_group_out: fold i tests "
        "all clips of the participants with the i-th value of covariate, such as one study or "
        "site. auto: leave_one_clip_pair_out where "
        "two conditions have equally many clips, leave_one_stimulus_out with up to "
        f"{_MOST_STIMULI} clips, else grouped_k_fold.",
    ] = "double_independent"
    number: Annotated[
        int | None,
        Bounds(minimum=2),
        "Number of folds; null where participants, clips or values of a covariate are left out one "
        "by one: their number decides.",
    ] = 4
    covariate: Annotated[
        str | None,
        NOT_EMPTY,
        "Column of participants.tsv whose values leave_one_group_out holds out one by one; null "
        "with every other scheme.",
    ] = None
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
    """Deal the clips to the folds that test them, in turn within each condition.

    With `n_folds` clips of each condition, fold i tests clip i of every condition. Each condition
    begins where the one before it ended, so that no two folds differ by more than one clip.

    Parameters
    ----------
    clips : clip code -> condition, in the order of the configuration.

    Raises
    ------
    TinglegramError : fewer clips than folds.
    """
    if len(clips) < n_folds:
        raise TinglegramError(
            f"{n_folds} folds need {n_folds} clips, so that each of them tests one, found "
            f"{len(clips)}. Lower folds: number, or list more clips."
        )
    found: list[list[str]] = [[] for _ in range(n_folds)]
    in_turn = sorted(clips, key=lambda code: list(clips.values()).index(clips[code]))
    for place, code in enumerate(in_turn):
        found[place % n_folds].append(code)
    return found


def clip_pairs(clips: Mapping[str, str]) -> int:
    """Return how many clips every condition has; 0 where they differ or there is one condition."""
    counts = Counter(clips.values())
    numbers = set(counts.values())
    return numbers.pop() if len(numbers) == 1 and len(counts) > 1 else 0


def resolved_scheme(scheme: str, clips: Mapping[str, str]) -> str:
    """Return the scheme that `auto` stands for; any other stands for itself.

    Parameters
    ----------
    clips : clip code -> condition.
    """
    if scheme != "auto":
        return scheme
    if clip_pairs(clips) > 1 and len(set(clips.values())) == 2:
        return "leave_one_clip_pair_out"
    return "leave_one_stimulus_out" if 1 < len(clips) <= _MOST_STIMULI else "grouped_k_fold"


def draw_validation(training: list[int], fraction: float, seed: int) -> list[int]:
    """Draw the inner validation participants from the ordered training participants of one fold.

    `max(1, int(fraction x participants))` of them, by Python's generator started afresh with `seed`
    in every fold, as the released code draws them.
    """
    if not 0 < fraction < 1:
        raise TinglegramError(f"validation_fraction is {fraction}; set it between 0 and 1.")
    return random.Random(seed).sample(training, max(1, int(fraction * len(training))))


def group_order(label: str) -> tuple[bool, float, str]:
    """Return a key that sorts groups: numbers by value, then words by letter."""
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label


def groups_of_values(
    values: Mapping[int, str], subjects: Sequence[int], covariate: str
) -> dict[int, str]:
    """Return the group of each participant who takes part.

    Parameters
    ----------
    values : participant -> value of the covariate as participants.tsv writes it; without those who
        have none.
    subjects : who takes part.
    covariate : its name, for the message.

    Raises
    ------
    TinglegramError : somebody who takes part has no value; it names all of them.
    """
    lacking = [f"{subject:03d}" for subject in subjects if subject not in values]
    if lacking:
        raise TinglegramError(
            f"folds: covariate {covariate} says which fold tests a participant, but "
            f"{', '.join(lacking)} of {len(subjects)} people have no value of it. Fill it in, or "
            "leave them out (data: exclusions)."
        )
    # A column of numbers in which one is missing is written with decimals: 1.0.
    return {subject: re.sub(r"^(-?\d+)\.0$", r"\1", values[subject]) for subject in subjects}


def number_of_folds(
    scheme: str,
    number: int | None,
    n_participants: int,
    clips: Mapping[str, str],
    groups: Mapping[int, str] = MappingProxyType({}),
) -> int:
    """Return how many folds a scheme makes.

    Parameters
    ----------
    scheme : as in `FoldScheme`.
    number : as configured; None where the number of participants decides.
    n_participants : participants who take part; 0 where only predictions are given.
    clips : clip code -> condition.
    groups : participant -> value of the covariate, for `leave_one_group_out`.

    Raises
    ------
    TinglegramError : `number` contradicts the scheme, the participants, the clips or the groups.
    """
    asked, scheme = scheme, resolved_scheme(scheme, clips)
    if scheme == BY_COVARIATE:
        return _number_by_groups(number, groups)
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
    if scheme in ("leave_one_clip_pair_out", "leave_one_stimulus_out"):
        # A number that stands beside auto is one of groups of people.
        number = _number_by_clips(scheme, None if asked == "auto" else number, clips)
    elif number is None and asked == "auto":
        number = min(_GROUPS, n_participants)
    if number is None:
        raise TinglegramError(f"folds: number is null; {scheme} needs the number of groups.")
    if number < 2:
        raise TinglegramError(f"folds: number is {number}; what one fold tests, others must train.")
    if scheme == "double_independent":
        clips_of_folds(clips, number)
    # Two participants at least must be left in every fold: one validates, one trains.
    fewest = 2
    if scheme in ("double_independent", "grouped_k_fold"):
        fewest = number if number > 2 else 4
    if 0 < n_participants < fewest:
        raise TinglegramError(
            f"{number} {scheme.replace('_', '-')} folds need {fewest} people, so that in each of "
            f"them somebody tests, somebody validates and somebody trains, found {n_participants}. "
            "Include more people, or choose other folds."
        )
    return number


def _number_by_groups(number: int | None, groups: Mapping[int, str]) -> int:
    """Return how many groups there are; in every fold two people at least must be left."""
    counts = Counter(groups.values())
    listed = ", ".join(f"{name} ({counts[name]})" for name in sorted(counts, key=group_order))
    if len(counts) < 2:
        raise TinglegramError(
            "Leaving one group out needs two groups, so that what one fold tests, others train, "
            f"found {listed or 'none'}. Name another covariate (folds: covariate), or choose other "
            "folds."
        )
    if number not in (None, len(counts)):
        raise TinglegramError(
            f"folds: number is {number}, but leaving one group out makes one fold for each of "
            f"{len(counts)} groups: {listed}. Write null."
        )
    largest = max(counts, key=lambda name: counts[name])
    if len(groups) - counts[largest] < 2:
        raise TinglegramError(
            f"Leaving one group out needs 2 people outside of every group (one validates, one "
            f"trains), found {len(groups) - counts[largest]} outside of {largest}: {listed}. "
            "Include more people, or choose other folds."
        )
    return len(counts)


def _number_by_clips(scheme: str, number: int | None, clips: Mapping[str, str]) -> int:
    """Return how many folds the clips make; `number`, where there is one, must say so too."""
    if scheme == "leave_one_stimulus_out":
        found, what = len(clips), f"there are {len(clips)} clips"
    else:
        found = clip_pairs(clips)
        counts = Counter(clips.values())
        what = ", ".join(f"{name} has {count}" for name, count in counts.items())
    if not found:
        raise TinglegramError(
            "Fold i tests clip i of each condition, so every condition needs as many clips, but "
            f"{what}. List as many clips of each of at least two conditions, or choose other folds "
            "(folds: scheme: leave_one_stimulus_out)."
        )
    if number not in (None, found):
        raise TinglegramError(
            f"folds: number is {number}, but {scheme} makes {found} folds, because {what}. Write "
            "null."
        )
    return found


def assign_roles(
    scheme: str,
    trials: pd.DataFrame,
    clips: Mapping[str, str],
    *,
    n_folds: int,
    subject_order: str,
    validation_fraction: float,
    seed: int,
    groups: Mapping[int, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Give every trial its role in every fold.

    A fold tests the trials of the participants and clips that it holds out, and trains on those of
    neither. Where both are held out, the other trials of either are unused. The validation
    participants are drawn from those who are not held out, and give their training trials.

    Parameters
    ----------
    scheme : as in `FoldScheme`.
    trials : one row per trial that exists, with `subject` (int) and `video` (clip code), and with
        `order` where somebody saw a clip more than once.
    clips : clip code -> condition, in the order of the configuration.
    n_folds : number of folds, as `number_of_folds` gives it.
    subject_order : `string` (released code) or `numeric`.
    validation_fraction : share of the training participants set aside, between 0 and 1.
    seed : starts the draw of the validation participants in each fold.
    groups : participant -> value of the covariate, for `leave_one_group_out`.

    Returns
    -------
    Table of fold (from 1), subject, video, role; one row per fold and trial, ordered by fold,
    subject and clip. Where somebody saw a clip more than once it also has `order`, which tells
    these trials apart.

    Raises
    ------
    TinglegramError : the folds cannot be made from these participants and clips.
    """
    subjects = _ordered_participants(trials, subject_order)
    if scheme == BY_COVARIATE:
        groups = {subject: groups[subject] for subject in subjects}
    number_of_folds(scheme, n_folds, len(subjects), clips, groups)
    ordered, folds = _ordered_trials(trials, clips), []
    for held in held_out(scheme, subjects, clips, n_folds, groups):
        participant = ordered["subject"].isin(held.participants)
        clip = ordered["video"].isin(held.clips)
        test = participant & clip if held.participants and held.clips else participant | clip
        training = [subject for subject in subjects if subject not in held.participants]
        drawn = draw_validation(training, validation_fraction, seed)
        folds.append(_roles(ordered, test, ~(participant | clip), drawn))
    return _joined(folds, len(subjects))


def _ordered_participants(trials: pd.DataFrame, subject_order: str) -> list[int]:
    return sorted({int(s) for s in trials["subject"]}, key=SUBJECT_ORDERS[subject_order])


def _ordered_trials(trials: pd.DataFrame, clips: Mapping[str, str]) -> pd.DataFrame:
    position = {code: index for index, code in enumerate(clips)}
    keys = trial_keys(trials)
    return trials.loc[:, keys].sort_values(
        keys, key=lambda column: column.map(position) if column.name == "video" else column
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
    keys = [name for name in folds[0].columns if name != "role"]
    return pd.concat(numbered, ignore_index=True)[["fold", *keys, "role"]]


class HeldOut(NamedTuple):
    """What a fold keeps out of training; empty: nobody, or no clip."""

    participants: Sequence[int] = ()
    clips: Sequence[str] = ()


def _both(subjects: list[int], clips: Mapping[str, str], n_folds: int) -> list[HeldOut]:
    groups = groups_of_participants(subjects, n_folds), clips_of_folds(clips, n_folds)
    return [HeldOut(*pair) for pair in zip(*groups, strict=True)]


# Name of a scheme in the configuration -> what each of its folds holds out, by the ordered
# participants, the clips with their conditions, and the number of folds. `leave_one_group_out`
# needs a covariate too: `held_out`.
SCHEMES: dict[str, Callable[[list[int], Mapping[str, str], int], list[HeldOut]]] = {
    "double_independent": _both,
    "leave_one_participant_out": lambda subjects, clips, n: [HeldOut([s]) for s in subjects],
    "leave_one_clip_pair_out": lambda subjects, clips, n: [
        HeldOut(clips=pair) for pair in clips_of_folds(clips, n)
    ],
    "leave_one_stimulus_out": lambda subjects, clips, n: [HeldOut(clips=[c]) for c in clips],
    "grouped_k_fold": lambda subjects, clips, n: [
        HeldOut(group) for group in groups_of_participants(subjects, n)
    ],
}


def held_out(
    scheme: str,
    subjects: list[int],
    clips: Mapping[str, str],
    n_folds: int,
    groups: Mapping[int, str] = MappingProxyType({}),
) -> list[HeldOut]:
    """Return what each fold of a scheme holds out.

    Parameters
    ----------
    scheme : a key of `SCHEMES`, or `leave_one_group_out`.
    subjects : in their order; clips, n_folds : see `assign_roles`.
    groups : participant -> value of the covariate; folds are in the order of the values.
    """
    if scheme != BY_COVARIATE:
        return SCHEMES[scheme](subjects, clips, n_folds)
    names = sorted({groups[subject] for subject in subjects}, key=group_order)
    return [HeldOut([s for s in subjects if groups[s] == name]) for name in names]


def unserved_fold(
    scheme: str,
    subjects: Sequence[int],
    clips: Mapping[str, str],
    n_folds: int,
    groups: Mapping[int, str],
    having: Collection[int],
) -> tuple[int, str] | None:
    """Return the first fold that has nobody to test or to train by, and which; None: no such fold.

    Parameters
    ----------
    scheme, clips, n_folds, groups : see `assign_roles`; subjects : in their order.
    having : those of them who have what a model needs.
    """
    for number, held in enumerate(held_out(scheme, [*subjects], clips, n_folds, groups), 1):
        tested = held.participants or subjects
        trained = {*subjects} - {*held.participants}
        for role, people in (("test", tested), ("train", trained)):
            if not {*people} & {*having}:
                return number, role
    return None


def make_folds(
    trials: pd.DataFrame,
    clips: Mapping[str, str],
    scheme: FoldScheme,
    values: Mapping[int, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Give every trial its role in every fold, as a scheme says.

    Parameters
    ----------
    trials : one row per trial that exists, with `subject` (int) and `video` (clip code).
    clips : clip code -> condition, in the order of the configuration.
    scheme : see the class.
    values : participant -> value of its covariate, as participants.tsv writes it.

    Returns
    -------
    The table that `assign_roles` describes.

    Raises
    ------
    TinglegramError : the folds cannot be made from these participants and clips.
    """
    n_participants = trials["subject"].nunique()
    groups: Mapping[int, str] = {}
    if scheme.scheme == BY_COVARIATE:
        groups = groups_of_values(values, sorted(set(trials["subject"])), str(scheme.covariate))
    return assign_roles(
        resolved_scheme(scheme.scheme, clips),
        trials,
        clips,
        groups=groups,
        n_folds=number_of_folds(scheme.scheme, scheme.number, n_participants, clips, groups),
        subject_order=scheme.subject_order,
        validation_fraction=scheme.validation_fraction,
        seed=scheme.seed,
    )
