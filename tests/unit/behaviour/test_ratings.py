import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.behaviour.ratings import after_the_end, hold, rating_grid
from tinglegram.behaviour.responses import Dimension

CONTINUOUS = Dimension(kind="continuous")
COLUMNS = ["order", "time_s", "rating"]

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


def slider(rows, dimension, trials=(TRIAL,), **columns):
    """Ratings of one continuous dimension; rows of order, time_s and value."""
    table = pd.DataFrame(rows, columns=["order", "time_s", "rating"])
    given = table.assign(subject=7, video="vid5", dimension="joy", **columns)
    timeline = pd.DataFrame(list(trials))
    return rating_grid(timeline, given, 10, dimensions={"joy": dimension}, target="joy")


def test_fractions_are_kept_as_they_are():
    # S4: as whole numbers these would read 0, 0 and 2.
    labels = slider([(0, 66.0123, 0.9), (0, 67.0123, -0.7), (0, 68.0123, 2.9)], CONTINUOUS)
    assert labels["rating"].dtype == "float64"
    assert labels["rating"].unique().tolist() == [0.0, 0.9, -0.7, 2.9]
    assert labels["rating"].value_counts()[0.9] == 10


def test_lines_join_samples_and_the_ends_are_level():
    line = Dimension(kind="continuous", initial=-1.0, interpolation="linear")
    labels = slider([(0, 66.0123, 0.0), (0, 67.0123, 1.0)], line)["rating"]
    assert labels[:10].tolist() == [-1.0] * 10
    np.testing.assert_allclose(labels[10:21], np.arange(11) / 10, atol=1e-12)
    assert set(labels[20:]) == {1.0}


def test_lines_reach_over_the_end_and_from_before_the_start_of_a_trial():
    line = Dimension(kind="continuous", interpolation="linear")
    rows = [(0, 55.0123, -10.0), (0, 125.0123, 60.0)]
    labels = slider(rows, line)["rating"]
    # One unit per second, from -10 ten seconds before the first step.
    np.testing.assert_allclose(labels, np.arange(507) / 10, atol=1e-9)
    assert after_the_end(pd.DataFrame([TRIAL]), pd.DataFrame(rows, columns=COLUMNS)) == 1


def test_of_two_samples_at_one_time_the_later_row_counts():
    line = Dimension(interpolation="linear")
    labels = slider([(0, 66.0123, 5.0), (0, 66.0123, 1.0), (0, 68.0123, 3.0)], line)["rating"]
    np.testing.assert_allclose(labels[[10, 20, 30]], [1.0, 2.0, 3.0])


def test_a_clip_shown_twice_has_ratings_of_its_own_each_time():
    again = SECOND | {"video": "vid5"}
    rows = [(0, 66.0123, 1.0), (1, 126.0, 2.0), (1, 100.0, 3.0)]
    labels = slider(rows, Dimension(), (TRIAL, again))
    first, second = (labels[labels["order"] == order]["rating"] for order in (0, 1))
    assert first.tolist() == [0] * 10 + [1] * 497
    # What was set before the second showing began is its first level.
    assert second.tolist() == [3] * 10 + [2] * 540
    assert labels["rating"].dtype == "int64"


def test_every_dimension_has_a_column_and_the_target_is_the_rating():
    rows = [("vid5", 66.0123, 0.5, "joy"), ("vid5", 66.0123, 1.0, "calm")]
    table = pd.DataFrame(rows, columns=["video", "time_s", "rating", "dimension"])
    dimensions = {"joy": CONTINUOUS, "calm": Dimension(kind="hold", initial=0)}
    labels = rating_grid(pd.DataFrame([TRIAL]), table, 10, dimensions=dimensions, target="calm")
    assert list(labels.columns[-2:]) == ["rating", "rating_joy"]
    assert labels["rating"].tolist() == [0] * 10 + [1] * 497
    assert labels["rating_joy"].iloc[-1] == 0.5
    assert labels.dtypes[["rating", "rating_joy"]].tolist() == ["int64", "float64"]


def test_whole_numbers_of_a_slider_are_fractions_all_the_same():
    assert slider([(0, 66.0, 1.0)], CONTINUOUS)["rating"].dtype == "float64"
    assert slider([(0, 66.0, 1.0)], Dimension())["rating"].dtype == "int64"
    assert slider([(0, 66.0, 1.5)], Dimension())["rating"].dtype == "float64"
