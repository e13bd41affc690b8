"""Say of every model what its score is worth beside the control that knows the clip alone."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from tinglegram.ablation import participant_f1, sign_flip
from tinglegram.metrics import Trials, as_trials, fold_table
from tinglegram.multiplicity import adjust
from tinglegram.resampling import Resamples
from tinglegram.shifting import common_share, course_test, shift_test
from tinglegram.verdicts import Comparison, Within, category_verdict
from tinglegram_shell import program, read_table, run, write_table


def main() -> None:
    """Read the predictions of models and controls, judge, write one table."""
    parser = program(__doc__)
    add = parser.add_argument
    add(
        "--model",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "PARQUET"),
        help="a model, the folder of its statistics, its predictions in every fold, its control's",
    )
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add("--p-value", choices=["count", "plus_one"], required=True, help="how p is counted")
    add("--permutations", type=int, required=True, help="random shifts and signs")
    add("--confidence", type=float, required=True, help="of the intervals")
    add("--control", required=True, help="condition in which no label is 1")
    add("--seed", type=int, required=True, help="the study's seed")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    settings = Resamples(
        bootstrap=1,
        permutations=options.permutations,
        confidence=options.confidence,
        seed=options.seed,
        p_value=options.p_value,
    )
    rows = []
    for name, statistics, *paths in options.model:
        half = len(paths) // 2
        model, control = (
            as_trials(
                [read_table(Path(path)) for path in part],
                padding=options.padding,
                control=options.control,
                source=name,
            )
            for part in (paths[:half], paths[half:])
        )
        scores, alone = (
            fold_table(trials).set_index("fold")["macro_f1"] for trials in (model, control)
        )
        differences = participant_f1(model) - participant_f1(control)
        p_better = sign_flip(differences, options.permutations, options.seed, options.p_value)
        within = read_table(Path(statistics) / "within.tsv").set_index("metric")
        auc = within.loc["roc_auc"]
        trials = read_table(Path(statistics) / "video_level_own_report.tsv").set_index("metric")
        own = trials.loc["accuracy_within_target", ["tn", "fp", "fn", "tp"]].astype(int)
        shifted, course = shift_test(model, settings), course_test(model, settings)
        several = model.names.groupby("fold")["subject"].nunique().min() > 1
        comparison = Comparison(
            *scores[["mean", "sd"]], *alone[["mean", "sd"]], p_better, differences.mean()
        )
        inside = Within(
            *auc[["value", "ci_low", "ci_high"]],
            p_shift=shifted.p_value,
            # With one person in a fold, reports change places between that person's own clips.
            p_exchange=auc["p_value"] if several else float("nan"),
            course_auc=course.course_auc,
            p_course=course.p_value,
            balanced_accuracy=within.loc["balanced_accuracy", "value"],
        )
        verdict = category_verdict(comparison, inside, alpha=1 - options.confidence)
        logging.info("%s: %s. %s", name, verdict.call, verdict.sentence)
        rows.append(
            {
                "model": name,
                "verdict": verdict.call,
                "macro_f1": comparison.model,
                "macro_f1_sd": comparison.model_sd,
                "condition_only": comparison.control,
                "condition_only_sd": comparison.control_sd,
                "mean_difference": comparison.difference,
                "p_better": comparison.p_value,
                "n_participants": len(differences),
                "within_balanced_accuracy": inside.balanced_accuracy,
                "within_roc_auc": inside.roc_auc,
                "ci_low": inside.ci_low,
                "ci_high": inside.ci_high,
                "p_shift": inside.p_shift,
                "p_exchange": inside.p_exchange,
                "course_roc_auc": inside.course_auc,
                "p_course": inside.p_course,
                "common_share": common_share(model),
                "sentence": f"{verdict.sentence} {_calls(model, own)}",
            }
        )
    table = pd.DataFrame(rows)
    corrected = adjust(table["p_better"], "models against the clip's category")
    table = table.join(corrected.rename(columns={"p_holm": "p_better_holm", "p_bh": "p_better_bh"}))
    write_table(table, options.output)


def _calls(model: Trials, own: pd.Series) -> str:
    """Say how trials are called, and how far predictions differ between viewers of a clip."""
    target = model.within_target()
    silent = ~(target.label & target.valid).any(axis=1)
    common = common_share(model)
    viewers = (
        f" Viewers of a clip have {100 * common:.0f} % of the variance of its probabilities in "
        "common."
        if np.isfinite(common)
        else ""
    )
    return (
        f"It calls {own.fp + own.tp} of {own.sum()} target trials, {own.fp} of them against the "
        f"participant's own report; in {int(silent.sum())} of the {len(silent)} nothing was "
        f"reported at all.{viewers}"
    )


if __name__ == "__main__":
    run(main)
