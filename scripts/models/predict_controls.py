"""Predict the test trials of every fold without features: the controls of a study's models."""

from pathlib import Path

from tinglegram.controls import CONTROLS, predictions
from tinglegram.trials import split
from tinglegram_shell import program, read_table, run, write_table
from tinglegram_shell.trial_files import add_reports, read_reports


def main() -> None:
    """Read labels and folds, write the predictions of every control in every fold."""
    parser = program(__doc__)
    add_reports(parser)
    add = parser.add_argument
    add("--controls", nargs="+", choices=CONTROLS, required=True, help="controls, in order")
    add("--target", required=True, help="condition whose ratings above 0 are class 1")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add(
        "--output",
        type=Path,
        nargs="+",
        required=True,
        help="predictions: all folds of the first control, then of the second, ...",
    )
    options = parser.parse_args()
    trials, folds = read_reports(options), read_table(options.folds)
    splits = [split(trials, folds, number) for number in sorted(folds["fold"].unique())]
    tables = predictions(
        trials, splits, options.controls, target=options.target, padding=options.padding
    )
    for path, table in zip(options.output, tables, strict=True):
        write_table(table, path)


if __name__ == "__main__":
    run(main)
