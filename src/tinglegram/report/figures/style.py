"""What all figures share: page width, type size, and colours safe for colour-blind readers."""

import io
import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito (2008), "Color Universal Design".
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, BLACK = "#56B4E9", "#CC79A7", "#000000"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
# Of conditions: after those, wine, olive, indigo and teal of Tol (2021, "Colour schemes"), brown.
CONDITION_CYCLE = (*CYCLE, "#882255", "#999933", "#332288", "#A6761D", "#44AA99")
# From so many conditions on, panels whose axis names them stand below each other.
MANY = 5
GREY, PALE = "#6E6E6E", "#D9D9D9"

# Full text width of an A4 page, in millimetres.
PAGE_MM = 180.0
_MM_PER_INCH = 25.4
_SETTINGS: Any = {
    "axes.edgecolor": GREY,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "hatch.linewidth": 0.4,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    # Text as outlines: the same picture on machines without the font.
    "svg.fonttype": "path",
    # Ids in the SVG follow from the content, so the same figure gives the same bytes.
    "svg.hashsalt": "tinglegram",
    "xtick.color": GREY,
    "xtick.labelcolor": "black",
    "xtick.labelsize": 7,
    "ytick.color": GREY,
    "ytick.labelcolor": "black",
    "ytick.labelsize": 7,
}

P = ParamSpec("P")
T = TypeVar("T")


def styled(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` under the settings of this module, whatever the user's own are."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_SETTINGS)
            return function(*args, **kwargs)

    return wrapper


def page(height_mm: float, width_mm: float = PAGE_MM) -> Figure:
    """Return an empty figure of the given size in millimetres, laid out automatically."""
    return Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), layout="constrained")


def join_pairs(axis: Axes, where: np.ndarray, heights: np.ndarray) -> None:
    """Join the points of each row (participants x conditions; NaN: none) by a pale line.

    All in one broken line: an object for every participant would grow with their number.
    """
    x, y = (np.pad(a, ((0, 0), (0, 1)), constant_values=np.nan).ravel() for a in (where, heights))
    axis.plot(x, y, color=PALE, linewidth=0.6, zorder=1)


def add_note(figure: Figure, note: str) -> None:
    """Print `note` under the panels; an empty note prints nothing."""
    if note:
        figure.supxlabel(
            note, fontsize=7, color=VERMILLION, fontweight="bold", x=0.01, ha="left", wrap=True
        )


def say_inside(axis: Axes, sentence: str) -> None:
    """Print a sentence in the middle of a panel that has nothing to draw."""
    axis.text(
        *(0.5, 0.5, sentence),
        transform=axis.transAxes,
        ha="center",
        va="center",
        fontsize=7,
        wrap=True,
    )


def condition_colours(conditions: Sequence[str]) -> dict[str, str]:
    """Return one colour per condition, in the order given: blue, vermillion, green, …

    Twelve conditions have a colour of their own; then they come again.
    """
    cycle = CONDITION_CYCLE
    return {name: cycle[i % len(cycle)] for i, name in enumerate(dict.fromkeys(conditions))}


def condition_panels(
    n_panels: int,
    n_conditions: int,
    height_mm: float,
    width_mm: float = PAGE_MM,
    *,
    sharey: bool = False,
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its panels, of which each names the conditions along its axis.

    Few conditions: two in a row of the size given. `MANY` and more: below each other, as wide as
    the page.
    """
    if n_conditions < MANY:
        n_rows = math.ceil(n_panels / 2)
        figure = page(height_mm * n_rows, width_mm)
        size = (n_rows, min(n_panels, 2))
        panels = figure.subplots(*size, sharey=sharey, squeeze=False).ravel()
        for empty in panels[n_panels:]:
            empty.remove()
        return figure, panels[:n_panels]
    figure = page(0.85 * height_mm * n_panels)
    return figure, np.atleast_1d(figure.subplots(n_panels, 1, sharey=sharey))


def name_conditions(axis: Axes, labels: Sequence[str], size: float) -> None:
    """Write a label of several lines below the place of each condition; many stand upright."""
    longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
    # A letter is about half as wide as it is high: 0.18 mm for each point of its size.
    is_wide = len(labels) >= MANY and 0.18 * size * longest * len(labels) > 0.85 * PAGE_MM
    shown = [label.replace("\n", ", ") for label in labels] if is_wide else list(labels)
    axis.set_xticks(range(len(labels)), shown, fontsize=size, rotation=90 if is_wide else 0)
    axis.set_xlim(-0.5, len(labels) - 0.5)


def runs(*series: np.ndarray) -> np.ndarray:
    """Return the indices at which any of the series (each of shape steps) takes a new value.

    Series that stay level for long are drawn from these alone: the same picture, smaller files.
    """
    changed = np.zeros(len(series[0]), dtype=bool)
    changed[:1] = True
    for values in series:
        changed[1:] |= np.diff(values) != 0
    return np.flatnonzero(changed)


@styled
def rendered(figure: Figure, file_format: str, dpi: int = 200) -> bytes:
    """Return the figure as `svg` or `png` bytes, the same for the same figure."""
    if figure.get_layout_engine() is not None:
        # Letters are measured as they are printed; the second layout sees the ticks that the first
        # one made room for.
        figure.set_dpi(dpi)
        figure.draw_without_rendering()
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for axis in figure.axes:
            # The layout's solver sums in an order that differs from run to run: its last digits
            # would go into the ids of the SVG.
            left, bottom, width, height = axis.get_position().bounds
            axis.set_position((round(left, 6), round(bottom, 6), round(width, 6), round(height, 6)))
    stream = io.BytesIO()
    # Neither the date nor the version of the drawing library goes into the file.
    metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[file_format]
    figure.savefig(stream, format=file_format, dpi=dpi, metadata=metadata)
    return stream.getvalue()
