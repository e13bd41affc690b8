"""Summarise simulated studies: table, figure and page."""

import logging
import os
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, whole, write_table, write_text
from tinglegram.recovery.page import write_page
from tinglegram.recovery.summaries import summarise_studies
from tinglegram.report.figures import recovery, style


def main() -> None:
    """Write bias, coverage, false positives and power of every statistic."""
    parser = program(__doc__)
    parser.add_argument(
        "--studies", type=Path, nargs="+", required=True, help="tables, in the order of the page"
    )
    parser.add_argument("--command", required=True, help="what runs the validation, for the page")
    parser.add_argument("--people", type=int, required=True, help="people in each study")
    parser.add_argument("--bootstrap", type=int, required=True, help="resamples in each study")
    parser.add_argument("--permutations", type=int, required=True, help="shuffles in each study")
    parser.add_argument("--confidence", type=float, required=True, help="of the intervals")
    parser.add_argument("--table", type=Path, required=True, help="summary (written)")
    parser.add_argument("--figure", type=Path, required=True, help="SVG; a PNG beside it (written)")
    parser.add_argument("--page", type=Path, required=True, help="Markdown (written)")
    args = parser.parse_args()

    studies = pd.concat([read_table(path) for path in args.studies], ignore_index=True)
    summary = summarise_studies(studies, args.confidence)
    write_table(summary, args.table)
    figure = recovery.draw_recovery(summary, args.confidence)
    for file_format in ("svg", "png"):
        with whole(args.figure.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    page = write_page(
        summary,
        command=args.command,
        figure=Path(os.path.relpath(args.figure, args.page.parent)).as_posix(),
        people=args.people,
        bootstrap=args.bootstrap,
        permutations=args.permutations,
        confidence=args.confidence,
    )
    write_text(page, args.page)
    logging.info("%d statistics and effects\n%s", len(summary), summary.to_string())


if __name__ == "__main__":
    run(main)
