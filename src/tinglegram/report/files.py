"""Options and sources that every table and figure of the report shares, and writing a figure."""

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure

from tinglegram import files
from tinglegram.files import whole, write_json
from tinglegram.report.figures import style
from tinglegram.report.items import ReportItem


def write_figure(figure: Figure, about: ReportItem, svg: Path) -> None:
    """Write the figure as SVG and PNG, and what is said about it as JSON, side by side."""
    for file_format in ("svg", "png"):
        with whole(svg.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    write_json(dataclasses.asdict(about), svg.with_suffix(".json"))


FIGURE = "figure to write, ending in .svg; .png and the caption (.json) go beside it"


def item_arguments(parser: argparse.ArgumentParser, output: str = FIGURE) -> None:
    """Add the options every script of the report has; `output` is the help of `--output`."""
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--protocol", default="", help="protocol it belongs to; none: whole study")
    parser.add_argument("--note", default="", help="warning printed beside the content")
    parser.add_argument("--output", type=Path, required=True, help=output)


def source_of(paths: Iterable[Path], results: Path) -> str:
    """Return the paths relative to the folder of results, in one line."""
    inside = [path.relative_to(results) if path.is_relative_to(results) else path for path in paths]
    return files.sources([path.as_posix() for path in inside])
