"""Fit XGBoost to the frames of one fold and predict its test trials."""

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.models.boosting import Boosting, fit_boosting
from tinglegram.trials.files import add_arguments, read_trials
from tinglegram.trials.trials import prediction_table


def main() -> None:
    """Read the trials, fit, write predictions, history and model."""
    parser = program(__doc__)
    add_arguments(parser)
    add = parser.add_argument
    add("--trees", type=int, required=True, help="boosting rounds")
    add("--depth", type=int, required=True, help="maximum depth of a tree")
    add("--learning-rate", type=float, required=True, help="shrinkage of each tree")
    options = parser.parse_args()
    trials, split = read_trials(options)
    settings = Boosting(options.trees, options.depth, options.learning_rate, options.padding)
    boosted = fit_boosting(trials, split, options.modalities, settings, seed=options.seed)
    write_table(prediction_table(trials, split.test, boosted.probability), options.predictions)
    write_table(boosted.history, options.history)
    with whole(options.weights) as aside:
        aside.write_bytes(boosted.weights)


if __name__ == "__main__":
    run(main)
