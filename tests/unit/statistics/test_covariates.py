"""Covariates of people against what was measured of them: known answers, counts, and levels."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.oneway import anova_oneway

from tinglegram.behaviour.agreement import agreement_of_people, leave_one_out
from tinglegram.errors import TinglegramError
from tinglegram.statistics.covariates import (
    COVARIATE_COLUMNS,
    covariate_tests,
    group_table,
    joined_people,
    kind_of,
    outcomes_of_people,
    pearson_test,
    require_covariates,
    spearman_test,
    welch_test,
)

CLIPS = {"sea": "calm", "rain": "calm", "storm": "wild"}


def rated(levels: dict[tuple[int, str], list[float]]) -> pd.DataFrame:
    rows = [
        (subject, video, CLIPS[video], 0, step, value)
        for (subject, video), series in levels.items()
        for step, value in enumerate(series)
    ]
    names = ["subject", "video", "condition", "order", "step", "rating"]
    return pd.DataFrame(rows, columns=names)


RATED = rated(
    {
        (1, "sea"): [0, 1, 2, 3],
        (1, "rain"): [1, 1],
        (1, "storm"): [3, 0, 0],
        (2, "sea"): [0, 2, 2, 3],
        (2, "storm"): [2, 0, 1],
        (3, "sea"): [3, 1, 0, 0],
        (3, "storm"): [1, 1, 1],
    }
)


def outcomes(values: dict[int, float], outcome: str = "mean_rating") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "outcome": outcome,
            "unit": "rating",
            "condition": "all",
            "subject": list(values),
            "value": list(values.values()),
        }
    )


def found_of(people: pd.DataFrame, measured: pd.DataFrame, name: str, *groups: str) -> pd.DataFrame:
    return covariate_tests(joined_people(people, measured, [name], groups), 0.95)


def test_every_trial_counts_once_in_a_mean_rating():
    found = outcomes_of_people(RATED, CLIPS)
    means = found[found["outcome"] == "mean_rating"].set_index(["subject", "condition"])["value"]
    assert means[1, "calm"] == pytest.approx((1.5 + 1.0) / 2)
    assert means[2, "calm"] == pytest.approx(1.75)
    assert means[3, "wild"] == 1.0


def test_agreement_of_people_is_that_of_the_clips():
    found = agreement_of_people(RATED, CLIPS).set_index(["condition", "subject"])["r"]
    sea = RATED[RATED["video"] == "sea"].pivot(index="subject", columns="step", values="rating")
    expected = leave_one_out(sea.to_numpy())
    assert [found["calm", s] for s in (1, 2, 3)] == pytest.approx(expected)
    # Who never changed has no correlation; the others have one with somebody who did.
    assert sorted(s for c, s in found.index if c == "wild") == [1, 2]


def test_outcomes_of_the_pulse_are_those_against_all_rests_on_all_windows():
    keys = ["windows", "measure", "unit", "condition", "against", "subject", "change"]
    rows = [
        ("all", "pulse_rate", "bpm", "calm", "rest", 1, -2.0),
        ("good", "pulse_rate", "bpm", "calm", "rest", 1, -3.0),
        ("all", "pulse_rate", "bpm", "calm", "baseline", 1, -4.0),
        ("all", "rmssd", "ms", "calm", "rest", 1, 5.0),
    ]
    coupling = pd.DataFrame(
        {"subject": [1], "condition": ["calm"], "r_pulse_rate": [0.5], "r_rmssd": [np.nan]}
    )
    of_skin = pd.DataFrame(
        {"measure": ["eda_tonic"], "subject": [1], "condition": ["calm"], "r": [0.25]}
    )
    skin = [("all", "eda_tonic", "µS", "calm", "rest", 1, 0.5)]
    tables = [pd.DataFrame(part, columns=keys) for part in (rows, skin)]
    found = outcomes_of_people(RATED, CLIPS, tables, [coupling, of_skin])
    own = found[found["subject"] == 1].set_index(["outcome", "condition"])
    assert own.loc[("eda_tonic_change", "calm"), ["unit", "value"]].tolist() == ["µS", 0.5]
    assert own["value"]["eda_tonic_coupling", "calm"] == 0.25
    own = found[found["subject"] == 1].set_index(["outcome", "condition"])
    assert own.loc[("pulse_rate_change", "calm"), ["unit", "value"]].tolist() == ["bpm", -2.0]
    assert own.loc[("rmssd_change", "calm"), ["unit", "value"]].tolist() == ["ms", 5.0]
    assert own["value"]["pulse_rate_coupling", "calm"] == 0.5
    assert np.isnan(own["value"]["rmssd_coupling", "calm"])
    assert len(found[found["outcome"] == "pulse_rate_change"]) == 1


def test_correlations_are_those_of_scipy():
    draw = np.random.default_rng(4)
    x = np.round(draw.normal(size=15), 1)
    y = np.round(x + draw.normal(size=15), 1)
    row, expected = spearman_test(x, y, 0.95), scipy.stats.spearmanr(x, y)
    assert row["estimate"] == pytest.approx(expected.statistic)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    row, expected = pearson_test(x, y, 0.9), scipy.stats.pearsonr(x, y)
    assert row["estimate"] == pytest.approx(expected.statistic)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval(0.9)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))
    assert (row["df"], row["n_participants"], row["reason"]) == (13.0, 15, "")


def test_few_people_have_an_exact_p():
    """Of the 24 orders of four values, the same order and its reverse are as far from 0."""
    row = spearman_test(np.arange(4.0), np.array([1.0, 2.0, 5.0, 9.0]), 0.95)
    assert row["estimate"] == 1.0 and row["p_value"] == pytest.approx(2 / 24)
    assert np.isnan(row["ci_low"]) and np.isnan(row["statistic"])


@settings(max_examples=10)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=5), st.integers(0, 99))
def test_the_exact_p_is_that_of_all_orders(values, seed):
    x = np.random.default_rng(seed).permutation(len(values)).astype(float)
    y = np.array(values, dtype=float)
    row = spearman_test(x, y, 0.95)
    if row["reason"]:
        assert len(set(values)) == 1
        return
    ranks = scipy.stats.rankdata(y)
    found = [abs(np.corrcoef(x, order)[0, 1]) for order in permutations(ranks)]
    expected = np.mean(np.array(found) > abs(row["estimate"]) - 1e-9)
    assert row["p_value"] == pytest.approx(expected)


def test_two_groups_are_tested_as_welch_does():
    a, b = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, 5.5, 9.0])
    row = welch_test({"f": a, "m": b}, 0.95)
    expected = scipy.stats.ttest_ind(b, a, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    assert (row["test"], row["comparison"]) == ("welch_t", "m - f")
    assert row["estimate"] == pytest.approx(b.mean() - a.mean())
    assert (row["statistic"], row["p_value"]) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))


def test_more_groups_are_tested_as_welch_does():
    draw = np.random.default_rng(2)
    groups = {
        name: draw.normal(0, sd, n) for name, sd, n in (("a", 1, 6), ("b", 3, 9), ("c", 2, 4))
    }
    row = welch_test(groups, 0.95)
    expected = anova_oneway(list(groups.values()), use_var="unequal", welch_correction=True)
    assert (row["statistic"], row["p_value"]) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )
    assert (row["df"], row["df_within"]) == pytest.approx(expected.df)
    assert (row["test"], row["comparison"]) == ("welch_anova", "3 groups")
    assert "estimate" not in row


def test_who_cannot_enter_a_test_is_counted():
    people = pd.DataFrame(
        {"subject": range(1, 9), "sex": ["f", "f", "m", "m", "m", "x", None, "f"]}
    )
    values = {s: float(s * s) for s in range(1, 8)}
    (row,) = found_of(people, outcomes(values), "sex").to_dict("records")
    assert (row["n_participants"], row["n_alone"]) == (5, 1)
    assert (row["n_without_covariate"], row["n_without_value"]) == (1, 1)
    assert (row["comparison"], row["reason"]) == ("m - f", "")
    groups = group_table(joined_people(people, outcomes(values), ["sex"], []))
    assert groups["group"].tolist() == ["f", "m", "x"]
    assert groups["n"].tolist() == [2, 3, 1]
    assert groups["mean"].tolist() == pytest.approx([2.5, 50 / 3, 36.0])
    assert groups["median"].tolist() == pytest.approx([2.5, 16.0, 36.0])


def test_long_numbers_of_groups_stay_apart_as_they_do_in_folds():
    people = pd.DataFrame({"subject": [1, 2, 3], "site": [1234567, 1234568, None]})
    found = joined_people(people, outcomes({1: 1.0, 2: 2.0, 3: 3.0}), ["site"], ["site"])
    assert found["group"].tolist() == ["1234567", "1234568", None]
    assert found["number"].isna().all()


@pytest.mark.parametrize(
    ("ages", "values", "reason"),
    [
        ([20, 30, 40, None], [1, 2, 3, 4], "3 participant(s) with both values"),
        ([20, 20, 20, 20], [1, 2, 3, 4], "the same covariate in everybody"),
        ([20, 30, 40, 50], [1, 1, 1, 1], "the same outcome in everybody"),
    ],
)
def test_why_there_is_no_correlation(ages, values, reason):
    people = pd.DataFrame({"subject": [1, 2, 3, 4], "age": ages})
    found = found_of(people, outcomes(dict(enumerate(map(float, values), 1))), "age")
    assert found["test"].tolist() == ["spearman", "pearson"]
    assert found["reason"].tolist() == [reason] * 2
    assert found[["estimate", "p_value", "p_holm"]].isna().all(axis=None)
    assert list(found.columns) == COVARIATE_COLUMNS


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"a": [1.0, 2.0], "b": [3.0]}, "1 group(s) of two people or more"),
        ({"a": [1.0, 1.0], "b": [3.0, 3.0]}, "the same outcome in everybody of a group"),
        (
            {"a": [1.0, 1.0], "b": [3.0, 4.0], "c": [1.0, 2.0]},
            "the same outcome in everybody of a group",
        ),
    ],
)
def test_why_groups_are_not_compared(groups, reason):
    row = welch_test({name: np.array(values) for name, values in groups.items()}, 0.95)
    assert row["reason"] == reason and "p_value" not in row


def test_numbers_may_be_names_of_groups():
    codes = pd.Series([1, 2, 1, 2])
    assert kind_of(codes, as_groups=False) == "number"
    assert kind_of(codes, as_groups=True) == "groups"
    assert kind_of(pd.Series([True, False]), as_groups=False) == "groups"
    assert kind_of(pd.Series(["a", None]), as_groups=False) == "groups"
    people = pd.DataFrame({"subject": [1, 2, 3, 4], "sex": [1.0, 2.0, 1.0, 2.0]})
    found = found_of(people, outcomes({1: 1.0, 2: 4.0, 3: 2.0, 4: 6.0}), "sex", "sex")
    assert found["comparison"].tolist() == ["2 - 1"]


def test_tests_are_corrected_in_two_families():
    draw = np.random.default_rng(0)
    people = pd.DataFrame({"subject": range(12), "age": draw.normal(size=12)})
    people["sex"] = ["f", "m"] * 6
    parts = [outcomes(dict(enumerate(draw.normal(size=12))), name) for name in ("one", "two")]
    values = joined_people(people, pd.concat(parts), ["age", "sex"], [])
    found = covariate_tests(values, 0.95)
    sizes = found.groupby("family")["p_value"].count()
    assert sizes.to_dict() == {"covariates, Pearson": 2, "covariates, Spearman and Welch": 4}
    own = found[found["family"] == "covariates, Spearman and Welch"]
    assert own["p_holm"].min() == pytest.approx(min(1.0, 4 * own["p_value"].min()))
    assert found["covariate"].tolist() == ["age"] * 4 + ["sex"] * 2


def test_nothing_is_found_in_noise_more_often_than_it_should_be():
    draw, n = np.random.default_rng(1), 500
    p = {
        "spearman": [],
        "pearson": [],
        "welch_t": [],
        "welch_anova": [],
    }
    for _ in range(n):
        x, y = draw.normal(size=(2, 12))
        sizes = {"a": (5, 1.0), "b": (9, 3.0), "c": (7, 2.0)}
        groups = {name: draw.normal(0.0, sd, size) for name, (size, sd) in sizes.items()}
        two = {name: groups[name] for name in ("a", "b")}
        for row in (
            spearman_test(x, y, 0.95),
            pearson_test(x, y, 0.95),
            welch_test(two, 0.95),
            welch_test(groups, 0.95),
        ):
            p[str(row["test"])].append(row["p_value"])
    shares = {name: np.mean(np.array(values) < 0.05) for name, values in p.items()}
    # Four standard errors of a share of 0.05 in 500.
    assert all(0.01 < share < 0.09 for share in shares.values()), shares


def test_a_covariate_that_nobody_has_is_refused():
    people = pd.DataFrame({"subject": [1], "participant_id": ["a"], "age": [3], "sex": [None]})
    require_covariates(people, ["age"])
    for name in ("sex", "participant_id", "height"):
        with pytest.raises(TinglegramError, match=rf"\(present: age\), found {name}\."):
            require_covariates(people, ["age", name])


def test_numbers_near_a_code_and_words_apart_are_taken():
    people = pd.DataFrame(
        {"subject": [1, 2], "participant_id": ["a", "b"], "rt": [999, 450], "site": ["A", "B"]}
    )
    require_covariates(people, ["rt", "site"])
