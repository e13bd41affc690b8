"""Predict the test trials of published predictions without features, from their reports alone."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.models.baselines import imported_trials
from tinglegram.models.files import add_baselines, write_baselines


def main() -> None:
    """Read the predictions of every fold, write those of every control in every fold."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--predictions", type=Path, nargs="+", required=True, help="one file per fold, in order")
    add("--grid", type=float, required=True, help="steps per second")
    add_baselines(parser)
    options = parser.parse_args()
    folds = [read_table(path) for path in options.predictions]
    trials, splits = imported_trials(folds, "published", target=options.target, grid=options.grid)
    write_baselines(trials, splits, options)


if __name__ == "__main__":
    run(main)
