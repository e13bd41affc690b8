"""Intervals of scores of people and folds: known values, and when there are none."""

import numpy as np
import pytest
from scipy import stats

from tinglegram.inference.counts import sums_of
from tinglegram.inference.jackknife import IDENTITY, LOGIT
from tinglegram.inference.populations import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    AT_BOUND,
    NOT_DEFINED,
    SHARED_CLIPS,
)
from tinglegram.statistics.fold_means import (
    FEW_PEOPLE,
    UNMOVED,
    Units,
    add_reason,
    mean_over_folds,
    score_columns,
    with_exchange_p,
)

FOLDS = np.repeat(np.arange(4), 5)


def mean(sums):
    with np.errstate(invalid="ignore"):
        return sums[..., 0] / sums[..., 1]


def counted(values):
    return np.stack([values, np.ones(len(values))], axis=1)


def test_sums():
    found = sums_of(np.array([1, 0, 1]), np.array([[1, 2], [3, 4], [5, 6]]))
    assert found.tolist() == [[3, 4], [6, 8]]


def of_folds(folds, person=None, held_out=True):
    """Units of people who each have one cell, or of (person, fold) pairs."""
    person = np.arange(len(folds)) if person is None else person
    known = np.unique(person)
    own = np.zeros(len(known), int) if len(known) < len(person) else folds
    return Units(np.arange(len(folds)), person, folds, own, held_out)


def columns(sums, scale=IDENTITY, units=None, **given):
    return score_columns(
        of_folds(FOLDS) if units is None else units, sums, mean, scale, 0.95, **given
    )


def test_a_mean_over_folds_has_the_error_of_a_stratified_sample():
    values = np.random.default_rng(1).random(20) + FOLDS
    found = columns(counted(values))
    spread = np.array([values[fold == FOLDS].var(ddof=1) for fold in range(4)])
    error = np.sqrt((spread / 5).sum()) / 4
    freedom = spread.sum() ** 2 / (spread**2 / 4).sum()
    reach = stats.t.ppf(0.975, freedom) * error
    assert found["value"] == pytest.approx(values.mean())
    assert found["ci_high"] - found["value"] == pytest.approx(reach)
    assert found["ci_low"] == pytest.approx(found["value"] - reach)


def test_each_fold_weighs_the_same_however_many_people_it_has():
    sizes = [3, 3, 3, 11]
    folds, values = np.repeat(np.arange(4), sizes), np.random.default_rng(5).random(20)
    values[9:] += 1
    found = mean_over_folds(of_folds(folds), counted(values), mean)
    own = [values[folds == fold] for fold in range(4)]
    assert found.by_fold == pytest.approx([part.mean() for part in own])
    assert found.value == pytest.approx(np.mean(found.by_fold)) != values.mean()
    # Without somebody, that fold alone changes.
    own[3] = own[3][1:]
    assert found.left_out[9] == pytest.approx(np.mean([part.mean() for part in own]))


def test_a_score_that_is_pooled_mixes_what_differs_between_folds():
    """Folds that report much and call little: each is right by chance, all together by less."""
    half = np.array([[8.0, 0.0], [0.0, 8.0]])
    calls, reports = np.repeat(half, 4, axis=0), np.repeat(half[::-1], 4, axis=0)
    both = np.concatenate([calls, reports], axis=1)

    def agreement(sums):
        called, said = sums[..., :2], sums[..., 2:]
        shares = [part / part.sum(axis=-1, keepdims=True) for part in (called, said)]
        return 1 - np.abs(shares[0] - shares[1]).sum(axis=-1) / 2

    found = mean_over_folds(of_folds(np.repeat([0, 1], 4)), both, agreement)
    assert found.value == 0 and agreement(both.sum(axis=0)) == 1


def test_whoever_adds_nothing_does_not_enter():
    sums = counted(np.random.default_rng(2).random(20))
    more, folds = np.vstack([sums, np.zeros((4, 2))]), np.append(FOLDS, range(4))
    found = columns(more, units=of_folds(folds))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(
        tuple(columns(sums)[end] for end in ("ci_low", "ci_high"))
    )


def test_people_of_many_folds_and_folds_of_one_person():
    values = np.random.default_rng(6).random((6, 3))
    # Everybody is tested in each fold: people, not folds, are left out.
    person, fold = np.repeat(np.arange(6), 3), np.tile(np.arange(3), 6)
    units = of_folds(fold, person)
    found = mean_over_folds(units, counted(values.ravel()), mean)
    assert found.left_out == pytest.approx([np.delete(values, i, 0).mean() for i in range(6)])
    low, high = (
        columns(counted(values.ravel()), units=units)[end] for end in ("ci_low", "ci_high")
    )
    means = values.mean(axis=1)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 5, means.mean(), stats.sem(means)))
    # One person a fold: a fold goes with its person.
    alone = of_folds(np.arange(6))
    found = columns(counted(means), units=alone)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high))


