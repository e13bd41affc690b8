import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import pearsonr
from scipy.stats import t as student

from tinglegram.behaviour.agreement import (
    agreement_of_shifted,
    agreement_table,
    bootstrap_agreement,
    leave_one_out,
    pairwise_agreement,
    shifted_agreement,
)

OPTIONS = {"resamples": 500, "confidence": 0.95, "seed": 42, "p_value": "count"}
RESAMPLED = {"test": "resampled_viewers", **OPTIONS}


def released_correlations(series):
    """Correlate as the released code does: one viewer at a time."""
    found = []
    for i in range(len(series)):
        others = np.delete(series, i, axis=0).mean(axis=0)
        if np.ptp(series[i]) > 0 and others.std() > 1e-9:
            found.append(pearsonr(series[i], others).statistic)
    return found


def simulated(n_viewers, n_steps, locked, seed):
    """Ratings of 0 to 3, of which the share `locked` follows the clip."""
    rng = np.random.default_rng(seed)
    common = rng.integers(0, 4, n_steps)
    own = rng.integers(0, 4, (n_viewers, n_steps))
    return np.where(rng.random((n_viewers, n_steps)) < locked, common, own)


def test_correlations_by_hand():
    series = np.array([[0, 1, 2], [0, 0, 3], [1, 1, 1]])
    # The third never changes: no target, and no effect on the others but a constant.
    expected = np.corrcoef([0, 1, 2], [0, 0, 3])[0, 1]
    assert leave_one_out(series) == pytest.approx([expected, expected])


def test_no_correlation_without_two_who_vary():
    assert len(leave_one_out(np.array([[0, 1, 2]]))) == 0
    assert len(leave_one_out(np.ones((4, 5), dtype=int))) == 0
    # The only one who varies has constant others, and is the others of constant targets.
    assert len(leave_one_out(np.array([[0, 1, 2], [1, 1, 1], [0, 0, 0]]))) == 0


@settings(max_examples=50)
@given(
    arrays(np.int64, st.tuples(st.integers(2, 6), st.integers(3, 30)), elements=st.integers(0, 3))
)
def test_equals_one_viewer_at_a_time(series):
    assert leave_one_out(series) == pytest.approx(released_correlations(series))


def test_bootstrap_equals_the_released_loop():
    correlations = np.array([0.1, 0.5, -0.2, 0.7, 0.3])
    z = np.arctanh(correlations)
    np.random.seed(42)
    means = np.array([np.mean(np.random.choice(z, size=5, replace=True)) for _ in range(500)])
    found = bootstrap_agreement(correlations, **OPTIONS)
    assert found.n == 5
    assert found.r == pytest.approx(np.tanh(means.mean()), abs=1e-12)
    low, high = np.tanh(np.percentile(means, [2.5, 97.5]))
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=1e-12)
    assert found.p_value == np.sum(means <= 0) / 500


def test_mean_of_many_resamples_is_the_mean_of_z():
    correlations = np.linspace(-0.1, 0.8, 30)
    found = bootstrap_agreement(correlations, **OPTIONS | {"resamples": 20_000})
    z = np.arctanh(correlations)
    error = z.std() / np.sqrt(30)
    assert found.r == pytest.approx(np.tanh(z.mean()), abs=0.005)
    assert found.ci_low == pytest.approx(np.tanh(z.mean() - 1.96 * error), abs=0.01)
    assert found.ci_high == pytest.approx(np.tanh(z.mean() + 1.96 * error), abs=0.01)


def test_p_value_as_count_and_plus_one():
    for correlations, below in (([0.5, 0.6], 0), ([-0.5, -0.6], 500)):
        values = np.array(correlations)
        assert bootstrap_agreement(values, **OPTIONS).p_value == below / 500
        plus_one = bootstrap_agreement(values, **OPTIONS | {"p_value": "plus_one"})
        assert plus_one.p_value == (below + 1) / 501


@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_correlation_stays_finite(sign):
    found = bootstrap_agreement(np.array([1.0, 1.0, 1.0]) * sign, **OPTIONS)
    assert [found.r, found.ci_low, found.ci_high] == pytest.approx([sign] * 3)
    assert np.isfinite(bootstrap_agreement(np.array([1.0, -1.0]), **OPTIONS).r)


def test_too_few_correlations_are_missing():
    none = bootstrap_agreement(np.empty(0), **OPTIONS)
    assert none.n == 0 and np.isnan([none.r, none.ci_low, none.ci_high, none.p_value]).all()
    one = bootstrap_agreement(np.array([0.4]), **OPTIONS)
    assert one.r == pytest.approx(0.4)
    assert np.isnan([one.ci_low, one.ci_high, one.p_value]).all()


