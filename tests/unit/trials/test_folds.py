"""The table of folds: known answers of the released code, and no leak between roles."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.errors import TinglegramError
from tinglegram.files import write_table
from tinglegram.readers.people import written_values
from tinglegram.trials.files import read_covariate
from tinglegram.trials.folds import (
    BY_COVARIATE,
    HELD_OUT,
    SCHEMES,
    FoldScheme,
    assign_roles,
    clips_of_folds,
    groups_of_values,
    make_folds,
    number_of_folds,
    resolved_scheme,
    unserved_fold,
)

CLIPS = {f"vid{i}": "ASMR" if i <= 4 else "Nature" for i in range(1, 9)}


def every_trial(subjects, clips=CLIPS) -> pd.DataFrame:
    return pd.DataFrame(list(itertools.product(subjects, clips)), columns=["subject", "video"])


def make(trials, clips=CLIPS, **changes) -> pd.DataFrame:
    options = {"n_folds": 4, "subject_order": "string", "validation_fraction": 0.1, "seed": 42}
    return assign_roles("double_independent", trials, clips, **(options | changes))


def people(folds: pd.DataFrame, fold: int, role: str) -> set[int]:
    return set(folds[(folds.fold == fold) & (folds.role == role)].subject)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """The 34 people of REST-ASMR: 1 to 35 without 2."""
    return make(every_trial([s for s in range(1, 36) if s != 2]))


def test_rest_asmr_test_people_are_those_of_the_published_predictions(cohort):
    assert people(cohort, 1, "test") == {1, *range(10, 17)}
    assert people(cohort, 2, "test") == set(range(17, 25))
    assert people(cohort, 3, "test") == {*range(25, 32), 3}
    assert people(cohort, 4, "test") == {*range(32, 36), *range(4, 10)}


def test_rest_asmr_validation_people_are_those_the_released_code_draws(cohort):
    drawn = [people(cohort, fold, "validation") for fold in range(1, 5)]
    assert drawn == [{4, 20}, {4, 12}, {4, 12}, {29, 12}]


def test_rest_asmr_counts(cohort):
    counts = cohort.groupby(["fold", "role"]).size().unstack()
    assert len(cohort) == 4 * 34 * 8
    assert counts.test.tolist() == [16, 16, 16, 20]
    assert counts.validation.tolist() == [12] * 4
    assert counts.train.tolist() == [24 * 6] * 3 + [22 * 6]
    tested = cohort[cohort.role == "test"].groupby("fold").video.unique()
    assert [set(videos) for videos in tested] == [{f"vid{i}", f"vid{i + 4}"} for i in range(1, 5)]


def test_rows_are_ordered_by_fold_subject_and_configured_clip():
    clips = dict(reversed(CLIPS.items()))
    folds = make(every_trial(range(12, 0, -1)).sample(frac=1, random_state=1), clips)
    expected = list(itertools.product(range(1, 5), range(1, 13), clips))
    assert list(folds[["fold", "subject", "video"]].itertuples(index=False, name=None)) == expected


def test_numeric_order():
    folds = make(every_trial(range(1, 13)), subject_order="numeric")
    assert [people(folds, fold, "test") for fold in range(1, 5)] == [
        {1, 2, 3},
        {4, 5, 6},
        {7, 8, 9},
        {10, 11, 12},
    ]


def test_an_excluded_trial_is_absent_and_changes_nothing_else():
    trials = every_trial(range(1, 13))
    gone = (trials.subject == 5) & (trials.video == "vid3")
    whole, less = make(trials), make(trials[~gone])
    kept = whole[~((whole.subject == 5) & (whole.video == "vid3"))].reset_index(drop=True)
    pd.testing.assert_frame_equal(less, kept)


@settings(max_examples=40)
@given(
    subjects=st.sets(st.integers(1, 400), min_size=8, max_size=40),
    n_folds=st.integers(2, 4),
    order=st.sampled_from(["string", "numeric"]),
    fraction=st.sampled_from([0.1, 0.2]),
)
def test_no_test_person_or_clip_is_seen_in_training(subjects, n_folds, order, fraction):
    clips = {f"a{i}": "ASMR" for i in range(n_folds)} | {f"n{i}": "Nature" for i in range(n_folds)}
    folds = make(
        every_trial(subjects, clips),
        clips,
        n_folds=n_folds,
        subject_order=order,
        validation_fraction=fraction,
    )
    for _, fold in folds.groupby("fold"):
        seen = fold[fold.role.isin(["train", "validation"])]
        tested = fold[fold.role == "test"]
        assert not set(seen.subject) & set(tested.subject)
        assert not set(seen.video) & set(tested.video)
        validated = set(fold[fold.role == "validation"].subject)
        assert not validated & set(fold[fold.role == "train"].subject)
    tests = folds[folds.role == "test"]
    assert not tests.duplicated(["subject", "video"]).any()
    assert set(tests.subject) == subjects


def number_of(scheme, clips) -> int | None:
    """Folds of two conditions' clips; None where people or clips decide."""
    return None if scheme.startswith("leave_one") else len(clips) // 2


