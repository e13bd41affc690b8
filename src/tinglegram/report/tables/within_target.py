"""Printed tables of the scores that knowing a clip's condition cannot win, models below each other.

As in `scores`: tables of the statistics stage go in, tables of strings with a `source` come out.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.error_rates import measured
from tinglegram.report.tables.scores import OWN_SCORES, both_intervals
from tinglegram.report.text import (
    ABSENT,
    NEUTRAL,
    ONE_CONDITION,
    SOURCE,
    Words,
    p_text,
    percent_text,
)
from tinglegram.report.text import interval_text as percent_interval
from tinglegram.statistics.fold_means import FEWEST_PEOPLE

# Metric -> heading, and whether it prints in percent.
WITHIN = {
    "balanced_accuracy": ("Balanced accuracy (%)", True),
    "matthews_correlation": ("Matthews correlation", False),
    "roc_auc": ("ROC AUC", False),
    "average_precision": ("Average precision", False),
    "brier_within_target": ("Brier score", False),
    "brier": ("Brier score, {all_trials}", False),
}
# Beside them where intervals are those of folds.
RESIDUAL = {"residual_roc_auc": ("ROC AUC beyond its course", False)}
EVENTS = {
    "onset_error_s": ("Onset error (s)", False),
    "onset_hit_rate": ("Onsets hit (%)", True),
    "onset_precision": ("Onset precision (%)", True),
    "offset_error_s": ("Offset error (s)", False),
    "offset_hit_rate": ("Offsets hit (%)", True),
    "offset_precision": ("Offset precision (%)", True),
    "reported_events_per_trial": ("Events reported per trial", False),
    "predicted_events_per_trial": ("Events predicted per trial", False),
}
SELF_REPORT = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "accuracy_within_target": "Accuracy within the target condition",
    "balanced_accuracy_within_target": "Balanced accuracy within the target condition",
}
Row = dict[Any, Any]


def printed_within_target(
    models: Mapping[str, pd.DataFrame],
    *,
    confidence: float,
    source: str,
    baseline_of: Mapping[str, str] = MappingProxyType({}),
    words: Words = NEUTRAL,
) -> pd.DataFrame:
    """Three rows per model: value with interval, p with its correction, and who has the score.

    Where intervals are those of folds (any_low in a table), five rows: value with the interval for
    these clips, the interval and p for any clips, p of exchanged reports, and who has the score.

    Parameters
    ----------
    models : model -> table of `within_target.within_target_table`.
    confidence : level of the intervals, a fraction.
    source : files they were read from.
    baseline_of : model -> the one of `models` whose value stands beside its own.
    words : what conditions are called.
    """
    rows = []
    for model, table in models.items():
        lines: dict[Any, Row] = table.set_index("metric").to_dict("index")
        beside = _beside(models, baseline_of, model)
        level, by_fold = f"{100 * confidence:g}% CI", "any_low" in table
        metrics = WITHIN | RESIDUAL if by_fold else WITHIN
        values = [_value(lines[m], share, beside.get(m)) for m, (_, share) in metrics.items()]
        shown: dict[str, list[str]] = {f"value [{level}]": values}
        if by_fold:
            shown = {
                f"value [{level}, {THESE_CLIPS}]": values,
                f"{level}, {ANY_CLIPS}": _any_ends(lines, metrics),
                f"p above chance, {ANY_CLIPS}": [p_text(lines[m]["p_any"]) for m in metrics],
                "p of exchanged reports": [_p(lines[m]) for m in metrics],
            }
        else:
            tests = _tests(table)
            shown["p (Holm)"] = [f"{_p(lines[m])} ({_corrected(lines[m], tests)})" for m in metrics]
        shown["participants"] = [str(int(lines[m]["n_participants"])) for m in metrics]
        names = [name.format(all_trials=words.all_trials) for name, _ in metrics.values()]
        for kind, cells in shown.items():
            row = {"Model": model, "Shown": kind, **dict(zip(names, cells, strict=True))}
            rows.append(row | {SOURCE: source})
    return pd.DataFrame(rows)


def printed_events(
    models: Mapping[str, pd.DataFrame],
    *,
    confidence: float,
    source: str,
    baseline_of: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """One row per model: errors, hits and precision of onsets and offsets with their intervals.

    Where intervals are those of folds (any_low in a table), the second one is in a second row.

    Parameters
    ----------
    models : model -> table of `events.event_table`.
    confidence : level of the intervals, a fraction.
    source : files they were read from.
    baseline_of : model -> the one of `models` whose value stands beside its own.
    """
    rows = []
    for model, table in models.items():
        lines: dict[Any, Row] = table.set_index("metric").to_dict("index")
        beside = _beside(models, baseline_of, model)
        values = [_value(lines[m], share, beside.get(m)) for m, (_, share) in EVENTS.items()]
        level, names = f"{100 * confidence:g}% CI", [name for name, _ in EVENTS.values()]
        if "any_low" not in table:
            cells = {f"{name} [{level}]": v for name, v in zip(names, values, strict=True)}
            rows.append({"Model": model, **cells, SOURCE: source})
            continue
        shown = {
            f"value [{level}, {THESE_CLIPS}]": values,
            f"{level}, {ANY_CLIPS}": _any_ends(lines, EVENTS),
        }
        for kind, texts in shown.items():
            cells = dict(zip(names, texts, strict=True))
            rows.append({"Model": model, "Shown": kind, **cells, SOURCE: source})
    return pd.DataFrame(rows)


def printed_self_report(
    models: Mapping[str, pd.DataFrame],
    *,
    confidence: float,
    source: str,
    baseline_of: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Whole trials against the participant's self-report: scores, p, corrected p and counts.

    Parameters
    ----------
    models : model -> table of `self_report.self_report_table`.
    confidence : level of the intervals, a fraction.
    source : files they were read from.
    baseline_of : model -> the one of `models` whose value stands beside its own.
    """
    return pd.DataFrame(
        {
            "Model": model,
            "Metric": SELF_REPORT[line["metric"]],
            "Value (%)": percent_text(line["value"]),
            "Control (%)": percent_text(
                _beside(models, baseline_of, model).get(line["metric"], _NONE)["value"]
            ),
            **_self_report_inference(line, table, confidence),
            **{count.upper(): str(int(line[count])) for count in ("tn", "fp", "fn", "tp")},
            SOURCE: source,
        }
        for model, table in models.items()
        for line in table.to_dict("records")
    )


