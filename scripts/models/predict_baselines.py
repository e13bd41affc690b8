"""Predict the test trials of every fold without features: the baselines of a study's models."""

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.models.files import add_baselines, write_baselines
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_reports, read_reports, read_target
from tinglegram.trials.trials import Scoring, split


def main() -> None:
    """Read ratings and folds, write the predictions of every baseline in every fold."""
    parser = program(__doc__)
    add_reports(parser, Scoring)
    add_baselines(parser)
    options = parser.parse_args()
    trials, folds = read_reports(options), read_table(options.folds)
    splits = [split(trials, folds, number) for number in sorted(folds["fold"].unique())]
    scoring = read_settings(options, Scoring)
    write_baselines(trials, splits, options, target=read_target(options), scoring=scoring)


if __name__ == "__main__":
    run(main)