def labels(series_by_video, lengths=None):
    tables = []
    for video, series in series_by_video.items():
        for subject, ratings in enumerate(series, start=1):
            cut = ratings[: (lengths or {}).get((subject, video))]
            tables.append(
                pd.DataFrame(
                    {"subject": subject, "video": video, "step": range(len(cut)), "rating": cut}
                )
            )
    return pd.concat(tables, ignore_index=True)


def test_series_are_cut_to_the_shortest():
    series = simulated(12, 550, 0.4, seed=1)
    conditions = {"vid2": "ASMR"}
    cut = agreement_table(labels({"vid2": series}, {(11, "vid2"): 507}), conditions, **RESAMPLED)
    assert cut.equals(agreement_table(labels({"vid2": series[:, :507]}), conditions, **RESAMPLED))
    assert not cut.equals(agreement_table(labels({"vid2": series}), conditions, **RESAMPLED))


def test_locked_and_unlocked_clips_are_told_apart():
    series = {"vid5": simulated(20, 550, 0.0, seed=2), "vid1": simulated(20, 550, 0.5, seed=3)}
    table = agreement_table(labels(series), {"vid1": "ASMR", "vid5": "Nature"}, **RESAMPLED)
    assert table["video"].tolist() == ["vid1", "vid5"]
    assert table["condition"].tolist() == ["ASMR", "Nature"]
    assert table["n"].tolist() == [20, 20]
    assert table["r"].iloc[0] > 0.4 and table["p_value"].iloc[0] == 0
    assert abs(table["r"].iloc[1]) < 0.1
    assert (table["ci_low"] < table["r"]).all() and (table["r"] < table["ci_high"]).all()


def test_order_of_rows_does_not_matter():
    table = labels({"vid1": simulated(11, 100, 0.4, seed=4)})
    shuffled = table.sample(frac=1, random_state=0)
    conditions = {"vid1": "ASMR", "vid2": "ASMR"}
    found = agreement_table(table, conditions, **RESAMPLED)
    assert found.equals(agreement_table(shuffled, conditions, **RESAMPLED))
    # Nobody saw vid2.
    assert found["n"].tolist() == [11, 0] and np.isnan(found["r"].iloc[1])


def test_fractions_agree_as_whole_numbers_do():
    series = np.random.default_rng(3).integers(0, 4, (5, 40))
    tenths = leave_one_out(series / 10)
    np.testing.assert_allclose(tenths, leave_one_out(series), atol=1e-12)
    labels_of = labels({"vid1": series})
    table = agreement_table(
        labels_of.assign(rating=labels_of["rating"] / 10), {"vid1": "ASMR"}, **RESAMPLED
    )
    whole = agreement_table(labels_of, {"vid1": "ASMR"}, **RESAMPLED)
    assert table["r"].item() == pytest.approx(whole["r"].item())


def test_others_who_never_change_have_no_correlation_by_rounding():
    # As a total less one's own series, the others' sum would change in its last digit.
    mine = np.random.default_rng(4).normal(size=100)
    assert len(leave_one_out(np.stack([mine, np.full(100, 0.1), np.full(100, 0.7)]))) == 0


def mean_z(series):
    """The mean Fisher z of everybody with the mean of the others, one viewer at a time."""
    return np.arctanh(np.clip(released_correlations(series), -1 + 1e-16, 1 - 1e-16)).mean()


@pytest.mark.parametrize("scale", [1, 0.1])
def test_shifted_viewers_agree_as_if_each_had_been_moved(scale):
    series = simulated(6, 40, 0.5, seed=1) * scale
    shifts = np.random.default_rng(0).integers(0, 40, (20, 6))
    shifts[0] = 0
    found = shifted_agreement(series, shifts)
    moved = [np.stack([np.roll(x, n) for x, n in zip(series, row, strict=True)]) for row in shifts]
    assert found == pytest.approx([mean_z(one) for one in moved])


def test_others_who_never_change_are_passed_over_in_a_shift():
    # Moved by one step, the sum of the first two never changes: the third has no correlation.
    series = np.array([[0, 1, 0, 1], [0, 1, 0, 1], [0, 0, 1, 3]])
    found = shifted_agreement(series, np.array([[0, 1, 0]]))
    moved = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 1, 3]])
    assert found == pytest.approx([np.arctanh(released_correlations(moved)).mean()])
    # Two viewers of opposite courses: nothing is left to correlate with.
    assert np.isfinite(shifted_agreement(series[:2], np.array([[0, 1]]))).all()


