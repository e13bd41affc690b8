"""Turn one participant's key presses into ratings on a regular grid."""

import logging
from pathlib import Path

from tinglegram.behaviour.ratings import rating_grid
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table


def main() -> None:
    """Write one row per step of every trial."""
    parser = program(__doc__)
    parser.add_argument("--timeline", type=Path, required=True, help="table of trials")
    parser.add_argument("--presses", type=Path, required=True, help="table of presses")
    parser.add_argument("--grid", type=int, required=True, help="steps per second, Hz")
    parser.add_argument("--output", type=Path, required=True, help="Parquet file (written)")
    args = parser.parse_args()

    labels = rating_grid(read_table(args.timeline), read_table(args.presses), args.grid)
    write_table(labels, args.output)
    logging.info("%d steps in %d trials", len(labels), labels["video"].nunique())


if __name__ == "__main__":
    run(main)
