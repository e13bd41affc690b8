"""The pulse against reports that are moved in time: at several lags, and around their edges."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.pulse.measures import PULSE_RATE
from tinglegram.report.figures import style
from tinglegram.report.text import p_text

_EDGE_COLUMNS = ("onset", "offset")


@style.styled
def draw_lags(lags: pd.DataFrame, conditions: Sequence[str], *, note: str = "") -> Figure:
    """Draw the mean correlation at every lag with the band of moved reports, the largest marked.

    Parameters
    ----------
    lags : the table of `tinglegram.pulse.lagged.lag_table`.
    conditions : a panel each.
    note : warning printed in the figure; empty: none.
    """
    figure, panels = _panels(math.ceil(len(conditions) / 2), min(len(conditions), 2))
    colours = style.condition_colours(conditions)
    own = _own_rows(lags)
    for axis, name in zip(panels.ravel(), conditions, strict=False):
        rows = own[own["condition"] == name]
        _band_and_course(axis, rows, "lag_s", "r_mean", colours[name])
        axis.set_title(_title(name, rows, "lag_s", "{:g} s"))
        axis.set_xlabel(f"Lag (s; above 0: {PULSE_RATE.words} after rating)")
    for empty in panels.ravel()[len(conditions) :]:
        empty.remove()
    for axis in panels[:, 0]:
        axis.set_ylabel(f"Mean r, {PULSE_RATE.words} and rating")
    style.add_note(figure, note)
    return figure


@style.styled
def draw_locked(locked: pd.DataFrame, conditions: Sequence[str], *, note: str = "") -> Figure:
    """Draw the mean change around onsets and offsets with the band of moved reports.

    Parameters
    ----------
    locked : the table of `tinglegram.pulse.locked.locked_table`.
    conditions : a row of panels each, onsets left and offsets right.
    note : as for `draw_lags`.
    """
    figure, panels = _panels(len(conditions), len(_EDGE_COLUMNS))
    colours = style.condition_colours(conditions)
    own = _own_rows(locked)
    for row, name in zip(panels, conditions, strict=True):
        for axis, edge in zip(row, _EDGE_COLUMNS, strict=True):
            rows = own[(own["condition"] == name) & (own["edge"] == edge)]
            _band_and_course(axis, rows, "time_s", "mean_change", colours[name])
            axis.axvline(0, color=style.GREY, linewidth=0.8)
            axis.set_title(_title(f"{name}, {edge}s", rows, "time_s", "{:g} s"))
            axis.set_xlabel(f"Time after the {edge} (s)")
        row[0].set_ylabel(f"Change of {PULSE_RATE.words} ({PULSE_RATE.unit})")
    style.add_note(figure, note)
    return figure


def _own_rows(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["measure"] == PULSE_RATE.name]


def _panels(n_rows: int, n_columns: int) -> tuple[Figure, np.ndarray]:
    figure = style.page(62.0 * n_rows + 8.0, style.PAGE_MM if n_columns > 1 else 100.0)
    return figure, figure.subplots(n_rows, n_columns, sharey=True, squeeze=False)


def _band_and_course(axis: Axes, rows: pd.DataFrame, x: str, y: str, colour: str) -> None:
    if _reason(rows):
        style.say_inside(axis, f"no test: {_reason(rows)}")
        return
    at = rows[x].to_numpy(float)
    axis.fill_between(at, rows["band_low"], rows["band_high"], color=style.PALE, lw=0, zorder=1)
    axis.axhline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=2)
    axis.plot(at, rows[y], color=colour, marker="o", markersize=2.5, zorder=3)
    largest = rows[rows["largest"].astype(bool)]
    axis.plot(largest[x], largest[y], "D", color=colour, markersize=6, mec="black", zorder=4)


def _reason(rows: pd.DataFrame) -> str:
    """Return why there is nothing to draw; empty: there is."""
    if rows.empty:
        return "no clip of it was seen with a pulse"
    reason = rows["reason"].fillna("").iloc[0]
    return str(reason)


def _title(name: str, rows: pd.DataFrame, x: str, form: str) -> str:
    if _reason(rows):
        return name
    largest = rows[rows["largest"].astype(bool)].iloc[0]
    p = p_text(float(largest["p_value"]))
    said = p if p.startswith("<") else f"= {p}"
    return f"{name}: largest at {form.format(largest[x])}, p {said}"


def describe_lags(lags: pd.DataFrame, conditions: Sequence[str], confidence: float) -> str:
    """Return the caption of the figure of lags."""
    own = _own_rows(lags)
    counts = [
        f"{name}: {int(rows['n_participants'].max())} people, {int(rows['n_clips'].max())} clips"
        for name in conditions
        if len(rows := own[own["condition"] == name])
    ]
    return (
        f"Correlation of {PULSE_RATE.words} with the rating some seconds before (below 0: after), "
        "within clips, ranks, less the course of the other clips; mean Fisher z over people, back "
        f"as r. Grey: where {100 * confidence:g} % of shifts lie at that lag alone, the ratings of "
        "each clip moved in time by the same step for all its viewers. Diamond: the largest "
        "departure from the shifts, in their SDs; its p is the share of shifts whose own largest "
        "over all lags reaches it. It speaks of these people and clips. Windows of poor "
        f"quality are left out. N, {'; '.join(counts)}."
    )


def describe_locked(
    locked: pd.DataFrame, conditions: Sequence[str], confidence: float, window_s: float
) -> str:
    """Return the caption of the figure of onsets and offsets.

    Parameters
    ----------
    locked, conditions : as for `draw_locked`.
    confidence : of the band.
    window_s : length of the windows, s.
    """
    own = _own_rows(locked)
    counts = []
    for name in conditions:
        for edge in _EDGE_COLUMNS:
            rows = own[(own["condition"] == name) & (own["edge"] == edge)]
            if len(rows) and not _reason(rows):
                cut = int(rows["n_cut_short"].iloc[0])
                counts.append(
                    f"{name}, {edge}s: up to {int(rows['n_events'].max())} events of "
                    f"{int(rows['n_participants'].max())} people, {cut} of them without all times"
                )
    said = f" N, {'; '.join(counts)}." if counts else ""
    return (
        f"{PULSE_RATE.words.capitalize()} around reported onsets and offsets, less each person's "
        "mean over the clip and the course of the other clips; mean over the events of each "
        f"person, then over people. Windows of {window_s:g} s, at their middle: what follows an "
        f"edge begins to show {window_s / 2:g} s before it. Grey: where {100 * confidence:g} % of "
        "shifts lie at that time alone, the reports of each clip moved in time by the same step "
        "for all its viewers. Diamond: the largest departure from the shifts, in their SDs; its p "
        "is the share of shifts whose own largest over all times reaches it. It speaks of these "
        f"people and clips. Windows of poor quality are left out.{said}"
    )
