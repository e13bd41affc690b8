"""What every model's score is worth beside the control that knows the clip's category alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.ablation import participant_f1, sign_flip
from tinglegram.metrics import Trials, fold_table
from tinglegram.multiplicity import adjust
from tinglegram.resampling import Resamples
from tinglegram.shifting import common_share, course_test, shift_test
from tinglegram.verdicts import Comparison, Within, category_verdict

FAMILY = "models against the clip's category"


def judge(
    model: Trials,
    control: Trials,
    within: pd.DataFrame,
    own_report: pd.DataFrame,
    settings: Resamples,
) -> dict[str, Any]:
    """Judge one model.

    Parameters
    ----------
    model, control : its test trials and those of the control `condition_only`, of which only
        those the model has too are looked at (people without pulse are none of a model's with it).
    within, own_report : its tables of `within.within_table` and `own_report.own_report_table`.
    settings : permutations, confidence, seed and p_value are used.

    Returns
    -------
    Column -> value of `verdicts.tsv`, without the model's name.
    """
    control = control.also_in(model)
    scores, alone = (
        fold_table(trials).set_index("fold")["macro_f1"] for trials in (model, control)
    )
    differences = participant_f1(model) - participant_f1(control)
    p_better = sign_flip(differences, settings.permutations, settings.seed, settings.p_value)
    beside = Comparison(
        scores["mean"], scores["sd"], alone["mean"], alone["sd"], p_better, differences.mean()
    )
    inside = within.set_index("metric").to_dict("index")
    auc = inside["roc_auc"]
    shifted, course = shift_test(model, settings), course_test(model, settings)
    several = model.names.groupby("fold")["subject"].nunique().min() > 1
    ranking = Within(
        auc["value"],
        auc["ci_low"],
        auc["ci_high"],
        p_shift=shifted.p_value,
        # With one person in a fold, reports change places between that person's own clips.
        p_exchange=auc["p_value"] if several else float("nan"),
        course_auc=course.course_auc,
        p_course=course.p_value,
        balanced_accuracy=inside["balanced_accuracy"]["value"],
    )
    verdict = category_verdict(beside, ranking, alpha=round(1 - settings.confidence, 12))
    common = common_share(model)
    return {
        "verdict": verdict.call,
        "macro_f1": beside.model,
        "macro_f1_sd": beside.model_sd,
        "condition_only": beside.control,
        "condition_only_sd": beside.control_sd,
        "mean_difference": beside.difference,
        "p_better": beside.p_value,
        "n_participants": len(differences),
        "within_balanced_accuracy": ranking.balanced_accuracy,
        "within_roc_auc": ranking.roc_auc,
        "ci_low": ranking.ci_low,
        "ci_high": ranking.ci_high,
        "p_shift": ranking.p_shift,
        "p_exchange": ranking.p_exchange,
        "course_roc_auc": ranking.course_auc,
        "p_course": ranking.p_course,
        "common_share": common,
        "sentence": f"{verdict.sentence} {_calls(model, own_report)}{_viewers(common)}",
    }


def judged_table(judged: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per model, with `p_better` corrected over the family of models."""
    table = pd.DataFrame([{"model": model, **row} for model, row in judged.items()])
    corrected = adjust(table["p_better"], FAMILY)
    return table.join(corrected.rename(columns={"p_holm": "p_better_holm", "p_bh": "p_better_bh"}))


def _calls(model: Trials, own_report: pd.DataFrame) -> str:
    """Say how target trials are called, against the participants' own reports."""
    counts = own_report.set_index("metric").to_dict("index")["accuracy_within_target"]
    tn, fp, fn, tp = (int(counts[name]) for name in ("tn", "fp", "fn", "tp"))
    target = model.within_target()
    silent = int((~(target.label & target.valid).any(axis=1)).sum())
    n_trials = tn + fp + fn + tp
    return (
        f"It calls {fp + tp} of {n_trials} target trials, {fp} of them against the participant's "
        f"own report; in {silent} of the {n_trials} nothing was reported at all."
    )


def _viewers(common: float) -> str:
    if np.isnan(common):
        return ""
    share = f"{100 * common:.0f} % of the variance of its probabilities"
    return f" Viewers of a clip have {share} in common."
