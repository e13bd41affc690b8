"""Turn one participant's responses into ratings on a regular grid."""

import logging
from pathlib import Path

from tinglegram.behaviour.ratings import after_the_end, rating_grid
from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.settings import add_settings, only, read_settings

GRID = only(Timing, "grid")
PREDICTED = only(ResponseTarget, "dimension")


def main() -> None:
    """Write one row per step of every trial."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--timeline", type=Path, required=True, help="table of trials")
    add("--key-presses", type=Path, required=True, help="table of key presses")
    add_settings(parser, GRID, ResponseDimensions, PREDICTED)
    add("--output", type=Path, required=True, help="Parquet file (written)")
    options = parser.parse_args()

    timeline, key_presses = read_table(options.timeline), read_table(options.key_presses)
    ratings = rating_grid(
        timeline,
        key_presses,
        read_settings(options, GRID).grid,
        dimensions=read_settings(options, ResponseDimensions).dimensions,
        target=read_settings(options, PREDICTED).dimension,
        source=f"responses of participant {options.timeline.stem}",
    )
    write_table(ratings, options.output)
    logging.info("%d steps in %d trials", len(ratings), ratings["video"].nunique())
    late = after_the_end(timeline, key_presses) if "order" in key_presses else 0
    if late:
        logging.warning("%d response(s) at or after the end of their trial rate no step", late)


if __name__ == "__main__":
    run(main)
