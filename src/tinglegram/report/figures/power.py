"""Power of planned studies over people, clips and effect, and the smallest effect that is found."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tinglegram.report.figures import style

_ROW_MM, _AROUND_MM = 43.0, 14.0
_FOUND = "studies that find it, %"
_DASHED, _DOTTED = (0, (4, 3)), (0, (1, 2))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def people_styles(participants: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return a colour and a marker for each number of people, fewest first."""
    cycle, markers = style.CYCLE, _MARKERS
    return {
        number: (cycle[place % len(cycle)], markers[place % len(markers)])
        for place, number in enumerate(sorted(set(participants)))
    }


def _draw_curves(
    axis: Axes,
    rows: pd.DataFrame,
    styles: dict[int, tuple[str, str]],
    marked: int | None,
    levels: tuple[float, float],
) -> None:
    """Draw power over effect, one line for each number of people; that of `marked` is thick."""
    for level, dashes in zip(levels, (_DASHED, _DOTTED), strict=True):
        axis.axhline(100 * level, color=style.GREY, linewidth=0.8, linestyle=dashes, zorder=0)
    for number in rows["participants"].unique():
        part, (colour, marker) = rows[rows["participants"] == number], styles[number]
        found, is_marked = 100 * part["found"].to_numpy(), number == marked
        ends = 100 * part[["found_low", "found_high"]].to_numpy().T
        axis.errorbar(
            part["shown"],
            found,
            yerr=np.abs(ends - found),
            color=colour,
            marker=marker,
            markersize=4.5 if is_marked else 3,
            linewidth=2.2 if is_marked else 0.9,
            elinewidth=0.6,
            markeredgecolor="black" if is_marked else colour,
            zorder=3 if is_marked else 2,
        )
    if (rows["shown"] < 0).any():
        # The stronger effect is always further right.
        axis.invert_xaxis()
    axis.locator_params(axis="x", nbins=5)
    axis.set_ylim(-3, 103)
    axis.set_yticks([0, 20, 40, 60, 80, 100])


def _draw_smallest(
    axis: Axes,
    rows: pd.DataFrame,
    styles: dict[int, tuple[str, str]],
    marked: tuple[int, int],
) -> None:
    """Draw the smallest effect that is found over clips; hollow above the line: beyond the last."""
    strongest = float(rows["shown"].max())
    once = rows.drop_duplicates(["participants", "clips"])
    axis.axhline(strongest, color=style.GREY, linewidth=0.8, linestyle=_DOTTED, zorder=0)
    beyond_at = strongest + 0.07 * (strongest - float(rows["shown"].min()))
    for place, number in enumerate(once["participants"].unique()):
        part, (colour, marker) = once[once["participants"] == number], styles[number]
        beyond = part["detectable"].isna()
        line: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4}
        axis.plot(part["clips"], part["detectable"], linewidth=0.9, **line)
        axis.plot(
            part.loc[beyond, "clips"] * (1 + 0.04 * (place - 1)),
            np.full(int(beyond.sum()), beyond_at),
            linestyle="none",
            markerfacecolor="white",
            **line,
        )
        own = part[(part["clips"] == marked[1]) & (number == marked[0])]
        heights = own["detectable"].fillna(beyond_at)
        axis.plot(own["clips"], heights, "o", ms=10, color="none", markeredgecolor="black")
    axis.annotate(
        "hollow: beyond what was simulated",
        (1, beyond_at),
        xycoords=("axes fraction", "data"),
        va="center",
        ha="right",
        fontsize=7,
    )
    axis.margins(y=0.15)
    axis.set_xscale("log", base=2)
    axis.set_xticks(sorted(once["clips"].unique()))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_xlabel("clips of each condition")


