"""Test whether models follow reports within clips: against models trained on moved reports."""

import logging
from pathlib import Path

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.inference.resampling import Permutations
from tinglegram.settings import only, read_settings
from tinglegram.statistics.files import add_scoring, read_pattern
from tinglegram.statistics.retrained import retrained_table, retrained_test


def main() -> None:
    """Read predictions and scores of every model, write one table for all models."""
    parser = program(__doc__)
    settings = only(Permutations, "p_value")
    add_scoring(parser, settings)
    parser.add_argument(
        "--model",
        nargs=4,
        action="append",
        required=True,
        metavar=("NAME", "PREDICTIONS", "SCORES", "PARTS"),
        help="a model, its predictions in {fold}, the scores of models trained again in {fold} and "
        "{part} (Parquet), and the number of parts",
    )
    parser.add_argument("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    p_value, tests = read_settings(options, settings).p_value, {}
    for name, predictions, scores, parts in options.model:
        numbers = {"fold": range(1, options.folds + 1), "part": range(1, int(parts) + 1)}
        moved = read_tables(filled([scores], **numbers))
        observed = read_pattern(options, predictions, name)
        tests[name] = retrained_test(observed, moved, p_value=p_value, source=name)
        logging.info("%s: %s", name, tests[name])
    write_table(retrained_table(tests), options.output)


if __name__ == "__main__":
    run(main)
