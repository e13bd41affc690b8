import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from test_pooled import settings

from tinglegram.statistics.continuous import (
    concordance,
    continuous_summary,
    continuous_trials,
    pearson,
    root_mean_square_error,
)

SETTINGS = settings(seed=1, p_value="plus_one", confidence=0.9, bootstrap=400, permutations=1)


def test_concordance_of_a_shift_and_of_a_stretch_is_what_lin_gives():
    x = np.array([1.0, 2.0, 3.0, 4.0])
    # Variance 1.25: 2.5 / (1.25 + 1.25 + 1), and twice the spread: 5 / (1.25 + 5 + 6.25).
    assert concordance(x, x + 1) == pytest.approx(2.5 / 3.5)
    assert concordance(x, 2 * x) == pytest.approx(5 / 12.5)
    assert concordance(x, x) == 1.0 and concordance(x, 5 - x) == pytest.approx(-1.0)


def test_a_series_that_never_changes_has_no_concordance_beyond_zero():
    x = np.array([1.0, 2.0, 3.0])
    assert concordance(x, np.full(3, 2.0)) == 0.0
    assert np.isnan(concordance(np.ones(3), np.ones(3)))
    assert concordance(np.ones(3), np.zeros(3)) == 0.0
    assert np.isnan(pearson(x, np.ones(3))) and np.isnan(pearson(x[:1], x[:1]))
    nothing = np.empty(0)
    assert np.isnan([concordance(nothing, nothing), root_mean_square_error(nothing, nothing)]).all()


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=20))
def test_concordance_is_symmetric_and_never_beyond_pearson(pairs):
    x, y = np.array(pairs, dtype=float).T
    r, c = pearson(x, y), concordance(x, y)
    assert c == pytest.approx(concordance(y, x), nan_ok=True)
    if not np.isnan(r):
        assert abs(c) <= abs(r) + 1e-12
        assert r == pytest.approx(scipy.stats.pearsonr(x, y).statistic)


def test_the_error_is_in_the_unit_of_the_ratings():
    assert root_mean_square_error(np.array([0.0, 3.0]), np.array([4.0, 0.0])) == pytest.approx(
        np.sqrt(12.5)
    )


def scored() -> pd.DataFrame:
    """Person 1: two trials of concordance 1 and 0; person 2: one whose padding is left out."""
    reported = np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [1.0, 3.0, 0.0]])
    predicted = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 1.0], [1.0, 3.0, 9.0]])
    valid = np.array([[True] * 3, [True] * 3, [True, True, False]])
    names = pd.DataFrame({"subject": [1, 1, 2], "video": ["a", "b", "a"]}, index=[7, 8, 9])
    return continuous_trials(reported, predicted, valid, names)


def test_trials_are_scored_by_themselves_and_without_padding():
    table = scored()
    assert table["n_frames"].tolist() == [3, 3, 2]
    assert table["concordance"].tolist() == [1.0, 0.0, 1.0]
    assert table["rmse"].tolist() == pytest.approx([0.0, np.sqrt(2 / 3), 0.0])
    assert np.isnan(table["pearson"][1]) and table["subject"].tolist() == [1, 1, 2]


def test_a_mean_over_trials_draws_participants():
    table = continuous_summary(scored(), SETTINGS).set_index("metric")
    assert table.loc["concordance", "value"] == pytest.approx(2 / 3)
    # Both drawn once 2/3, person 1 twice 1/2, person 2 twice 1.
    assert table.loc["concordance", ["ci_low", "ci_high"]].tolist() == [0.5, 1.0]
    assert table["n_trials"].tolist() == [3, 3, 2]
    assert table["n_participants"].tolist() == [2, 2, 2]


def test_a_score_that_no_trial_has_is_missing():
    nothing = scored().assign(pearson=np.nan)
    row = continuous_summary(nothing, SETTINGS, ["pearson"]).iloc[0]
    assert row[["value", "ci_low", "ci_high"]].isna().all() and row["n_trials"] == 0
