"""Clocks that run apart by a known share, recordings of known length, samples that end early."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.canonical.tables import Signal, response_table, trial_table
from tinglegram.errors import InputProblem
from tinglegram.readers.clocks import (
    ClockLimits,
    check_drift,
    clock_drift,
    compare_trials,
    first_sample_notes,
    recording_notes,
    response_notes,
    steady_step,
    trial_clock_drift,
)

LIMITS = ClockLimits()
ONSETS = np.array([10.0, 130.0, 270.0, 400.0, 520.0])
NAMES = ("sea", "city", "wood", "fire", "rain")


def shown(onsets=ONSETS, names=NAMES, length=100.0):
    return trial_table(
        [(i + 1, n, i, t, length) for i, (n, t) in enumerate(zip(names, onsets, strict=True))]
    )


@given(st.floats(-0.05, 0.05), st.floats(-1e3, 1e3))
def test_a_planted_drift_is_measured(share, offset):
    drift = clock_drift(ONSETS, offset + (1 + share) * ONSETS)
    assert drift.share == pytest.approx(share, abs=1e-9)
    assert drift.span_s == 510.0


def test_delays_of_logging_are_no_drift():
    """Of 200 sessions whose onsets jitter by 50 ms, hardly any is told."""
    draw = np.random.default_rng(0)
    told = [
        check_drift(clock_drift(ONSETS, ONSETS + 0.05 * draw.standard_normal(5)), LIMITS, "x", "P")
        for _ in range(200)
    ]
    assert sum(map(bool, told)) <= 4


def test_a_small_drift_is_told_and_a_large_one_refused():
    (note,) = check_drift(clock_drift(ONSETS, 1.004 * ONSETS), LIMITS, "the watch", "P1")
    assert note.kind == "clock_drift"
    assert note.message == (
        "the clock of the watch runs apart from the events' by +0.40 % (+4000 ppm), +2.04 s over "
        "510 s"
    )
    with pytest.raises(InputProblem, match=r"found -3\.00 % \(-30000 ppm\), -15\.30 s over 510 s"):
        check_drift(clock_drift(ONSETS, 0.97 * ONSETS), LIMITS, "the watch", "P1")


def test_two_moments_need_a_larger_step():
    two = ONSETS[:2]
    assert check_drift(clock_drift(two, 1.005 * two), LIMITS, "x", "P") == []
    with pytest.raises(InputProblem, match="clock of x"):
        check_drift(clock_drift(two, 1.02 * two), LIMITS, "x", "P")


@pytest.mark.parametrize("n", [2, 3, 4, 6, 20])
def test_random_delays_of_first_samples_are_hardly_told(n):
    """Sliders that are logged from their first movement on, up to 3 s after the onset."""
    draw, told = np.random.default_rng(n), 0
    for _ in range(500):
        onsets = np.cumsum(draw.uniform(60, 70, n))
        firsts = onsets + draw.uniform(0, 3, n)
        told += bool(first_sample_notes(onsets, firsts, LIMITS, "the responses"))
    assert told < (5 if n > 2 else 1)


def test_first_samples_that_come_ever_later_are_told():
    delays = np.array([0.1, 0.3, 0.2, 0.05, 0.2])
    (note,) = first_sample_notes(ONSETS, 1.05 * ONSETS + delays, LIMITS, "the responses")
    assert note.message.startswith("by the first samples of trials, the clock of the responses")
    assert first_sample_notes(ONSETS[:2], 1.05 * ONSETS[:2], LIMITS, "the responses") == []


def test_three_onsets_whose_delays_happen_to_lie_on_a_line_are_no_drift():
    """Three standard errors of one degree of freedom are nothing: of three onsets less is known."""
    onsets = np.array([0.0, 65.0, 130.0])
    drift = clock_drift(onsets, onsets + [0.0, 1.4, 2.4])
    assert abs(drift.share) - 3 * drift.error > LIMITS.drift
    assert check_drift(drift, LIMITS, "x", "P") == []


def test_a_marker_of_a_clip_shown_twice_may_be_lost():
    onsets, names = ONSETS[:4], ("sea", "city", "sea", "wood")
    every = shown(onsets, names)
    for kept in ([0, 1, 3], [1, 2, 3], [0, 1, 2], [0, 2]):
        part = shown(onsets[kept] + 0.02, [names[k] for k in kept])
        assert compare_trials(part, every, LIMITS, "the signals", "P") == []
        assert compare_trials(every, part, LIMITS, "the signals", "P") == []
    with pytest.raises(InputProblem, match="exchanged"):
        compare_trials(shown(onsets[:3], ("wood", "sea", "city")), every, LIMITS, "x", "P")
    # Two of one clip where the events have one, and the other way round with another clip.
    few = shown(ONSETS[:3], ("sea", "sea", "city"))
    with pytest.raises(InputProblem, match="exchanged"):
        compare_trials(few, shown(ONSETS[:3], ("sea", "city", "city")), LIMITS, "x", "P")


def test_markers_in_line_say_nothing_and_others_are_refused():
    assert compare_trials(shown(ONSETS + 0.02), shown(), LIMITS, "the signals", "P") == []
    (note,) = compare_trials(shown(ONSETS + 0.8), shown(), LIMITS, "the signals", "P")
    assert note.message == "the markers of the signals come +0.800 s after the events' onsets"
    with pytest.raises(InputProblem, match=r"found 3600\.000 s later. Correct its clock"):
        compare_trials(shown(ONSETS + 3600), shown(), LIMITS, "the signals", "P")
    with pytest.raises(InputProblem, match="exchanged"):
        compare_trials(shown(names=NAMES[::-1]), shown(), LIMITS, "the signals", "P")
    with pytest.raises(InputProblem, match=r"\+2\.00 %"):
        compare_trials(shown(1.02 * ONSETS), shown(), LIMITS, "the signals", "P")


def test_markers_of_some_trials_are_compared_by_their_stimuli():
    part = shown().iloc[[0, 2, 3]]
    assert compare_trials(part, shown(), LIMITS, "the signals", "P") == []
    late = part.assign(onset_s=part["onset_s"] * 1.02)
    with pytest.raises(InputProblem, match="clock of the signals"):
        compare_trials(late, shown(), LIMITS, "the signals", "P")
    assert compare_trials(shown().iloc[:0], shown(), LIMITS, "the signals", "P") == []


def recorded(start, seconds, rate=10.0, stamped=False):
    n = round(seconds * rate)
    times = start + np.arange(n) / rate if stamped else None
    return Signal("BVP", "ppg", "", np.zeros(n), start, None if stamped else rate, times)


def test_a_recording_of_the_session_gives_no_notes():
    assert recording_notes(recorded(0, 640), shown(), LIMITS, "P") == []


def test_a_recording_of_another_hour_is_refused():
    with pytest.raises(
        InputProblem, match=r"second 10\.0 to 620\.0, found samples from second 3600"
    ):
        recording_notes(recorded(3600, 640), shown(), LIMITS, "P")


def test_a_recording_that_lacks_trials_is_told():
    (note,) = recording_notes(recorded(0, 300), shown(), LIMITS, "P")
    assert note.message == "BVP has no sample in 2 of 5 trials"


def test_a_wrong_rate_is_told_and_one_far_too_low_refused():
    (note,) = recording_notes(recorded(0, 1280), shown(), LIMITS, "P")
    assert note.message == (
        "BVP goes on for 660 s after the last trial ended; if nothing was recorded for that long, "
        "10 Hz is not its rate"
    )
    with pytest.raises(InputProblem, match="goes on for 9380 s at 1 Hz. Correct its rate"):
        recording_notes(recorded(0, 10_001, 1.0), shown(), LIMITS, "P")
    (note,) = recording_notes(recorded(0, 10_001, 1.0, stamped=True), shown(), LIMITS, "P")
    assert note.message == "BVP goes on for 9380 s after the last trial ended"


def sampled(spans, trials=None):
    trials = shown() if trials is None else trials
    rows = [
        (number, "joy", onset + t, t % 1)
        for number, onset, (first, last) in zip(
            trials["trial"], trials["onset_s"], spans, strict=True
        )
        for t in np.arange(first, last, 0.5)
    ]
    return response_table(rows)


def test_samples_that_stop_are_told():
    assert response_notes(sampled([(0, 100)] * 5), shown()) == []
    (note,) = response_notes(sampled([(0, 100)] * 3 + [(0, 95), (8, 100)]), shown())
    assert note.message == (
        "samples of joy begin late or end early in 2 of 5 trials, by up to 8.0 s or 8.0 % of a "
        "trial"
    )


def test_presses_are_no_samples_that_are_always_taken():
    assert steady_step(np.array([0.0, 1, 2])) is None
    assert steady_step(np.cumsum(np.tile([0.1, 0.1, 3.0], 20))) is None
    assert steady_step(np.arange(30) * 0.5) == 0.5


def test_a_clock_that_begins_anew_is_told_from_samples_that_stop():
    lengths = np.array([60.0, 90.0, 120.0, 150.0])
    assert trial_clock_drift(0.95 * lengths, lengths).share == pytest.approx(-0.05)
    # One second less in every trial is no clock.
    assert trial_clock_drift(lengths - 1, lengths).share == pytest.approx(0)
    assert trial_clock_drift(np.full(4, 57.0), np.full(4, 60.0)) is None
