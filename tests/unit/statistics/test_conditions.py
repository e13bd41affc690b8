"""Scores of studies with one condition, with three, and with all conditions predicted."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.inference.resampling import Resamples
from tinglegram.report.tables.scores import describe_scores, describe_trials, metric_names
from tinglegram.report.tables.within_target import describe_within
from tinglegram.report.text import ONE_CONDITION, Words
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import as_trials, strata_of, tells_conditions_apart
from tinglegram.statistics.self_report import self_report_table
from tinglegram.statistics.trial_level import TrialLevel, trial_level_table
from tinglegram.statistics.verdicts import CALLS, NOT_APPLICABLE, model_verdict
from tinglegram.statistics.within_target import within_target_table

SETTINGS = Resamples(
    seed=42, permutations=50, bootstrap=50, p_value="plus_one", score_inference="resampled"
)
LEVEL = TrialLevel(video_level_resampling="participants")


def predictions(conditions: list[str], n_people: int = 6, steps: int = 12) -> list[pd.DataFrame]:
    """Two folds of a model that is right more often than not; clip i is of condition i."""
    random = np.random.default_rng(3)
    folds: list[list[pd.DataFrame]] = [[], []]
    for person in range(n_people):
        for clip, condition in enumerate(conditions):
            label = random.random(steps) < 0.5
            probability = np.clip(0.3 + 0.4 * label + random.normal(0, 0.2, steps), 0, 1)
            if condition != conditions[0]:
                label[:] = False
            frames = pd.DataFrame(
                {
                    "subject": person,
                    "video": f"clip{clip}",
                    "condition": condition,
                    "step": np.arange(steps),
                    "valid": True,
                    "label": label.astype(int),
                    "probability": probability,
                    "predicted": (probability > 0.5).astype(int),
                }
            )
            folds[person % 2].append(frames)
    return [pd.concat(parts, ignore_index=True) for parts in folds]


def test_every_condition_but_the_target_is_a_control():
    trials = as_trials(predictions(["joy", "fear", "calm"]), padding="counted", target="joy")
    assert (trials.control == (trials.names["condition"] != "joy")).all()
    others = trials.control[:, None] & trials.counted
    specificity = 1 - trials.predicted[others].mean()
    pooled = pooled_table(trials, SETTINGS).set_index("metric")
    assert pooled.loc["nature_specificity", "value"] == pytest.approx(specificity)
    level = trial_level_table(trials, SETTINGS, LEVEL).iloc[0]
    assert (level["tn"] + level["fp"], level["fn"] + level["tp"]) == (12, 6)
    assert np.isfinite(level["value"])


@pytest.mark.parametrize("target", ["joy", None])
def test_what_needs_two_conditions_is_not_applicable_with_one(target):
    trials = as_trials(predictions(["joy", "joy"]), padding="counted", target=target)
    assert not tells_conditions_apart(trials) and not trials.control.any()
    pooled, folds = pooled_table(trials, SETTINGS), fold_table(trials)
    specificity = pooled.set_index("metric").loc["nature_specificity"]
    numbers = ["value", "ci_low", "ci_high", "p_value", "p_within", "cohens_d", "p_holm"]
    assert specificity[numbers].isna().all() and folds["nature_specificity"].isna().all()
    rest = pooled[pooled["metric"] != "nature_specificity"]
    assert rest[numbers].notna().all(axis=None)
    level = trial_level_table(trials, SETTINGS, LEVEL)
    assert level[["value", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)
    assert level.iloc[0][["tn", "fp", "fn", "tp"]].sum() == 12
    within = within_target_table(trials, SETTINGS)
    for caption in (
        describe_scores("fusion", folds, pooled, Words(control="")),
        describe_trials(level),
        describe_within(within),
    ):
        assert ONE_CONDITION in caption and "{" not in caption
    assert list(metric_names(Words(control="")).values())[-1] == "Specificity"
    assert " Specificity: not applicable" in describe_scores("x", folds, pooled, Words(control=""))
    assert "family of 4 metrics" in describe_scores("fusion", folds, pooled)


def test_no_verdict_on_category_detection_with_one_condition():
    trials = as_trials(predictions(["joy", "joy"]), padding="counted", target="joy")
    found = model_verdict(
        trials,
        trials,
        within_target_table(trials, SETTINGS),
        self_report_table(trials, SETTINGS, share=0.15),
        SETTINGS,
    )
    assert found["verdict"] == NOT_APPLICABLE and NOT_APPLICABLE not in CALLS
    assert "no category that a model could know" in found["sentence"]
    assert "calls 12 of 12 target trials" in found["sentence"]


def test_what_conditions_say_is_not_denied_where_all_are_predicted():
    trials = as_trials(predictions(["joy", "fear"]), padding="counted", target=None)
    found = model_verdict(
        trials,
        trials,
        within_target_table(trials, SETTINGS),
        self_report_table(trials, SETTINGS, share=0.15),
        SETTINGS,
    )
    assert found["verdict"] == NOT_APPLICABLE
    assert found["sentence"].startswith("Reports of all 2 conditions are predicted, so none of")
    assert "nothing but how frequent reports are in the clip's category gives" in found["sentence"]
    assert "Over the clips of all conditions it has ROC AUC" in found["sentence"]
    assert "no category" not in found["sentence"]


def test_strata_keep_conditions_apart_where_all_are_predicted():
    folds = predictions(["joy", "fear", "calm"])
    everything = as_trials(folds, padding="counted", target=None)
    names = everything.names
    by_stratum = names.groupby(strata_of(everything))
    assert by_stratum.ngroups == 6
    assert (by_stratum[["fold", "condition"]].nunique() == 1).all(axis=None)
