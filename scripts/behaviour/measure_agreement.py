"""Measure how far the viewers of each clip agree: each with all others, and pair by pair."""

import logging
from pathlib import Path

from tinglegram.behaviour.agreement import AgreementDraws, agreement_table
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import add_settings, only, read_settings

INTERVAL = only(Resamples, "confidence", "seed", "p_value")


def main() -> None:
    """Write mean correlation, confidence interval and p for every clip."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add_settings(parser, AgreementDraws, INTERVAL)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()

    ratings = read_tables(filled([options.ratings], subject=names_in(options.participants)))
    interval, draws = (read_settings(options, cls) for cls in (INTERVAL, AgreementDraws))
    table = agreement_table(
        ratings,
        options.clips,
        test=draws.agreement_test,
        resamples=draws.agreement_bootstrap,
        confidence=interval.confidence,
        seed=interval.seed,
        p_value=interval.p_value,
    )
    write_table(table, options.output)
    for row in table.itertuples():
        logging.info("%s: r = %.3f, p = %.4f, n = %d", row.video, row.r, row.p_value, row.n)


if __name__ == "__main__":
    run(main)
