"""Was everybody shown every clip, once, whole, in one session? And which showings are left out?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.behaviour.designs import BY_DESIGN, as_notes, design_problems
from tinglegram.behaviour.placing import (
    place_responses,
    place_trials,
    require_samples,
    require_shown,
    require_trials,
)
from tinglegram.behaviour.showings import covers, is_left_out, showings_of, unmatched
from tinglegram.canonical.tables import response_table, trial_table
from tinglegram.errors import InputProblem

LENGTHS = {"a": 10.0, "b": 8.0, "c": 6.0}


def trials(*shown: str, **seconds: float):
    """Return trials of these stimuli, each as long as it is unless `seconds` says otherwise."""
    return trial_table(
        [
            (place + 1, name, place, 20.0 * place, seconds.get(name, LENGTHS[name]))
            for place, name in enumerate(shown)
        ]
    )


def found(*shown: str, **seconds: float) -> list[tuple[str, str]]:
    table = trials(*shown, **seconds)
    return [(p.kind, p.video) for p in design_problems(table, LENGTHS, 0.5, "P7")]


def test_every_clip_once_and_whole_is_no_problem():
    assert found("b", "a", "c") == []
    # A trial may end half a second early.
    assert found("b", "a", "c", a=9.5) == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (("a", "c"), [("missing_clip", "b")]),
        (("a", "b", "c", "a"), [("repeated_clip", "a@3")]),
        (
            ("a", "b", "c", "a", "b", "c"),
            [("repeated_clip", f"{n}@{3 + i}") for i, n in enumerate("abc")],
        ),
        # Two clips, then the same two and one more.
        (("a", "b", "a", "b", "c"), [("restarted_session", "*")]),
        # One clip is no session.
        (("a", "a", "b", "c"), [("repeated_clip", "a@1")]),
        (("a", "a"), [("missing_clip", "b"), ("missing_clip", "c"), ("repeated_clip", "a@1")]),
        ((), [("missing_clip", name) for name in "abc"]),
    ],
)
def test_what_was_shown(shown, expected):
    assert found(*shown) == expected


def test_a_clip_that_was_stopped():
    assert found("a", "b", "c", b=7.4) == [("stopped_clip", "b")]
    (problem,) = design_problems(trials("a", "b", "c", b=7.4), LENGTHS, 0.5, "P7")
    assert str(problem).startswith("P7, trial 2: expected b to be shown for 8 s, found 7.4 s. ")


def test_kinds_that_are_only_noted_become_one_note_each():
    problems = design_problems(trials("a", a=5.0), LENGTHS, 0.5, "P7")
    kept, notes = as_notes(problems, BY_DESIGN)
    assert kept == [] and [str(note) for note in notes] == [
        "2 clip(s) were not shown: b, c",
        "1 clip(s) were shown for less than their length: a",
    ]
    kept, notes = as_notes(problems, ("stopped_clip",))
    assert [p.video for p in kept] == ["b", "c"] and [n.kind for n in notes] == ["stopped_clip"]


def test_a_restart_that_is_only_noted_hides_nothing_else():
    again = design_problems(trials("a", "b", "a", "b", "c"), LENGTHS, 0.5, "P7", BY_DESIGN)
    restarted, repeated = as_notes(again, BY_DESIGN)[1]
    assert restarted.message.startswith("trial 3, a: its first 2 clips again and then others")
    assert repeated.message == "2 clip(s) were shown again: a@2, b@3"
    # What a study decides of repeated clips is decided.
    kept, notes = as_notes(again, ("restarted_session", "missing_clip"))
    assert [p.video for p in kept] == ["a@2", "b@3"]
    assert [note.kind for note in notes] == ["restarted_session"]


def test_names_of_showings():
    assert showings_of([("a", 0), ("b", 1), ("a", 4)]) == {
        **{("a", 0): "a@0", ("b", 1): "b"},
        ("a", 4): "a@4",
    }
    assert is_left_out("a", 4, ["a@4"]) and is_left_out("a", 4, ["a"])
    assert not is_left_out("a", 0, ["a@4", "b"])
    assert covers(["a"], "a@4") and covers(["a@4"], "a@4") and not covers(["a@4"], "a@0")
    assert not covers(["a@0"], "a")
    assert unmatched(["a", "b@1", "b@2", "c"], [("a", 0), ("b", 1)]) == ["b@2", "c"]


@given(st.lists(st.sampled_from("abc"), max_size=8))
def test_every_showing_has_a_name_that_leaves_out_it_alone(shown):
    pairs = [(name, place) for place, name in enumerate(shown)]
    names = showings_of(pairs)
    assert len(set(names.values())) == len(pairs)
    assert unmatched(names.values(), pairs) == []
    for pair, name in names.items():
        assert [other for other in pairs if is_left_out(*other, [name])] == [pair]


def test_a_single_showing_is_left_out():
    table = trials("a", "b", "a")
    how = {"subject": 7, "warm_up_s": 2.0, "grid": 10, "source": "P7"}
    conditions = dict.fromkeys(LENGTHS, "x")
    assert place_trials(table, conditions, excluded=["a@2"], **how)["order"].tolist() == [0, 1]
    assert place_trials(table, conditions, excluded=["a"], **how)["order"].tolist() == [1]
    given_ = response_table([(1, "x", 3.0, 1.0), (3, "x", 43.0, 2.0)])
    kept = place_responses(given_, table, subject=7, excluded=["a@0"])
    assert kept["order"].tolist() == [2]


def test_what_leaves_out_nothing_or_everything_is_refused():
    table = trials("a", "b", "a")
    require_shown(["a", "b", "a@0", "a@2", "b@1"], table, "P7")
    with pytest.raises(InputProblem, match=r"were shown \(a@0, b, a@2\), found a@1, c\."):
        require_shown(["a@1", "c"], table, "P7")
    with pytest.raises(InputProblem, match="found all 3 left out"):
        require_trials(table[:0], table, "P7")


def test_a_slider_without_a_sample_is_refused_and_a_button_is_not():
    table = trials("a")
    given_ = place_responses(response_table([(1, "x", 3.0, 1.0)]), table, subject=7)
    require_samples(given_, table, "x", "continuous", "P7")
    require_samples(given_, table, "y", "hold", "P7")
    with pytest.raises(InputProblem, match=r"P7, responses \(y\): expected values of what is"):
        require_samples(given_, table, "y", "continuous", "P7")
