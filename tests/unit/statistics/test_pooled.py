"""Fast resampling equals resampling frames, and known answers hold."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score
from test_metrics import sklearn_scores

from tinglegram.inference.counts import METRICS, scores
from tinglegram.inference.resampling import (
    Resamples,
    Use,
    defined_interval,
    draw_orders,
    draw_orders_within,
    draw_weights,
    exceedance,
    percentile_interval,
)
from tinglegram.statistics.pooled import (
    bootstrap_scores,
    effect_size,
    permutation_scores,
    pooled_table,
)
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    as_trials,
    participant_index,
    strata_of,
)
from tinglegram.statistics.trial_level import TrialLevel, trial_calls, trial_level_table


def simulate(subjects=6, steps=30, seed=1, padding="counted"):
    """Trials of one ASMR and one control clip per person, in two folds."""
    generator = np.random.default_rng(seed)
    names = pd.DataFrame(
        {
            "fold": np.repeat(np.arange(subjects) % 2 + 1, 2),
            "subject": np.repeat(np.arange(subjects)[::-1], 2),
            "video": np.tile(["vid1", "vid5"], subjects),
        }
    )
    control = np.tile([False, True], subjects)
    label = (generator.random((2 * subjects, steps)) < 0.6) & ~control[:, None]
    predicted = label ^ (generator.random(label.shape) < 0.3)
    valid = np.ones_like(label)
    valid[[0, -1], -8:] = False
    counted = valid if padding == "masked" else np.ones_like(label)
    # Few distinct values, so that ranks have ties.
    probability = np.round(0.5 * predicted + 0.5 * generator.random(label.shape), 2)
    return ScoredTrials(names, control, label, predicted, counted, probability, valid)


def settings(**changed):
    drawn = dict(bootstrap=200, permutations=300, confidence=0.95, seed=42, p_value="count")
    drawn |= dict(score_inference="resampled")
    return Resamples(**(drawn | changed))


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_bootstrap_equals_scoring_the_drawn_frames(padding):
    trials = simulate(padding=padding)
    weights = draw_weights(6, 25, np.random.default_rng(0))
    found = bootstrap_scores(trials, weights)
    for row, weight in zip(found, weights, strict=True):
        drawn = np.concatenate(
            [
                np.tile(np.flatnonzero(participant_index(trials) == p), n)
                for p, n in enumerate(weight)
            ]
        )
        keep = trials.counted[drawn]
        control = np.repeat(trials.control[drawn, None], keep.shape[1], axis=1)[keep]
        direct = sklearn_scores(trials.label[drawn][keep], trials.predicted[drawn][keep], control)
        np.testing.assert_allclose(row, direct, rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_permutation_equals_scoring_the_shuffled_sequences(padding):
    trials = simulate(padding=padding)
    orders = draw_orders(12, 25, np.random.default_rng(0))
    found = permutation_scores(trials, orders)
    for row, order in zip(found, orders, strict=True):
        keep = trials.counted & trials.counted[order]
        control = np.repeat(trials.control[:, None], keep.shape[1], axis=1)[keep]
        direct = sklearn_scores(trials.label[order][keep], trials.predicted[keep], control)
        np.testing.assert_allclose(row, direct, rtol=0, atol=1e-12)


def test_the_unshuffled_order_gives_the_score_itself():
    trials = simulate(padding="masked")
    counts = trials.counts()
    value = scores(counts.sum(axis=0), counts[trials.control].sum(axis=0))
    np.testing.assert_allclose(permutation_scores(trials, np.arange(12)[None])[0], value)
    np.testing.assert_allclose(bootstrap_scores(trials, np.ones((1, 6), int))[0], value)


def test_effect_size_is_that_of_all_orders():
    trials = simulate(subjects=3)
    null = permutation_scores(trials, np.array(list(permutations(range(6)))))
    counts = trials.counts()
    value = scores(counts.sum(axis=0), counts[trials.control].sum(axis=0))
    wanted = (value - null.mean(axis=0)) / null.std(axis=0)
    np.testing.assert_allclose(effect_size(trials, value, null[:1]), wanted)
    masked = replace(trials, counted=trials.counted & (np.arange(30) < 25))
    np.testing.assert_allclose(effect_size(masked, value, null), wanted)


def test_a_null_that_never_varies_has_no_effect_size():
    trials = simulate()
    trials = replace(trials, predicted=np.zeros_like(trials.predicted))
    null = np.zeros((10, 5))
    assert np.isnan(effect_size(trials, np.ones(5), null)[:4]).all()
    masked = replace(trials, counted=trials.counted & (np.arange(30) < 25))
    assert np.isnan(effect_size(masked, np.ones(5), null)).all()


def test_p_counts_the_null_that_reaches_the_score():
    null = np.array([[0.1], [0.5], [0.9], [0.2]])
    assert exceedance(null, np.array([0.5]), "count") == [0.5]
    assert exceedance(null, np.array([0.5]), "plus_one") == [pytest.approx(3 / 5)]
    assert exceedance(null, np.array([1.0]), "count") == [0.0]
    assert exceedance(null, np.array([1.0]), "plus_one") == [pytest.approx(1 / 5)]
    assert np.isnan(exceedance(null, np.array([np.nan]), "count"))


def test_interval_takes_percentiles():
    low, high = percentile_interval(np.arange(101.0)[:, None], 0.9)
    assert (low, high) == (pytest.approx(5.0), pytest.approx(95.0))


def test_pooled_table_is_reproducible_and_complete():
    trials = simulate()
    table = pooled_table(trials, settings())
    pd.testing.assert_frame_equal(table, pooled_table(trials, settings()))
    assert table["metric"].tolist() == list(METRICS)
    assert list(table)[:6] == ["metric", "value", "ci_low", "ci_high", "p_value", "cohens_d"]
    assert (table["ci_low"] <= table["value"]).all() and (table["value"] <= table["ci_high"]).all()
    other = pooled_table(trials, settings(seed=43))
    assert not table["ci_low"].equals(other["ci_low"])
    assert pooled_table(trials, settings(p_value="plus_one"))["p_value"].min() >= 1 / 301


def test_p_is_uniform_enough_without_any_relation():
    """Predictions that know nothing reject at 5 percent in about 5 percent of studies."""
    rejected = []
    for seed in range(200):
        trials = simulate(seed=seed)
        random = np.random.default_rng(seed + 1000).random(trials.label.shape) < 0.5
        table = pooled_table(replace(trials, predicted=random), settings(bootstrap=1))
        rejected.append(table["p_value"][0] <= 0.05)
    assert np.mean(rejected) < 0.10


def test_a_call_needs_the_truncated_number_of_frames():
    names = pd.DataFrame({"fold": 1, "subject": [1, 2], "video": "vid1"})
    predicted = np.arange(550) < np.array([[82], [81]])
    every = np.ones((2, 550), dtype=bool)
    trials = ScoredTrials(
        names, np.zeros(2, bool), predicted, predicted, every, predicted * 1.0, every
    )
    assert trial_calls(trials, 0.15).tolist() == [True, False]
    # With padding masked the share is of the 507 valid frames: int(76.05) = 76.
    masked = replace(trials, counted=np.repeat((np.arange(550) < 507)[None], 2, axis=0))
    assert trial_calls(masked, 0.15).tolist() == [True, True]


@pytest.mark.parametrize("resampling, units", [("trials", 12), ("participants", 6)])
def test_video_table_equals_the_direct_computation(resampling, units):
    trials = simulate()
    share = 0.4
    table = trial_level_table(
        trials, settings(), TrialLevel(video_threshold=share, video_level_resampling=resampling)
    )
    truth, calls = ~trials.control, trial_calls(trials, share)

    def direct(t, c):
        return [accuracy_score(t, c), f1_score(t, c, average="macro", zero_division=0)]

    assert table["metric"].tolist() == ["accuracy", "macro_f1"]
    assert table["value"].tolist() == pytest.approx(direct(truth, calls))
    index = np.arange(12) if resampling == "trials" else participant_index(trials)
    boot = []
    for weight in draw_weights(units, 200, settings().stream(Use.VIDEO_BOOTSTRAP)):
        drawn = np.repeat(np.arange(12), weight[index])
        boot.append(direct(truth[drawn], calls[drawn]))
    low, high = percentile_interval(np.array(boot), 0.95)
    np.testing.assert_allclose(table[["ci_low", "ci_high"]], np.stack([low, high], axis=1))
    null = np.array(
        [
            direct(truth[o], calls)
            for o in draw_orders(12, 300, settings().stream(Use.VIDEO_PERMUTATION))
        ]
    )
    reached = (null >= table["value"].to_numpy() - 1e-12).mean(axis=0)
    np.testing.assert_allclose(table["p_value"], reached)
    cells = table.loc[0, ["tn", "fp", "fn", "tp"]]
    assert cells.sum() == 12 and cells["tp"] + cells["fn"] == truth.sum()


def test_the_papers_pooled_statistics(published):
    trials = as_trials(published, padding="counted")
    table = pooled_table(trials, settings(bootstrap=2000, permutations=5000)).set_index("metric")
    assert 100 * table.loc["macro_f1", "value"] == pytest.approx(72.38, abs=0.01)
    printed = [(69.8, 80.7), (65.0, 79.5), (66.9, 79.3), (79.2, 85.5), (100.0, 100.0)]
    np.testing.assert_allclose(100 * table[["ci_low", "ci_high"]], printed, atol=1.5)
    assert (table["p_value"] == 0).all() and (1 / table["n_permutations"] == 0.0002).all()
    np.testing.assert_allclose(table["cohens_d"], [5.65, 5.65, 5.65, 5.65, 5.34], atol=0.1)


def test_the_papers_video_level(published):
    trials = as_trials(published, padding="counted")
    level = TrialLevel(video_threshold=0.15, video_level_resampling="trials")
    table = trial_level_table(trials, settings(bootstrap=2000, permutations=5000), level)
    assert (table[["value", "ci_low", "ci_high"]] == 1).all(axis=None)
    assert (table["p_value"] == 0).all()
    assert table.loc[0, ["tn", "fp", "fn", "tp"]].tolist() == [34, 0, 0, 34]


def test_orders_stay_within_their_stratum_and_reach_every_place():
    strata = np.array([3, 1, 3, 1, 3, 7])
    orders = draw_orders_within(strata, 200, np.random.default_rng(0))
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert (strata[orders] == strata).all()
    assert [len(np.unique(column)) for column in orders.T] == [3, 2, 3, 2, 3, 1]


def test_strata_are_fold_and_condition():
    trials = simulate()
    frame = trials.names.assign(control=trials.control, stratum=strata_of(trials))
    assert (frame.groupby("stratum")[["fold", "control"]].nunique() == 1).all(axis=None)
    assert frame["stratum"].nunique() == 4


def test_p_within_does_not_reward_knowing_the_condition():
    trials = simulate()
    every = np.repeat(~trials.control[:, None], 30, axis=1)
    table = pooled_table(replace(trials, predicted=every), settings(p_value="plus_one"))
    assert table["p_value"].max() < 0.05 and (table["p_within"] == 1).all()
    assert set(table["family"]) == {"metrics of one model"}
    assert (table["p_holm"] >= table["p_value"]).all()
    by_fold = pooled_table(
        replace(trials, predicted=every), replace(settings(), score_inference="folds")
    )
    assert by_fold["p_within"].isna().all()


def test_intervals_leave_out_resamples_without_a_score():
    drawn = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    low, high = defined_interval(drawn, 0.9)
    np.testing.assert_allclose([low[0], high[0]], percentile_interval(np.array([1.0, 3.0]), 0.9))
    assert np.isnan([low[1], high[1]]).all()
