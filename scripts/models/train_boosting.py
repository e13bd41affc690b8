"""Fit XGBoost to the frames of one fold and predict its test trials."""

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.models.boosting import fit_boosting
from tinglegram.models.settings import Boosting
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_fold, read_fold, write_tested
from tinglegram.trials.trials import prediction_table


def main() -> None:
    """Read the trials, fit, write predictions, history and model."""
    parser = program(__doc__)
    add_fold(parser, Boosting, Seeding)
    options = parser.parse_args()
    boosting, seeding = (read_settings(options, c) for c in (Boosting, Seeding))
    trials, split = read_fold(options)
    boosted = fit_boosting(trials, split, options.modalities, boosting, seed=seeding.seed)
    write_tested(prediction_table(trials, split.test, boosted.probability), options)
    write_table(boosted.history, options.history)
    with whole(options.weights) as aside:
        aside.write_bytes(boosted.weights)


if __name__ == "__main__":
    run(main)
