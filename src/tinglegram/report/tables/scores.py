"""The paper's tables as printed text: percent, mean ± SD, intervals, p, each row with its source.

Every function takes tables of fractions as the statistics stage writes them and returns a table
of strings; its last column, `source`, names the files the row was read from.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.error_rates import measured
from tinglegram.report.text import (
    ABSENT,
    NEUTRAL,
    ONE_CONDITION,
    SOURCE,
    Words,
    interval_text,
    p_text,
    percent_text,
    population_sd,
    spread_text,
)

METRIC_NAMES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    # Of the control condition, whatever its name.
    "nature_specificity": "{control} specificity",
}


def metric_names(words: Words) -> dict[str, str]:
    """Return metric -> its name in this study, in the order of the tables."""
    names = {key: name.format(control=words.control) for key, name in METRIC_NAMES.items()}
    # Without another condition the row has no value.
    return names if words.control else names | {"nature_specificity": "Specificity"}


def _fold_row(metrics: pd.DataFrame, row: str) -> dict[str, Any]:
    found = metrics[metrics["fold"].astype(str) == row].to_dict("records")
    if len(found) != 1:
        raise ValueError(f"fold metrics: one row {row!r} expected, found {len(found)}")
    return {str(name): value for name, value in found[0].items()}


def folds_in(metrics: pd.DataFrame) -> int:
    """Return the number of folds in a table of fold metrics."""
    return int((~metrics["fold"].astype(str).isin(["mean", "sd"])).sum())


# What a value is where intervals are those of folds.
OWN_SCORES = "Scores are means over folds of each fold's own."


def score_table(
    fold_metrics: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    confidence: float,
    source: str,
    beside: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    seeds: pd.DataFrame | None = None,
    words: Words = NEUTRAL,
) -> pd.DataFrame:
    """Table 1: each score as fold mean ± SD, with interval, p and effect size.

    Interval, p and Cohen's d belong to the score pooled over folds (released code), which is
    therefore printed beside the mean over folds. p stands with Holm's correction in brackets, over
    all permutations, and over those within fold and condition. What knowing the clip alone gives
    stands in the same row. Where intervals are those of folds (any_low in `pooled`), they are those
    of the mean over folds, one for each population, and no pooled score, effect size and p over all
    permutations are given.

    Parameters
    ----------
    fold_metrics : columns fold (number, `mean`, `sd`) and the metrics, fractions.
    beside : baseline -> its table like `fold_metrics`.
    seeds : rows of this model in the table of seeds (seed `mean` and `sd`); None: not a network.
    pooled : columns metric, value, ci_low, ci_high, p_value, p_holm, p_within, p_within_holm,
        cohens_d, n_permutations, fractions.
    confidence : level of the intervals, a fraction.
    source : files both were read from.
    words : what conditions are called.
    """
    mean, sd = _fold_row(fold_metrics, "mean"), _fold_row(fold_metrics, "sd")
    overall: dict[Any, Any] = pooled.set_index("metric").to_dict("index")
    rows = []
    for key, name in metric_names(words).items():
        all_folds = overall[key]
        inferred = (_by_fold if "any_low" in pooled else _by_resampling)(all_folds, confidence)
        rows.append(
            {
                "Metric": name,
                f"{folds_in(fold_metrics)}-fold mean ± SD (%)": spread_text(mean[key], sd[key]),
                **inferred,
                **{f"{name} (%)": _mean_and_sd(table, key) for name, table in beside.items()},
                **_over_seeds(seeds, key),
                SOURCE: source,
            }
        )
    return pd.DataFrame(rows)


def _by_resampling(row: Mapping[str, Any], confidence: float) -> dict[str, str]:
    """Return a pooled score, its interval from resampled participants, its p and effect size."""
    effect, draws = row["cohens_d"], int(row["n_permutations"])
    return {
        "Pooled (%)": percent_text(row["value"]),
        f"{100 * confidence:g}% CI of pooled (%)": interval_text(row["ci_low"], row["ci_high"]),
        "p": p_text(row["p_value"], draws),
        # A count of 0 may be anything below 1 / draws; corrected, that many times more.
        "p (Holm)": p_text(row["p_holm"], draws / len(METRIC_NAMES)),
        "p within fold and condition (Holm)": (
            f"{p_text(row['p_within'], draws)} "
            f"({p_text(row['p_within_holm'], draws / len(METRIC_NAMES))})"
        ),
        "Cohen's d": f"{effect:.2f}" if np.isfinite(effect) else ABSENT,
    }


def _by_fold(row: Mapping[str, Any], confidence: float) -> dict[str, str]:
    """Return the interval of the mean for each population, and p within fold and condition."""
    level = f"{100 * confidence:g}% CI"
    return {
        f"{level} of mean, {THESE_CLIPS} (%)": interval_text(row["ci_low"], row["ci_high"]),
        f"{level} of mean, {ANY_CLIPS} (%)": interval_text(row["any_low"], row["any_high"]),
        "p within fold and condition": p_text(row["p_within"], int(row["n_permutations"])),
    }


def _mean_and_sd(fold_metrics: pd.DataFrame, key: str) -> str:
    return spread_text(_fold_row(fold_metrics, "mean")[key], _fold_row(fold_metrics, "sd")[key])


def _over_seeds(seeds: pd.DataFrame | None, key: str) -> dict[str, str]:
    if seeds is None or len(seeds) < 4:
        # One network has no spread over seeds: only its own row, mean and SD.
        return {}
    ends = seeds.set_index(seeds["seed"].astype(str))[key]
    return {f"{len(seeds) - 2} seeds, mean ± SD (%)": spread_text(ends["mean"], ends["sd"])}


def whole_trial_table(
    video_level: Mapping[str, pd.DataFrame],
    *,
    confidence: float,
    source: str,
    beside: Mapping[str, Mapping[str, pd.DataFrame]] = MappingProxyType({}),
    words: Words = NEUTRAL,
) -> pd.DataFrame:
    """Whole trials called a response or not: each model's accuracy, macro F1 and counts.

    Where intervals are those of folds (any_low in a table), there is one for each population.

    Parameters
    ----------
    video_level : model -> rows accuracy and macro_f1 of metric, value, ci_low, ci_high, p_value,
        n_permutations, tn, fp, fn, tp.
    confidence : level of the intervals, a fraction.
    source : files they were read from.
    beside : model -> baseline -> its table like those of `video_level`.
    words : what conditions are called.
    """
    rows = []
    for model, table in video_level.items():
        values = {
            f"{name} (%)": other.set_index("metric")["value"]
            for name, other in beside.get(model, {}).items()
        }
        for line in table.to_dict("records"):
            rows.append(
                {
                    "Model": model,
                    "Metric": metric_names(words)[line["metric"]],
                    "Value (%)": percent_text(line["value"]),
                    **_whole_trial_inference(line, confidence),
                    **{name: percent_text(other[line["metric"]]) for name, other in values.items()},
                    **{count.upper(): str(int(line[count])) for count in ("tn", "fp", "fn", "tp")},
                    SOURCE: source,
                }
            )
    return pd.DataFrame(rows).fillna(ABSENT)


def _whole_trial_inference(line: Mapping[Any, Any], confidence: float) -> dict[str, str]:
    """Return interval and p of a score of whole trials, for each population where it has both."""
    if "any_low" not in line:
        ends = interval_text(line["ci_low"], line["ci_high"])
        return {
            f"{100 * confidence:g}% CI (%)": ends,
            "p": p_text(line["p_value"], int(line["n_permutations"])),
        }
    return both_intervals(line, confidence) | {f"p, {ANY_CLIPS}": p_text(line["p_value"])}


def both_intervals(line: Mapping[Any, Any], confidence: float) -> dict[str, str]:
    """Return heading -> interval of a share, for these clips and for any clips of the kind."""
    level = f"{100 * confidence:g}% CI"
    return {
        f"{level}, {THESE_CLIPS} (%)": interval_text(line["ci_low"], line["ci_high"]),
        f"{level}, {ANY_CLIPS} (%)": interval_text(line["any_low"], line["any_high"]),
    }


def comparison_table(
    fold_metrics: Mapping[str, pd.DataFrame],
    ablation: pd.DataFrame | None,
    *,
    draws: int,
    source: str,
    ablation_source: str = "",
    words: Words = NEUTRAL,
) -> pd.DataFrame:
    """Table 2 and the XGBoost table: models side by side, fold mean ± SD, then the p-values.

    Parameters
    ----------
    fold_metrics : model -> columns fold (number, `mean`, `sd`) and the metrics, fractions.
    ablation : columns model, reference, mean_difference, p_value, test, n_units, p_holm; None: no
        test.
    draws : resamples behind a p-value of 0.
    source, ablation_source : files they were read from.
    words : what conditions are called.
    """
    ends = {m: (_fold_row(t, "mean"), _fold_row(t, "sd")) for m, t in fold_metrics.items()}
    rows: list[dict[str, str]] = []
    for key, name in metric_names(words).items():
        cells = {f"{m} (%)": spread_text(mean[key], sd[key]) for m, (mean, sd) in ends.items()}
        rows.append({"Metric": name, **cells, SOURCE: source})
    own = ablation[ablation["model"].isin(list(fold_metrics))] if ablation is not None else None
    if own is not None and "n_undefined" in own:
        for test in own["test"].unique():
            part = own[own["test"] == test].set_index("model")
            rows += _t_rows(part, str(test), list(fold_metrics), ablation_source)
    elif own is not None and len(own):
        for (reference, test, units), part in own.groupby(
            ["reference", "test", "n_units"], sort=False
        ):
            by_model: dict[Any, Any] = part.set_index("model").to_dict("index")
            difference = {"Metric": f"{reference} minus model, macro F1 (points)"}
            p_row = {"Metric": f"p against {reference} ({test}, n = {units})"}
            tests = part["p_value"].notna().sum()
            holm = {"Metric": f"p corrected (Holm over {tests} models, {test})"}
            for m in fold_metrics:
                missing = "reference" if m == reference else ABSENT
                known = m in by_model
                gap = by_model[m]["mean_difference"] if known else np.nan
                p = by_model[m]["p_value"] if known else np.nan
                difference[f"{m} (%)"] = percent_text(gap) if known else missing
                p_row[f"{m} (%)"] = p_text(p, draws) if known else missing
                corrected = by_model[m]["p_holm"] if known else np.nan
                holm[f"{m} (%)"] = p_text(corrected, draws / tests) if known else missing
            rows += [row | {SOURCE: ablation_source} for row in (difference, p_row, holm)]
    # Several tests of the same scores share one difference.
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


# Name of a t test (`tinglegram.statistics.comparison`) -> of what it speaks, and its units.
_T_TESTS = {
    "corrected_t_any_clips": (f"{ANY_CLIPS}, corrected t", "folds"),
    "t_these_clips": (f"{THESE_CLIPS}, t within folds", "participants"),
}


def _t_rows(
    part: pd.DataFrame, test: str, models: Sequence[str], source: str
) -> list[dict[str, str]]:
    """Return the rows of one t test: differences with intervals, p, its correction, its units."""
    said, units = _T_TESTS[test]
    reference, tests = part["reference"].iloc[0], int(part["p_value"].notna().sum())
    names = (
        f"{reference} minus model, macro F1 (points; {said})",
        f"p against {reference} ({said})",
        f"p corrected (Holm over {tests} models; {said})",
        f"{units} (without a score)",
    )
    rows: list[dict[str, str]] = [{"Metric": name} for name in names]
    for model in models:
        absent = "reference" if model == reference else ABSENT
        found: dict[Any, Any] = part.loc[model].to_dict() if model in part.index else {}
        cells = [absent] * len(names)
        if found:
            ends = interval_text(found["ci_low"], found["ci_high"])
            cells = [
                f"{percent_text(found['mean_difference'])} {ends}",
                p_text(found["p_value"]),
                p_text(found["p_holm"]),
                f"{int(found['n_units'])} ({int(found['n_undefined'])})",
            ]
        for row, cell in zip(rows, cells, strict=True):
            row[f"{model} (%)"] = cell
    return [row | {SOURCE: source} for row in rows]


def overview(
    fold_metrics: Mapping[tuple[str, str], pd.DataFrame],
    sources: Mapping[tuple[str, str], str],
    baseline_of: Mapping[str, str] = MappingProxyType({}),
    words: Words = NEUTRAL,
) -> pd.DataFrame:
    """All models under all protocols side by side: fold mean ± SD in percent.

    Parameters
    ----------
    fold_metrics : (protocol, model) -> columns fold and the metrics, fractions.
    sources : (protocol, model) -> file it was read from.
    baseline_of : model -> the baseline that stands beside its score, a model of `fold_metrics`
        without a row of its own.
    words : what conditions are called.
    """
    protocols = list(dict.fromkeys(p for p, _ in fold_metrics))
    models = [m for m in dict.fromkeys(m for _, m in fold_metrics) if m not in baseline_of.values()]
    rows = []
    for model in models:
        for key, name in metric_names(words).items():
            row, used = {"Model": model, "Metric": name}, []
            for protocol in protocols:
                for shown in (model, baseline_of.get(model)):
                    if shown is None:
                        continue
                    place = protocol if shown == model else f"{protocol}: control"
                    table = fold_metrics.get((protocol, shown))
                    row[f"{place} (%)"] = _mean_and_sd(table, key) if table is not None else ABSENT
                    used += [sources[protocol, shown]] if (protocol, shown) in sources else []
            rows.append(row | {SOURCE: "; ".join(used)})
    return pd.DataFrame(rows)


def describe_scores(
    model: str, fold_metrics: pd.DataFrame, pooled: pd.DataFrame, words: Words = NEUTRAL
) -> str:
    """Return the caption of Table 1."""
    folds, first = folds_in(fold_metrics), pooled.iloc[0]
    if "any_low" in pooled:
        return (
            f"Model {model}: mean and {population_sd(folds)} over {folds} folds, and the intervals "
            f"of the mean. Interval of {THESE_CLIPS}: other people (jackknife over people within "
            f"folds). Interval of {ANY_CLIPS}: t over folds with a variance corrected for the "
            "training data that folds share. p, of all test frames together: "
            f"{int(first['n_permutations'])} exchanges of whole label sequences within fold and "
            "condition, where knowing the condition gains nothing; not corrected, since all "
            f"metrics of a model test one hypothesis.{_without_other(pooled, words)}"
        )
    bootstrap, permutations = int(first["n_bootstrap"]), int(first["n_permutations"])
    tests = int(pooled["p_value"].notna().sum())
    return (
        f"Model {model}: mean and {population_sd(folds)} over {folds} folds, and the score of all "
        f"test frames pooled with its interval ({bootstrap} resamples of participants), p "
        f"({permutations} permutations of whole label sequences over all trials, and as many "
        "within fold and condition, where knowing the condition gains nothing, though knowing the "
        "padding does while padded frames count), corrected by Holm for the family of "
        f"{tests} {first['family']}, and Cohen's d (distance from the mean of the permuted "
        f"scores in their SDs).{_without_other(pooled, words)}{measured('all trials', 'macro F1')}"
    )


def _without_other(pooled: pd.DataFrame, words: Words) -> str:
    """Say why there is no specificity; empty: there is."""
    values = pooled.set_index("metric")["value"]
    if np.isfinite(values["nature_specificity"]):
        return ""
    name = metric_names(words)["nature_specificity"]
    return f" {name}: not applicable, {ONE_CONDITION}."


def describe_trials(video_level: pd.DataFrame, words: Words = NEUTRAL) -> str:
    """Return the caption of the table of whole trials."""
    first = video_level.iloc[0]
    trials = int(first[["tn", "fp", "fn", "tp"]].sum())
    if not np.isfinite(first["value"]):
        return (
            f"Each of {trials} test trials called {words.a_response} trial or not. Against the "
            f"condition of its clip: not applicable, {ONE_CONDITION}. TN, FP, FN, TP: trials."
        )
    if "any_low" in video_level:
        return (
            f"Each of {trials} test trials called {words.a_response} trial or not, against the "
            f"condition of its clip. {OWN_SCORES} Interval of {THESE_CLIPS}: other people "
            "(accuracy: Wilson with a design effect of people within folds; macro F1: jackknife "
            f"over people within folds). Interval of {ANY_CLIPS}: t over folds with a variance "
            "corrected for the training data that folds share. p: one-sided, the same t of "
            "sensitivity + specificity - 1; one test, in the row of accuracy. n/a where people of "
            "a fold, or all folds, are alike. TN, FP, FN, TP: trials."
        )
    return (
        f"Each of {trials} test trials called {words.a_response} trial or not, against the "
        f"condition of its clip; interval from {int(first['n_bootstrap'])} resamples, p from "
        f"{int(first['n_permutations'])} permutations; TN, FP, FN, TP: trials."
        f"{measured('whole trials')}"
    )


def describe_comparison(
    models: Sequence[str], *, folds: int, ablation: pd.DataFrame | None = None
) -> str:
    """Return the caption of Table 2 and of the XGBoost table."""
    if ablation is not None and "n_undefined" in ablation:
        return (
            f"Mean and {population_sd(folds)} over {folds} folds of {', '.join(models)}. "
            f"Differences from the reference with intervals and one-sided p, for {ANY_CLIPS} (t "
            "over folds with a variance corrected for the training data that folds share) and for "
            f"other people with {THESE_CLIPS} (t over participants within folds), corrected by "
            "Holm over the models that are compared."
        )
    return (
        f"Mean and {population_sd(folds)} over {folds} folds of {', '.join(models)}; where there "
        f"is a test against the reference, its name stands beside p.{_of_comparison(ablation)}"
    )


def _of_comparison(ablation: pd.DataFrame | None) -> str:
    """Say how often the tests of the released code are wrong; empty: there is none."""
    if ablation is None or ablation["p_value"].isna().all():
        return ""
    # Random signs are those of participants; of folds all signs are gone through.
    people = (ablation["test"] == "sign_flip").any()
    return measured(f"comparison of {'people' if people else 'folds'}")
