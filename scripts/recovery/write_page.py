"""Show what simulated studies gave: rates beside what is asked, figure and page."""

import logging
import os
from dataclasses import asdict
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table, whole, write_table, write_text
from tinglegram.recovery.acceptance import error_rates
from tinglegram.recovery.cohort import CohortSize
from tinglegram.recovery.page import headline_rows, write_page
from tinglegram.recovery.results import Draws
from tinglegram.recovery.summaries import parted_summaries
from tinglegram.report.figures import recovery, style
from tinglegram.settings import add_settings, only, read_settings

DRAWS = only(Draws, "bootstrap", "permutations", "confidence")


def main() -> None:
    """Write the page of every statistic, its rates and its figure."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--summaries", type=Path, nargs="+", required=True, help="in the order of the page")
    add("--not-shown", nargs="*", default=[], help="statistics without a summary")
    add("--command", required=True, help="what runs the recovery studies, for the page")
    add_settings(parser, CohortSize, DRAWS)
    add("--rates", type=Path, required=True, help="rates beside what is asked (written)")
    add("--figure", type=Path, required=True, help="SVG; a PNG beside it (written)")
    add("--page", type=Path, required=True, help="Markdown (written)")
    options = parser.parse_args()
    draws = read_settings(options, DRAWS)

    summary, dependence = parted_summaries([read_table(path) for path in options.summaries])
    rates = error_rates(summary, dependence)
    # The file is part of the repository: a third decimal of a percent is noise.
    write_table(rates.round(3), options.rates)
    figure = recovery.draw_recovery(headline_rows(summary), draws.confidence)
    for file_format in ("svg", "png"):
        with whole(options.figure.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    page = write_page(
        summary,
        dependence,
        rates,
        command=options.command,
        not_shown=options.not_shown,
        figure=_link(options.figure, options.page),
        rates_name=_link(options.rates, options.page),
        participants=read_settings(options, CohortSize).participants,
        **asdict(draws),
    )
    write_text(page, options.page)
    logging.info("%d statistics and effects\n%s", len(summary), summary.to_string())


def _link(path: Path, page: Path) -> str:
    return Path(os.path.relpath(path, page.parent)).as_posix()


if __name__ == "__main__":
    run(main)
