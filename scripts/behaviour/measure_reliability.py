"""Measure how reliable ratings are: of each clip, and of each viewer beside all others.

Of a clip: ICC(2, k), halves, Krippendorff's alpha. Of a viewer: do they run the other way?
"""

import logging
from pathlib import Path

from tinglegram.behaviour.reliability import ReliabilityDraws, reliability_table
from tinglegram.behaviour.viewers import opposite_warning, viewer_table
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import add_settings, only, read_settings

INTERVAL = only(Resamples, "confidence", "seed")


def main() -> None:
    """Write the reliability of every clip's ratings, and how far each viewer goes with others."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add("--level", choices=["ordinal", "interval"], required=True, help="of the ratings")
    add_settings(parser, ReliabilityDraws, INTERVAL)
    add("--output", type=Path, required=True, help="table of clips (written)")
    add("--viewers", type=Path, required=True, help="table of viewers (written)")
    options = parser.parse_args()

    interval = read_settings(options, INTERVAL)
    ratings = read_tables(filled([options.ratings], subject=names_in(options.participants)))
    table = reliability_table(
        ratings,
        options.clips,
        level=options.level,
        halvings=read_settings(options, ReliabilityDraws).halvings,
        confidence=interval.confidence,
        seed=interval.seed,
    )
    write_table(table, options.output)
    for row in table.itertuples():
        logging.info("%s: ICC(2, k) = %.3f, alpha = %.3f", row.video, row.icc_2k, row.alpha)
    viewers = viewer_table(ratings, options.clips)
    write_table(viewers, options.viewers)
    for sentence in opposite_warning(viewers):
        logging.warning("%s", sentence)


if __name__ == "__main__":
    run(main)
