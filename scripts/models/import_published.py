"""Import the authors' published predictions as the predictions of one more model, per fold."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, filled, program, run
from tinglegram.files import write_table
from tinglegram.models.published import as_predictions, read_predictions
from tinglegram.settings import add_settings, read_settings
from tinglegram.trials.files import Class1, read_target


def main() -> None:
    """Read the pickle and write one table of predictions per fold."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--file", type=Path, required=True, help="pickle of predictions")
    add_clips(parser, "in the second condition no label is 1")
    add_settings(parser, Timing, Class1)
    add("--folds", type=int, required=True, help="number of folds")
    add("--predictions", required=True, help="predictions in {fold} (Parquet, written)")
    options = parser.parse_args()
    timing, clips = read_settings(options, Timing), options.clips
    _, control = dict.fromkeys(clips.values())
    folds = range(1, options.folds + 1)
    tables = as_predictions(
        read_predictions(options.file.read_bytes(), options.file.name),
        clips,
        options.file.name,
        folds=folds,
        n_steps=timing.steps,
        n_first=timing.steps_first,
        grid=timing.grid,
        control=control,
        target=read_target(options),
    )
    for path, (fold, table) in zip(
        filled([options.predictions], fold=folds), tables.items(), strict=True
    ):
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
