"""Predict the test trials of published predictions without features, from their reports alone."""

from pathlib import Path

from tinglegram.controls import CONTROLS, imported, predictions
from tinglegram_shell import program, read_table, run, write_table


def main() -> None:
    """Read the predictions of every fold, write those of every control in every fold."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--predictions", type=Path, nargs="+", required=True, help="one file per fold, in order")
    add("--controls", nargs="+", choices=CONTROLS, required=True, help="controls, in order")
    add("--target", required=True, help="condition whose ratings above 0 are class 1")
    add("--grid", type=float, required=True, help="steps per second")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add(
        "--output",
        type=Path,
        nargs="+",
        required=True,
        help="predictions: all folds of the first control, then of the second, ...",
    )
    options = parser.parse_args()
    folds = [read_table(path) for path in options.predictions]
    trials, splits = imported(folds, "published", target=options.target, grid=options.grid)
    tables = predictions(
        trials, splits, options.controls, target=options.target, padding=options.padding
    )
    for path, table in zip(options.output, tables, strict=True):
        write_table(table, path)


if __name__ == "__main__":
    run(main)
