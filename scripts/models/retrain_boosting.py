"""Fit XGBoost to one fold again, to reports that are moved in time."""

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.models.boosting import boosting_refit
from tinglegram.models.retraining import retrained_scores
from tinglegram.models.settings import Boosting
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_moved_fold, read_fold, read_target


def main() -> None:
    """Read the trials, bin their frames once, fit for every shift, write the scores."""
    parser = program(__doc__)
    add_moved_fold(parser, Boosting, Seeding)
    options = parser.parse_args()
    boosting, seed = read_settings(options, Boosting), read_settings(options, Seeding).seed
    trials, split = read_fold(options)
    fit = boosting_refit(trials, split, options.modalities, boosting, seed=seed)
    condition = read_target(options).condition
    table = retrained_scores(trials, split, options.shifts, fit, seed=seed, condition=condition)
    write_table(table, options.output)


if __name__ == "__main__":
    run(main)
