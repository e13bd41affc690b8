"""Measure how reliable the ratings of each clip are: ICC(2, k), halves, Krippendorff's alpha."""

import logging
from pathlib import Path

from tinglegram.behaviour.reliability import ReliabilityDraws, reliability_table
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import add_settings, only, read_settings

INTERVAL = only(Resamples, "confidence", "seed")


def main() -> None:
    """Write the reliability of the ratings of every clip."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add("--level", choices=["ordinal", "interval"], required=True, help="of the ratings")
    add_settings(parser, ReliabilityDraws, INTERVAL)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()

    interval = read_settings(options, INTERVAL)
    table = reliability_table(
        read_tables(filled([options.ratings], subject=names_in(options.participants))),
        options.clips,
        level=options.level,
        halvings=read_settings(options, ReliabilityDraws).halvings,
        confidence=interval.confidence,
        seed=interval.seed,
    )
    write_table(table, options.output)
    for row in table.itertuples():
        logging.info("%s: ICC(2, k) = %.3f, alpha = %.3f", row.video, row.icc_2k, row.alpha)


if __name__ == "__main__":
    run(main)
