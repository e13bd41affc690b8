"""Scores within the target condition equal scikit-learn's, and knowing the condition wins none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    matthews_corrcoef,
    roc_auc_score,
)
from test_pooled import settings, simulate

from tinglegram.inference.counts import outcome_counts
from tinglegram.inference.resampling import Use, draw_orders_within, percentile_interval
from tinglegram.statistics.ranking import ranking_scores, ranking_tables
from tinglegram.statistics.scored_trials import as_trials, strata_of
from tinglegram.statistics.within_target import (
    WITHIN_TARGET_METRICS,
    balanced_accuracy,
    matthews_correlation,
    within_target_table,
    within_target_values,
)

frames = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30)


@given(frames)
def test_ranking_equals_scikit_learn_with_ties(drawn):
    probability = np.array([p / 5 for p, _ in drawn])
    label = np.array([reported for _, reported in drawn])
    auc, precision = ranking_scores(probability, label[None])[:, 0]
    if label.all() or not label.any():
        assert np.isnan([auc, precision]).all()
    else:
        assert auc == pytest.approx(roc_auc_score(label, probability))
        assert precision == pytest.approx(average_precision_score(label, probability))


def test_a_trial_without_frames_ranks_nothing():
    assert np.isnan(ranking_scores(np.empty(0), np.empty((3, 0), bool))).all()


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_counts_give_the_scores_of_scikit_learn(drawn):
    label, predicted = np.array(drawn).T
    counts = outcome_counts(label, predicted)
    if label.all() or not label.any():
        assert np.isnan(balanced_accuracy(counts))
    else:
        assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(label, predicted))
    assert matthews_correlation(counts) == pytest.approx(matthews_corrcoef(label, predicted))


def test_no_frame_gives_no_score():
    assert np.isnan(balanced_accuracy(np.zeros(4))) and np.isnan(matthews_correlation(np.zeros(4)))


def direct(trials, order):
    """Return the six scores of trial i against the labels of trial `order[i]`, frame by frame."""
    joint = trials.valid & trials.valid[order]
    reported, predicted, sure = trials.label[order], trials.predicted, trials.probability
    own, kept = ~trials.control, joint & ~trials.control[:, None]
    aucs, precisions = {}, {}
    for i in np.flatnonzero(own):
        label, chance = reported[i][joint[i]], sure[i][joint[i]]
        if label.any() and not label.all():
            subject = trials.names["subject"][i]
            aucs.setdefault(subject, []).append(roc_auc_score(label, chance))
            precisions.setdefault(subject, []).append(average_precision_score(label, chance))
    return [
        balanced_accuracy_score(reported[kept], predicted[kept]),
        matthews_corrcoef(reported[kept], predicted[kept]),
        np.mean([np.mean(values) for values in aucs.values()]),
        np.mean([np.mean(values) for values in precisions.values()]),
        brier_score_loss(reported[kept], sure[kept]),
        brier_score_loss(reported[joint], sure[joint]),
    ]


def several_target_trials():
    """Two target trials per person, as in folds that leave out people."""
    first, second = simulate(seed=5), simulate(seed=6)
    names = pd.concat([first.names, second.names.assign(video="vid2")], ignore_index=True)
    joined = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("control", "label", "predicted", "counted", "probability", "valid")
    }
    # One trial without any tingle: it has no ROC AUC.
    joined["label"][0] = False
    return replace(first, names=names, **joined)


@pytest.mark.parametrize("make", [simulate, several_target_trials])
def test_the_table_equals_the_direct_computation(make):
    trials, ask = make(), settings(permutations=20, p_value="plus_one")
    table = within_target_table(trials, ask)
    assert table["metric"].tolist() == list(WITHIN_TARGET_METRICS)
    n_trials = len(trials.names)
    value = np.array(direct(trials, np.arange(n_trials)))
    np.testing.assert_allclose(table["value"], value)
    np.testing.assert_allclose(within_target_values(trials), value)
    orders = draw_orders_within(strata_of(trials), 20, ask.stream(Use.WITHIN_PERMUTATION))
    null = np.array([direct(trials, order) for order in orders])
    as_good = np.where(np.arange(6) < 4, null >= value - 1e-12, null <= value + 1e-12)
    np.testing.assert_allclose(table["p_value"], (as_good.sum(axis=0) + 1) / 21)


def test_intervals_equal_scoring_the_drawn_people():
    trials, ask = simulate(), settings(bootstrap=30)
    table = within_target_table(trials, ask)
    subjects = np.unique(trials.names["subject"])
    drawn = []
    for weight in ask.stream(Use.WITHIN_BOOTSTRAP).multinomial(6, np.full(6, 1 / 6), size=30):
        chosen = np.repeat(subjects, weight)
        rows = np.concatenate([np.flatnonzero(trials.names["subject"] == s) for s in chosen])
        # Copies of a person are people of their own.
        names = trials.names.iloc[rows].assign(subject=np.repeat(np.arange(6), 2))
        fields = ("control", "label", "predicted", "counted", "probability", "valid")
        again = {name: getattr(trials, name)[rows] for name in fields}
        copies = replace(trials, names=names.reset_index(drop=True), **again)
        drawn.append(direct(copies, np.arange(12)))
    low, high = percentile_interval(np.array(drawn), 0.95)
    np.testing.assert_allclose(table[["ci_low", "ci_high"]], np.stack([low, high], axis=1))


def test_padding_never_counts_whatever_the_switch():
    counted, masked = (
        within_target_table(simulate(padding=p), settings()) for p in ("counted", "masked")
    )
    pd.testing.assert_frame_equal(counted, masked)


def test_a_category_detector_wins_nothing():
    trials = simulate()
    every = np.repeat(~trials.control[:, None], trials.label.shape[1], axis=1)
    detector = replace(trials, predicted=every, probability=every.astype(float))
    table = within_target_table(detector, settings(p_value="plus_one")).set_index("metric")
    assert table.loc["balanced_accuracy", "value"] == 0.5
    assert table.loc["matthews_correlation", "value"] == 0
    assert table.loc["roc_auc", "value"] == 0.5
    assert (table["p_value"] == 1).all()


def test_padding_of_other_trials_gives_the_category_no_p():
    trials = simulate()
    valid = trials.valid.copy()
    # Every second trial is shorter, as those shown first are.
    valid[::2, -3:] = False
    every = np.repeat(~trials.control[:, None], trials.label.shape[1], axis=1)
    detector = replace(trials, predicted=every, probability=every.astype(float), valid=valid)
    assert (within_target_table(detector, settings(p_value="plus_one"))["p_value"] == 1).all()


def test_who_has_no_value_is_counted_out():
    trials = simulate()
    label = trials.label.copy()
    # Three people report nothing.
    label[np.flatnonzero(~trials.control)[:3]] = False
    table = within_target_table(replace(trials, label=label), settings()).set_index("metric")
    assert table["n_participants"].tolist() == [6, 6, 3, 3, 6, 6]
    assert table["n_trials"].tolist() == [6, 6, 3, 3, 6, 12]
    silent = within_target_table(replace(trials, label=np.zeros_like(label)), settings())
    missing = silent.set_index("metric")[["value", "ci_low", "p_value", "p_holm"]].isna()
    assert missing.loc[["balanced_accuracy", "roc_auc", "average_precision"]].all(axis=None)
    assert not missing.loc[["brier"]].any(axis=None)


def test_rankings_stay_within_their_stratum():
    trials = simulate()
    strata = strata_of(trials)
    table = ranking_tables(trials.probability, trials.label, trials.valid, strata)
    apart = strata[:, None] != strata
    assert np.isnan(table[:, apart]).all()
    assert not np.isnan(np.diagonal(table[0])[~trials.control]).any()


def test_p_is_uniform_enough_where_only_the_condition_is_known():
    rejected = []
    for seed in range(100):
        trials = simulate(seed=seed)
        chance = np.random.default_rng(seed + 1000).random(trials.label.shape)
        chance = np.where(trials.control[:, None], 0.1 * chance, 0.5 + 0.5 * chance)
        knows = replace(trials, probability=chance, predicted=chance > 0.6)
        p = within_target_table(knows, settings(bootstrap=1, p_value="plus_one"))["p_value"]
        rejected.append(p <= 0.05)
    assert (np.mean(rejected, axis=0) < 0.12).all()


def test_published_predictions_within_the_target_condition(published):
    trials = as_trials(published, padding="counted")
    table = within_target_table(trials, settings(bootstrap=2000, permutations=5000)).set_index(
        "metric"
    )
    assert f"{table.loc['balanced_accuracy', 'value']:.2f}" == "0.53"
    assert table.loc["balanced_accuracy", "ci_low"] < 0.5 and table["p_holm"].min() > 0.05
    # 10 of 34 trials hold no tingle at all; some are tingles from end to end.
    assert table.loc["roc_auc", "n_participants"] == 18


def test_a_time_course_that_all_viewers_share_is_no_evidence_of_knowing_the_person():
    trials = simulate()
    course = np.sin(np.arange(30)) > 0
    label = course & ~trials.control[:, None]
    shared = replace(trials, label=label, predicted=label, probability=label.astype(float))
    table = within_target_table(shared, settings(p_value="plus_one"))
    assert table["value"].tolist() == [1, 1, 1, 1, 0, 0] and (table["p_value"] == 1).all()


def test_knowing_whose_report_it_is_is_found():
    trials = simulate(subjects=16, seed=2)
    known = replace(trials, predicted=trials.label, probability=0.2 + 0.6 * trials.label)
    table = within_target_table(known, settings(p_value="plus_one"))
    assert (table["p_holm"] < 0.05).all() and (table["p_bh"] <= table["p_holm"]).all()
