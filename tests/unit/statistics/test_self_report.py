"""Whole trials against the participant's self-report."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
from test_pooled import settings, simulate

from tinglegram.inference.resampling import Use, draw_orders_within
from tinglegram.statistics.scored_trials import as_trials, strata_of
from tinglegram.statistics.self_report import SELF_REPORT_METRICS, self_report_table, self_reports
from tinglegram.statistics.trial_level import mostly, trial_calls


def direct(truth, calls, own):
    return [
        accuracy_score(truth, calls),
        f1_score(truth, calls, average="macro", zero_division=0),
        accuracy_score(truth[own], calls[own]),
        balanced_accuracy_score(truth[own], calls[own]),
    ]


def test_the_table_equals_the_direct_computation():
    trials, ask, share = simulate(subjects=10, seed=3), settings(p_value="plus_one"), 0.6
    table = self_report_table(trials, ask, share=share)
    truth, calls, own = self_reports(trials, share), trial_calls(trials, share), ~trials.control
    assert 0 < truth[own].sum() < 10
    value = direct(truth, calls, own)
    assert table["metric"].tolist() == list(SELF_REPORT_METRICS)
    assert table["value"].tolist() == pytest.approx(value)
    orders = draw_orders_within(strata_of(trials), 300, ask.stream(Use.SELF_REPORT_PERMUTATION))
    null = np.array([direct(truth[order], calls, own) for order in orders])
    reached = (null >= np.array(value) - 1e-12).sum(axis=0)
    np.testing.assert_allclose(table["p_value"], (reached + 1) / 301)
    cells = table[["tn", "fp", "fn", "tp"]].sum(axis=1)
    assert cells.tolist() == [20, 20, 10, 10]


def test_a_report_needs_the_truncated_number_of_counted_frames():
    trials = simulate()
    label = np.zeros_like(trials.label)
    label[2, :17], label[4, :18] = True, True
    assert self_reports(replace(trials, label=label), 0.6).nonzero()[0].tolist() == [4]


def test_calling_every_target_trial_is_right_as_often_as_people_report():
    trials = simulate(subjects=10, seed=3)
    every = np.repeat(~trials.control[:, None], 30, axis=1)
    table = self_report_table(replace(trials, predicted=every), settings(), share=0.6)
    table = table.set_index("metric")
    reported = self_reports(trials, 0.6)[~trials.control].mean()
    assert table.loc["accuracy_within_target", "value"] == pytest.approx(reported)
    assert table.loc["balanced_accuracy_within_target", "value"] == 0.5
    assert (table["p_value"] == 1).all()


def test_published_predictions_against_self_reports(published):
    trials = as_trials(published, padding="counted")
    table = self_report_table(trials, settings(), share=0.15).set_index("metric")
    assert f"{100 * table.loc['accuracy', 'value']:.1f}" == "83.8"
    assert f"{100 * table.loc['accuracy_within_target', 'value']:.1f}" == "67.6"
    cells = table.loc["accuracy_within_target", ["tn", "fp", "fn", "tp"]]
    assert cells.tolist() == [0, 11, 0, 23]


def test_a_trial_of_few_frames_or_none_is_not_called_for_nothing():
    counted = np.arange(10) < np.array([[0], [3], [3], [10]])
    frames = np.array([[True] * 10, [False] * 10, [False, True] * 5, [False] * 9 + [True]])
    assert mostly(frames, counted, 0.15).tolist() == [False, False, True, True]
