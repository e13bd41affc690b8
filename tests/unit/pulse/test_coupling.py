"""Correlations of known strength, and the paired test against its formula."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tinglegram.pulse.coupling import (
    compare_by_quality,
    compare_conditions,
    correlate,
    correlate_by_quality,
)

CONDITIONS = ["ASMR", "Nature"]


def windows_of(subject, condition, pulse, rating, rmssd=None):
    return pd.DataFrame(
        {
            "subject": subject,
            "condition": condition,
            "pulse_rate_bpm": pulse,
            "rmssd_ms": np.linspace(20, 30, len(pulse)) if rmssd is None else rmssd,
            "mean_rating": rating,
        }
    )


def coupling_of(**r):
    return pd.DataFrame(
        [
            {"subject": s, "condition": c, "n_windows": 50, "r_pulse_rate": x, "r_rmssd": x / 2}
            for c, values in r.items()
            for s, x in enumerate(values)
        ]
    )


def test_monotone_coupling_is_one():
    rating = np.r_[0, 0, np.linspace(0.1, 3, 18)]
    table = correlate(
        pd.concat(
            [
                windows_of(3, "Nature", rating**2, rating, rmssd=-rating),
                windows_of(3, "ASMR", -rating, rating),
            ]
        ),
        CONDITIONS,
        10,
    )
    assert list(table["condition"]) == CONDITIONS
    assert list(table["n_windows"]) == [20, 20]
    assert list(table["r_pulse_rate"]) == pytest.approx([-1, 1])
    assert table["r_rmssd"].iloc[1] == pytest.approx(-1)


def test_spearman_with_ties_is_pearson_of_ranks():
    random = np.random.default_rng(4)
    pulse, rating = random.normal(70, 3, 40), random.integers(0, 4, 40).astype(float)
    table = correlate(windows_of(1, "ASMR", pulse, rating), ["ASMR"], 10)
    expected = np.corrcoef(stats.rankdata(pulse), stats.rankdata(rating))[0, 1]
    assert table["r_pulse_rate"].iloc[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("pulse", "rating"),
    [
        (np.arange(10.0), np.arange(10.0)),
        (np.arange(20.0), np.full(20, 0.7)),
        (np.full(20, 60.0), np.arange(20.0)),
        (np.r_[np.arange(10.0), np.full(10, np.nan)], np.arange(20.0)),
        (np.arange(20.0), np.r_[np.arange(10.0), np.full(10, np.nan)]),
    ],
    ids=["ten windows", "constant rating", "constant pulse", "no pulse", "no rating"],
)
def test_where_nothing_can_be_computed(pulse, rating):
    table = correlate(windows_of(1, "ASMR", pulse, rating), ["ASMR"], 10)
    assert np.isnan(table["r_pulse_rate"].iloc[0])


def test_a_person_without_windows_in_a_condition_keeps_a_row():
    rating = np.linspace(0, 3, 20)
    tables = [windows_of(s, "ASMR", rating, rating) for s in (10, 9)]
    table = correlate(pd.concat(tables), CONDITIONS, 10)
    assert list(table["subject"]) == [9, 9, 10, 10]
    assert list(table["n_windows"]) == [20, 0, 20, 0]


def test_paired_t_against_its_formula():
    random = np.random.default_rng(2)
    asmr, nature = np.tanh(random.normal(-0.1, 0.3, 34)), np.tanh(random.normal(0.05, 0.3, 34))
    asmr[3] = nature[7] = np.nan
    test = compare_conditions(coupling_of(ASMR=asmr, Nature=nature), CONDITIONS)
    both = ~np.isnan(asmr + nature)
    difference = np.arctanh(asmr[both]) - np.arctanh(nature[both])
    t = difference.mean() / (difference.std(ddof=1) / np.sqrt(32))
    row = test.iloc[0]
    assert list(test["measure"]) == ["pulse_rate", "rmssd"]
    assert row["comparison"] == "ASMR - Nature"
    assert row["t"] == pytest.approx(t)
    assert (row["df"], row["n_pairs"]) == (31, 32)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), 31))
    assert row["r_mean_ASMR"] == pytest.approx(asmr[both].mean())
    assert row["r_mean_Nature"] == pytest.approx(nature[both].mean())


def test_the_papers_degrees_of_freedom():
    # Printed: t = -2.085, p = 0.0454.
    assert 2 * stats.t.sf(2.085, 31) == pytest.approx(0.0454, abs=1e-4)


@pytest.mark.parametrize(
    "r",
    [
        {"ASMR": [0.1], "Nature": [0.2]},
        {"ASMR": [0.1, np.nan], "Nature": [np.nan, 0.2]},
        {"ASMR": [1.0, 0.2], "Nature": [0.1, 0.1]},
        {"ASMR": [0.1, 0.1], "Nature": [0.2, 0.2]},
    ],
    ids=["one pair", "no pair", "infinite transform", "equal differences"],
)
def test_no_test_without_two_differing_pairs(r):
    test = compare_conditions(coupling_of(**r), CONDITIONS)
    assert list(test["measure"]) == ["pulse_rate", "rmssd"]
    assert test.loc[0, ["t", "df", "p_value"]].isna().all()


def test_one_condition_has_nothing_to_compare_and_is_set_against_zero():
    r = np.array([0.1, 0.2, -0.3, 0.4])
    test = compare_conditions(coupling_of(ASMR=r), ["ASMR"])
    assert list(test["comparison"]) == ["ASMR against 0"] * 2
    expected = stats.ttest_1samp(np.arctanh(r), 0)
    row = test.iloc[0]
    assert row["t"] == pytest.approx(expected.statistic)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert (row["df"], row["n_pairs"]) == (3, 4)
    assert row["r_mean_ASMR"] == pytest.approx(r.mean())


def test_of_three_conditions_each_is_tested_and_every_pair():
    random = np.random.default_rng(8)
    r = {name: np.tanh(random.normal(0, 0.3, 9)) for name in ("joy", "fear", "calm")}
    test = compare_conditions(coupling_of(**r), list(r))
    own = test[test["measure"] == "pulse_rate"].reset_index(drop=True)
    assert list(own["comparison"]) == [
        *("joy against 0", "fear against 0", "calm against 0"),
        *("joy - fear", "joy - calm", "fear - calm"),
    ]
    pair = stats.ttest_rel(np.arctanh(r["joy"]), np.arctanh(r["calm"]))
    assert own.loc[4, "p_value"] == pytest.approx(pair.pvalue)
    assert np.isnan(own.loc[4, "r_mean_fear"])


def test_by_quality_is_the_test_of_all_and_of_good_windows():
    random = np.random.default_rng(5)
    rating = np.linspace(0, 3, 20)
    parts = [
        windows_of(
            s, c, slope * rating + random.normal(70, 1, 20), rating, random.normal(30, 5, 20)
        ).assign(poor=False)
        for s in range(6)
        for c, slope in (("ASMR", -1.0), ("Nature", 0.5))
    ]
    windows = pd.concat(parts, ignore_index=True)
    windows.loc[windows.index % 10 == 0, ["poor", "pulse_rate_bpm"]] = [True, 200.0]
    coupling = correlate_by_quality(windows, CONDITIONS, 10)
    table = compare_by_quality(coupling, CONDITIONS, 0.1)
    for kept, used in (("all", windows), ("good", windows[~windows["poor"].astype(bool)])):
        alone = correlate(used, CONDITIONS, 10)
        plain = compare_conditions(alone, CONDITIONS)
        own = table[table["windows"] == kept]
        for column in ("measure", "t", "p_value", "p_holm", "p_bh", "n_pairs", "r_mean_ASMR"):
            assert own[column].tolist() == plain[column].tolist()
        assert own["n_windows"].tolist() == [len(used)] * 2
        assert own["share_poor"].tolist() == [0.1] * 2
        ending = "_good" if kept == "good" else ""
        for column in ("n_windows", "r_pulse_rate", "r_rmssd"):
            assert coupling[f"{column}{ending}"].tolist() == alone[column].tolist()
        assert own["family"].str.endswith(f"{kept} windows").all()
    good = table[table["windows"] == "good"].iloc[0]
    assert good["r_mean_ASMR"] < table.iloc[0]["r_mean_ASMR"] < 0


def test_heart_rates_are_correlated_without_rmssd():
    rating = np.linspace(0, 3, 20)
    parts = [
        windows_of(s, c, sign * rating + 70, rating, np.full(20, np.nan)).assign(poor=False)
        for s in (1, 2, 3)
        for c, sign in (("ASMR", -1.0), ("Nature", 1.0))
    ]
    coupling = correlate_by_quality(pd.concat(parts, ignore_index=True), CONDITIONS, 10)
    assert set(coupling["n_windows"]) == set(coupling["n_windows_good"]) == {20}
    assert coupling["r_pulse_rate"].tolist() == pytest.approx([-1, 1] * 3)
    assert coupling["r_rmssd"].isna().all()


def test_someone_without_a_good_window_is_kept_with_no_number():
    windows = windows_of(3, "ASMR", np.linspace(60, 80, 20), np.linspace(0, 3, 20))
    row = correlate_by_quality(windows.assign(poor=True), ["ASMR"], 10).iloc[0]
    assert row["n_windows"] == 20 and row["r_pulse_rate"] == pytest.approx(1)
    assert row["n_windows_good"] == 0 and np.isnan(row["r_pulse_rate_good"])
