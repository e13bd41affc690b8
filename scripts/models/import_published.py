"""Import the authors' published predictions as the predictions of one more model, per fold."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.models.published import as_predictions, read_predictions


def main() -> None:
    """Read the pickle and write one table of predictions per fold."""
    parser = program(__doc__)
    parser.add_argument("--file", type=Path, required=True, help="pickle of predictions")
    parser.add_argument(
        "--clips", nargs="+", required=True, metavar="CODE=CONDITION", help="clips, in order"
    )
    parser.add_argument("--clip", type=float, required=True, help="seconds a clip plays")
    parser.add_argument("--first-trial", type=float, required=True, help="the first one, seconds")
    parser.add_argument(
        "--warm-up", type=float, required=True, help="seconds before the first step"
    )
    parser.add_argument("--grid", type=float, required=True, help="steps per second")
    parser.add_argument("--control", required=True, help="condition in which no label is 1")
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help="predictions, one file per fold"
    )
    options = parser.parse_args()
    trials = read_predictions(options.file.read_bytes(), options.file.name)
    tables = as_predictions(
        trials,
        dict(clip.rsplit("=", 1) for clip in options.clips),
        options.file.name,
        folds=range(1, len(options.output) + 1),
        n_steps=round((options.clip - options.warm_up) * options.grid),
        n_first=round((options.first_trial - options.warm_up) * options.grid),
        grid=options.grid,
        control=options.control,
    )
    for path, (fold, table) in zip(options.output, tables.items(), strict=True):
        padded = table.loc[~table["valid"], ["subject", "video"]].drop_duplicates()
        logging.info(
            "fold %d: %d trials, shown first: %s",
            fold,
            len(table[["subject", "video"]].drop_duplicates()),
            ", ".join(f"{s} {v}" for s, v in padded.itertuples(index=False)) or "none",
        )
        write_table(table, path)


if __name__ == "__main__":
    run(main)
