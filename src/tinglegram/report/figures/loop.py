"""True responses over the rounds of closed loops, and how often a loop says that it works."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.report.figures import style

_HEIGHT_MM = 62.0
_MARKERS = ("o", "s", "^", "D")
_TITLES = {"mean": "A  Mean of a round's sounds", "best": "B  Best of a round's sounds"}


def _draw_lines(
    axis: Axes, rows: pd.DataFrame, by: str, names: Sequence[str], factor: float = 1.0
) -> None:
    """Draw one line with its interval for each name."""
    for name, colour, marker in zip(names, style.CYCLE, _MARKERS, strict=False):
        own = rows[rows[by] == name].sort_values("round")
        rounds = own["round"].to_numpy()
        axis.fill_between(
            rounds, factor * own["low"], factor * own["high"], color=colour, alpha=0.2, linewidth=0
        )
        axis.plot(
            rounds, factor * own["value"], color=colour, marker=marker, markersize=3, label=name
        )
    axis.set_xlabel("round (0: existing sounds)")
    axis.locator_params(axis="x", integer=True)


@style.styled
def draw_loop(
    summary: pd.DataFrame, strategies: Sequence[str], kinds: Sequence[str], alpha: float
) -> Figure:
    """Draw mean and best true response for each strategy, and the decision for each listeners.

    Parameters
    ----------
    summary : of `tinglegram.proposals.loop_page.summarise_loops`.
    strategies : in order. kinds : of listeners; the first one's responses are drawn.
    alpha : level of the decision, a line.
    """
    figure = style.page(_HEIGHT_MM)
    axes = figure.subplots(1, 3)
    for axis, (quantity, title) in zip(axes, _TITLES.items(), strict=False):
        rows = summary[(summary["quantity"] == quantity) & (summary["listeners"] == kinds[0])]
        _draw_lines(axis, rows, "strategy", strategies)
        axis.set_title(title)
        axis.set_ylabel("true response, 0 to 1")
    # Between the oracle and all others.
    axes[0].legend(loc="upper right", bbox_to_anchor=(1.0, 0.88))
    rows = summary[summary["quantity"] == "works"]
    _draw_lines(axes[2], rows, "listeners", kinds, 100)
    axes[2].axhline(100 * alpha, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    axes[2].set_title("C  Says that something works")
    axes[2].set_ylabel("repetitions, %")
    axes[2].set_ylim(-3, 103)
    axes[2].legend(loc="center right")
    return figure
