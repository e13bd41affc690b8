"""Diagnostic plots of the mixed model: are its assumptions to be seen broken?"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import special

from tinglegram.pulse.autocorrelation import autocorrelation
from tinglegram.pulse.measures import PULSE_RATE, Measure
from tinglegram.report.figures import style

# Windows that a clip of a minute holds without overlap, less those with too few pairs.
LAGS = 6


@style.styled
def draw_mixed_model(
    rows: pd.DataFrame,
    participants: pd.DataFrame,
    note: str = "",
    measure: Measure = PULSE_RATE,
) -> Figure:
    """Draw quantiles of residuals, residuals by fitted value, their autocorrelation, intercepts.

    Parameters
    ----------
    rows : subject, video, position, fitted_bpm, residual_bpm; one row per window used.
    participants : subject, intercept_bpm. Both are empty where there is no model.
    note : warning printed in the figure; empty: none.
    measure : what the model explains; with the endings of its own column for `_bpm`.
    """
    residual, fitted, intercept = map(measure.column_of, ("residual", "fitted", "intercept"))
    figure = style.page(130.0, 150.0)
    (first, second), (third, fourth) = figure.subplots(2, 2)
    residuals = rows[residual].dropna().to_numpy(dtype=float)
    _quantiles(first, residuals, f"Residuals ({measure.unit})")
    second.axhline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    # Thousands of points as outlines make a file that is slow to open.
    second.scatter(
        rows[fitted],
        rows[residual],
        s=3,
        lw=0,
        alpha=0.4,
        color=style.BLUE,
        rasterized=True,
    )
    second.set_xlabel(textwrap.fill(f"Fitted {measure.words} ({measure.unit})", 40))
    second.set_ylabel(f"Residual ({measure.unit})")
    by_lag = autocorrelation(rows.dropna(subset=[residual]), LAGS, residual).dropna()
    third.axhline(0, color=style.GREY, linewidth=0.8)
    third.bar(by_lag["lag"], by_lag["r"], width=0.5, color=style.BLUE)
    # 95 % of the correlations of independent residuals lie within these (Bartlett).
    limits = special.ndtri(0.975) / np.sqrt(by_lag["n_pairs"].to_numpy(dtype=float))
    for edge in (-limits, limits):
        lags = by_lag["lag"].to_numpy()
        third.hlines(edge, lags - 0.45, lags + 0.45, color=style.VERMILLION, linewidth=0.8)
    third.set_xticks(range(1, LAGS + 1))
    third.set_xlim(0.4, LAGS + 0.6)
    third.set_xlabel("Lag (windows of the same clip)")
    third.set_ylabel("Autocorrelation of residuals")
    intercepts = participants[intercept].dropna().to_numpy(dtype=float)
    _quantiles(fourth, intercepts, f"Intercepts ({measure.unit})")
    if not len(residuals):
        figure.suptitle("no model: see the table of checks", fontsize=8)
    style.add_note(figure, note)
    return figure


def describe_mixed_model(
    rows: pd.DataFrame,
    participants: pd.DataFrame,
    random_effects: str,
    measure: Measure = PULSE_RATE,
) -> str:
    """Return the caption of the figure."""
    used = rows.dropna(subset=[measure.column_of("residual")])
    return (
        "Quantiles of the residuals against those of a normal distribution; residuals by fitted "
        "value; correlation of residuals with later ones of the same clip (red: 95% limits of "
        "independent residuals); quantiles of the people's intercepts. "
        f"N = {len(used)} windows without overlap of "
        f"{len(participants)} people; random effects: {random_effects}."
    )


def _quantiles(axis: Axes, values: np.ndarray, label: str) -> None:
    """Sorted values against normal quantiles at (i - 0.5) / n, with the line of mean and SD."""
    axis.set_xlabel("Normal quantile")
    axis.set_ylabel(label)
    if not len(values):
        return
    normal = special.ndtri((np.arange(len(values)) + 0.5) / len(values))
    axis.plot(normal, values.mean() + values.std() * normal, color=style.VERMILLION, linewidth=0.8)
    axis.scatter(normal, np.sort(values), s=4, lw=0, color=style.BLUE, zorder=3, rasterized=True)
