import numpy as np
import pytest
from scipy import stats

from tinglegram.inference.jackknife import (
    FISHER_Z,
    IDENTITY,
    LOG,
    LOGIT,
    error_within_folds,
    jackknife_interval,
    jackknife_within_folds,
)

FOLDS = np.repeat([1, 2, 3], [5, 4, 7])


def without_each(values):
    return (values.sum() - values) / (len(values) - 1)


def test_of_a_mean_it_is_the_t_interval_of_a_stratified_sample():
    values = np.random.default_rng(1).normal(size=16) + FOLDS
    found = jackknife_within_folds(values.mean(), without_each(values), FOLDS, 0.95)
    parts = [values[fold == FOLDS] for fold in (1, 2, 3)]
    variances = np.array([(len(p) / 16) ** 2 * p.var(ddof=1) / len(p) for p in parts])
    freedom = variances.sum() ** 2 / np.sum(variances**2 / [len(p) - 1 for p in parts])
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variances.sum())
    assert found == pytest.approx((values.mean() - reach, values.mean() + reach))
    # What differs between folds is no error: over all people together it would be.
    whole = jackknife_interval(values.mean(), without_each(values), 0.95)
    assert whole[0] < found[0] and found[1] < whole[1]


def test_one_stratum_is_the_textbooks_jackknife_but_for_its_factor():
    values = np.random.default_rng(2).normal(size=12)
    one = jackknife_within_folds(values.mean(), without_each(values), np.ones(12), 0.9)
    assert one == pytest.approx(jackknife_interval(values.mean(), without_each(values), 0.9))
    # A fold of one person has no variance of its own: all people are one stratum then.
    alone = jackknife_within_folds(values.mean(), without_each(values), np.arange(12), 0.9)
    assert alone == pytest.approx(one)


@pytest.mark.parametrize(("alone", "joined"), [(0, 1), (4, 3), (2, 3)])
def test_a_single_person_alone_in_a_fold_joins_the_next_one_and_no_other(alone, joined):
    sizes = np.full(5, 4)
    sizes[alone] = 1
    folds = np.repeat(np.arange(5), sizes)
    # Folds differ much more than the people of each.
    left = np.random.default_rng(5).normal(size=len(folds)) + 100.0 * (folds // 2)
    found = error_within_folds(left, folds)
    assert found == error_within_folds(left, np.where(folds == alone, joined, folds))
    whole = error_within_folds(left, np.zeros(len(folds)))
    assert found.error < whole.error and found.freedom < whole.freedom


def test_several_people_alone_in_their_folds_are_one_stratum():
    folds = np.array([1, 1, 1, 2, 3, 4, 4])
    left = np.random.default_rng(6).normal(size=7)
    together = error_within_folds(left, np.array([1, 1, 1, 2, 2, 4, 4]))
    assert error_within_folds(left, folds) == together


def test_who_has_no_value_is_counted_nowhere():
    values = np.random.default_rng(3).normal(size=16)
    left, folds = without_each(values), FOLDS
    more = np.r_[np.nan, left, np.nan], np.r_[1, folds, 9]
    assert jackknife_within_folds(0.2, *more, 0.95) == jackknife_within_folds(
        0.2, left, folds, 0.95
    )


def test_without_a_spread_or_without_people():
    for alike in (np.full(4, 0.4), 0.4 + 1e-13 * np.arange(4)):
        assert np.isnan(jackknife_within_folds(0.4, alike, np.array([1, 1, 2, 2]), 0.95)).all()
    for left in (np.empty(0), np.array([0.3]), np.array([0.3, np.inf]), np.full(3, np.nan)):
        assert np.isnan(jackknife_within_folds(0.3, left, np.ones(len(left)), 0.95)).all()
    assert np.isnan(jackknife_within_folds(np.nan, np.ones(4), np.ones(4), 0.95)).all()


@pytest.mark.parametrize(
    ("scale", "estimate", "bound"), [(LOGIT, 0.9, 1.0), (FISHER_Z, 0.9, 1.0), (LOG, 0.1, 0.0)]
)
def test_on_a_scale_the_interval_stays_inside_and_there_is_none_at_a_bound(scale, estimate, bound):
    apart = np.array([-0.06, 0.0, 0.02, 0.06])
    low, high = jackknife_within_folds(estimate, estimate + apart, np.ones(4), 0.95, scale=scale)
    assert scale.back(scale.to(np.array(0.3))) == pytest.approx(0.3)
    assert low < estimate < high and not low <= bound <= high
    plain = jackknife_within_folds(estimate, estimate + apart, np.ones(4), 0.95, scale=IDENTITY)
    assert plain[0] <= bound <= plain[1]
    at_bound = estimate + np.array([0.0, 0.01, 0.02, bound - estimate])
    assert np.isnan(jackknife_within_folds(estimate, at_bound, np.ones(4), 0.95, scale=scale)).all()
    assert np.isnan(
        jackknife_within_folds(bound, estimate + apart, np.ones(4), 0.95, scale=scale)
    ).all()
