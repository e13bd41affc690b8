"""All tables of a model are those that the plan of a study lists."""

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
