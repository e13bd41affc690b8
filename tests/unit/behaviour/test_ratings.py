import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.behaviour.ratings import hold, rating_grid

TRIAL = {
    "subject": 7,
    "order": 0,
    "video": "vid5",
    "condition": "Nature",
    "start_s": 60.0123,
    "valid_start_s": 65.0123,
    "end_s": 115.7123,
    "n_steps": 507,
}
SECOND = TRIAL | {
    "order": 1,
    "video": "vid1",
    "condition": "ASMR",
    "start_s": 120.0,
    "valid_start_s": 125.0,
    "end_s": 180.0,
    "n_steps": 550,
}


def label(presses, trials=(TRIAL,), grid=10):
    table = pd.DataFrame(presses, columns=["video", "time_s", "rating"]).assign(subject=7)
    return rating_grid(pd.DataFrame(list(trials)), table, grid)


def test_rating_is_held_from_its_press_on():
    labels = label([("vid5", 66.0123, 2), ("vid5", 67.0124, 3)])
    expected = np.repeat([0, 2, 3], [10, 11, 486])
    assert labels["rating"].tolist() == expected.tolist()
    assert labels["step"].tolist() == list(range(507))
    assert labels["time_s"].iloc[-1] == 50.6


def test_last_press_of_the_warm_up_sets_the_initial_state():
    assert label([("vid5", 60.0123, 1), ("vid5", 65.0122, 3)])["rating"].unique().tolist() == [3]
    assert label([("vid5", 65.0123, 2)])["rating"].unique().tolist() == [2]


def test_presses_outside_the_trial_are_ignored():
    outside = [("vid5", 60.0122, 3), ("vid5", 115.7123, 3), ("vid1", 70.0, 3)]
    assert label(outside)["rating"].unique().tolist() == [0]


def test_two_trials_and_a_tie():
    presses = [("vid5", 80.0, 1), ("vid5", 80.0, 3), ("vid1", 125.0, 2)]
    labels = label(presses, (TRIAL, SECOND))
    assert len(labels) == 507 + 550
    first, second = labels[labels["video"] == "vid5"], labels[labels["video"] == "vid1"]
    assert first["rating"].iloc[-1] == 3
    assert second["rating"].unique().tolist() == [2]
    assert second["order"].unique().tolist() == [1]
    assert second["condition"].unique().tolist() == ["ASMR"]


def test_no_trial_keeps_the_columns():
    table = rating_grid(pd.DataFrame(columns=list(TRIAL)), pd.DataFrame(columns=["video"]), 10)
    assert table.empty and table["rating"].dtype == "int64"


def released_labels(ticks, ratings, n_steps):
    """Hold as the released code does: one comparison of floating-point seconds per step."""
    state, index, labels = 0, 0, []
    for t in np.arange(0, n_steps / 10, 1 / 10)[:n_steps]:
        while index < len(ticks) and ticks[index] / 10_000.0 <= t:
            state = ratings[index]
            index += 1
        labels.append(state)
    return labels


presses = st.lists(
    st.tuples(
        st.one_of(st.integers(-50_000, 549_999), st.integers(-50, 549).map(lambda s: s * 1000)),
        st.integers(0, 3),
    ),
    max_size=30,
)


@given(presses)
def test_equals_the_released_comparison_of_floats(drawn):
    drawn = sorted(drawn, key=lambda press: press[0])
    ticks = np.array([t for t, _ in drawn], dtype=np.int64)
    ratings = np.array([r for _, r in drawn], dtype=np.int64)
    assert hold(ticks, ratings, 550, 10).tolist() == released_labels(ticks, ratings, 550)


def test_presses_exactly_on_every_step_equal_the_released_code():
    ticks = np.arange(550) * 1000
    ratings = np.arange(550) % 4
    assert hold(ticks, ratings, 550, 10).tolist() == released_labels(ticks, ratings, 550)


@pytest.mark.parametrize(("grid", "last_zero"), [(3, 0), (30, 9), (1, 0)])
def test_grids_that_do_not_divide_a_second_are_exact(grid, last_zero):
    ratings = hold(np.array([3333]), np.array([1]), 60, grid)
    assert np.flatnonzero(ratings == 0).max() == last_zero
