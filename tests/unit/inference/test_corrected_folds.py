import numpy as np
import pytest
from scipy import stats

from tinglegram.inference.corrected_folds import corrected_fold_test, p_of_t


def test_the_variance_is_that_of_nadeau_and_bengio():
    values = np.array([0.52, 0.61, 0.58, 0.7])
    found = corrected_fold_test(values, 0.5, 0.95)
    error = values.std(ddof=1) * np.sqrt(1 / 4 + 1 / 3)
    assert found.mean == pytest.approx(values.mean())
    assert found.ci_high - found.mean == pytest.approx(stats.t.ppf(0.975, 3) * error)
    assert found.p_value == pytest.approx(stats.t.sf((values.mean() - 0.5) / error, 3))
    # The usual test takes the folds for independent.
    assert found.p_value > stats.ttest_1samp(values, 0.5, alternative="greater").pvalue


def test_folds_without_a_value_are_left_out():
    found = corrected_fold_test(np.array([0.6, np.nan, 0.7]), 0.5, 0.95)
    assert found.n_folds == 2 and found == corrected_fold_test(np.array([0.6, 0.7]), 0.5, 0.95)
    alone = corrected_fold_test(np.array([np.nan, 0.6]), 0.5, 0.95)
    assert (alone.mean, alone.n_folds) == (0.6, 1) and np.isnan(alone.p_value)
    assert np.isnan(corrected_fold_test(np.array([]), 0.5, 0.95).mean)


@pytest.mark.parametrize("value", [0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("apart", [0.0, 1e-12])
def test_folds_that_are_all_alike_tell_nothing_of_others(value, apart):
    found = corrected_fold_test(value + apart * np.arange(4), 0.5, 0.95)
    assert found.mean == pytest.approx(value) and found.n_folds == 4
    assert np.isnan(found[1:4]).all()


def test_a_p_far_from_the_null_value_is_small_and_never_of_rounding():
    assert 0 < p_of_t(60.0, 1.0, 3) < 1e-4 and p_of_t(-60.0, 1.0, 3) > 0.999
    assert p_of_t(0.0, 1.0, 3) == 0.5
    assert np.isnan([p_of_t(0.1, 0.0, 3), p_of_t(0.1, 1e-16, 3), p_of_t(0.1, np.nan, 3)]).all()


def test_without_a_null_value_there_is_no_p():
    values = np.array([0.52, 0.61, 0.58, 0.7])
    one = corrected_fold_test(values, 0.5, 0.95)
    none = corrected_fold_test(values, np.nan, 0.95)
    assert np.isnan(none.p_value) and none[:3] == one[:3]
