"""The reliability curve equals scikit-learn's and knows a calibrated model."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from test_pooled import settings, simulate

from tinglegram.statistics.calibration import SCOPES, CalibrationCurve, calibration_table


@pytest.mark.parametrize("scope", SCOPES)
def test_the_curve_equals_scikit_learn(scope):
    trials = simulate(subjects=8)
    table = calibration_table(trials, settings(), CalibrationCurve(calibration_bins=5))
    own = table[(table["scope"] == scope) & (table["n_frames"] > 0)]
    kept = trials.valid & ~(trials.control[:, None] & (scope == "within_target"))
    # scikit-learn closes its bins at the upper end; no value lies on an inner limit here.
    chance = np.where(np.isin(trials.probability, [0.2, 0.4, 0.6, 0.8]), 0.55, trials.probability)
    again = calibration_table(
        replace(trials, probability=chance), settings(), CalibrationCurve(calibration_bins=5)
    )
    again = again[(again["scope"] == scope) & (again["n_frames"] > 0)]
    observed, mean = calibration_curve(trials.label[kept], chance[kept], n_bins=5)
    np.testing.assert_allclose(again["observed_share"], observed)
    np.testing.assert_allclose(again["mean_probability"], mean)
    assert own["n_frames"].sum() == again["n_frames"].sum() == kept.sum()


def test_a_calibrated_model_lies_in_its_intervals():
    trials = simulate(subjects=60, steps=200)
    generator = np.random.default_rng(1)
    chance = generator.random(trials.label.shape)
    trials = replace(trials, probability=chance, label=generator.random(chance.shape) < chance)
    table = calibration_table(
        trials, settings(bootstrap=500), CalibrationCurve(calibration_bins=10)
    )
    inside = table["mean_probability"].between(table["ci_low"], table["ci_high"])
    assert inside.mean() > 0.8


def test_limits_of_bins_and_empty_bins():
    trials = simulate()
    chance = np.where(trials.label, 1.0, 0.5)
    table = calibration_table(
        replace(trials, probability=chance), settings(), CalibrationCurve(calibration_bins=4)
    )
    own = table[table["scope"] == "both_conditions"].reset_index(drop=True)
    assert own["bin_low"].tolist() == [0, 0.25, 0.5, 0.75]
    assert (own["n_frames"] > 0).tolist() == [False, False, True, True]
    assert own.loc[2, ["observed_share", "ci_low", "ci_high"]].tolist() == [0, 0, 0]
    assert own.loc[3, ["observed_share", "ci_low", "mean_probability"]].tolist() == [1, 1, 1]
    assert own.loc[:1, ["mean_probability", "observed_share", "ci_low"]].isna().all(axis=None)
    assert own.loc[3, "n_participants"] == 6
