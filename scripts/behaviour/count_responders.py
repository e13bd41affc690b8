"""Count who responded to each clip and condition, and for how long."""

import logging
from pathlib import Path

from tinglegram.behaviour.responders import responder_table
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.settings import add_settings, only, read_settings

GRID = only(Timing, "grid")
LEVEL = only(ResponseTarget, "above")


def main() -> None:
    """Write responder rates and durations per clip, per condition and overall."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add_settings(parser, GRID, LEVEL)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()

    ratings = read_tables(filled([options.ratings], subject=names_in(options.participants)))
    grid, above = read_settings(options, GRID).grid, read_settings(options, LEVEL).above
    table = responder_table(ratings, options.clips, grid, above)
    write_table(table, options.output)
    for row in table[table["level"] == "condition"].itertuples():
        logging.info("%s: %d of %d responded", row.condition, row.n_responders, row.n)


if __name__ == "__main__":
    run(main)
