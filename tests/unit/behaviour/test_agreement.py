import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import pearsonr

from tinglegram.behaviour.agreement import agreement_table, bootstrap_agreement, leave_one_out

OPTIONS = {"resamples": 500, "confidence": 0.95, "seed": 42, "p_value": "count"}


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
    cut = agreement_table(labels({"vid2": series}, {(11, "vid2"): 507}), conditions, **OPTIONS)
    assert cut.equals(agreement_table(labels({"vid2": series[:, :507]}), conditions, **OPTIONS))
    assert not cut.equals(agreement_table(labels({"vid2": series}), conditions, **OPTIONS))


def test_locked_and_unlocked_clips_are_told_apart():
    series = {"vid5": simulated(20, 550, 0.0, seed=2), "vid1": simulated(20, 550, 0.5, seed=3)}
    table = agreement_table(labels(series), {"vid1": "ASMR", "vid5": "Nature"}, **OPTIONS)
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
    found = agreement_table(table, conditions, **OPTIONS)
    assert found.equals(agreement_table(shuffled, conditions, **OPTIONS))
    # Nobody saw vid2.
    assert found["n"].tolist() == [11, 0] and np.isnan(found["r"].iloc[1])


def test_fractions_agree_as_whole_numbers_do():
    series = np.random.default_rng(3).integers(0, 4, (5, 40))
    tenths = leave_one_out(series / 10)
    np.testing.assert_allclose(tenths, leave_one_out(series), atol=1e-12)
    labels_of = labels({"vid1": series})
    table = agreement_table(
        labels_of.assign(rating=labels_of["rating"] / 10), {"vid1": "ASMR"}, **OPTIONS
    )
    whole = agreement_table(labels_of, {"vid1": "ASMR"}, **OPTIONS)
    assert table["r"].item() == pytest.approx(whole["r"].item())


def test_others_who_never_change_have_no_correlation_by_rounding():
    # As a total less one's own series, the others' sum would change in its last digit.
    mine = np.random.default_rng(4).normal(size=100)
    assert len(leave_one_out(np.stack([mine, np.full(100, 0.1), np.full(100, 0.7)]))) == 0
