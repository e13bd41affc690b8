"""All tables of a model are those that the plan of a study lists."""

from dataclasses import replace

import numpy as np
import pytest
from test_pooled import settings, simulate

from tinglegram.statistics.calibration import CalibrationCurve
from tinglegram.statistics.events import EventMatching
from tinglegram.statistics.metrics import fold_table, join_seed_tables, seed_table
from tinglegram.statistics.model_tables import model_tables
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.study.plan import STATISTICS_OF_MODEL


def test_every_table_of_the_plan_is_made():
    level = TrialLevel(video_threshold=0.3, video_level_resampling="participants")
    trials, curve = simulate(), CalibrationCurve(calibration_bins=4)
    found = model_tables(trials, settings(), level, EventMatching(), curve, grid=10)
    assert tuple(found) == STATISTICS_OF_MODEL
    assert found["fold_metrics"].equals(fold_table(trials))
    assert len(found["calibration"]) == 2 * 4


def test_seeds_of_models_stand_below_each_other():
    one, two = (seed_table([simulate(seed=seed)]) for seed in (1, 2))
    joined = join_seed_tables({"visual": one, "fusion": two})
    assert list(joined) == ["model", *one.columns]
    assert joined["model"].tolist() == ["visual"] * 3 + ["fusion"] * 3
    assert joined["macro_f1"].iloc[3] == two["macro_f1"].iloc[0]


@pytest.mark.parametrize("score_inference", ["resampled", "folds"])
@pytest.mark.parametrize("untested", [1, 2, 4])
def test_a_model_of_which_a_fold_tests_nothing_is_scored_on_the_others(score_inference, untested):
    """As a noise ceiling in a fold all of whose clips have one viewer."""
    level = TrialLevel(video_threshold=0.3, video_level_resampling="participants")
    every = simulate(subjects=16)
    names = every.names.assign(fold=every.names["subject"] % 4 + 1)
    every = replace(every, names=names.assign(video=names["video"] + names["fold"].astype(str)))
    trials = every.rows((every.names["fold"] != untested).to_numpy())
    asked = replace(settings(), score_inference=score_inference)
    found = model_tables(trials, asked, level, EventMatching(), CalibrationCurve(), grid=10)
    kept = [str(fold) for fold in range(1, 5) if fold != untested]
    table = found["fold_metrics"].set_index("fold")
    assert table.index.tolist() == [*kept, "mean", "sd"]
    of_all = fold_table(every).set_index("fold")
    assert table.loc[kept].equals(of_all.loc[kept])
    assert np.allclose(table.loc["mean"], of_all.loc[kept].mean())
    told = found["pooled"].set_index("metric").loc["macro_f1"]
    assert 0 < told["ci_low"] < told["value"] < told["ci_high"]
