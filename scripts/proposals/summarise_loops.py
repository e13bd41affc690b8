"""Summarise closed loops: page, table and figure of what each strategy reached."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_tables, whole, write_table, write_text
from tinglegram.proposals.listeners import LISTENER_KINDS, Listening
from tinglegram.proposals.loop import STRATEGIES, ClosedLoop
from tinglegram.proposals.loop_page import loop_page, summarise_loops
from tinglegram.proposals.pool import PoolOfSounds
from tinglegram.proposals.settings import Proposing
from tinglegram.report.figures import loop, style
from tinglegram.settings import add_settings, only, read_settings

ACQUISITION = only(Proposing, "acquisition")


def main() -> None:
    """Write means and intervals over repetitions."""
    parser = program(__doc__)
    settings = ClosedLoop, Listening, PoolOfSounds, ACQUISITION
    add_settings(parser, *settings)
    add = parser.add_argument
    add("--loops", type=Path, nargs="+", required=True, help="tables of repetitions, in order")
    add("--table", type=Path, required=True, help="every number (written)")
    add("--figure", type=Path, required=True, help="SVG; a PNG beside it (written)")
    add("--page", type=Path, required=True, help="Markdown (written)")
    options = parser.parse_args()
    closed, listening, pool, acquisition = (read_settings(options, cls) for cls in settings)

    loops = read_tables(options.loops)
    summary = summarise_loops(loops)
    # The file is part of the repository: a fifth decimal is noise.
    write_table(summary.round(4), options.table)
    figure = loop.draw_loop(summary, list(STRATEGIES), LISTENER_KINDS, closed.alpha)
    for file_format in ("svg", "png"):
        with whole(options.figure.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    page = loop_page(
        loops,
        closed,
        listening,
        pool,
        acquisition.acquisition,
        page=options.page.as_posix(),
        table=options.table.as_posix(),
        figure=options.figure.as_posix(),
    )
    write_text(page, options.page)
    logging.info("%d repetitions", loops["repetition"].nunique())


if __name__ == "__main__":
    run(main)
