"""What a model's score is worth: it follows reports, or it knows the clip's category."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.resampling import Permutations
from tinglegram.statistics.comparison import participant_f1, sign_flip
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.scored_trials import ScoredTrials, tells_conditions_apart
from tinglegram.statistics.time_shift import common_share, course_test, shift_test

CATEGORY_DETECTOR = "category detector"
TRACKS = "tracks reports within clips"
UNDECIDED = "undecided"
# Not among the calls: where it stands, the question is not asked.
NOT_APPLICABLE = "not applicable"
CALLS = (CATEGORY_DETECTOR, TRACKS, UNDECIDED)


class Comparison(NamedTuple):
    """A model's score beside that of its baseline `condition_only`, as fractions.

    Means and SDs are over the same units (folds or participants); `p_value` is that of a paired
    one-sided test over participants that the model is better, and `difference` the mean over
    participants that it tests.
    """

    model: float
    model_sd: float
    baseline: float
    baseline_sd: float
    p_value: float
    difference: float = float("nan")


class Within(NamedTuple):
    """ROC AUC within the target condition, mean over participants, with its interval.

    `p_shift` is that of `time_shift.shift_test`. `p_exchange` is that of label sequences
    exchanged between viewers of a clip: evidence that a model knows participants, not only clips;
    NaN where a fold tests one participant. `course_auc` and `p_course` are those of
    `time_shift.course_test`. `balanced_accuracy` is that of the decisions, 0.5 by chance; it stands
    in the sentence and decides nothing.
    """

    roc_auc: float
    ci_low: float
    ci_high: float
    p_shift: float
    p_exchange: float
    course_auc: float = float("nan")
    p_course: float = float("nan")
    balanced_accuracy: float = float("nan")


class Verdict(NamedTuple):
    """One of `CALLS`, and a plain sentence with the numbers behind it."""

    call: str
    sentence: str


def category_verdict(
    macro_f1: Comparison,
    within: Within,
    *,
    alpha: float = 0.05,
    alpha_timing: float = 0.01,
    clear: float = 0.7,
    response: str = "response",
) -> Verdict:
    """Say whether a model follows reports within clips or only knows the clip's category.

    What a category detector cannot do is rank the frames of a clip, so no score alone decides:

    - ranks them (`p_shift` <= alpha_timing) better than its own course on other clips does
      (`p_course` <= alpha), and scores better than the baseline: it tracks reports.
    - ranks them, but no better than that course, or scores no better than the baseline: undecided,
      and the sentence says which.
    - does not rank them, and an AUC of `clear` lies above the interval: a category detector.
      Macro F1 may still be higher than the baseline's, as predicting class 1 less often can
      raise it.
    - does not, and such an AUC is not excluded, or a number is missing: undecided.

    Parameters
    ----------
    macro_f1, within : see the classes; fractions.
    alpha, alpha_timing : levels of the tests of the score and of the ranking. The second is
        stricter, because at 0.05 one category detector in 20 would not be called one.
    clear : a ROC AUC that clear tracking reaches. ASSUMPTION: 0.7, the least that Hosmer &
        Lemeshow (2000, "Applied Logistic Regression") call acceptable discrimination.
    response : what is reported, in a word.
    """
    beside = (
        "Knowing nothing but the clip's category (every frame of a target clip called, no other) "
        f"gives macro F1 {_percent(macro_f1.baseline, macro_f1.baseline_sd)}; this model gives "
        f"{_percent(macro_f1.model, macro_f1.model_sd)} ({_gain(macro_f1)}"
        f"{_p(macro_f1.p_value)} that it is better)"
    )
    decisions = f"balanced accuracy {within.balanced_accuracy:.2f} (chance 0.50) and "
    inside = (
        f"within target clips it has {'' if np.isnan(within.balanced_accuracy) else decisions}"
        f"ROC AUC {within.roc_auc:.2f} "
        f"({within.ci_low:.2f} to {within.ci_high:.2f}, {_p(within.p_shift)})"
    )
    better = macro_f1.p_value <= alpha
    if np.isnan([macro_f1.model, macro_f1.baseline, macro_f1.p_value, *within[:4]]).any():
        return Verdict(UNDECIDED, f"{beside}; what it does within clips cannot be tested.")
    if within.p_shift <= alpha_timing:
        course = (
            "the course it gives to other clips alone would reach ROC AUC "
            f"{within.course_auc:.2f} ({_p(within.p_course)} that it does better)"
        )
        if not within.p_course <= alpha:
            reason = "so it is not shown to follow more than the time since the start of a clip"
            return Verdict(UNDECIDED, f"{beside}; {inside}, but {course}, {reason}.")
        if not better:
            reason = (
                "its probabilities rise and fall with the reports, but as scored it is no better "
                "than knowing the clip's category"
            )
            return Verdict(UNDECIDED, f"{beside}; {inside}, and {course}: {reason}.")
        knows = ", and it tells the viewers of a clip apart" if within.p_exchange <= alpha else ""
        return Verdict(TRACKS, f"{beside}; {inside}, and {course}: it follows the reports{knows}.")
    if within.ci_high >= clear:
        return Verdict(
            UNDECIDED,
            f"{beside}; {inside}: neither following the reports nor its absence is shown.",
        )
    gain = (
        f"what it gains over the category comes from how often it says {response}, not from when"
        if better
        else "no better than knowing the clip's category"
    )
    return Verdict(CATEGORY_DETECTOR, f"{beside}; {inside}: {gain}.")


def verdict_without_category(
    macro_f1: Comparison, within: Within, n_conditions: int = 1, is_known: bool = True
) -> Verdict:
    """Say what the numbers are where reports of all trials are predicted.

    With one condition no model can be a category detector, so none can be shown to be more than
    one; the baseline `baselines.condition_only` is then the majority. With several it knows how
    frequent reports are in each, but no category is without reports, so that there is no rule that
    calls every frame of one and no other.

    Parameters
    ----------
    macro_f1, within : see the classes; fractions.
    n_conditions : of the trials.
    is_known : whether the baseline met the categories of test clips in training.
    """
    several = n_conditions > 1
    knows = "how frequent reports are" + (" in the clip's category" if several and is_known else "")
    if several and not is_known:
        knows += " over all clips (no training clip is of the category of a test clip)"
    before = (
        f"Reports of all {n_conditions} conditions are predicted, so none of them is the target "
        "whose clips a model could call instead of following the reports"
        if several
        else "Reports of all trials are predicted, so there is no category that a model could know "
        "instead of the reports"
    )
    ranked = "Over the clips of all conditions" if several else "Within clips"
    return Verdict(
        NOT_APPLICABLE,
        f"{before}. Knowing nothing but {knows} gives macro F1 "
        f"{_percent(macro_f1.baseline, macro_f1.baseline_sd)}; this model gives "
        f"{_percent(macro_f1.model, macro_f1.model_sd)} ({_gain(macro_f1)}{_p(macro_f1.p_value)} "
        f"that it is better). {ranked} it has ROC AUC {within.roc_auc:.2f} "
        f"({within.ci_low:.2f} to {within.ci_high:.2f}, {_p(within.p_shift)}; "
        f"{_p(within.p_course)} that it does better than its own course on other clips).",
    )


def _percent(mean: float, sd: float) -> str:
    return f"{100 * mean:.2f} ± {100 * sd:.2f}"


def _gain(macro_f1: Comparison) -> str:
    if np.isnan(macro_f1.difference):
        return ""
    return f"mean difference over participants {100 * macro_f1.difference:+.2f} points, "


def _p(p_value: float) -> str:
    if np.isnan(p_value):
        return "p not computable"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def category_is_met(baseline: ScoredTrials) -> bool:
    """Return whether the baseline that knows a clip's category could know anything of it.

    Where a clip that is tested is the only one of its category, training may hold none: then the
    baseline gives all categories of a fold one and the same share.

    Parameters
    ----------
    baseline : test trials of `condition_only`, where reports of all conditions are predicted.
    """
    folds = baseline.names["fold"].to_numpy()
    conditions = baseline.names["condition"].to_numpy()
    return any(
        len(set(conditions[folds == fold])) == 1
        or len(np.unique(baseline.probability[folds == fold, 0])) > 1
        for fold in set(folds.tolist())
    )


VERDICT_FAMILY = "models against the clip's category"


def model_verdict(
    model: ScoredTrials,
    baseline: ScoredTrials,
    within: pd.DataFrame,
    self_report: pd.DataFrame,
    settings: Permutations,
    response: str = "response",
) -> dict[str, Any]:
    """Return the verdict on one model, with the numbers behind it.

    Parameters
    ----------
    model, baseline : its test trials and those of the baseline `condition_only`, of which only
        those the model has too are looked at (participants without pulse are none of a model's with
        it).
    within, self_report : its tables of `within_target.within_target_table` and
        `self_report.self_report_table`.
    settings : see the class; verdicts are given at the level 1 - confidence.
    response : what is reported, in a word.

    Returns
    -------
    Column -> value of `verdicts.tsv`, without the model's name.
    """
    baseline = baseline.also_in(model)
    scores, alone = (
        fold_table(trials).set_index("fold")["macro_f1"] for trials in (model, baseline)
    )
    differences = participant_f1(model) - participant_f1(baseline)
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
        # With one participant in a fold, reports change places between that participant's own
        # clips.
        p_exchange=auc["p_value"] if several else float("nan"),
        course_auc=course.course_auc,
        p_course=course.p_value,
        balanced_accuracy=inside["balanced_accuracy"]["value"],
    )
    if tells_conditions_apart(model):
        alpha = round(1 - settings.confidence, 12)
        verdict = category_verdict(beside, ranking, alpha=alpha, response=response)
    else:
        n_conditions = model.names["condition"].nunique()
        is_known = category_is_met(baseline)
        verdict = verdict_without_category(beside, ranking, n_conditions, is_known)
    common = common_share(model)
    return {
        "verdict": verdict.call,
        "macro_f1": beside.model,
        "macro_f1_sd": beside.model_sd,
        "condition_only": beside.baseline,
        "condition_only_sd": beside.baseline_sd,
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
        "sentence": f"{verdict.sentence} {_calls(model, self_report)}{_viewers(common)}",
    }


def verdict_table(verdicts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per model, with `p_better` corrected over the family of models."""
    table = pd.DataFrame([{"model": model, **row} for model, row in verdicts.items()])
    corrected = adjust(table["p_better"], VERDICT_FAMILY)
    return table.join(corrected.rename(columns={"p_holm": "p_better_holm", "p_bh": "p_better_bh"}))


def _calls(model: ScoredTrials, self_report: pd.DataFrame) -> str:
    """Say how target trials are called, against the participants' self-reports."""
    counts = self_report.set_index("metric").to_dict("index")["accuracy_within_target"]
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
