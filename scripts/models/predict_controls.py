"""Predict the test trials of every fold without features: the controls of a study's models."""

from tinglegram.trials import split
from tinglegram_shell import program, read_table, run
from tinglegram_shell.control_files import add_controls, write_controls
from tinglegram_shell.trial_files import add_reports, read_reports


def main() -> None:
    """Read labels and folds, write the predictions of every control in every fold."""
    parser = program(__doc__)
    add_reports(parser)
    add_controls(parser)
    options = parser.parse_args()
    trials, folds = read_reports(options), read_table(options.folds)
    splits = [split(trials, folds, number) for number in sorted(folds["fold"].unique())]
    write_controls(trials, splits, options)


if __name__ == "__main__":
    run(main)
