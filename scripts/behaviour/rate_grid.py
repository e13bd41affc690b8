"""Turn one participant's key presses into ratings on a regular grid."""

import logging
from pathlib import Path

from tinglegram.behaviour.ratings import rating_grid
from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.settings import add_settings, only, read_settings

GRID = only(Timing, "grid")


def main() -> None:
    """Write one row per step of every trial."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--timeline", type=Path, required=True, help="table of trials")
    add("--key-presses", type=Path, required=True, help="table of key presses")
    add_settings(parser, GRID)
    add("--output", type=Path, required=True, help="Parquet file (written)")
    options = parser.parse_args()

    tables = read_table(options.timeline), read_table(options.key_presses)
    ratings = rating_grid(*tables, read_settings(options, GRID).grid)
    write_table(ratings, options.output)
    logging.info("%d steps in %d trials", len(ratings), ratings["video"].nunique())


if __name__ == "__main__":
    run(main)
