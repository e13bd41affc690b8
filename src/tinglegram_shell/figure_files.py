"""Writing a figure together with what is said beside it."""

import dataclasses
from pathlib import Path

from matplotlib.figure import Figure

from tinglegram.exhibits import Exhibit
from tinglegram.figures import style
from tinglegram_shell.files import whole, write_json


def write_figure(figure: Figure, about: Exhibit, svg: Path) -> None:
    """Write the figure as SVG and PNG, and what is said about it as JSON, side by side."""
    for file_format in ("svg", "png"):
        with whole(svg.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    write_json(dataclasses.asdict(about), svg.with_suffix(".json"))
