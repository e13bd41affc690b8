"""Paired tests of two models: the printed p values, what they estimate, and exact answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_pooled import simulate

from tinglegram.statistics.comparison import (
    COMPARISON_COLUMNS,
    ModelComparison,
    comparison_tests,
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
