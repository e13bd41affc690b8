"""Say of every model what its score is worth beside the control that knows the clip alone."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.ablation import participant_f1, sign_flip
from tinglegram.metrics import as_trials, fold_table
from tinglegram.resampling import Resamples
from tinglegram.shifting import shift_test
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
        shifted = shift_test(model, settings)
        comparison = Comparison(
            scores["mean"], scores["sd"], alone["mean"], alone["sd"], p_value=p_better
        )
        inside = Within(
            *auc[["value", "ci_low", "ci_high"]],
            p_shift=shifted.p_value,
            p_exchange=auc["p_value"],
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
                "p_better": comparison.p_value,
                "n_participants": len(differences),
                "within_balanced_accuracy": inside.balanced_accuracy,
                "within_roc_auc": inside.roc_auc,
                "ci_low": inside.ci_low,
                "ci_high": inside.ci_high,
                "p_shift": inside.p_shift,
                "p_exchange": inside.p_exchange,
                "sentence": f"{verdict.sentence} It calls {own.fp + own.tp} of {own.sum()} target "
                f"trials, {own.fp} of them against the participant's own report.",
            }
        )
    write_table(pd.DataFrame(rows), options.output)


if __name__ == "__main__":
    run(main)
