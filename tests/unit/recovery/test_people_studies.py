"""Simulated studies of covariates and of the reliability of ratings."""

from dataclasses import replace

import numpy as np
import pytest
from planted import small_cohort

from tinglegram.clock import Timing
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.covariate_studies import prepare_covariates, whole_levels
from tinglegram.recovery.reliability_studies import prepare_reliability, stepped
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.report.error_rates import ERROR_RATES, MEASURED, measured

DRAWS = Draws(bootstrap=9, permutations=9, confidence=0.95, truth_cohorts=10)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Thirty-four people and clips of a minute."""
    return small_cohort(34, {"v1": "a", "v2": "b"}, 1, Timing(), non_responders=0.22)


def of(prepare, cohort, studies, **parameters):
    options = {"topic": "x", "cell": str(parameters), "first": 1, "seed": 5}
    return run_studies(prepare, cohort, DRAWS, parameters=parameters, studies=studies, **options)


@pytest.mark.parametrize(
    "beside", [{}, {"silent": 0.22}, {"levels": 4.0}, {"spread": 2.0}], ids=str
)
def test_covariates_of_nothing_are_found_at_their_level(cohort, beside):
    table = of(prepare_covariates, cohort, 300, correlation=0.0, **beside)
    assert table["null"].all() and table["result"].nunique() == 4
    found = table.groupby("result")["p_value"].agg(lambda p: (p <= 0.05).mean())
    assert found.between(0.025, 0.085).all(), found
    ends = table.dropna(subset=["ci_low"])
    inside = (ends["ci_low"] <= ends["truth"]) & (ends["truth"] <= ends["ci_high"])
    assert inside.groupby(ends["result"]).mean().between(0.92, 0.98).all()


def test_a_covariate_with_a_known_correlation_is_found(cohort):
    table = of(prepare_covariates, cohort, 300, correlation=0.5)
    assert not table["null"].any()
    means = table.groupby("result")[["estimate", "truth"]].mean()
    assert means.loc["covariate, pearson"].tolist() == pytest.approx([0.5, 0.5], abs=0.03)
    # 6 / pi x asin(0.5 / 2).
    assert means.loc["covariate, spearman", "truth"] == pytest.approx(0.4826, abs=1e-4)
    assert means.loc["covariate, two groups", "estimate"] == pytest.approx(0.5, abs=0.08)


def test_whole_numbers_are_equally_frequent():
    drawn = whole_levels(np.random.default_rng(1).standard_normal(20000), 4)
    share = np.unique(drawn, return_counts=True)[1] / 20000
    assert share == pytest.approx(np.full(4, 0.25), abs=0.015)


def test_a_reliability_is_stepped_to_other_numbers_of_viewers():
    assert stepped(0.5, 1, 2) == pytest.approx(2 / 3)
    assert stepped(2 / 3, 2, 1) == pytest.approx(0.5)
    assert stepped(0.9, 34, 34) == pytest.approx(0.9)


def test_reliability_is_that_of_very_many_viewers(cohort):
    table = of(prepare_reliability, cohort, 12, agreement=0.6)
    mean = table.groupby("result")[["estimate", "truth"]].mean()
    assert mean["estimate"].to_numpy() == pytest.approx(mean["truth"].to_numpy(), abs=0.08)
    assert mean.loc["reliability, ICC(2, k)", "truth"] > 0.9
    assert (table["ci_low"] < table["estimate"]).all() and table["p_value"].isna().all()
    nothing = of(prepare_reliability, replace(cohort, participants=8), 1, agreement=0.0)
    assert (nothing["truth"] == 0).all()


def test_a_rate_is_named_with_its_source():
    assert measured() == ""
    said = measured("all trials", "self-report")
    assert said.startswith(" p over all trials rejects in 11.5 %") and said.endswith(
        f"{MEASURED})."
    )
    for sentence in ERROR_RATES.values():
        assert any(c.isdigit() for c in sentence) and sentence.endswith(".")