def test_no_interval_of_people():
    alone = np.zeros((20, 2))
    alone[3] = [0.4, 1]
    alike, at_bound = counted(FOLDS / 4 + 0.1), counted(np.ones(20))
    for sums, scale in ((alone, IDENTITY), (alike, IDENTITY), (at_bound, LOGIT)):
        assert np.isnan(columns(sums, scale)["ci_low"])


def test_folds_have_the_corrected_t_of_their_scores():
    values = np.array([0.3, 0.5, 0.55, 0.7])
    found = columns(counted(np.repeat(values, 5)), null=0.4)
    reach = stats.t.ppf(0.975, 3) * np.sqrt(values.var(ddof=1) * (1 / 4 + 1 / 3))
    assert found["any_low"] == pytest.approx(values.mean() - reach)
    assert found["any_high"] == pytest.approx(values.mean() + reach)
    assert 0.05 < found["p_any"] < 0.5 and found["n_folds"] == 4


def test_a_fold_without_a_score_is_left_out_and_said():
    sums = counted(np.random.default_rng(7).random(20))
    sums[FOLDS == 2] = 0
    found = columns(sums)
    assert found["value"] == pytest.approx(np.mean([sums[k == FOLDS, 0].mean() for k in (0, 1, 3)]))
    assert found["n_folds"] == 3 and found["reason"] == "value: 1 of 4 folds without a score"
    assert np.isfinite([found["ci_low"], found["any_low"]]).all()


def test_what_is_missing_says_why():
    sums = counted(np.random.default_rng(3).random(20))

    def reason(people, held_out=True):
        return columns(people, LOGIT, of_folds(FOLDS, held_out=held_out))["reason"]

    assert reason(sums) == ""
    assert reason(sums, held_out=False) == f"any: {SHARED_CLIPS}"
    assert reason(counted(np.ones(20))) == f"ci: {AT_BOUND}; any: {AT_BOUND}"
    assert reason(counted(FOLDS / 8 + 0.1)) == f"ci: {ALIKE_PEOPLE}"
    assert reason(counted(np.tile([0.1, 0.2, 0.3, 0.4, 0.5], 4))) == f"any: {ALIKE_FOLDS}"
    few = columns(sums, LOGIT, fewest=21)
    assert few["reason"] == f"ci and any: {FEW_PEOPLE}" and np.isnan(few["ci_low"])
    assert reason(np.zeros((20, 2))) == "value: not defined"
    told = columns(sums, no_ci="descriptive")
    assert np.isnan(told["ci_low"]) and told["reason"] == "ci: descriptive"
    assert np.isfinite(told["any_low"])
    told = columns(sums, no_any="skewed", null=0.5)
    assert np.isnan([told["any_low"], told["p_any"]]).all() and told["reason"] == "any: skewed"
    other = columns(sums, these=(0.1, 0.2))
    assert (other["ci_low"], other["ci_high"], other["reason"]) == (0.1, 0.2, "")
    assert columns(sums, these=(np.nan, np.nan))["reason"] == f"ci: {ALIKE_PEOPLE}"
    assert add_reason({"reason": "ci: x"}, "p", "y")["reason"] == "ci: x; p: y"
    assert add_reason({"reason": ""}, "p", "")["reason"] == ""


def test_a_p_of_exchanges_needs_one_that_changes_the_score():
    row = {"value": 0.5, "reason": "any: x"}
    drawn = np.array([0.5, 0.5, 0.6])
    assert with_exchange_p(row, "p_value", 0.3, drawn) == row | {"p_value": 0.3}
    none = with_exchange_p(row, "p_within", 1.0, drawn - [0, 0, 0.1])
    assert np.isnan(none["p_within"]) and none["reason"] == f"any: x; p_within: {UNMOVED}"
    lacking = with_exchange_p(row, "p_value", np.nan, np.array([np.nan, 0.5]))
    assert lacking["reason"] == f"any: x; p: {NOT_DEFINED}"
    # A draw without a score counts as reached, and is none that changes nothing.
    assert with_exchange_p(row, "p_value", 1.0, np.array([0.5, np.nan]))["p_value"] == 1
