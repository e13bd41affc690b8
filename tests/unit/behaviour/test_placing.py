"""Canonical trials and responses as timeline and key presses."""

import pytest

from tinglegram.behaviour.placing import place_responses, place_trials
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


def test_every_response_of_a_kept_trial_is_there():
    responses = response_table([(1, "x", 3.0, 0.5), (2, "x", 21.0, 2.0), (3, "x", 41.0, -0.7)])
    table = place_responses(responses, TRIALS, subject=7)
    # b was shown twice, so that its name alone does not say which trial.
    assert table[["video", "rating", "order"]].to_numpy().tolist() == [
        ["b", 0.5, 0],
        ["a", 2.0, 1],
        ["b", -0.7, 2],
    ]
    once = place_responses(responses, TRIALS.iloc[:2], subject=7, excluded=["b"])
    assert once.columns.tolist() == ["subject", "video", "time_s", "rating"]
    assert once["rating"].tolist() == [2] and once["rating"].dtype == "int64"


def test_dimensions_stand_beside_values_where_there_are_several():
    responses = response_table([(2, "x", 21.0, 1.0), (2, "y", 21.0, 3.0)])
    assert place_responses(responses, TRIALS, subject=7)["dimension"].tolist() == ["x", "y"]
