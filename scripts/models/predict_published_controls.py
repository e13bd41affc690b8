"""Predict the test trials of published predictions without features, from their reports alone."""

from pathlib import Path

from tinglegram.controls import imported
from tinglegram_shell import program, read_table, run
from tinglegram_shell.control_files import add_controls, write_controls


def main() -> None:
    """Read the predictions of every fold, write those of every control in every fold."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--predictions", type=Path, nargs="+", required=True, help="one file per fold, in order")
    add("--grid", type=float, required=True, help="steps per second")
    add_controls(parser)
    options = parser.parse_args()
    folds = [read_table(path) for path in options.predictions]
    trials, splits = imported(folds, "published", target=options.target, grid=options.grid)
    write_controls(trials, splits, options)


if __name__ == "__main__":
    run(main)
