import numpy as np
import pytest

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import IDENTITY, LOGIT, jackknife_within_folds
from tinglegram.inference.populations import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    AT_BOUND,
    NOT_DEFINED,
    SHARED_CLIPS,
    interval_of_folds,
    reason_of,
    two_intervals,
)

FOLDS = np.repeat([1, 2], 4)
LEFT = 0.55 + np.linspace(-0.02, 0.02, 8)


def test_one_interval_is_the_jackknifes_and_the_other_that_of_the_folds():
    values, by_fold = np.linspace(0.4, 0.7, 8), np.array([0.45, 0.7, np.nan])
    left = (values.sum() - values) / 7
    given = {"confidence": 0.9, "null": 0.5}
    found = two_intervals(values.mean(), left, FOLDS, by_fold, scale=LOGIT, **given)
    these = jackknife_within_folds(values.mean(), left, FOLDS, 0.9, scale=LOGIT)
    anywhere = corrected_fold_test(by_fold, 0.5, 0.9)
    assert (found.ci_low, found.ci_high) == these
    assert (found.p_any, found.n_folds) == (anywhere.p_value, 2)
    # The second one is made on the score's own scale and ends where the score does.
    assert anywhere.ci_low < 0 and anywhere.ci_high > 1
    assert (found.any_low, found.any_high) == (0.0, 1.0)
    assert found.reason == ""
    unbounded = two_intervals(values.mean(), left, FOLDS, by_fold, scale=IDENTITY, **given)
    assert (unbounded.any_low, unbounded.any_high) == (anywhere.ci_low, anywhere.ci_high)


def test_the_mean_of_folds_has_the_textbook_factor():
    """A fold's score is of its people alone: (n - 1) / n, more than that of a pooled score."""
    by_fold, given = np.array([0.5, 0.6]), {"scale": IDENTITY, "confidence": 0.9}
    found, pooled = (
        two_intervals(0.55, LEFT, FOLDS, by_fold, mean_of_folds=way, **given)
        for way in (True, False)
    )
    widths = [(one.ci_high - one.ci_low) ** 2 for one in (found, pooled)]
    assert widths[0] / widths[1] == pytest.approx((3 / 4) / (4 / 3 * (7 / 8) ** 2))
    assert found[2:] == pooled[2:]


@pytest.mark.parametrize("bound", [0.0, 1.0])
def test_folds_that_are_all_at_a_bound_have_no_interval(bound):
    found = two_intervals(
        bound, np.full(8, bound), FOLDS, np.full(3, bound), scale=LOGIT, confidence=0.9
    )
    assert np.isnan(found[:4]).all() and found.n_folds == 3
    assert found.reason == f"ci: {AT_BOUND}; any: {AT_BOUND}"


def test_an_interval_of_no_width_is_none_and_has_no_p():
    """Folds that are alike do not say how others would vary: not certainty, nothing."""
    given = {"scale": LOGIT, "confidence": 0.9, "null": 0.4}
    alike = two_intervals(0.5, np.full(8, 0.5), FOLDS, np.full(4, 0.5), **given)
    assert np.isnan(alike[:5]).all()
    assert alike.reason == f"ci: {ALIKE_PEOPLE}; any: {ALIKE_FOLDS}"
    one = two_intervals(0.55, LEFT, FOLDS, np.array([0.5, 0.5, 0.6]), **given)
    assert np.isfinite(one[:5]).all() and one.reason == ""
    shared = two_intervals(0.55, LEFT, FOLDS, np.array([0.5, 0.6]), held_out=False, **given)
    assert np.isfinite(shared.ci_low) and np.isnan(shared[2:5]).all() and shared.n_folds == 0
    assert shared.reason == f"any: {SHARED_CLIPS}"
    nothing = two_intervals(np.nan, LEFT, FOLDS, np.array([np.nan]), **given)
    assert nothing.reason == f"ci: {NOT_DEFINED}; any: {NOT_DEFINED}"


def test_the_mean_of_folds_has_the_corrected_t_on_its_scale():
    by_fold = np.array([0.3, 0.5, np.nan, 0.55, 0.7])
    plain = corrected_fold_test(by_fold, np.nan, 0.95)
    assert interval_of_folds(by_fold, IDENTITY, 0.95) == pytest.approx(plain[1:3])
    low, high = interval_of_folds(by_fold, LOGIT, 0.95)
    assert 0 < low < plain.mean < high < 1
    found = two_intervals(
        0.5125, LEFT, FOLDS, by_fold, scale=LOGIT, confidence=0.95, mean_of_folds=True
    )
    assert found[2:4] == (low, high) and found.n_folds == 4
    # One fold at a bound is no reason to say nothing; all but one are.
    assert np.isfinite(interval_of_folds(np.array([0.5, 0.6, 1.0]), LOGIT, 0.95)).all()
    for few in ([0.5], [0.6, 1.0], [1.0, 1.0, 0.9]):
        assert np.isnan(interval_of_folds(np.array(few), LOGIT, 0.95)).all()


def test_reasons():
    assert reason_of({"ci": "x", "any": "", "p": "y"}) == "ci: x; p: y"
