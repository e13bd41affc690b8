"""Which responses belong to a trial, and which level it begins at: by hand, and for any numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.canonical.membership import (
    MOST_LEVEL_AGE_S,
    cut_span,
    held_rows,
    pressed_spans,
    responses_in_trials,
    trial_at,
)

# A gap of 5 s between the first two trials; the third begins where the second ends.
ONSETS = np.array([10.0, 25.0, 35.0])
ENDS = np.array([20.0, 35.0, 40.0])


def placed(times, kind="continuous", values=None, named=None):
    times = np.array(times, float)
    values = np.arange(len(times), dtype=float) if values is None else np.array(values, float)
    named = None if named is None else np.array(named, int)
    return responses_in_trials(times, values, kind, ONSETS, ENDS, named)


def rows(*args, **kwargs):
    return list(placed(*args, **kwargs).rows())


def test_an_onset_belongs_to_its_trial_and_an_end_does_not():
    times = np.array([9.9999, 10.0, 19.9999, 20.0, 24.0, 35.0, 39.9999, 40.0, np.nan])
    assert trial_at(times, ONSETS, ENDS).tolist() == [-1, 0, 0, -1, -1, 2, 2, -1, -1]
    assert trial_at(times, ONSETS[:0], ENDS[:0]).tolist() == [-1] * 9


def test_the_last_bits_of_a_sum_decide_nothing():
    onset, length = 0.1, 0.2
    assert onset + length > 0.3
    assert trial_at(np.array([0.3]), np.array([onset]), np.array([onset + length]))[0] == -1
    assert trial_at(np.array([0.3]), np.array([onset + length]), np.array([9.0]))[0] == 0


def test_what_was_given_in_the_gap_is_the_level_whatever_its_age():
    found = placed([2.0, 3.0, 12.0, 20.0, 21.0, 26.0])
    assert list(found.rows()) == [(0, 3.0, 1.0), (0, 12.0, 2.0), (1, 21.0, 4.0), (1, 26.0, 5.0)]
    assert found.outside == 2


def test_what_was_given_in_the_trial_before_is_the_level_for_a_second():
    assert rows([34.0])[1:] == [(2, 34.0, 0.0)]
    old = placed([33.9999])
    assert list(old.rows()) == [(1, 33.9999, 0.0)] and old.unlevelled == 1
    assert old.notes("joy")[0].message == (
        "joy: 1 trial(s) begin at the initial level: what was given before is of an earlier trial, "
        "and older than 1 s"
    )
    # Where the trial itself says so soon what the level is, nothing is lacking.
    assert placed([33.0, 36.0]).unlevelled == 0 and placed([33.0, 36.0001]).unlevelled == 1
    assert placed([12.0, 26.5, 35.5]).unlevelled == 1


def test_a_value_at_the_onset_makes_a_level_needless():
    assert rows([24.5, 25.0]) == [(1, 25.0, 1.0)]
    assert placed([24.5, 25.0]).outside == 1


def test_a_key_press_counts_where_it_falls():
    found = placed([9.0, 12.0, 34.5], kind="ordinal")
    assert list(found.rows()) == [(0, 12.0, 1.0), (1, 34.5, 2.0)]
    assert (found.outside, found.unlevelled) == (1, 0)


@pytest.mark.parametrize("kind", ["continuous", "ordinal"])
def test_rows_that_name_their_trial_belong_to_no_other(kind):
    found = placed([24.0, 24.5, 26.0, 12.0, 35.0], kind, named=[1, 1, 1, 1, 1])
    # The second at 12 is of the trial before, those at 24 are of the gap, 35 is the end.
    assert list(found.rows()) == [(1, 24.5, 1.0), (1, 26.0, 2.0)]
    assert (found.early, found.outside) == (2, 1)
    assert rows([34.0], kind, named=[2]) == [(2, 34.0, 0.0)]
    assert placed([33.0], kind, named=[2]).early == 1
    assert placed([12.0, 13.0], kind, named=[-1, 0]).outside == 1


def test_a_button_is_cut_where_a_trial_begins_and_ends():
    # Held over the first onset; over the gap, from trial to trial; and to the end.
    states = {5.0: 1, 12.0: 0, 18.0: 1, 26.0: 0, 36.0: 1}
    found = placed(list(states), "hold", list(states.values()))
    assert list(found.rows()) == [
        (0, 10.0, 1.0),
        (0, 12.0, 0.0),
        (0, 18.0, 1.0),
        (1, 25.0, 1.0),
        (1, 26.0, 0.0),
        (2, 36.0, 1.0),
    ]
    assert found.outside == 0


def test_samples_of_a_button_are_the_same_as_its_changes():
    times = np.arange(0, 45, 0.25)
    down = ((times >= 5) & (times < 12)) | ((times >= 18) & (times < 26)) | (times >= 36)
    sampled = placed(times, "hold", down)
    changes = placed([5.0, 12.0, 18.0, 26.0, 36.0], "episodes", [1, 0, 1, 0, 1])
    assert list(sampled.rows()) == list(changes.rows())
    # Samples outside of trials, but for the press at second 5.
    assert sampled.outside == int((trial_at(times, ONSETS, ENDS) < 0).sum()) - 1


def test_a_button_in_no_trial_and_one_that_knows_more_than_up_and_down():
    assert placed([1.0, 2.0, 21.0], "hold", [1, 0, 1]).outside == 3
    assert rows([11.0, 12.0], "hold", [0.5, 1]) == [(0, 11.0, 0.5), (0, 12.0, 1.0)]
    assert rows([], "hold") == rows([], "continuous") == rows([], named=[]) == []


def test_pairs_of_presses_by_hand():
    times, down = np.array([1.0, 2.0, 30.0]), np.array([True, True, True])
    held = pressed_spans(times, down, np.array([0, 0, -1]), np.array([10.0]))
    assert held.spans_s.tolist() == [[1, 10], [30, 30]] and held.rows == [(0,), (2,)]
    assert held.counts == {"repeated": 1, "unpressed": 0, "unreleased": 2}


def test_a_lost_release_ends_with_its_trial():
    found = placed([12.0, 26.0, 30.0], "hold", [1, 1, 0])
    assert list(found.rows()) == [(0, 12.0, 1.0), (1, 26.0, 1.0), (1, 30.0, 0.0)]
    assert [(n.kind, n.message) for n in found.notes("joy")] == [
        ("unreleased", "joy: 1 press(es) without a release end with their trial")
    ]
    # In the gap it says what the level of the next trial is, and of no later one.
    assert rows([22.0, 26.0, 30.0], "hold", [1, 1, 0]) == [(1, 25.0, 1.0), (1, 30.0, 0.0)]
    assert rows([22.0, 36.0], "hold", [1, 1]) == [(2, 36.0, 1.0)]
    assert rows([5.0, 42.0], "hold", [1, 1]) == []
    # Samples within a second of each other go on over an onset, and a release far later ends all.
    assert rows([34.5, 35.5, 36.0], "hold", [1, 1, 0])[1:] == [(2, 35.0, 1.0), (2, 36.0, 0.0)]
    assert len(rows([12.0, 36.0], "hold", [1, 0])) == 4


def test_parts_of_a_press():
    assert cut_span(5.0, 37.0, ONSETS, ENDS) == [(0, 10, 20), (1, 25, 35), (2, 35, 37)]
    assert cut_span(20.0, 25.0, ONSETS, ENDS) == []
    assert held_rows(1.0, 2.0, 2.0) == [(1.0, 1.0)]
    assert held_rows(1.0, 2.0, 3.0) == [(1.0, 1.0), (2.0, 0.0)]


@given(
    ticks=st.lists(st.integers(0, 450_000), max_size=40),
    kind=st.sampled_from(["continuous", "ordinal"]),
    shift=st.integers(0, 10**10).map(lambda tick: tick / 10_000),
)
@settings(max_examples=200, deadline=None)
def test_every_value_is_in_its_trial_a_level_or_counted(ticks, kind, shift):
    times = np.array(sorted(ticks), float) / 10_000
    found = placed(times, kind)
    used = set()
    for place, time, value in found.rows():
        used.add(value)
        assert times[int(value)] == time
        before = ONSETS[place] - time
        if before > 0:
            assert kind == "continuous"
            assert before <= MOST_LEVEL_AGE_S or place == 0 or time >= ENDS[place - 1]
            # None came in between, and none stands at the onset.
            assert not ((times > time) & (times <= ONSETS[place])).any()
        else:
            assert time < ENDS[place]
    within = np.flatnonzero(trial_at(times, ONSETS, ENDS) >= 0)
    assert set(within.tolist()) <= used
    assert found.outside == len(times) - len(used)
    # The same on any clock, to a tick.
    later = responses_in_trials(
        times + shift, np.arange(len(times), dtype=float), kind, ONSETS + shift, ENDS + shift
    )
    assert (later.places.tolist(), later.values.tolist()) == (
        found.places.tolist(),
        found.values.tolist(),
    )
