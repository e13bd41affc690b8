"""Options and sources that every table and figure of the report shares."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from tinglegram import exhibits

FIGURE = "figure to write, ending in .svg; .png and the caption (.json) go beside it"


def exhibit_arguments(parser: argparse.ArgumentParser, output: str = FIGURE) -> None:
    """Add the options every script of the report has; `output` is the help of `--output`."""
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--protocol", default="", help="protocol it belongs to; none: whole study")
    parser.add_argument("--note", default="", help="warning printed beside the content")
    parser.add_argument("--output", type=Path, required=True, help=output)


def source_of(paths: Iterable[Path], results: Path) -> str:
    """Return the paths relative to the folder of results, in one line."""
    inside = [path.relative_to(results) if path.is_relative_to(results) else path for path in paths]
    return exhibits.sources([path.as_posix() for path in inside])