def _self_report_inference(line: Row, table: pd.DataFrame, confidence: float) -> dict[str, str]:
    if "any_low" in table:
        return both_intervals(line, confidence) | {"p of exchanged reports": _p(line)}
    ends = percent_interval(line["ci_low"], line["ci_high"])
    corrected = _corrected(line, _tests(table))
    return {f"{100 * confidence:g}% CI (%)": ends, "p": _p(line), "p (Holm)": corrected}


def describe_within(table: pd.DataFrame, words: Words = NEUTRAL) -> str:
    """Return the caption of the scores within the target condition."""
    lines: dict[Any, Row] = table.set_index("metric").to_dict("index")
    pooled, ranked = lines["balanced_accuracy"], lines["roc_auc"]
    left_out = (
        f"padded frames are left out; {ONE_CONDITION}"
        if lines["brier"]["n_trials"] == pooled["n_trials"]
        else f"the other condition{'' if words.one_other else 's'} and padded frames are left out "
        f"(last column: {words.all_trials})"
    )
    frames = (
        f"Valid frames of the {pooled['n_trials']} target trials of {pooled['n_participants']} "
        f"participants; {left_out}. A rule that knows the condition alone has balanced accuracy "
        "50 %, Matthews correlation 0 and ROC AUC 0.5. ROC AUC and average precision: per "
        "participant, then averaged over those whose reports change within a trial "
        f"({ranked['n_participants']}). Brier score: mean squared error of the probability, "
        "lower is better."
    )
    if "any_low" in table:
        return (
            f"{frames} {OWN_SCORES} "
            "ROC AUC beyond its course: of the logit of the probability less its mean at "
            "the same step of other target clips, 0.5 for a model that knows no more than a time "
            f"course that all clips share. Interval of {THESE_CLIPS}: other people (jackknife over "
            f"people within folds). Interval and p of {ANY_CLIPS}: {_over_folds(ranked)}. p of "
            f"exchanged reports: {pooled['n_permutations']} exchanges of whole label sequences "
            "within fold and condition (where a fold tests one clip of each condition: does a "
            "prediction fit its own participant better than the other viewers of the clip). No p "
            "is corrected: all scores of a model test one hypothesis, with ROC AUC as the one to "
            "cite. Control: the clip's category alone."
        )
    return (
        f"{frames} Intervals from {pooled['n_bootstrap']} resamples of participants; p "
        f"from {pooled['n_permutations']} "
        "exchanges of whole label sequences within fold and condition (where a fold tests one clip "
        "of each condition: does a prediction fit its own participant better than the other "
        "viewers of the clip), corrected by Holm over the family of "
        f"{_tests(table)} {pooled['family']}. Control: the clip's category alone."
        f"{measured('within')}"
    )


def _over_folds(ranked: Row) -> str:
    """Return how any clips are spoken of, or why they are not."""
    if not ranked["n_folds"]:
        return "none, as no folds hold their clips out and have a value"
    return (
        f"t over {int(ranked['n_folds'])} folds with a variance corrected for the training data "
        "they share; one-sided, above chance"
    )