def make_scheme(scheme, subjects, clips=CLIPS, trials=None, **changes) -> pd.DataFrame:
    trials = every_trial(subjects, clips) if trials is None else trials
    number = number_of(scheme, clips)
    n_folds = number_of_folds(scheme, number, len(subjects), clips)
    options = {"n_folds": n_folds, "subject_order": "string", "validation_fraction": 0.1}
    return assign_roles(scheme, trials, clips, **(options | {"seed": 42} | changes))


def of_role(fold: pd.DataFrame, role: str) -> set[tuple[int, str]]:
    rows = fold.loc[fold.role == role, ["subject", "video"]]
    return set(rows.itertuples(index=False, name=None))


COHORTS = st.sets(st.integers(1, 400), min_size=3, max_size=12)


@settings(max_examples=25)
@given(subjects=COHORTS, pairs=st.integers(2, 4), order=st.sampled_from(["string", "numeric"]))
@pytest.mark.parametrize("scheme", [name for name in SCHEMES if name.startswith("leave_one")])
def test_leaving_one_out_tests_every_trial_once_and_leaks_nothing(scheme, subjects, pairs, order):
    clips = {f"a{i}": "ASMR" for i in range(pairs)} | {f"n{i}": "Nature" for i in range(pairs)}
    folds = make_scheme(scheme, subjects, clips, subject_order=order)
    held = "subject" if scheme == "leave_one_participant_out" else "video"
    assert (
        folds["fold"].nunique()
        == {
            "leave_one_participant_out": len(subjects),
            "leave_one_clip_pair_out": pairs,
            "leave_one_stimulus_out": len(clips),
        }[scheme]
    )
    for _, fold in folds.groupby("fold"):
        test = fold[fold.role == "test"]
        seen = fold[fold.role.isin(["train", "validation"])]
        assert not set(test[held]) & set(seen[held])
        # Nobody trains a network and chooses its epoch.
        validated = set(fold[fold.role == "validation"].subject)
        assert not validated & set(fold[fold.role == "train"].subject)
        assert len(test) + len(seen) == len(fold) == len(subjects) * len(clips)
    tested = folds[folds.role == "test"]
    assert len(tested) == len(subjects) * len(clips)
    assert not tested.duplicated(["subject", "video"]).any()


def test_leaving_one_participant_out_known_answer():
    clips = {"a1": "ASMR", "n1": "Nature"}
    folds = make_scheme("leave_one_participant_out", [2, 10, 3, 1], clips)
    # Ordered as strings: 1, 10, 2, 3.
    assert [people(folds, fold, "test") for fold in (1, 2, 3, 4)] == [{1}, {10}, {2}, {3}]
    assert len(people(folds, 1, "validation")) == 1
    assert of_role(folds[folds.fold == 3], "test") == {(2, "a1"), (2, "n1")}


def test_leaving_one_clip_pair_out_known_answer():
    folds = make_scheme("leave_one_clip_pair_out", range(1, 35))
    for number in range(1, 5):
        fold = folds[folds.fold == number]
        assert set(fold[fold.role == "test"].video) == {f"vid{number}", f"vid{number + 4}"}
        assert people(folds, number, "test") == set(range(1, 35))
        assert len(people(folds, number, "validation")) == 3
        assert len(of_role(fold, "validation")) == 3 * 6
        assert len(of_role(fold, "train")) == 31 * 6


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_excluded_trial_is_absent_from_every_scheme(scheme):
    trials = every_trial(range(1, 13))
    gone = (trials.subject == 5) & (trials.video == "vid3")
    whole = make_scheme(scheme, range(1, 13))
    less = make_scheme(scheme, range(1, 13), trials=trials[~gone])
    kept = whole[~((whole.subject == 5) & (whole.video == "vid3"))].reset_index(drop=True)
    pd.testing.assert_frame_equal(less, kept)


