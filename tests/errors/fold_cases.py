"""Folds that cannot be made from these people and clips."""

import itertools
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd
from error_cases import Case
from overlay import CONFIG
from regression_cases import reports, rows

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.models.baselines import baseline_predictions
from tinglegram.study.configuration_lines import read_keys
from tinglegram.study.plan import Plan
from tinglegram.study.planning import refuse_unserved_folds
from tinglegram.trials.folds import assign_roles, number_of_folds
from tinglegram.trials.trials import Split, split

TITLE = "Folds"
CLIPS = {code: clip["condition"] for code, clip in CONFIG["clips"].items()}


def _folds(given: str, message: str, scheme: str, number: int | None, n_participants: int) -> Case:
    """A study of so many people with the clips of config.yaml."""
    return Case(
        given, message, lambda _: number_of_folds(scheme, number, n_participants, CLIPS) and None
    )


def _make_folds(seen: list[tuple[int, str]], clips: Mapping[str, str], fraction: float) -> None:
    assign_roles(
        "double_independent",
        pd.DataFrame(seen, columns=["subject", "video"]),
        clips,
        n_folds=2,
        subject_order="numeric",
        validation_fraction=fraction,
        seed=42,
    )


def _test_without_pulse(_: object) -> None:
    folds = pd.DataFrame(
        [(2, 3, "train"), (2, 4, "validation"), (2, 12, "test")],
        columns=["fold", "subject", "role"],
    )
    people = {"subject": np.array([3, 4]), "video": np.array(["a1", "a1"])}
    found = SimpleNamespace(**people, left_out={})
    split(found, folds.assign(video="a1"), 2, without={12: "pulse"})


def _a_study_without_pulse(_: object) -> None:
    """Four people of two sites, of which one recorded no pulse."""
    people = {s: f"log/{s}.log" for s in ("001", "002", "003", "004")}
    folds = CONFIG["folds"] | {"scheme": "leave_one_group_out", "covariate": "site"}
    models = {"fusion": {"kind": "bilstm", "modalities": ["visual", "pulse"]}}
    values = {"line": {"kind": "ridge", "modalities": ["pulse"]}}
    config = {
        **CONFIG,
        **{"folds": folds, "models": models},
        "regression": CONFIG["regression"] | {"models": values},
    }
    raw = RawFiles(people, {}, {})
    plan = Plan(config, raw=raw, without_pulse=["003", "004"], n_folds=2)
    text = "models:\n  fusion: {}\nregression:\n  models:\n    line: {}\n"
    outlines = [read_keys(text.encode(), "study.yaml")[1]]
    refuse_unserved_folds(plan, outlines, {1: "a", 2: "a", 3: "b", 4: "b"})


CASES = [
    Case(
        "folds that hold out everybody who has a pulse",
        "The configuration has 2 fault(s):\n"
        "  study.yaml, line 2: models.fusion.modalities: fold 1 has no train trial with pulse, "
        "which 003, 004 of the participants do not have. Name others, leave out who has none "
        "(data: exclusions), or choose another folds: scheme\n"
        "  study.yaml, line 5: regression.models.line.modalities: fold 1 has no train trial with "
        "pulse, which 003, 004 of the participants do not have. Name others, leave out who has "
        "none (data: exclusions), or choose another folds: scheme",
        _a_study_without_pulse,
    ),
    _folds(
        "too few people for double-independent folds",
        "4 double-independent folds need 4 people, so that in each of them somebody tests, "
        "somebody validates and somebody trains, found 3. Include more people, or choose other "
        "folds.",
        *("double_independent", 4, 3),
    ),
    _folds(
        "nobody left to train beside held-out clips",
        "4 leave-one-clip-pair-out folds need 2 people, so that in each of them somebody tests, "
        "somebody validates and somebody trains, found 1. Include more people, or choose other "
        "folds.",
        *("leave_one_clip_pair_out", 4, 1),
    ),
    _folds(
        "too few people to leave one out",
        "Leaving one participant out needs 3 people (one tests, one validates, one trains), found "
        "2. Include more people.",
        *("leave_one_participant_out", None, 2),
    ),
    Case(
        "too few trials of too few people for a fold",
        "Fold 1 has no train trial: of 4 people it tests 1 and sets 0 aside for validation. "
        "Include more people or trials, or lower folds: number or validation_fraction.",
        lambda _: _make_folds(
            [(1, "a1"), (2, "a2"), (3, "a1"), (4, "a1")], {"a1": "ASMR", "a2": "ASMR"}, 0.1
        ),
    ),
    Case(
        "a fold that tests who has no pulse, of a model that uses it",
        "Fold 2 has no test trial: the model uses the pulse, which is not there for subject 12. "
        "Leave out who has no pulse (data.exclusions), take pulse out of the model's modalities, "
        "or choose another folds: scheme.",
        _test_without_pulse,
    ),
    Case(
        "a validation fraction of everybody, in a script",
        "validation_fraction is 1; set it between 0 and 1.",
        lambda _: _make_folds(
            list(itertools.product(range(4), ["a1", "a2"])), {"a1": "ASMR", "a2": "ASMR"}, 1
        ),
    ),
    _folds(
        "one fold, in a script",
        "folds: number is 1; what one fold tests, others must train.",
        *("double_independent", 1, 34),
    ),
    _folds(
        "more folds than clips, in a script",
        "9 folds need 9 clips, so that each of them tests one, found 8. Lower folds: number, or "
        "list more clips.",
        *("double_independent", 9, 34),
    ),
    _folds(
        "a number of folds that the clips decide",
        "folds: number is 5, but leave_one_clip_pair_out makes 4 folds, because ASMR has 4, Nature "
        "has 4. Write null.",
        *("leave_one_clip_pair_out", 5, 34),
    ),
    Case(
        "clips that do not pair",
        "Fold i tests clip i of each condition, so every condition needs as many clips, but ASMR "
        "has 4, Nature has 3. List as many clips of each of at least two conditions, or choose "
        "other folds (folds: scheme: leave_one_stimulus_out).",
        lambda _: (
            number_of_folds(
                "leave_one_clip_pair_out", None, 34, {c: k for c, k in CLIPS.items() if c != "vid8"}
            )
            and None
        ),
    ),
    Case(
        "a trial that stands twice",
        "The trial of subject 1, a1 stands twice. Make the tables of trials anew.",
        lambda _: _make_folds(
            [(subject, "a1") for subject in (1, 1, 2, 3, 4)], {"a1": "ASMR", "a2": "ASMR"}, 0.1
        ),
    ),
    Case(
        "a noise ceiling where nobody shares a clip with anybody",
        "human_agreement: expected a clip with two viewers, found none in 1 test trials. "
        "Take human_agreement out of controls, or include more people.",
        lambda folder: list(
            baseline_predictions(
                reports(folder),
                [Split(3, rows(0), rows(), rows(2))],
                ["human_agreement"],
                target=ResponseTarget(condition=None),
                padding="masked",
            )
        ),
    ),
    _folds(
        "a number of folds that the people decide, in a script",
        "folds: number is 4, but leaving one participant out makes one fold for each of 34 people. "
        "Write null.",
        *("leave_one_participant_out", 4, 34),
    ),
    _folds(
        "no number of folds, in a script",
        "folds: number is null; grouped_k_fold needs the number of groups.",
        *("grouped_k_fold", None, 34),
    ),
]