def describe_events(table: pd.DataFrame, words: Words = NEUTRAL) -> str:
    """Return the caption of the table of events."""
    lines: dict[Any, Row] = table.set_index("metric").to_dict("index")
    onset, offset = lines["onset_error_s"], lines["offset_error_s"]
    participants = lines["reported_events_per_trial"]["n_participants"]
    resamples = f"Intervals from {onset['n_bootstrap']} resamples of participants."
    intervals = f"{resamples}{measured('events')}"
    if "any_low" in table:
        intervals = (
            f"{OWN_SCORES} Interval of {THESE_CLIPS}: other people (jackknife over people within "
            "folds; shares on the logit, numbers of events on the logarithm; none of errors, which "
            f"few people far off decide). Interval of {ANY_CLIPS}: t over folds with a variance "
            "corrected for the training data that folds share. Neither where a number is 0, a "
            f"share 0 or 1, people or folds are alike, or fewer than {FEWEST_PEOPLE} people have "
            "any."
        )
    return (
        f"Target trials of {participants} participants: {onset['n_reported']} reported onsets and "
        f"{offset['n_reported']} reported offsets ({words.a_response} that is there when the trial "
        "begins has no observed onset, one that lasts to its end no observed offset). Error: "
        "seconds to the nearest predicted one, median per participant, then mean over the "
        "participants who have both; hit: share of reported ones with a predicted one within the "
        f"tolerance; precision: the same of predicted ones. {intervals} To call every frame of a "
        "trial, as "
        "the control does that knows the clip's category alone, predicts no onset and no offset."
    )


def describe_self_report(table: pd.DataFrame, words: Words = NEUTRAL) -> str:
    """Return the caption of the whole trials against self-reports."""
    first, within = table.iloc[0], table.iloc[-1]
    counts = ["tn", "fp", "fn", "tp"]
    about = (
        f"Each of {int(first[counts].sum())} test trials ({int(within[counts].sum())} of the "
        f"target condition) called {words.a_response} trial or not, against the participant's own "
        "report on at least the same share of frames, not against the clip's category."
    )
    if "any_low" in table:
        return (
            f"{about} {OWN_SCORES} Interval of {THESE_CLIPS}: other people (jackknife over people "
            f"within folds). Interval of {ANY_CLIPS}: t over folds with a variance corrected for "
            f"the training data that folds share. p: {int(within['n_permutations'])} exchanges of "
            "reports within fold and condition, one test for all scores; n/a where it cannot "
            "reject, because trials of a fold and condition are all called, or all reported, or "
            "none is. TN, FP, FN, TP: trials. Control: the clip's category alone."
        )
    return (
        f"{about} Intervals "
        f"from {int(first['n_bootstrap'])} resamples of participants; p from "
        f"{int(first['n_permutations'])} exchanges of reports within fold and condition, corrected "
        f"by Holm over the family of {_tests(table)} {first['family']}; TN, FP, FN, TP: trials. "
        f"Control: the clip's category alone.{measured('self-report')}"
    )


# Kind of table -> how it is printed from model -> table, and its caption from one model's table.
PRINTED: dict[str, tuple[Callable[..., pd.DataFrame], Callable[..., str]]] = {
    "within": (printed_within_target, describe_within),
    "events": (printed_events, describe_events),
    "self_report": (printed_self_report, describe_self_report),
}


# A baseline that the study does without.
_NONE: Row = {"value": np.nan}


def _beside(
    models: Mapping[str, pd.DataFrame], baseline_of: Mapping[str, str], model: str
) -> dict[Any, Row]:
    """Return metric -> line of the model's baseline; empty without one."""
    table = models.get(baseline_of.get(model, ""))
    return {} if table is None else table.set_index("metric").to_dict("index")


def _value(line: Row, share: bool, baseline: Row | None = None) -> str:
    def number(value: float) -> str:
        if not np.isfinite(value):
            return ABSENT
        return percent_text(value) if share else f"{value:.3f}"

    value, low, high = line["value"], line["ci_low"], line["ci_high"]
    text = number(value)
    if np.isfinite(value):
        text += f" {_ends(low, high, share)}"
    return text if baseline is None else f"{text}; control {number(baseline['value'])}"


def _ends(low: float, high: float, share: bool) -> str:
    if share or not np.isfinite(low):
        return percent_interval(low, high)
    return f"[{low:.3f}, {high:.3f}]"


def _any_ends(lines: Mapping[Any, Row], metrics: Mapping[str, tuple[str, bool]]) -> list[str]:
    """Return the interval for any clips of each metric, in percent where it is a share."""
    return [
        _ends(lines[m]["any_low"], lines[m]["any_high"], share) for m, (_, share) in metrics.items()
    ]


def _tests(table: pd.DataFrame) -> int:
    return int(table["p_value"].notna().sum())


def _p(line: Row) -> str:
    return p_text(line["p_value"], int(line["n_permutations"]))


def _corrected(line: Row, n_tests: int) -> str:
    # A count of 0 may be anything below 1 / permutations; its correction is that many times more.
    return p_text(line["p_holm"], int(line["n_permutations"]) / n_tests)
