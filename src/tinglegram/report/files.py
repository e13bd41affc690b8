"""Options and sources that every table and figure of the report shares, and writing a figure."""

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure

from tinglegram import files
from tinglegram.command_line import names_in
from tinglegram.files import whole, write_json
from tinglegram.report.figures import style
from tinglegram.report.items import ReportItem
from tinglegram.sensors.measures import SENSOR_MEASURE_NAMES
from tinglegram.settings import pairs_of

FIGURE = "figure to write, ending in .svg; .png and the caption (.json) go beside it"


def item_arguments(parser: argparse.ArgumentParser, output: str = FIGURE) -> None:
    """Add the options every script of the report has; `output` is the help of `--output`."""
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--protocol", default="", help="protocol it belongs to; none: whole study")
    parser.add_argument("--note", default="", help="warning printed beside the content")
    parser.add_argument("--output", type=Path, required=True, help=output)


def model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of every script that draws a figure for each model."""
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="protocol the figures belong to")
    add("--models", nargs="+", required=True, help="models to draw")
    note_arguments(parser, "model")
    add("--output", required=True, help=f"{FIGURE}; names the {{model}}")


def measure_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of every script that draws measures of signals other than the pulse."""
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="protocol the figures belong to")
    add("--measures", nargs="+", choices=SENSOR_MEASURE_NAMES, required=True, help="in order")
    add("--note", default="", help="warning printed beside the content")
    add("--output", required=True, help=f"{FIGURE}; where each has its own, names the {{measure}}")


def note_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the warnings printed beside the content of some of `what`."""
    parser.add_argument(
        "--notes",
        default={},
        help=f"warning printed beside the content of a {what}",
        **pairs_of(str, f"{what.upper()}=TEXT", nargs="*"),
    )


def tinglegram_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say of which model and participant Tinglegrams are."""
    add = parser.add_argument
    add(
        "--tinglegram",
        nargs=2,
        action="append",
        default=[],
        metavar=("MODEL", "PARTICIPANT"),
        help="one to show; in place of a participant, the name of a list stands for all in it",
    )
    add(
        "--participants",
        default={},
        help="lists of participants, one a line",
        **pairs_of(Path, "LIST=FILE", nargs="*"),
    )


def tinglegrams_of(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Return model and participant of every Tinglegram that the options ask for."""
    lists = options.participants
    return [
        (model, subject)
        for model, who in options.tinglegram
        for subject in (names_in(lists[who]) if who in lists else [who])
    ]


def write_figure(figure: Figure, about: ReportItem, svg: Path) -> None:
    """Write the figure as SVG and PNG, and what is said about it as JSON, side by side."""
    for file_format in ("svg", "png"):
        with whole(svg.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    write_json(dataclasses.asdict(about), svg.with_suffix(".json"))


def source_of(paths: Iterable[Path], results: Path) -> str:
    """Return the paths relative to the folder of results, in one line."""
    inside = [path.relative_to(results) if path.is_relative_to(results) else path for path in paths]
    return files.sources([path.as_posix() for path in inside])
