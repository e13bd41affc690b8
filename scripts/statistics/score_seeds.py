"""Score the networks of every model that differ only in their seed, and their spread."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.statistics.metrics import seed_table
from tinglegram.statistics.scored_trials import as_trials


def main() -> None:
    """Read the predictions of every network, write one table for all models."""
    parser = program(__doc__)
    add = parser.add_argument
    add(
        "--model",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "PARQUET"),
        help="a model and its predictions: all folds of the first seed, then of the next one",
    )
    add("--folds", type=int, required=True, help="number of folds")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add("--control", required=True, help="condition in which no label is 1")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    tables = []
    for name, *paths in options.model:
        folds = [read_table(Path(path)) for path in paths]
        replicates = [
            as_trials(
                folds[start : start + options.folds],
                padding=options.padding,
                control=options.control,
                source=name,
            )
            for start in range(0, len(folds), options.folds)
        ]
        tables.append(seed_table(replicates).assign(model=name))
        logging.info("%s: %d seeds", name, len(replicates))
    scores = pd.concat(tables, ignore_index=True)
    write_table(scores[["model", *scores.columns.drop("model")]], options.output)


if __name__ == "__main__":
    run(main)
