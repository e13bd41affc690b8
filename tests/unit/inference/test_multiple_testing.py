"""Corrected p-values equal those of statsmodels and scipy, and families stay apart."""

import gc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from tinglegram.inference.multiple_testing import ADJUSTED_COLUMNS, adjust, benjamini_hochberg, holm

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


@pytest.fixture(scope="module", autouse=True)
def little_to_look_through():
    """statsmodels collects garbage at every call: it need not look through all that is loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


@given(p_lists)
def test_both_equal_the_libraries(p_values):
    strict, lenient = holm(p_values), benjamini_hochberg(p_values)
    same = {"rtol": 1e-12, "atol": 1e-15}
    np.testing.assert_allclose(strict, multipletests(p_values, method="holm")[1], **same)
    np.testing.assert_allclose(lenient, multipletests(p_values, method="fdr_bh")[1], **same)
    np.testing.assert_allclose(lenient, false_discovery_control(p_values), **same)


@given(p_lists)
def test_corrected_p_keep_the_order_and_holm_is_the_stricter(p_values):
    strict, lenient = holm(p_values), benjamini_hochberg(p_values)
    order = np.argsort(p_values)
    assert (np.diff(strict[order]) >= 0).all() and (np.diff(lenient[order]) >= 0).all()
    assert (lenient >= p_values).all() and (lenient <= strict + 1e-12).all()
    assert (strict <= 1).all()


def test_known_answer_and_index():
    found = adjust(pd.Series([0.01, 0.04, 0.03], index=list("abc")), "three tests")
    assert list(found) == list(ADJUSTED_COLUMNS) and list(found.index) == list("abc")
    assert found["p_holm"].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert found["p_bh"].tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert set(found["family"]) == {"three tests"}


def test_a_test_that_could_not_be_made_is_no_member_of_the_family():
    found = adjust([0.02, np.nan, 0.5], "two tests")
    assert found["p_holm"].tolist() == pytest.approx([0.04, np.nan, 0.5], nan_ok=True)
    assert found["p_bh"].tolist() == pytest.approx([0.04, np.nan, 0.5], nan_ok=True)
    assert adjust([np.nan, np.nan], "none")[["p_holm", "p_bh"]].isna().all(axis=None)
    assert len(adjust([], "empty")) == 0


def test_families_are_corrected_apart():
    found = adjust([0.01, 0.02, 0.03, 0.04], ["a", "b", "a", "b"])
    assert found["p_holm"].tolist() == pytest.approx([0.02, 0.04, 0.03, 0.04])


def test_impossible_p_values_and_missing_names_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([0.1, 1.2], "x")
    with pytest.raises(ValueError, match="2 p-values need as many"):
        adjust([0.1, 0.2], ["only one"])
