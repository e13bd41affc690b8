"""Fit a ridge regression of the reported value to one fold and predict its test trials."""

from tinglegram.command_line import program, run
from tinglegram.files import write_arrays, write_table
from tinglegram.models.ridge import fit_ridge
from tinglegram.models.value_settings import RidgeFit
from tinglegram.models.values import value_table
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_fold, read_fold, write_tested


def main() -> None:
    """Read the trials, fit, write predictions, the choice of the penalty, and the model."""
    parser = program(__doc__)
    add_fold(parser, RidgeFit)
    options = parser.parse_args()
    trials, split = read_fold(options)
    fitted = fit_ridge(trials, split, options.modalities, read_settings(options, RidgeFit))
    write_tested(value_table(trials, split.test, fitted.predicted), options)
    write_table(fitted.history, options.history)
    write_arrays(options.weights, fitted.arrays)


if __name__ == "__main__":
    run(main)
