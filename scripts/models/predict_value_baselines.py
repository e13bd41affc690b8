"""Predict the reported values of every fold's test trials without features: the baselines."""

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table
from tinglegram.models.values import VALUE_BASELINES, value_baseline_tables
from tinglegram.trials.files import add_reports, read_reports
from tinglegram.trials.trials import split


def main() -> None:
    """Read ratings and folds, write the predictions of every baseline in every fold."""
    parser = program(__doc__)
    add_reports(parser)
    add = parser.add_argument
    add("--baselines", nargs="+", required=True, choices=VALUE_BASELINES, help="which of them")
    add("--predictions", required=True, help="of {model} in {fold} (Parquet, written)")
    options = parser.parse_args()
    trials, folds = read_reports(options), read_table(options.folds)
    numbers = sorted(folds["fold"].unique())
    splits = [split(trials, folds, number) for number in numbers]
    paths = filled([options.predictions], model=options.baselines, fold=numbers)
    tables = value_baseline_tables(trials, splits, options.baselines)
    for path, table in zip(paths, tables, strict=True):
        write_table(table, path)


if __name__ == "__main__":
    run(main)
