"""Predict the test trials of published predictions without features, from their reports alone."""

from tinglegram.clock import Timing
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.models.baselines import imported_trials
from tinglegram.models.files import add_baselines, write_baselines
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.trials.files import Class1, read_target
from tinglegram.trials.trials import Scoring


def main() -> None:
    """Read the predictions of every fold, write those of every baseline in every fold."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--published", required=True, help="predictions in {fold} (Parquet)")
    add("--folds", type=int, required=True, help="number of folds")
    add_baselines(parser)
    add_settings(parser, only(Timing, "grid"), Class1, Scoring)
    options = parser.parse_args()
    paths = filled([options.published], fold=range(1, options.folds + 1))
    target = read_target(options)
    grid, scoring = (read_settings(options, c) for c in (only(Timing, "grid"), Scoring))
    trials, splits = imported_trials(
        [read_table(path) for path in paths], "published", target=target, grid=grid.grid
    )
    write_baselines(trials, splits, options, target=target, scoring=scoring)


if __name__ == "__main__":
    run(main)
