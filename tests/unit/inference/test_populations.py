import numpy as np
import pytest

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import IDENTITY, LOGIT, interval_on
from tinglegram.inference.populations import leave_one_out_weights, left_out_values, two_intervals

FOLDS = np.repeat([1, 2], 4)


def test_one_interval_is_the_jackknifes_and_the_other_that_of_the_folds():
    values, by_fold = np.linspace(0.4, 0.7, 8), np.array([0.45, 0.7, np.nan])
    left = leave_one_out_weights(8) @ values / 7
    given = {"confidence": 0.9, "null": 0.5}
    found = two_intervals(values.mean(), left, FOLDS, by_fold, scale=LOGIT, **given)
    these = interval_on(LOGIT, values.mean(), left, FOLDS, 0.9)
    anywhere = corrected_fold_test(by_fold, 0.5, 0.9)
    assert (found.ci_low, found.ci_high) == these
    assert (found.p_any, found.n_folds) == (anywhere.p_value, 2)
    # The second one is made on the score's own scale and ends where the score does.
    assert anywhere.ci_low < 0 and anywhere.ci_high > 1
    assert (found.any_low, found.any_high) == (0.0, 1.0)
    unbounded = two_intervals(values.mean(), left, FOLDS, by_fold, scale=IDENTITY, **given)
    assert (unbounded.any_low, unbounded.any_high) == (anywhere.ci_low, anywhere.ci_high)


def test_folds_that_are_all_at_a_bound_have_no_interval():
    for bound in (0.0, 1.0):
        found = two_intervals(
            bound, np.full(8, bound), FOLDS, np.full(3, bound), scale=LOGIT, confidence=0.9
        )
        assert np.isnan(found[:4]).all() and found.n_folds == 3


def test_who_does_not_enter_and_who_alone_defines_a_score():
    left = left_out_values(np.array([0.4, np.nan, 0.5]), np.array([True, True, False]))
    assert left[:2].tolist() == [0.4, np.inf] and np.isnan(left[2])
    assert np.isnan(interval_on(LOGIT, 0.45, left, np.ones(3), 0.9)).all()


def test_weights_leave_out_each_person_once():
    assert (leave_one_out_weights(3) == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]).all()
    assert leave_one_out_weights(3) @ np.array([1.0, 2.0, 4.0]) == pytest.approx([6, 5, 3])
