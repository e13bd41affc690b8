"""Figure 4: how each person's pulse rate goes with their rating, per condition."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tinglegram.figures import style


def paired(coupling: pd.DataFrame, conditions: Sequence[str]) -> pd.DataFrame:
    """Return Spearman r of pulse rate and rating: one row per person, one column per condition."""
    table = coupling.pivot(index="subject", columns="condition", values="r_pulse_rate")
    return table.reindex(columns=list(conditions)).astype(float).sort_index()


def test_text(t: float, df: float, p_value: float, n_pairs: int) -> str:
    """Return the paired t-test as it is printed in the figure."""
    if not np.isfinite(t):
        return f"paired t-test not computable (n = {n_pairs} pairs)"
    p = "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"
    minus = f"{t:.3f}".replace("-", "−")
    return f"paired t({df:.0f}) = {minus}, {p} (Fisher z, n = {n_pairs} pairs)"


@style.styled
def draw(
    coupling: pd.DataFrame,
    conditions: Sequence[str],
    *,
    t: float,
    df: float,
    p_value: float,
    n_pairs: int,
    note: str = "",
) -> Figure:
    """Draw box plots of the per-person Spearman r, the people, and their pairs.

    Parameters
    ----------
    coupling : columns subject, condition, r_pulse_rate (−1 to 1, or missing).
    conditions : order of the boxes.
    t, df, p_value, n_pairs : paired t-test on Fisher z.
    note : warning printed in the figure; empty: none.
    """
    table = paired(coupling, conditions)
    colours = style.condition_colours(conditions)
    figure = style.page(90.0, 110.0)
    axis = figure.subplots()
    axis.axhline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    # Points are spread by rank of subject, not by chance: the same people, the same picture.
    spread = np.linspace(-0.09, 0.09, len(table)) if len(table) > 1 else np.zeros(len(table))
    where = np.arange(len(conditions)) + spread[:, None]
    for line, heights in zip(where, table.to_numpy(), strict=True):
        axis.plot(line, heights, color=style.PALE, linewidth=0.6, zorder=1)
    for i, name in enumerate(conditions):
        values = table[name].dropna().to_numpy()
        axis.boxplot(
            values,
            positions=[i],
            widths=0.42,
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": colours[name] + "26", "edgecolor": colours[name]},
            medianprops={"color": colours[name], "linewidth": 2},
            whiskerprops={"color": colours[name]},
            capprops={"color": colours[name]},
        )
        axis.scatter(where[:, i], table[name], s=12, color=colours[name], lw=0, alpha=0.8, zorder=3)
    counts = [int(table[name].notna().sum()) for name in conditions]
    labels = [f"{name}\n(n = {n})" for name, n in zip(conditions, counts, strict=True)]
    axis.set_xticks(range(len(conditions)), labels, fontsize=8)
    axis.set_xlim(-0.5, len(conditions) - 0.5)
    axis.set_ylabel("Spearman r, pulse rate and rating")
    axis.set_title(test_text(t, df, p_value, n_pairs))
    style.add_note(figure, note)
    return figure


def describe(coupling: pd.DataFrame, conditions: Sequence[str], n_pairs: int) -> str:
    """Return the caption of the figure."""
    table = paired(coupling, conditions)
    counts = ", ".join(f"{int(table[c].notna().sum())} in {c}" for c in conditions)
    return (
        "Spearman correlation between pulse rate and mean rating over sliding windows, one point "
        "per person and condition, the two of a person joined; box: quartiles and median, "
        "whiskers: 1.5 interquartile ranges; dashed: no correlation. "
        f"N = {counts}; {n_pairs} people have both and enter the paired t-test."
    )
