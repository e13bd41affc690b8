"""Test whether the reference model is better than each other model."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.settings import read_settings
from tinglegram.statistics.comparison import ModelComparison, comparison_tests
from tinglegram.statistics.files import add_predictions, read_scored


def main() -> None:
    """Read every model's predictions and write the table of paired tests."""
    parser = program(__doc__)
    add_predictions(parser, ModelComparison)
    parser.add_argument("--models", nargs="+", required=True, help="names")
    parser.add_argument("--output", type=Path, required=True, help="ablation.tsv")
    options = parser.parse_args()
    settings = read_settings(options, ModelComparison)
    if settings.reference not in options.models:
        logging.warning("no model %s to compare with: an empty table", settings.reference)
    models = {name: read_scored(options, name) for name in options.models}
    table = comparison_tests(models, settings)
    write_table(table, options.output)
    logging.info("%d comparisons\n%s", len(table), table.to_string())


if __name__ == "__main__":
    run(main)
