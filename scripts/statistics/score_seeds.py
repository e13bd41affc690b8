"""Score the networks of every model that differ only in their seed, and their spread."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.statistics.files import add_scoring, read_pattern
from tinglegram.statistics.metrics import join_seed_tables, seed_table


def main() -> None:
    """Read the predictions of every network, write one table for all models."""
    parser = program(__doc__)
    add_scoring(parser)
    parser.add_argument(
        "--model",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "PARQUET"),
        help="a model and its predictions in {fold}: of the first seed, of the next one, ...",
    )
    parser.add_argument("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    tables = {}
    for name, *patterns in options.model:
        tables[name] = seed_table([read_pattern(options, pattern, name) for pattern in patterns])
        logging.info("%s: %d seeds", name, len(patterns))
    write_table(join_seed_tables(tables), options.output)


if __name__ == "__main__":
    run(main)
