"""Copies are found however they are written; content of one's own is none."""

import dataclasses

import numpy as np
import pytest

from tinglegram.canonical.contents import (
    check_contents,
    check_everybody,
    response_contents,
    signal_contents,
)
from tinglegram.canonical.tables import Signal, response_table, trial_table
from tinglegram.errors import InputProblem

TRIALS = trial_table([(1, "a", 0, 5.0, 40.0), (2, "b", 1, 60.0, 40.0)])


def slider(*seeds, shift=0.0):
    rows = [
        (trial, "joy", onset + t + shift, v)
        for trial, onset, seed in zip((1, 2), (5.0, 60.0), seeds, strict=True)
        for t, v in enumerate(np.random.default_rng(seed).uniform(size=40))
    ]
    return response_table(rows)


def test_a_slider_that_was_copied_into_another_trial():
    own = response_contents(slider(1, 2), TRIALS)
    assert list(own) == ["responses joy", "responses joy in trial 1", "responses joy in trial 2"]
    check_contents(own, "P1")
    with pytest.raises(InputProblem) as raised:
        check_contents(response_contents(slider(1, 1), TRIALS), "P1")
    assert str(raised.value) == (
        "P1, responses joy in trial 2: expected data of its own, found the same values as in "
        "responses joy in trial 1. A file was copied under another name: remove the copy, or put "
        "the right file in its place."
    )


def test_a_session_under_two_names_at_another_time():
    moved = TRIALS.assign(onset_s=TRIALS["onset_s"] + 7.25)
    first = response_contents(slider(1, 2), TRIALS)
    check_everybody({"P1": first, "P2": response_contents(slider(3, 4), TRIALS)})
    copy = response_contents(slider(1, 2, shift=7.25), moved)
    with pytest.raises(InputProblem, match=r"^responses joy of P2: .* same values as in .* of P1"):
        check_everybody({"P1": first, "P2": copy})


def test_a_wave_that_was_copied():
    values = np.random.default_rng(0).standard_normal(1200)
    wave = Signal("BVP", "ppg", "", values, rate_hz=10.0)
    alone = signal_contents({"BVP": wave}, TRIALS)
    assert list(alone) == ["BVP", "BVP in trial 1", "BVP in trial 2"]
    check_contents(alone, "P1")
    # A run that was copied lies in both trials, by another name and unit.
    twice = values.copy()
    twice[600:1000] = values[50:450]
    again = signal_contents({"BVP": dataclasses.replace(wave, values=twice)}, TRIALS)
    with pytest.raises(InputProblem, match="BVP in trial 2: .* same values as in BVP in trial 1"):
        check_contents(again, "P1")
    other = signal_contents({"Pulse": dataclasses.replace(wave, start_s=-3.0)}, TRIALS)
    with pytest.raises(InputProblem, match="Pulse of P2: .* same values as in BVP of P1"):
        check_everybody({"P1": alone, "P2": other})


def test_one_trial_is_no_copy_of_the_whole():
    one = TRIALS.iloc[:1].assign(onset_s=0.0)
    wave = Signal("BVP", "ppg", "", np.random.default_rng(0).standard_normal(400), rate_hz=10.0)
    check_contents(signal_contents({"BVP": wave}, one), "P1")


def test_little_content_is_the_same_by_chance():
    flat = Signal("EDA", "eda", "", np.tile([1.0, 2.0], 300), rate_hz=10.0)
    assert signal_contents({"EDA": flat}, TRIALS) == {}
    steps = response_table([(1, "joy", 5.0 + t, t // 20) for t in range(40)])
    assert response_contents(steps, TRIALS) == {}


def test_many_presses_at_the_same_milliseconds_are_a_copy():
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 3, 12))
    rows = [(n, "b", o + t, k % 2) for n, o in ((1, 5.0), (2, 60.0)) for k, t in enumerate(times)]
    with pytest.raises(InputProblem, match="responses b in trial 2"):
        check_contents(response_contents(response_table(rows), TRIALS), "P1")
