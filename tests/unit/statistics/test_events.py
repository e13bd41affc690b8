"""Onsets and offsets: found where they are, and matched in seconds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_pooled import settings, simulate

from tinglegram.report.tables.within_target import describe_events, printed_events
from tinglegram.statistics.events import (
    EVENT_METRICS,
    NO_TARGET_TRIALS,
    EventMatching,
    distance_to,
    edges,
    event_table,
)
from tinglegram.statistics.scored_trials import as_trials


def sequence(text):
    return np.array([[c == "1" for c in text]])


def test_runs_at_the_ends_have_no_observed_edge():
    found = edges(sequence("1100110011"), sequence("1111111111"))
    assert found.onset.nonzero()[1].tolist() == [4, 8]
    assert found.offset.nonzero()[1].tolist() == [2, 6]
    assert found.start.nonzero()[1].tolist() == [0, 4, 8]


def test_a_run_into_the_padding_has_no_observed_offset():
    found = edges(sequence("0011100"), sequence("1111100"))
    assert found.onset.nonzero()[1].tolist() == [2] and not found.offset.any()


@given(hnp.arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 25))))
def test_distance_equals_the_search_of_all_marks(marks):
    found = distance_to(marks)
    for row, own in zip(found, marks, strict=True):
        places = np.flatnonzero(own)
        for step, distance in enumerate(row):
            wanted = np.abs(places - step).min() if len(places) else np.inf
            assert distance == wanted


def with_calls(label, predicted):
    """Trials of two people with these 30-step sequences in their target trials."""
    trials = simulate(subjects=2)
    own = np.flatnonzero(~trials.control)
    calls, reports = np.zeros_like(trials.predicted), np.zeros_like(trials.label)
    for row, ours, theirs in zip(own, label, predicted, strict=True):
        reports[row, list(ours)], calls[row, list(theirs)] = True, True
    return replace(trials, label=reports, predicted=calls, valid=np.ones_like(reports))


def table_of(trials, tolerance=0.3):
    matching = EventMatching(event_tolerance=tolerance)
    return event_table(trials, settings(), matching, grid=10).set_index("metric")


@pytest.mark.parametrize("inference", ["folds", "resampled"])
def test_without_target_trials_there_are_rows_without_values(inference):
    trials, asked = simulate(subjects=4), settings(score_inference=inference)
    full = event_table(trials, asked, EventMatching(), grid=10)
    none = event_table(trials.rows(trials.control), asked, EventMatching(), grid=10)
    assert list(none) == list(full) and none["metric"].tolist() == list(EVENT_METRICS)
    assert none[["value", "ci_low", "ci_high"]].isna().all(axis=None)
    assert not none[["n_participants", "n_reported", "n_predicted"]].any(axis=None)
    if inference == "folds":
        assert set(none["reason"]) == {NO_TARGET_TRIALS}
    printed = printed_events({"m": none}, confidence=0.95, source="x")
    assert "nan" not in printed.to_string() and "0 participants" in describe_events(none)


def test_known_errors_in_seconds():
    # First person: onsets 5 and 20, predicted 8 and 21; second: onset 10, predicted 14 and 25.
    trials = with_calls(
        [[*range(5, 9), *range(20, 24)], range(10, 15)],
        [[*range(8, 10), *range(21, 24)], [*range(14, 16), *range(25, 28)]],
    )
    table = table_of(trials)
    assert list(table.index) == list(EVENT_METRICS)
    assert table.loc["onset_error_s", "value"] == pytest.approx(((0.3 + 0.1) / 2 + 0.4) / 2)
    assert table.loc["onset_hit_rate", "value"] == pytest.approx(2 / 3)
    assert table.loc["onset_precision", "value"] == pytest.approx(2 / 4)
    # Offsets 9 and 24 against 10 and 24; 15 against 16 and 28.
    assert table.loc["offset_error_s", "value"] == pytest.approx((0.05 + 0.1) / 2)
    assert table.loc["offset_hit_rate", "value"] == 1
    assert table.loc["reported_events_per_trial", "value"] == 1.5
    assert table.loc["predicted_events_per_trial", "value"] == 2
    assert table.loc["onset_error_s", ["n_reported", "n_predicted"]].tolist() == [3, 4]
    assert table.loc["onset_error_s", "ci_low"] == pytest.approx(0.2)
    assert table.loc["onset_error_s", "ci_high"] == pytest.approx(0.4)


def test_a_detector_of_the_condition_has_no_onsets():
    table = table_of(with_calls([range(5, 9), range(10, 15)], [range(30), range(30)]))
    assert table.loc["onset_error_s", ["value", "ci_low", "ci_high"]].isna().all()
    assert table.loc["onset_error_s", "n_participants"] == 0
    assert table.loc["onset_hit_rate", "value"] == 0
    assert np.isnan(table.loc["onset_precision", "value"])
    assert table.loc["predicted_events_per_trial", "value"] == 1


def test_flickering_calls_hit_much_with_little_precision():
    table = table_of(with_calls([range(5, 9), range(10, 15)], [range(0, 30, 2)] * 2), 0.1)
    assert table.loc["onset_hit_rate", "value"] == 1
    assert table.loc["onset_precision", "value"] < 0.2


def test_the_tolerance_itself_is_within():
    trials = with_calls([range(5, 9), range(10, 15)], [range(8, 12), range(13, 15)])
    assert table_of(trials, 0.3).loc["onset_hit_rate", "value"] == 1
    assert table_of(trials, 0.2).loc["onset_hit_rate", "value"] == 0


def test_published_predictions_hit_hardly_any_onset(published):
    table = table_of(as_trials(published, padding="counted"), tolerance=2.0)
    assert table.loc["onset_hit_rate", ["value", "n_reported"]].tolist() == [0, 19]
