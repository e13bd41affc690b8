"""Fit XGBoost to the reported values of one fold's frames and predict its test trials."""

from dataclasses import asdict

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.models.settings import Boosting
from tinglegram.models.value_boosting import fit_value_boosting
from tinglegram.models.value_settings import ValueBoosting
from tinglegram.models.values import PADDING, value_table
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_fold, read_fold, write_tested


def main() -> None:
    """Read the trials, fit, write predictions, history and model."""
    parser = program(__doc__)
    add_fold(parser, ValueBoosting, Seeding)
    options = parser.parse_args()
    boosting = Boosting(**asdict(read_settings(options, ValueBoosting)), padding=PADDING)
    seed = read_settings(options, Seeding).seed
    trials, split = read_fold(options)
    fitted = fit_value_boosting(trials, split, options.modalities, boosting, seed=seed)
    write_tested(value_table(trials, split.test, fitted.predicted), options)
    write_table(fitted.history, options.history)
    with whole(options.weights) as aside:
        aside.write_bytes(fitted.weights)


if __name__ == "__main__":
    run(main)