def test_number_of_folds():
    assert number_of_folds("double_independent", 4, 34, CLIPS) == 4
    assert number_of_folds("leave_one_clip_pair_out", 4, 34, CLIPS) == 4
    assert number_of_folds("leave_one_participant_out", None, 34, CLIPS) == 34
    assert number_of_folds("leave_one_clip_pair_out", None, 34, CLIPS) == 4
    assert number_of_folds("leave_one_stimulus_out", None, 34, CLIPS) == 8
    assert number_of_folds("grouped_k_fold", 7, 34, CLIPS) == 7
    # Published predictions come without people.
    assert number_of_folds("double_independent", 4, 0, CLIPS) == 4


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("pairs", [2, 3, 4])
def test_folds_are_made_from_every_number_of_people_that_is_let_through(scheme, pairs):
    clips = {f"a{i}": "ASMR" for i in range(pairs)} | {f"n{i}": "Nature" for i in range(pairs)}
    number = number_of(scheme, clips)
    enough = []
    for n_participants in range(1, 9):
        try:
            number_of_folds(scheme, number, n_participants, clips)
        except TinglegramError:
            continue
        enough.append(n_participants)
        make_scheme(scheme, range(1, n_participants + 1), clips)
    fewest = {
        "leave_one_participant_out": 3,
        "leave_one_clip_pair_out": 2,
        "leave_one_stimulus_out": 2,
    }
    # Two people left to train leave two to test: halves, or single people.
    assert enough[0] == fewest.get(scheme, 4 if pairs == 2 else pairs)


def test_every_scheme_says_what_it_holds_out():
    assert list(HELD_OUT) == [*SCHEMES, BY_COVARIATE]
    assert all(sentence.startswith("Held out: ") for sentence in HELD_OUT.values())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_folds_are_made_as_the_settings_say(scheme):
    number = number_of(scheme, CLIPS)
    given = FoldScheme(
        scheme=scheme, number=number, subject_order="numeric", validation_fraction=0.2, seed=7
    )
    found = make_folds(every_trial(range(1, 9)), CLIPS, given)
    changes = {"subject_order": "numeric", "validation_fraction": 0.2, "seed": 7}
    pd.testing.assert_frame_equal(found, make_scheme(scheme, range(1, 9), **changes))


def test_a_stimulus_is_held_out_whatever_its_condition():
    clips = {"a": "calm", "b": "fear", "c": "fear"}
    seen = pd.DataFrame(
        [(1, "a"), (1, "b"), (2, "a"), (2, "c"), (3, "b"), (3, "c")], columns=["subject", "video"]
    )
    folds = make_scheme("leave_one_stimulus_out", [1, 2, 3], clips, trials=seen)
    tested = [of_role(folds[folds.fold == fold], "test") for fold in (1, 2, 3)]
    assert tested == [{(1, "a"), (2, "a")}, {(1, "b"), (3, "b")}, {(2, "c"), (3, "c")}]


def test_groups_of_people_are_tested_on_all_their_clips():
    folds = make_scheme("grouped_k_fold", range(1, 10), subject_order="numeric")
    assert [people(folds, fold, "test") for fold in (1, 2, 3, 4)] == [
        {1, 2},
        {3, 4},
        {5, 6},
        {7, 8, 9},
    ]
    first = folds[folds.fold == 1]
    assert of_role(first, "test") == set(itertools.product([1, 2], CLIPS))
    assert (first.role != "unused").all()


def test_clips_are_dealt_in_turn_within_each_condition():
    # Of REST-ASMR, clip i of both conditions; of other numbers none more than one clip apart.
    assert clips_of_folds(CLIPS, 4) == [[f"vid{i}", f"vid{i + 4}"] for i in range(1, 5)]
    clips = {"a": "x", "b": "y", "c": "x", "d": "y", "e": "x", "f": "z"}
    assert clips_of_folds(clips, 2) == [["a", "e", "d"], ["c", "b", "f"]]
    assert clips_of_folds(clips, 4) == [["a", "d"], ["c", "f"], ["e"], ["b"]]


@settings(max_examples=40)
@given(counts=st.lists(st.integers(1, 7), min_size=1, max_size=5), n_folds=st.integers(2, 6))
def test_conditions_and_folds_are_balanced(counts, n_folds):
    clips = {f"c{k}_{i}": f"c{k}" for k, count in enumerate(counts) for i in range(count)}
    if len(clips) < n_folds:
        with pytest.raises(TinglegramError, match=f"{n_folds} folds need {n_folds} clips"):
            clips_of_folds(clips, n_folds)
        return
    groups = clips_of_folds(clips, n_folds)
    assert sorted(clip for group in groups for clip in group) == sorted(clips)
    for condition in (None, *set(clips.values())):
        sizes = [sum(condition in (None, clips[clip]) for clip in group) for group in groups]
        assert max(sizes) - min(sizes) <= 1


def test_double_independent_folds_of_uneven_clips_leak_nothing():
    clips = {"a": "x", "b": "y", "c": "x", "d": "y", "e": "x"}
    folds = make(every_trial(range(1, 8), clips), clips, n_folds=3)
    assert [set(f[f.role == "test"].video) for _, f in folds.groupby("fold")] == [
        {"a", "b"},
        {"c", "d"},
        {"e"},
    ]
    for _, fold in folds.groupby("fold"):
        seen, tested = fold[fold.role.isin(["train", "validation"])], fold[fold.role == "test"]
        assert not set(seen.subject) & set(tested.subject)
        assert not set(seen.video) & set(tested.video)


