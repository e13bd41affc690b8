"""Summarise the simulated studies of one statistic."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_tables, write_table
from tinglegram.recovery.results import Draws
from tinglegram.recovery.summaries import topic_summary
from tinglegram.settings import add_settings, only, read_settings

CONFIDENCE = only(Draws, "confidence")
# The file is part of the repository: further digits are noise.
DIGITS = 6


def main() -> None:
    """Write bias, coverage, false positives and power."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--studies", type=Path, nargs="+", required=True, help="tables, in the order of the page")
    add_settings(parser, CONFIDENCE)
    add("--table", type=Path, required=True, help="summary (written)")
    options = parser.parse_args()
    confidence = read_settings(options, CONFIDENCE).confidence
    summary = topic_summary(read_tables(options.studies), confidence)
    write_table(summary.round(DIGITS), options.table)


if __name__ == "__main__":
    run(main)