def _draw_by_clips(
    axes: Sequence[Axes],
    rows: pd.DataFrame,
    styles: dict[int, tuple[str, str]],
    marked: tuple[int, int],
    levels: tuple[float, float],
) -> None:
    """Draw one panel for each number of clips."""
    for axis, n_clips in zip(axes, sorted(rows["clips"].unique()), strict=True):
        people = marked[0] if n_clips == marked[1] else None
        _draw_curves(axis, rows[rows["clips"] == n_clips], styles, people, levels)
        axis.set_title(f"{n_clips} + {n_clips} clips")


@style.styled
def draw_power(
    table: pd.DataFrame, marked: tuple[int, int], *, alpha: float, wanted: float
) -> Figure:
    """Draw power over the effect for each number of clips, and what is found at all.

    Parameters
    ----------
    table : question, test, participants, clips, effect, shown, found, found_low, found_high and
        detectable, as `tinglegram.recovery.design_power.power_table` returns them.
    marked : people and clips of each condition of the design that is marked.
    alpha, wanted : level of the tests, and the power at which an effect counts as detectable.
    """
    tracking, coupling, agreement = (
        table[table["question"] == name] for name in ("tracking", "coupling", "agreement")
    )
    tests = list(dict.fromkeys(tracking["test"]))[:2]
    styles = people_styles([int(number) for number in table["participants"]])
    levels = wanted, alpha

    figure = style.page(_ROW_MM * (len(tests) + 2) + _AROUND_MM)
    rows = np.asarray(figure.subfigures(len(tests) + 2, 1), dtype=object)
    for row, letter, test in zip(rows, "AB", tests, strict=False):
        part = tracking[tracking["test"] == test]
        axes = row.subplots(1, part["clips"].nunique(), sharey=True, squeeze=False)[0]
        _draw_by_clips(axes, part, styles, marked, levels)
        axes[0].set_ylabel(_FOUND)
        row.suptitle(f"{letter}  {_heading(test)}", x=0.01, ha="left", fontsize=9)
        row.supxlabel("ROC AUC within clips", fontsize=8)
    row = rows[-2]
    row.suptitle(
        f"C  Smallest effect that is found with {100 * wanted:.0f} % power",
        x=0.01,
        ha="left",
        fontsize=9,
    )
    axes = row.subplots(1, len(tests), sharey=True, squeeze=False)[0]
    for axis, test in zip(axes, tests, strict=True):
        _draw_smallest(axis, tracking[tracking["test"] == test], styles, marked)
        axis.set_title(test[0].upper() + test[1:])
    axes[0].set_ylabel("ROC AUC within clips")
    row = rows[-1]
    row.suptitle("D  Without a model", x=0.01, ha="left", fontsize=9)
    axes = row.subplots(1, coupling["clips"].nunique() + 1, sharey=True, squeeze=False)[0]
    _draw_by_clips(axes[:-1], coupling, styles, marked, levels)
    for axis in axes[:-1]:
        axis.set_title(f"Coupling, {axis.get_title(loc='left')}")
        axis.set_xlabel("correlation of pulse and rating")
    _draw_curves(axes[-1], agreement, styles, marked[0], levels)
    axes[-1].set_title("Agreement of viewers of one clip")
    axes[-1].set_xlabel("share of what is felt that viewers share")
    axes[0].set_ylabel(_FOUND)
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4, label=f"{number} people")
        for number, (colour, marker) in styles.items()
    ]
    handles += [
        Line2D([], [], color="black", linewidth=2.2, marker="o", label=f"marked: {_words(marked)}"),
        Line2D([], [], color=style.GREY, linestyle=_DASHED, label=f"{100 * wanted:.0f} % power"),
        Line2D([], [], color=style.GREY, linestyle=_DOTTED, label=f"{100 * alpha:.0f} %"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _words(design: tuple[int, int]) -> str:
    return f"{design[0]} people, {design[1]} + {design[1]} clips"


def _heading(test: str) -> str:
    return f"Does a model follow reports? {test[0].upper()}{test[1:]}"
