import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinglegram.behaviour.reliability import (
    intraclass_correlation,
    krippendorff_alpha,
    reliability_table,
    split_half,
    without_each,
)

# Shrout & Fleiss (1979), table 2: four judges (rows) rate six targets.
JUDGES = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]])


def test_intraclass_correlation_of_the_published_example():
    assert intraclass_correlation(JUDGES) == pytest.approx(0.62, abs=0.005)


@pytest.mark.parametrize("series", [np.ones((3, 4)), np.arange(4)[None], np.arange(3)[:, None]])
def test_nothing_to_rate_has_no_reliability(series):
    assert np.isnan(intraclass_correlation(series))
    assert np.isnan(split_half(series, 10, np.random.default_rng(0)))


def test_everybody_alike_is_fully_reliable():
    series = np.tile([0, 1, 2, 3, 1], (5, 1))
    assert intraclass_correlation(series) == pytest.approx(1)
    assert split_half(series, 10, np.random.default_rng(0)) == pytest.approx(1)
    assert krippendorff_alpha(series, "ordinal") == krippendorff_alpha(series, "interval") == 1


def test_split_half_by_hand():
    # Four viewers have three pairs of halves; each draw is one of them.
    series = np.random.default_rng(1).integers(0, 4, (4, 30))
    halves = [([0, 1], [2, 3]), ([0, 2], [1, 3]), ([0, 3], [1, 2])]
    r = [np.corrcoef(series[a].mean(axis=0), series[b].mean(axis=0))[0, 1] for a, b in halves]
    stepped = [2 * x / (1 + x) for x in r]
    found = split_half(series, 4000, np.random.default_rng(2))
    assert found == pytest.approx(np.mean(stepped), abs=3 * np.std(stepped) / np.sqrt(4000))


def test_reliability_grows_as_spearman_and_brown_say():
    generator = np.random.default_rng(3)
    common = generator.standard_normal(4000)
    series = common + generator.standard_normal((16, 4000)) * 2
    # One viewer has a reliability of 1 / 5, sixteen one of 16 / (16 + 4).
    assert split_half(series, 50, generator) == pytest.approx(0.8, abs=0.02)
    assert intraclass_correlation(series) == pytest.approx(0.8, abs=0.02)


def pairwise_alpha(series, level):
    """Alpha from all pairs of ratings, one by one."""
    values, counts = np.unique(series, return_counts=True)
    below = dict(zip(values, np.cumsum(counts) - counts / 2, strict=True))

    def distance(a, b):
        return (below[a] - below[b]) ** 2 if level == "ordinal" else (a - b) ** 2

    n, steps = series.shape
    within = [
        distance(a, b)
        for step in series.T
        for i, a in enumerate(step)
        for j, b in enumerate(step)
        if i != j
    ]
    every = series.ravel()
    pairs = [distance(a, b) for i, a in enumerate(every) for j, b in enumerate(every) if i != j]
    return 1 - np.mean(within) / np.mean(pairs)


@pytest.mark.parametrize("level", ["ordinal", "interval"])
@given(
    series=arrays(
        np.int64, st.tuples(st.integers(2, 4), st.integers(1, 8)), elements=st.integers(0, 3)
    )
)
def test_alpha_of_all_pairs(level, series):
    if np.ptp(series) == 0:
        assert np.isnan(krippendorff_alpha(series, level))
    else:
        assert krippendorff_alpha(series, level) == pytest.approx(pairwise_alpha(series, level))


def test_ordinal_alpha_does_not_depend_on_the_numbers():
    series = np.random.default_rng(4).integers(0, 4, (5, 60))
    found = krippendorff_alpha(series, "ordinal")
    assert krippendorff_alpha(series**3, "ordinal") == pytest.approx(found)
    assert krippendorff_alpha(series**3, "interval") != pytest.approx(
        krippendorff_alpha(series, "interval")
    )


def test_an_interval_needs_every_viewer_left_out():
    assert np.isnan(without_each(np.array([[0, 1], [1, 0]]), intraclass_correlation, 0.95)[1])
    estimate, low, high = without_each(JUDGES, intraclass_correlation, 0.95)
    assert low < estimate < high < 1
    alike = np.tile([0, 1, 2], (4, 1))
    assert without_each(alike, intraclass_correlation, 0.95)[0] == pytest.approx(1)
    assert np.isnan(without_each(alike, lambda one: 1.0, 0.95)[1])


def ratings_of(series):
    return pd.concat(
        pd.DataFrame({"subject": s, "video": v, "order": 0, "step": range(len(x)), "rating": x})
        for (s, v), x in series.items()
    )


def test_a_table_of_two_clips():
    generator = np.random.default_rng(5)
    rise = np.arange(40) // 10
    series = {(s, "a"): rise for s in (1, 2, 3)} | {
        (s, "b"): np.roll(rise, 20) + generator.integers(0, 2, 40) for s in (1, 2, 3)
    }
    about = {"level": "ordinal", "halvings": 20, "confidence": 0.95, "seed": 1}
    table = reliability_table(ratings_of(series), {"a": "x", "b": "y", "c": "y"}, **about)
    assert list(table["n_viewers"]) == [3, 3, 0]
    assert table["alpha"][0] == 1 and table["icc_2k"][0] == pytest.approx(1)
    assert table["alpha_ci_low"][1] < table["alpha"][1] < table["alpha_ci_high"][1] < 1
    others = [np.mean([series[t, "b"] for t in (1, 2, 3) if t != s], axis=0) for s in (1, 2, 3)]
    z = [np.arctanh(np.corrcoef(rise, other)[0, 1]) for other in others]
    assert table["r_other_clips"][0] == pytest.approx(np.tanh(np.mean(z)))
    assert table.loc[2, ["icc_2k", "split_half", "alpha", "r_other_clips"]].isna().all()
    again = reliability_table(ratings_of(series), {"a": "x", "b": "y", "c": "y"}, **about)
    assert table.equals(again)
