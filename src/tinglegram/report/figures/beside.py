"""Scores beside their baselines: every fold, its mean, and what knowing the clip alone gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from tinglegram.report.figures import style
from tinglegram.report.text import population_sd

# Kind -> colour and marker of its rows; `none` draws an open marker.
LOOKS = {
    "model": (style.BLUE, "o"),
    "perturbed": (style.SKY, "s"),
    "baseline": (style.VERMILLION, "D"),
    "noise_ceiling": (style.GREY, "^"),
}
NAMES = {
    "model": "trained model",
    "perturbed": "trained network, input disturbed",
    "baseline": "control without a model",
    "noise_ceiling": "ceiling: needs other viewers of the test clip",
}


@dataclass(frozen=True)
class Row:
    """One line of the figure: its name, its kind (a key of `LOOKS`), and a score per fold."""

    name: str
    kind: str
    folds: np.ndarray


def folds_of(fold_metrics: pd.DataFrame, metric: str) -> np.ndarray:
    """Return the score of each fold, without their mean and SD."""
    is_fold = ~fold_metrics["fold"].astype(str).isin(["mean", "sd"])
    return fold_metrics.loc[is_fold, metric].to_numpy(dtype=float)


@style.styled
def draw_beside(rows: Sequence[Row], *, reference: str, metric: str, note: str = "") -> Figure:
    """Draw each row's folds, their mean and population SD; a line marks the reference's mean.

    Parameters
    ----------
    rows : from top to bottom; folds hold fractions.
    reference : name of the baseline whose mean is drawn through all rows; empty: none.
    metric : name of the score on the axis.
    note : warning printed in the figure; empty: none.
    """
    figure = style.page(16.0 + 6.5 * len(rows), 140.0)
    axis = figure.subplots()
    shown: dict[str, Artist] = {}
    for height, row in enumerate(rows):
        colour, marker = LOOKS[row.kind]
        values = 100 * row.folds
        axis.scatter(
            values, np.full(len(values), height), s=9, color=colour, alpha=0.45, lw=0, zorder=2
        )
        drawn = axis.errorbar(
            values.mean(),
            height,
            xerr=values.std(),
            fmt=marker,
            color=colour,
            markersize=5,
            markerfacecolor="white" if row.kind == "noise_ceiling" else colour,
            capsize=2.5,
            elinewidth=1.2,
            zorder=3,
        )
        axis.annotate(
            f"{values.mean():.2f} ± {values.std():.2f}",
            (1.01, height),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=7,
        )
        shown.setdefault(row.kind, drawn.lines[0])
    known = {row.name: row for row in rows}
    if reference in known:
        axis.axvline(
            100 * known[reference].folds.mean(), color=style.VERMILLION, lw=0.8, ls=(0, (4, 3))
        )
    axis.set_yticks(range(len(rows)), [row.name.replace("_", " ") for row in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlabel(f"{metric} (%)")
    axis.grid(axis="x", color=style.PALE, linewidth=0.5)
    axis.set_axisbelow(True)
    figure.legend(
        handles=list(shown.values()),
        labels=[NAMES[kind] for kind in shown],
        loc="outside upper left",
        ncols=2,
    )
    style.add_note(figure, note)
    return figure


def describe_beside(rows: Sequence[Row], reference: str, metric: str, held_out: str) -> str:
    """Return the caption of the figure."""
    folds = len(rows[0].folds)
    line = f" Dashed: mean of {reference.replace('_', ' ')}." if reference else ""
    return (
        f"{metric} of each of {folds} folds (small points), their mean and {population_sd(folds)}, "
        f"for the trained models and for what stands beside them.{line} {held_out}"
    )
