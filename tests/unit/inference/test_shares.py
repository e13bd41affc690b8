"""Shares of what people give: known values, limits, and rates in simulated people of folds."""

import numpy as np
import pytest
from scipy import special, stats

from tinglegram.inference.shares import share_within_folds, wilson_within_folds

FOLDS = np.repeat(np.arange(4), 9)


def wilson(hits, tried, folds, confidence):
    """Wilson's interval of the mean over folds of each fold's share."""
    kinds, fold = np.unique(folds, return_inverse=True)
    part, whole = np.bincount(fold, hits), np.bincount(fold, tried)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = part / whole
        others = (part[fold] - hits) / (whole[fold] - tried)
    without = own.mean() + (others - own[fold]) / len(kinds)
    return wilson_within_folds(own.mean(), without, folds, confidence)


def test_wilson_of_independent_trials_is_the_textbook_interval():
    generator = np.random.default_rng(1)
    hits = (generator.random(4000) < 0.3).astype(float)
    found = wilson(hits, np.ones(4000), np.zeros(4000), 0.95)
    known = stats.binomtest(int(hits.sum()), 4000).proportion_ci(0.95, method="wilson")
    assert found == pytest.approx(tuple(known), abs=2e-4)


def test_trials_that_go_together_count_less():
    hits = np.random.default_rng(2).random(36) < 0.5
    alone = wilson(hits * 1.0, np.ones(36), FOLDS, 0.95)
    # Both trials of a person alike: as wide as one trial each.
    assert wilson(hits * 2.0, np.full(36, 2.0), FOLDS, 0.95) == pytest.approx(alone)


def test_wilson_at_the_bounds_takes_each_person_as_one_trial():
    quantile = stats.t.ppf(0.975, 36 - 4)
    low, high = wilson(np.full(36, 2), np.full(36, 2), FOLDS, 0.95)
    assert high == 1 and low == pytest.approx(36 / (36 + quantile**2))
    low, high = wilson(np.zeros(36), np.full(36, 2), FOLDS, 0.95)
    assert low == 0 and high == pytest.approx(quantile**2 / (36 + quantile**2))


def test_people_who_are_all_alike_within_folds_tell_nothing():
    hits = np.repeat([2.0, 1.0, 0.0, 2.0], 9)
    assert np.isnan(wilson(hits, np.full(36, 2.0), FOLDS, 0.95)).all()
    # Both trials of a pair get the same call: one of two is right, whoever it is.
    assert np.isnan(wilson(np.ones(36), np.full(36, 2.0), FOLDS, 0.95)).all()
    assert np.isnan(share_within_folds(hits, np.full(36, 2.0), FOLDS, 0.95)).all()


def test_a_share_of_equal_numbers_is_a_mean_with_the_delta_method():
    part = np.random.default_rng(3).random(36)
    low, high = share_within_folds(part, np.ones(36), np.zeros(36), 0.9)
    share = part.mean()
    error = part.std(ddof=1) / 6 / (share * (1 - share))
    reach = stats.t.ppf(0.95, 35) * error
    known = special.expit(special.logit(share) + np.array([-reach, reach]))
    assert (low, high) == pytest.approx(tuple(known))


@pytest.mark.parametrize("part", [0.0, 1.0])
def test_a_share_at_a_bound_has_no_interval(part):
    assert np.isnan(share_within_folds(np.full(36, part), np.ones(36), FOLDS, 0.95)).all()


def test_nobody_and_one_person():
    nothing = np.zeros(3)
    assert np.isnan(share_within_folds(nothing, nothing, nothing, 0.95)).all()
    assert np.isnan(wilson_within_folds(np.nan, np.full(3, np.nan), nothing, 0.95)).all()
    assert np.isnan(wilson_within_folds(1.0, np.array([1.0]), np.ones(1), 0.95)).all()


def test_both_cover_where_people_differ_and_give_unequal_numbers():
    """Frames of a person are alike: intervals that took them as independent would cover 30 %."""
    generator, inside, studies = np.random.default_rng(4), np.zeros(2), 600
    truth = 0.7
    for _ in range(studies):
        whole = generator.integers(5, 60, 36).astype(float)
        chance = generator.beta(2.8, 1.2, 36)
        part = generator.binomial(whole.astype(int), chance).astype(float)
        right = generator.binomial(2, chance).astype(float)
        low, high = share_within_folds(part, whole, FOLDS, 0.95)
        inside[0] += low <= truth <= high
        low, high = wilson(right, np.full(36, 2.0), FOLDS, 0.95)
        inside[1] += low <= truth <= high
    assert (inside / studies > 0.925).all() and (inside / studies < 0.985).all()
