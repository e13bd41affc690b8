"""Coverage, false positives and power of the project's statistics in simulated studies."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.report.figures import style

# What a panel shows: heading, column of the share, column of what it is called, words for calls
# that are as they should be.
COVERAGE, FALSE_POSITIVES, POWER = "coverage", "false positives", "power"
_LINE_MM, _AROUND_MM = 3.6, 16.0


def panels(summary: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return panel -> lines: label, share, low, high (percent) and fine (as it should be).

    Parameters
    ----------
    summary : the table of `tinglegram.recovery.summaries.summarise_studies`.
    """
    covered = summary[summary["n_intervals"] > 0]
    tested = summary[(summary["n_tests"] > 0) & summary["null"].notna()]
    is_null = tested["null"].astype(bool)
    return {
        COVERAGE: _lines(covered, "coverage", covered["interval"] == "as stated"),
        FALSE_POSITIVES: _lines(tested[is_null], "rejected", tested["level"] == "level"),
        POWER: _lines(tested[~is_null], "rejected", pd.Series(True, tested.index)),
    }


def _rank(rows: pd.DataFrame) -> np.ndarray:
    return rows.groupby(["topic", "result", "test"], sort=False).ngroup().to_numpy()


def _lines(rows: pd.DataFrame, column: str, fine: pd.Series) -> pd.DataFrame:
    # Effects of one statistic below each other, statistics as they first appear.
    rows = rows.iloc[np.argsort(_rank(rows), kind="stable")]
    names = rows["result"] + rows["test"].map(lambda test: f": {test}" if test else "")
    keys = rows["topic"] + names
    first = keys != keys.shift()
    labels = np.where(first, names + " — " + rows["cell"], rows["cell"])
    return pd.DataFrame(
        {
            "label": labels,
            "share": 100 * rows[column],
            "low": 100 * rows[f"{column}_low"],
            "high": 100 * rows[f"{column}_high"],
            "fine": fine.reindex(rows.index),
        }
    )


def _draw_panel(axis: Axes, lines: pd.DataFrame, nominal: float | None) -> None:
    places = np.arange(len(lines))
    for fine, colour, marker in ((True, style.BLUE, "o"), (False, style.VERMILLION, "D")):
        shown = (lines["fine"] == fine).to_numpy()
        part = lines[shown]
        reach = np.abs(part[["low", "high"]].to_numpy().T - part["share"].to_numpy())
        axis.errorbar(
            part["share"],
            places[shown],
            xerr=reach,
            fmt=marker,
            markersize=3.5,
            color=colour,
            linewidth=1,
        )
    if nominal is not None:
        axis.axvline(nominal, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axis.set_yticks(places, lines["label"].tolist(), fontsize=6)
    axis.set_ylim(len(lines) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", color=style.PALE, linewidth=0.3)
    axis.set_axisbelow(True)


@style.styled
def draw_recovery(summary: pd.DataFrame, confidence: float) -> Figure:
    """Draw the three panels; `confidence` is the nominal coverage of intervals, a fraction."""
    shown = {name: lines for name, lines in panels(summary).items() if len(lines)}
    counts = [len(lines) for lines in shown.values()]
    figure = style.page(_LINE_MM * sum(counts) + _AROUND_MM * len(counts))
    axes = figure.subplots(len(shown), 1, height_ratios=counts, squeeze=False)[:, 0]
    titles = {
        COVERAGE: "Coverage: intervals that hold the truth",
        FALSE_POSITIVES: "False positives: rejections where there is nothing to find",
        POWER: "Power: rejections where there is something to find",
    }
    nominal = {COVERAGE: 100 * confidence, FALSE_POSITIVES: 100 * (1 - confidence)}
    for axis, (name, lines) in zip(axes, shown.items(), strict=True):
        _draw_panel(axis, lines, nominal.get(name))
        # Long labels leave little room: the title ends with the axis and begins over the labels.
        axis.set_title(titles[name], loc="right")
        axis.set_xlabel("% of studies, with 95 % Wilson interval")
        if name == FALSE_POSITIVES and lines["share"].max() > 50:
            # Level tests and one that always rejects stand on one axis.
            axis.set_xscale("symlog", linthresh=10)
            axis.set_xticks([0, 2.5, 5, 7.5, 10, 20, 50, 100])
            axis.xaxis.set_major_formatter("{x:g}")
            axis.set_xlim(-0.3, 110)
        elif name == COVERAGE:
            axis.set_xlim(min(80.0, lines["low"].min() - 2), 100.5)
        elif name == POWER:
            axis.set_xlim(-2, 102)
    return figure
