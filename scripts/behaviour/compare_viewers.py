"""Hold each viewer's ratings against the mean of all others: who runs the other way?"""

import logging
from pathlib import Path

from tinglegram.behaviour.viewers import opposite_warning, viewer_table
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table


def main() -> None:
    """Write how far each viewer goes with the others."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()

    paths = filled([options.ratings], subject=names_in(options.participants))
    table = viewer_table(read_tables(paths), options.clips)
    write_table(table, options.output)
    for sentence in opposite_warning(table):
        logging.warning("%s", sentence)


if __name__ == "__main__":
    run(main)