@pytest.mark.parametrize(
    ("conditions", "scheme", "n_folds"),
    [
        (["x", "y"] * 3, "leave_one_clip_pair_out", 3),
        (["x", "x", "y"], "leave_one_stimulus_out", 3),
        (["-"] * 14, "leave_one_stimulus_out", 14),
        (["x", "y", "z"] * 2, "leave_one_stimulus_out", 6),
        (["-"] * 21, "grouped_k_fold", 5),
        (["-"], "grouped_k_fold", 5),
    ],
)
def test_auto_goes_by_the_clips(conditions, scheme, n_folds):
    clips = {f"c{i}": condition for i, condition in enumerate(conditions)}
    assert resolved_scheme("auto", clips) == scheme
    assert number_of_folds("auto", None, 34, clips) == n_folds
    # A number beside auto is one of groups of people.
    assert number_of_folds("auto", 4, 34, clips) == (4 if scheme == "grouped_k_fold" else n_folds)
    about = {"subject_order": "string", "validation_fraction": 0.1, "seed": 42}
    folds = make_folds(
        every_trial(range(8), clips), clips, FoldScheme(scheme="auto", number=None, **about)
    )
    assert folds["fold"].nunique() == n_folds
    assert not folds[folds.role == "test"].duplicated(["subject", "video"]).any()


def test_a_clip_seen_again_is_a_trial_of_its_own():
    seen = every_trial(range(1, 5)).assign(order=0)
    again = pd.DataFrame({"subject": [2], "video": ["vid1"], "order": [9]})
    folds = make_scheme("grouped_k_fold", range(1, 5), trials=pd.concat([seen, again]), n_folds=2)
    assert list(folds) == ["fold", "subject", "video", "order", "role"]
    own = folds[(folds.subject == 2) & (folds.video == "vid1")]
    assert own.order.tolist() == [0, 9, 0, 9]
    assert own.groupby("fold").role.nunique().tolist() == [1, 1]
    with pytest.raises(TinglegramError, match="subject 2, vid1 stands twice"):
        make_scheme("grouped_k_fold", range(1, 5), trials=pd.concat([seen, again, again]))


SITES = {1: "10", 2: "2", 3: "2", 4: "north", 5: "10", 6: "2", 7: "north"}


def test_each_fold_holds_out_everybody_of_one_group():
    given = FoldScheme(
        scheme=BY_COVARIATE,
        number=None,
        covariate="site",
        subject_order="numeric",
        validation_fraction=0.3,
        seed=3,
    )
    trials = every_trial(SITES)
    folds = make_folds(trials, CLIPS, given, SITES)
    # Numbers by value, then words.
    for number, name in enumerate(["2", "10", "north"], 1):
        fold = folds[folds["fold"] == number]
        own = {subject for subject, site in SITES.items() if site == name}
        assert of_role(fold, "test") == {(s, code) for s in own for code in CLIPS}
        assert not own & set(fold.loc[fold["role"] != "test", "subject"])
        assert len(fold) == len(trials)
    assert set(folds["role"]) == {"train", "validation", "test"}
    assert number_of_folds(BY_COVARIATE, None, 7, CLIPS, SITES) == 3


def test_decimals_of_whole_numbers_are_no_names():
    assert groups_of_values({1: "1.0", 2: "2.5", 3: "b1.0"}, [1, 2, 3], "code") == {
        1: "1",
        2: "2.5",
        3: "b1.0",
    }


def test_a_covariate_is_read_as_it_is_written(tmp_path):
    people = pd.DataFrame(
        {"subject": [1, 2, 12], "participant_id": ["a", "b", "c"], "site": ["01", None, ""]}
    )
    people["code"] = [1, np.nan, 3]
    write_table(people, tmp_path / "participants.tsv")
    for name, expected in (("site", {1: "01"}), ("code", {1: "1.0", 12: "3.0"})):
        assert read_covariate(tmp_path / "participants.tsv", name) == expected
        assert written_values(people, name) == expected


def test_a_fold_without_anybody_who_has_what_a_model_needs_is_found():
    groups = {1: "a", 2: "a", 3: "b", 4: "b"}
    people, clips = [1, 2, 3, 4], {"x": "c", "y": "c"}

    def found(scheme, having, n_folds=2):
        return unserved_fold(scheme, people, clips, n_folds, groups, having)

    assert found("leave_one_group_out", [1, 2]) == (1, "train")
    assert found("leave_one_group_out", [3]) == (1, "test")
    assert found("leave_one_group_out", [2, 3]) is None
    assert found("leave_one_participant_out", [1, 2, 4], 4) == (3, "test")
    # Everybody tests and trains where clips are held out.
    assert found("leave_one_stimulus_out", [4]) is None
    assert found("leave_one_stimulus_out", []) == (1, "test")