def test_pairs_by_hand():
    series = simulated(5, 60, 0.5, seed=2)
    mean = np.mean([pearsonr(series[i], series[j]).statistic for i in range(5) for j in range(i)])
    found = pairwise_agreement(series, 0.95)
    assert found.r == pytest.approx(mean)
    # The jackknife, without each viewer in turn.
    without = np.array(
        [np.arctanh(pairwise_agreement(np.delete(series, i, 0), 0.95).r) for i in range(5)]
    )
    error = np.sqrt(4 / 5 * np.sum((without - without.mean()) ** 2))
    reach = student.ppf(0.975, 4) * error
    assert np.arctanh([found.ci_low, found.ci_high]) == pytest.approx(
        [np.arctanh(mean) - reach, np.arctanh(mean) + reach]
    )


def test_one_pair_that_is_all_alike_is_not_the_mean():
    series = simulated(8, 300, 0.0, seed=6)
    apart = pairwise_agreement(series, 0.95).r
    series[1] = series[0]
    # One of 28 pairs has r = 1.
    assert pairwise_agreement(series, 0.95).r == pytest.approx(apart, abs=0.08)
    assert pairwise_agreement(np.tile(series[:1], (4, 1)), 0.95).r == pytest.approx(1)


@pytest.mark.parametrize(
    "series, known",
    [
        (np.empty((0, 5), dtype=int), (False, False)),
        (np.array([[0, 1, 2], [1, 1, 1]]), (False, False)),
        (np.array([[0, 1, 2], [0, 2, 1], [1, 1, 1]]), (True, False)),
        (np.array([[0, 1, 2], [0, 2, 1], [2, 1, 3]]), (True, True)),
    ],
)
def test_pairs_need_viewers_who_vary(series, known):
    found = pairwise_agreement(series, 0.95)
    assert (not np.isnan(found.r), not np.isnan(found.ci_low)) == known


def test_pairs_do_not_depend_on_how_many_watched():
    many = simulated(200, 200, 0.4, seed=5)
    few = [pairwise_agreement(many[i : i + 5], 0.95).r for i in range(0, 200, 5)]
    everybody = pairwise_agreement(many, 0.95).r
    assert np.mean(few) == pytest.approx(everybody, abs=0.01)
    with_others = [np.tanh(np.arctanh(leave_one_out(many[i : i + 5])).mean()) for i in (0, 5, 10)]
    assert min(with_others) > everybody + 0.05


def smooth(n_viewers, n_steps, locked, generator):
    """Ratings of 0 to 3 that hold for seconds and change at times of each viewer's own."""
    common, *own = scipy.ndimage.gaussian_filter1d(
        generator.standard_normal((n_viewers + 1, n_steps)), 5, axis=1, mode="wrap"
    )
    latent = np.sqrt(locked) * common + np.sqrt(1 - locked) * np.array(own)
    return np.searchsorted([0.0, 0.1, 0.25], latent).reshape(latent.shape)


def test_the_shift_test_keeps_its_rate_where_the_bootstrap_does_not():
    """600 clips whose 20 viewers share nothing: 5 % lies within 3.3 and 7.1 %."""
    generator = np.random.default_rng(7)
    rejected = {"shifted": 0, "resampled": 0}
    for seed in range(600):
        series = smooth(20, 300, 0.0, generator)
        given = {"confidence": 0.95, "seed": seed, "p_value": "plus_one"}
        rejected["shifted"] += agreement_of_shifted(series, shifts=199, **given)["p_value"] <= 0.05
        found = bootstrap_agreement(leave_one_out(series), resamples=199, **given)
        rejected["resampled"] += found.p_value <= 0.05
    assert 20 <= rejected["shifted"] <= 43
    assert rejected["resampled"] > 43


def test_a_table_of_moved_viewers():
    generator = np.random.default_rng(8)
    series = {"vid1": smooth(12, 300, 0.6, generator), "vid5": np.ones((12, 300), dtype=int)}
    conditions = {"vid1": "ASMR", "vid5": "Nature"}
    about = OPTIONS | {"test": "shifted_viewers", "p_value": "plus_one"}
    table = agreement_table(labels(series), conditions, **about)
    assert list(table.columns) == [
        *("video", "condition", "n", "r", "ci_low", "ci_high", "p_value"),
        *("r_pairwise", "pairwise_ci_low", "pairwise_ci_high", "p_holm", "p_bh", "family"),
    ]
    first, second = (row for _, row in table.iterrows())
    assert first["r"] == pytest.approx(np.tanh(mean_z(series["vid1"])))
    assert first["p_value"] == 1 / 501 and np.isnan(first["ci_low"])
    assert first["pairwise_ci_low"] < first["r_pairwise"] < first["pairwise_ci_high"] < first["r"]
    assert second["n"] == 0 and second[["r", "p_value", "r_pairwise"]].isna().all()
