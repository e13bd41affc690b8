"""Write the mean predictions of the networks of a model that differ in their seed."""

import logging

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table
from tinglegram.models.averaging import mean_predictions


def main() -> None:
    """Read what every network predicts in each fold and write their mean."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--name", required=True, help="model")
    add("--folds", type=int, required=True, help="number of folds")
    add(
        "--networks",
        nargs="+",
        required=True,
        help="predictions in {fold} (Parquet): of the first seed, of the next one, ...",
    )
    add("--predictions", required=True, help="their mean in {fold} (Parquet, written)")
    options = parser.parse_args()
    for fold in range(1, options.folds + 1):
        tables = [read_table(path) for path in filled(options.networks, fold=[fold])]
        (output,) = filled([options.predictions], fold=[fold])
        write_table(mean_predictions(tables, options.name), output)
    logging.info("%s: mean of %d networks", options.name, len(options.networks))


if __name__ == "__main__":
    run(main)
