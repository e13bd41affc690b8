"""Copies are found however they are written; content of one's own is none."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tinglegram.canonical.contents import (
    check_contents,
    check_everybody,
    copies,
    response_contents,
    signal_contents,
)
from tinglegram.canonical.tables import Signal, response_table, trial_table
from tinglegram.errors import InputProblem, TinglegramError

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


def test_every_two_who_have_the_same_are_named_once():
    own = {who: response_contents(slider(1, 2), TRIALS) for who in "ABCD"}
    own["E"], own["F"] = (response_contents(slider(5, n), TRIALS) for n in (6, 7))
    assert [problem.source for problem in copies(own)] == [
        *[f"responses joy of {who}" for who in "BCD"],
        "responses joy in trial 1 of F",
    ]
    with pytest.raises(TinglegramError, match=r"of D: (?s:.*)responses joy in trial 1 of F: "):
        check_everybody(own)


def test_trials_that_are_left_out_are_no_copies():
    kept = response_contents(slider(1, 1), TRIALS.iloc[:1])
    assert set(kept) == {"responses joy", "responses joy in trial 1"}
    assert check_contents(kept, "P1") == []


def test_triggers_are_the_same_by_design():
    frames = Signal("frames", "trigger", "", np.arange(1200.0) % 400, rate_hz=10.0)
    assert signal_contents({"frames": frames}, TRIALS) == {}
    assert signal_contents({"frames": dataclasses.replace(frames, type="ppg")}, TRIALS) != {}


def test_one_content_in_two_dimensions_or_channels_is_told():
    rows = slider(1, 2)
    both = pd.concat([rows, rows.assign(dimension="joy_raw")], ignore_index=True)
    (note,) = check_contents(response_contents(both, TRIALS), "P1")
    assert note == (
        "same_values",
        "the same values twice, as by design or by a copy: responses joy_raw as in responses joy, "
        "responses joy_raw in trial 1 as in responses joy in trial 1, responses joy_raw in trial 2 "
        "as in responses joy in trial 2",
    )
    wave = Signal("BVP", "ppg", "", np.random.default_rng(0).standard_normal(1200), rate_hz=10.0)
    (note,) = check_contents(signal_contents({"BVP": wave, "BVP2": wave}, TRIALS), "P1")
    assert note.message.startswith("the same values twice, as by design or by a copy: BVP2 as in B")
    # In two people, or twice in one dimension, it is refused nevertheless.
    with pytest.raises(InputProblem, match=r"^responses joy of P2"):
        check_everybody(dict.fromkeys(("P1", "P2"), response_contents(both, TRIALS)))
    with pytest.raises(InputProblem, match=r"a in trial 2: .* a in trial 1"):
        rows = slider(1, 1)
        twice = pd.concat([rows, rows.assign(dimension="a")], ignore_index=True)
        check_contents(response_contents(twice, TRIALS), "P1")


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (np.minimum(np.arange(40) * 0.1, 1.0), 1.0),
        (np.maximum(100 - 10 * np.arange(40), 0), 1.0),
        (np.arange(40) % 9, 0.7),
        (np.arange(40) % 2, 0.5),
    ],
)
def test_responses_that_follow_a_script_are_told(values, step):
    """A ramp, a countdown, a sawtooth and a metronome: many people give the same."""
    rows = [
        (n, "joy", o + step * k, v) for n, o in ((1, 5.0), (2, 60.0)) for k, v in enumerate(values)
    ]
    own = response_contents(response_table(rows), TRIALS)
    (note,) = check_contents(own, "P1")
    assert note.message.endswith("responses joy in trial 2 as in responses joy in trial 1")
    check_everybody({"P1": own, "P2": own})


def test_a_slider_of_few_positions_is_nobodys_script():
    """Moved by one step at a time, read once a second."""
    moves = np.random.default_rng(3).integers(-1, 2, 60)
    values = 5 + np.cumsum(moves)
    rows = [(1, "joy", 5.0 + t, v) for t, v in enumerate(values[:40])]
    own = response_contents(response_table(rows), TRIALS)
    with pytest.raises(InputProblem, match="responses joy of P2"):
        check_everybody({"P1": own, "P2": own})


def test_few_presses_at_their_own_times_are_no_script():
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 3, 9))
    rows = [(1, "b", 5.0 + t, k % 2) for k, t in enumerate(times)]
    own = response_contents(response_table(rows), TRIALS)
    with pytest.raises(InputProblem, match="responses b of P2"):
        check_everybody({"P1": own, "P2": own})


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
