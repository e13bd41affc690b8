"""All tables of scores of one model."""

import pandas as pd

from tinglegram.inference.resampling import Resamples
from tinglegram.statistics.calibration import CalibrationCurve, calibration_table
from tinglegram.statistics.events import EventMatching, event_table
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.self_report import self_report_table
from tinglegram.statistics.trial_level import TrialLevel, trial_level_table
from tinglegram.statistics.within_target import within_target_table


def model_tables(
    trials: ScoredTrials,
    settings: Resamples,
    level: TrialLevel,
    matching: EventMatching,
    curve: CalibrationCurve,
    *,
    grid: float,
) -> dict[str, pd.DataFrame]:
    """Score one model.

    Parameters
    ----------
    trials, settings, level, matching, curve : see the classes.
    grid : steps per second.

    Returns
    -------
    Name of the table (as that of its file) -> table, each described where it is made.
    """
    return {
        "fold_metrics": fold_table(trials),
        "pooled": pooled_table(trials, settings),
        "video_level": trial_level_table(trials, settings, level),
        "video_level_own_report": self_report_table(trials, settings, share=level.video_threshold),
        "within": within_target_table(trials, settings),
        "events": event_table(trials, settings, matching, grid=grid),
        "calibration": calibration_table(trials, settings, curve),
    }
