"""Paired tests of two models: the printed p values, what they estimate, and exact answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from test_pooled import simulate

from tinglegram.inference.populations import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    NOT_DEFINED,
    SHARED_CLIPS,
)
from tinglegram.statistics.comparison import (
    ANY_CLIPS_TEST,
    COMPARISON_COLUMNS,
    THESE_CLIPS_TEST,
    ModelComparison,
    comparison_tests,
    difference_of_any_clips,
    difference_of_these_clips,
    exact_bootstrap,
    exact_sign_flip,
    fold_f1,
    paired_bootstrap,
    participant_f1,
    sign_flip,
)

# Typed by hand into the released code.
FUSION = np.array([0.7398, 0.7074, 0.8377, 0.5896])
VIDEO = np.array([0.7400, 0.7071, 0.7433, 0.5741])
AUDIO = np.array([0.7172, 0.7084, 0.7977, 0.5741])

differences = st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=5).map(np.array)


@pytest.mark.parametrize(
    "other, printed, exact", [(VIDEO, 0.0488, 13 / 256), (AUDIO, 0.0039, 1 / 256)]
)
def test_the_printed_p_values_and_what_they_estimate(other, printed, exact):
    assert paired_bootstrap(FUSION - other, 10_000, 42) == printed
    assert exact_bootstrap(FUSION - other) == exact
    assert exact_sign_flip(FUSION - other) == 0.125


@given(differences)
def test_exact_bootstrap_equals_listing_every_resample(values):
    shifted = values - values.mean()
    means = [shifted[list(i)].mean() for i in product(range(len(values)), repeat=len(values))]
    direct = np.mean(np.array(means) >= values.mean() - 1e-12)
    assert exact_bootstrap(values) == pytest.approx(direct, abs=1e-12)


@given(differences)
def test_p_values_are_shares(values):
    p = exact_sign_flip(values)
    assert 2.0 ** -len(values) <= p <= 1
    assert 0 <= paired_bootstrap(values, 50, 1) <= 1


def test_equal_models_cannot_be_told_apart():
    assert exact_sign_flip(np.zeros(4)) == exact_bootstrap(np.zeros(4)) == 1
    assert paired_bootstrap(np.zeros(4), 100, 42) == 1


def test_too_many_units_for_an_exact_answer_give_none():
    assert np.isnan(exact_bootstrap(np.ones(11)))
    assert np.isnan(exact_sign_flip(np.ones(17)))


def test_random_signs_estimate_the_exact_answer():
    values = np.random.default_rng(0).normal(0.3, 1, 12)
    exact = exact_sign_flip(values)
    assert sign_flip(values, 20_000, 42, "count") == pytest.approx(exact, abs=0.015)
    assert sign_flip(np.ones(40), 99, 42, "count") == 0
    assert sign_flip(np.ones(40), 99, 42, "plus_one") == 0.01


def models():
    better = simulate(subjects=8)
    flipped = np.random.default_rng(5).random(better.label.shape) < 0.3
    return {"worse": replace(better, predicted=better.predicted ^ flipped), "fusion": better}


def compare(reference="fusion", units="folds"):
    return comparison_tests(
        models(),
        ModelComparison(
            reference=reference, ablation_test=units, ablation_bootstrap=500, p_value="count"
        ),
    )


def test_folds_are_compared_with_three_tests():
    table = compare()
    assert list(table) == list(COMPARISON_COLUMNS)
    assert table["test"].tolist() == ["paired_bootstrap", "exact_bootstrap", "exact_sign_flip"]
    assert set(table["model"]) == {"worse"} and set(table["reference"]) == {"fusion"}
    assert set(table["n_units"]) == {2}
    found = models()
    wanted = (fold_f1(found["fusion"]) - fold_f1(found["worse"])).mean()
    assert table["mean_difference"].tolist() == pytest.approx([wanted] * 3)
    assert table["p_value"].iloc[2] == 0.25


def test_participants_are_compared_over_all_their_frames():
    table = compare(units="participants")
    assert table["test"].tolist() == ["paired_bootstrap", "sign_flip"]
    assert set(table["n_units"]) == {8}
    assert (table["p_value"] < 0.05).all()
    assert len(participant_f1(models()["fusion"])) == 8


def test_without_the_reference_the_table_has_only_its_header():
    table = compare(reference="visual")
    assert list(table) == list(COMPARISON_COLUMNS) and table.empty


@pytest.mark.parametrize("units", ["folds", "participants"])
def test_models_tested_on_other_trials_are_not_compared(units):
    found = models()
    names = found["worse"].names.assign(subject=found["worse"].names["subject"] + 1)
    found["worse"] = replace(found["worse"], names=names)
    settings = ModelComparison(ablation_test=units, ablation_bootstrap=50, p_value="plus_one")
    table = comparison_tests(found, settings)
    assert len(table) and table[["mean_difference", "p_value"]].isna().all(axis=None)


def t_tests(found, **changed):
    given = {"ablation_test": "corrected_t", "p_value": "plus_one"} | changed
    return comparison_tests(found, ModelComparison(**given))


def test_two_t_tests_speak_of_two_populations():
    found = models()
    names = found["fusion"].names
    video = names["video"] + names["fold"].astype(str)
    found = {m: replace(one, names=names.assign(video=video)) for m, one in found.items()}
    table = t_tests(found).set_index("test")
    assert list(table.reset_index())[-4:] == ["ci_low", "ci_high", "n_undefined", "reason"]
    assert set(COMPARISON_COLUMNS) <= set(table.reset_index())
    anywhere, these = (table.loc[name] for name in (ANY_CLIPS_TEST, THESE_CLIPS_TEST))
    by_fold = fold_f1(found["fusion"]) - fold_f1(found["worse"])
    assert anywhere["mean_difference"] == pytest.approx(by_fold.mean())
    error = by_fold.std(ddof=1) * np.sqrt(1 / 2 + 1)
    assert anywhere["p_value"] == pytest.approx(stats.t.sf(by_fold.mean() / error, 1))
    assert (anywhere["n_units"], these["n_units"]) == (2, 8)
    people = participant_f1(found["fusion"]) - participant_f1(found["worse"])
    assert these["mean_difference"] == pytest.approx(people.mean())
    assert these["p_value"] < 0.01 < anywhere["p_value"]
    assert these["ci_low"] > 0 > anywhere["ci_low"]
    assert set(table["n_undefined"]) == {0} and set(table["reason"]) == {""}
    # Folds that share their clips cannot speak of others.
    shared = t_tests(models()).set_index("test")
    assert np.isnan(shared.loc[ANY_CLIPS_TEST, ["p_value", "ci_low"]].to_numpy(float)).all()
    assert shared.loc[ANY_CLIPS_TEST, "reason"] == SHARED_CLIPS
    assert shared.loc[THESE_CLIPS_TEST, "p_value"] == these["p_value"]
    other = {**found, "worse": replace(found["worse"], names=names.assign(subject=99))}
    assert t_tests(other)[["mean_difference", "p_value"]].isna().all(axis=None)
    assert t_tests(found, reference="visual").empty


def test_these_clips_are_a_t_within_folds_and_who_has_no_score_is_counted():
    generator = np.random.default_rng(1)
    folds = np.repeat([1, 2, 3], [6, 5, 7])
    values = generator.normal(0.02, 0.05, 18) + 0.1 * folds
    found = difference_of_these_clips(np.r_[values, np.nan], np.r_[folds, 3], 0.9)
    parts = [values[folds == fold] for fold in (1, 2, 3)]
    variance = np.array([(len(p) / 18) ** 2 * p.var(ddof=1) / len(p) for p in parts])
    freedom = variance.sum() ** 2 / np.sum(variance**2 / [len(p) - 1 for p in parts])
    t = values.mean() / np.sqrt(variance.sum())
    assert found.p_value == pytest.approx(stats.t.sf(t, freedom))
    reach = stats.t.ppf(0.95, freedom) * np.sqrt(variance.sum())
    assert found.ci_high - found.mean_difference == pytest.approx(reach)
    assert (found.n_units, found.n_undefined) == (18, 1)
    nobody = difference_of_these_clips(np.full(3, np.nan), np.ones(3), 0.9)
    assert np.isnan(nobody[:4]).all() and nobody[4:] == (0, 3, NOT_DEFINED)


@pytest.mark.parametrize("difference", [0.0, 0.1])
def test_differences_that_are_all_alike_have_neither_interval_nor_p(difference):
    alike = np.full(4, difference)
    anywhere = difference_of_any_clips(alike, held_out=True, confidence=0.95)
    these = difference_of_these_clips(alike, np.array([1, 1, 2, 2]), 0.95)
    for found, why in ((anywhere, ALIKE_FOLDS), (these, ALIKE_PEOPLE)):
        assert found.mean_difference == pytest.approx(difference) and found.reason == why
        assert np.isnan(found[1:4]).all()


def test_of_two_equal_models_folds_keep_the_level_and_participants_do_not():
    generator = np.random.default_rng(2)
    folds = np.repeat(np.arange(4), 8)
    rejected = np.zeros(2)
    for _ in range(400):
        # What a clip does to both models' difference is alike for all who see it.
        differences = generator.normal(0, 0.05, 4)[folds] + generator.normal(0, 0.1, 32)
        means = np.array([differences[folds == fold].mean() for fold in range(4)])
        anywhere = difference_of_any_clips(means, held_out=True, confidence=0.95)
        people = stats.ttest_1samp(differences, 0, alternative="greater").pvalue
        rejected += [anywhere.p_value <= 0.05, people <= 0.05]
    assert rejected[0] <= 0.06 * 400 and rejected[1] > 0.15 * 400
