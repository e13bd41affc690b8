"""Test whether the reference model is better than each other model."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.statistics.comparison import comparison_tests
from tinglegram.statistics.scored_trials import as_trials


def main() -> None:
    """Read every model's predictions and write the table of paired tests."""
    parser = program(__doc__)
    parser.add_argument("--models", nargs="+", required=True, help="names, in the files' order")
    parser.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        help="all folds of the first model, then of the second, ...",
    )
    parser.add_argument("--reference", required=True, help="model the others are compared with")
    parser.add_argument(
        "--ablation-test",
        choices=["folds", "participants"],
        required=True,
        help="units of the test",
    )
    parser.add_argument(
        "--padding",
        choices=["counted", "masked"],
        required=True,
        help="frames after a clip's end count or not",
    )
    parser.add_argument(
        "--p-value", choices=["count", "plus_one"], required=True, help="how p is counted"
    )
    parser.add_argument("--ablation-bootstrap", type=int, required=True, help="resamples")
    parser.add_argument("--control", required=True, help="condition in which no label is 1")
    parser.add_argument("--seed", type=int, required=True, help="the study's seed")
    parser.add_argument("--output", type=Path, required=True, help="ablation.tsv")
    options = parser.parse_args()
    n_folds, rest = divmod(len(options.predictions), len(options.models))
    if rest:
        parser.error("--predictions: every model needs as many files as the others")
    if options.reference not in options.models:
        logging.warning("no model %s to compare with: an empty table", options.reference)
    models = {
        name: as_trials(
            [read_table(path) for path in options.predictions[i * n_folds : (i + 1) * n_folds]],
            padding=options.padding,
            control=options.control,
            source=name,
        )
        for i, name in enumerate(options.models)
    }
    table = comparison_tests(
        models,
        options.reference,
        units=options.ablation_test,
        n_resamples=options.ablation_bootstrap,
        seed=options.seed,
        p_value=options.p_value,
    )
    write_table(table, options.output)
    logging.info("%d comparisons\n%s", len(table), table.to_string())


if __name__ == "__main__":
    run(main)
