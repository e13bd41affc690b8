"""Canonical trials and responses as timeline and key presses."""

import pytest

from tinglegram.behaviour.placing import place_responses, place_trials
from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.responses import Dimension
from tinglegram.canonical.tables import response_table, trial_table
from tinglegram.errors import InputProblem

TRIALS = trial_table([(1, "b", 0, 2.5, 10.0), (2, "a", 1, 20.0001, 8.0), (3, "b", 2, 40.0, 10.0)])
CONDITIONS = {"a": "calm", "b": "joy"}


def placed(trials=TRIALS, **how):
    about = {"subject": 7, "warm_up_s": 2.0, "grid": 10, "source": "P7"} | how
    return place_trials(trials, CONDITIONS, **about)


def test_times_are_exact_to_a_tick():
    table = placed()
    assert table.iloc[1].tolist() == [7, 1, "a", "calm", 20.0001, 22.0001, 28.0001, 60]
    assert table["n_steps"].tolist() == [80, 60, 80]


def test_left_out_trials_keep_their_place_in_the_order():
    assert placed(excluded=["a"])["order"].tolist() == [0, 2]


def test_a_trial_must_outlast_the_warm_up():
    with pytest.raises(InputProblem, match="P7, trial 2, a: expected a trial longer than"):
        placed(warm_up_s=8.0)


COLUMNS = ["subject", "video", "order", "dimension", "time_s", "rating"]


def test_every_response_of_a_kept_trial_is_there_with_its_trial_and_dimension():
    responses = response_table([(1, "x", 3.0, 0.5), (2, "y", 21.0, 2.0), (3, "x", 39.9, -0.7)])
    table = place_responses(responses, TRIALS, subject=7)
    # b was shown twice; and a response before the onset belongs to its trial all the same.
    assert table.columns.tolist() == COLUMNS
    assert table[["video", "order", "dimension", "rating"]].to_numpy().tolist() == [
        ["b", 0, "x", 0.5],
        ["a", 1, "y", 2.0],
        ["b", 2, "x", -0.7],
    ]
    kept = place_responses(responses, TRIALS, subject=7, excluded=["b"])
    assert kept["rating"].tolist() == [2] and kept["rating"].dtype == "int64"


def test_another_dimension_is_never_taken_for_the_target():
    """Whoever reports on one dimension alone has no report of the target."""
    responses = response_table([(1, "calm", 5.0, 3.0)])
    table = place_responses(responses, TRIALS, subject=7)
    kinds = {"tingle": Dimension(kind="ordinal"), "calm": Dimension(kind="ordinal")}
    found = rating_grid(placed(), table, 10, dimensions=kinds, target="tingle")
    assert not found["rating"].any() and found["rating_calm"].max() == 3


def test_a_response_before_the_onset_sets_the_level():
    responses = response_table([(2, "response", 20.0, 2.0)])
    table = place_responses(responses, TRIALS, subject=7)
    found = rating_grid(placed(), table, 10)
    assert found.groupby("order")["rating"].min().tolist() == [0, 2, 0]
