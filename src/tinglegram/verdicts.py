"""What a score means, in one sentence: a model follows reports, or knows the clip's category."""

from typing import NamedTuple

import numpy as np

CATEGORY = "category detector"
TRACKS = "tracks reports within clips"
UNDECIDED = "undecided"
CALLS = (CATEGORY, TRACKS, UNDECIDED)


class Comparison(NamedTuple):
    """A model's score beside that of its control `condition_only`, as fractions.

    Means and SDs are over the same units (folds or participants); `p_value` is that of a paired
    one-sided test over participants that the model is better, and `difference` the mean over
    participants that it tests.
    """

    model: float
    model_sd: float
    control: float
    control_sd: float
    p_value: float
    difference: float = float("nan")


class Within(NamedTuple):
    """ROC AUC within the target condition, mean over participants, with its interval.

    `p_shift` is that of `tinglegram.shifting.shift_test`. `p_exchange` is that of label sequences
    exchanged between viewers of a clip: evidence that a model knows persons, not only clips; NaN
    where a fold tests one person. `course_auc` and `p_course` are those of
    `tinglegram.shifting.course_test`. `balanced_accuracy` is that of the decisions, 0.5 by chance;
    it is said, and decides nothing.
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
) -> Verdict:
    """Say whether a model follows reports within clips or only knows the clip's category.

    What a category detector cannot do is rank the frames of a clip, so no score alone decides:

    - ranks them (`p_shift` <= alpha_timing) better than its own course on other clips does
      (`p_course` <= alpha), and scores better than the control: it tracks reports.
    - ranks them, but no better than that course, or scores no better than the control: undecided,
      and the sentence says which.
    - does not rank them, and an AUC of `clear` lies above the interval: a category detector.
      Macro F1 may still be higher than the control's, as saying "tingle" less often can raise it.
    - does not, and such an AUC is not excluded, or a number is missing: undecided.

    Parameters
    ----------
    macro_f1, within : see the classes; fractions.
    alpha, alpha_timing : levels of the tests of the score and of the ranking. The second is
        stricter, because at 0.05 one category detector in 20 would not be called one.
    clear : a ROC AUC that clear tracking reaches. ASSUMPTION: 0.7, the least that Hosmer &
        Lemeshow (2000, "Applied Logistic Regression") call acceptable discrimination.
    """
    beside = (
        "Knowing nothing but the clip's category (every frame of a target clip called, no other) "
        f"gives macro F1 {_percent(macro_f1.control, macro_f1.control_sd)}; this model gives "
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
    if np.isnan([macro_f1.model, macro_f1.control, macro_f1.p_value, *within[:4]]).any():
        return Verdict(UNDECIDED, f"{beside}; what it does within clips cannot be tested.")
    if within.p_shift <= alpha_timing:
        course = (
            "the course it gives to other clips alone would reach ROC AUC "
            f"{within.course_auc:.2f} ({_p(within.p_course)} that it does better)"
        )
        if not within.p_course <= alpha:
            said = "so it is not shown to follow more than the time since the start of a clip"
            return Verdict(UNDECIDED, f"{beside}; {inside}, but {course}, {said}.")
        if not better:
            said = (
                "its probabilities rise and fall with the reports, but as scored it is no better "
                "than knowing the clip's category"
            )
            return Verdict(UNDECIDED, f"{beside}; {inside}, and {course}: {said}.")
        knows = ", and it tells the viewers of a clip apart" if within.p_exchange <= alpha else ""
        return Verdict(TRACKS, f"{beside}; {inside}, and {course}: it follows the reports{knows}.")
    if within.ci_high >= clear:
        return Verdict(
            UNDECIDED,
            f"{beside}; {inside}: neither following the reports nor its absence is shown.",
        )
    gain = (
        "what it gains over the category comes from how often it says tingle, not from when"
        if better
        else "no better than knowing the clip's category"
    )
    return Verdict(CATEGORY, f"{beside}; {inside}: {gain}.")


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
