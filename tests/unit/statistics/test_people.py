"""Intervals of scores of people and folds: known values, and when there are none."""

import numpy as np
import pytest
from scipy import stats

from tinglegram.inference.jackknife import IDENTITY, LOGIT
from tinglegram.statistics.people import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    AT_BOUND,
    FEW_PEOPLE,
    SHARED_CLIPS,
    Units,
    add_reason,
    interval_of_folds,
    interval_of_people,
    reason_of,
    score_columns,
    sums_of,
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


def test_a_mean_has_the_error_of_a_stratified_sample():
    values = np.random.default_rng(1).random(20) + FOLDS
    low, high = interval_of_people(counted(values), mean, IDENTITY, FOLDS, 0.95)
    spread = np.array([values[fold == FOLDS].var(ddof=1) for fold in range(4)])
    error = np.sqrt((spread * 5).sum()) / 20
    freedom = spread.sum() ** 2 / (spread**2 / 4).sum()
    reach = stats.t.ppf(0.975, freedom) * error
    assert (low, high) == pytest.approx((values.mean() - reach, values.mean() + reach))


def test_whoever_adds_nothing_does_not_enter():
    sums = counted(np.random.default_rng(2).random(20))
    more, folds = np.vstack([sums, np.zeros((4, 2))]), np.append(FOLDS, range(4))
    assert interval_of_people(more, mean, IDENTITY, folds, 0.95) == pytest.approx(
        interval_of_people(sums, mean, IDENTITY, FOLDS, 0.95)
    )


def test_no_interval_of_people():
    alone = np.zeros((20, 2))
    alone[3] = [0.4, 1]
    alike, at_bound = counted(FOLDS / 4 + 0.1), counted(np.ones(20))
    for sums, scale in ((alone, IDENTITY), (alike, IDENTITY), (at_bound, LOGIT)):
        assert np.isnan(interval_of_people(sums, mean, scale, FOLDS, 0.95)).all()


def test_folds_of_one_size_have_the_corrected_t_of_their_means():
    values = np.array([0.3, 0.5, 0.55, 0.7])
    sums = np.stack([values * 10, np.full(4, 10.0)], axis=1)
    low, high = interval_of_folds(sums, mean, IDENTITY, 0.95)
    reach = stats.t.ppf(0.975, 3) * np.sqrt(values.var(ddof=1) * (1 / 4 + 1 / 3))
    assert (low, high) == pytest.approx((values.mean() - reach, values.mean() + reach))
    low, high = interval_of_folds(sums, mean, LOGIT, 0.95)
    assert 0 < low < values.mean() < high < 1


def test_no_interval_of_folds():
    alike, alone = np.tile([3.0, 10.0], (4, 1)), np.array([[3.0, 10.0]])
    at_bound = np.array([[10.0, 10.0], [5.0, 10.0]])
    for sums, scale in ((alike, IDENTITY), (alone, IDENTITY), (at_bound, LOGIT)):
        assert np.isnan(interval_of_folds(sums, mean, scale, 0.95)).all()


def test_what_is_missing_says_why():
    units = Units(np.arange(20), FOLDS, FOLDS)
    sums = counted(np.random.default_rng(3).random(20))
    folds = sums_of(FOLDS, sums)

    def reason(people, by_fold):
        return score_columns(units, people, by_fold, mean, LOGIT, 0.95)["reason"]

    assert reason(sums, folds) == ""
    assert reason(sums, None) == f"any: {SHARED_CLIPS}"
    assert reason(counted(np.ones(20)), np.tile([5.0, 5.0], (4, 1))) == (
        f"ci: {AT_BOUND}; any: {AT_BOUND}"
    )
    assert reason(counted(FOLDS / 8 + 0.1), np.tile([2.0, 5.0], (4, 1))) == (
        f"ci: {ALIKE_PEOPLE}; any: {ALIKE_FOLDS}"
    )
    few = score_columns(units, sums, folds, mean, LOGIT, 0.95, fewest=21)
    assert few["reason"] == f"ci and any: {FEW_PEOPLE}" and np.isnan(few["ci_low"])
    assert reason(np.zeros((20, 2)), folds) == "value: not defined"
    assert add_reason({"reason": reason_of({"ci": "x"})}, "p", "y")["reason"] == "ci: x; p: y"
    assert add_reason({"reason": ""}, "p", "")["reason"] == ""
