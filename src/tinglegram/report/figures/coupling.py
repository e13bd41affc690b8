"""How each participant's pulse rate, or another measure, goes with their rating, per condition.

That of the pulse rate is Figure 4.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.pulse.clip_shifts import SHIFT_COLUMNS
from tinglegram.pulse.measures import PULSE_RATE, Measure
from tinglegram.report.figures import style

_MOVED = (
    " p: mean difference of Fisher's z against that of ratings moved in time, each clip by the "
    "same steps for all its viewers, the measure less its course on other clips: no coincidence of "
    "times. It speaks of these people and clips."
)
# Which windows are used -> the ending of the column of the coefficients, and its panel.
PANELS = {"all": ("", "All windows"), "good": ("_good", "Good windows")}


def paired(
    coupling: pd.DataFrame, conditions: Sequence[str], windows: str, measure: Measure = PULSE_RATE
) -> pd.DataFrame:
    """Return Spearman r of a measure and rating: a row per participant, a column per condition."""
    column = f"r_{measure.name}{PANELS[windows][0]}"
    table = coupling.pivot(index="subject", columns="condition", values=column)
    return table.reindex(columns=list(conditions)).astype(float).sort_index()


def test_text(t: float, df: float, p_value: float, n_pairs: int) -> str:
    """Return the paired t-test as it is printed in the figure."""
    if not np.isfinite(t):
        return f"paired t-test not computable (n = {n_pairs} pairs)"
    p = "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"
    minus = f"{t:.3f}".replace("-", "−")
    return f"paired t({df:.0f}) = {minus}, {p}\n(Fisher z, n = {n_pairs} pairs)"


def shifted_text(p_value: float, n_pairs: int) -> str:
    """Return the test of clips moved in time as it is printed in the figure."""
    if not np.isfinite(p_value):
        return f"no test (n = {n_pairs} pairs)"
    p = "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"
    return f"clips moved in time: {p}\n(Fisher z, n = {n_pairs} pairs)"


def _test_of(tests: pd.DataFrame, windows: str, measure: Measure) -> pd.Series:
    """Return the first test of the measure on `windows`: with two conditions, the paired one."""
    chosen = tests[(tests["measure"] == measure.name) & (tests["windows"] == windows)]
    return chosen.iloc[0]


def not_paired(conditions: Sequence[str]) -> str:
    """Return why there is no paired test in the figure; empty: there are two conditions."""
    if len(conditions) == 2:
        return ""
    number = "one condition" if len(conditions) == 1 else f"{len(conditions)} conditions"
    return f"paired t-test: not applicable, the study has {number}"


@style.styled
def draw_coupling(
    coupling: pd.DataFrame,
    tests: pd.DataFrame,
    conditions: Sequence[str],
    *,
    note: str = "",
    measure: Measure = PULSE_RATE,
) -> Figure:
    """Draw box plots of the per-participant Spearman r, the participants, and their pairs.

    Parameters
    ----------
    coupling : columns subject, condition, r_<measure>, r_<measure>_good (-1 to 1, or missing).
    tests : windows, measure, t, df, p_value, n_pairs: paired t-tests on Fisher z; with p_shift
        p_value is that of clips moved in time.
    conditions : order of the boxes.
    note : warning printed in the figure; empty: none.
    measure : whose coefficients are drawn.
    """
    figure, axes = style.condition_panels(len(PANELS), len(conditions), 105.0, sharey=True)
    for axis, (windows, (_, title)) in zip(axes, PANELS.items(), strict=True):
        _panel(axis, paired(coupling, conditions, windows, measure))
        text = not_paired(conditions)
        if SHIFT_COLUMNS[0] in tests:
            text = text.replace("paired t-test", "test of a difference")
        if not text:
            test = _test_of(tests, windows, measure)
            n_pairs = int(test["n_pairs"])
            text = (
                shifted_text(test["p_value"], n_pairs)
                if SHIFT_COLUMNS[0] in tests
                else test_text(test["t"], test["df"], test["p_value"], n_pairs)
            )
        axis.set_title(f"{title}\n{text}")
    for axis in axes if len(conditions) >= style.MANY else axes[:1]:
        axis.set_ylabel(f"Spearman r, {measure.words} and rating")
    style.add_note(figure, note)
    return figure


def _panel(axis: Axes, table: pd.DataFrame) -> None:
    colours = style.condition_colours(list(table.columns))
    axis.axhline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    # Points are spread by rank of subject, not by chance: the same participants, the same picture.
    spread = np.linspace(-0.09, 0.09, len(table)) if len(table) > 1 else np.zeros(len(table))
    where = np.arange(table.shape[1]) + spread[:, None]
    style.join_pairs(axis, where, table.to_numpy())
    for i, name in enumerate(table.columns):
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
    labels = [f"{name}\n(n = {table[name].notna().sum()})" for name in table.columns]
    style.name_conditions(axis, labels, 8)


def describe_coupling(
    coupling: pd.DataFrame,
    tests: pd.DataFrame,
    conditions: Sequence[str],
    measure: Measure = PULSE_RATE,
    *,
    of_paper: bool = False,
) -> str:
    """Return the caption of the figure; `of_paper`: the data are those of REST-ASMR."""
    counts = []
    moved = SHIFT_COLUMNS[0] in tests
    for windows, (_, title) in PANELS.items():
        table = paired(coupling, conditions, windows, measure)
        participants = ", ".join(f"{int(table[c].notna().sum())} in {c}" for c in conditions)
        both = ""
        if len(conditions) == 2:
            pairs = int(_test_of(tests, windows, measure)["n_pairs"])
            both = f"; {pairs} people have both and enter the {'test' if moved else 't-test'}"
        counts.append(f"{title.lower()}: {participants}{both}")
    reason = not_paired(conditions)
    if moved:
        reason = reason.replace("paired t-test", "test of a difference")
    missing = f" {reason[0].upper()}{reason[1:]}; tests of each condition: table." if reason else ""
    every = "as in the paper" if of_paper else "all windows"
    places = ("Above", "below") if len(conditions) >= style.MANY else ("Left", "right")
    return (
        f"Spearman correlation between {measure.words} and mean rating over sliding windows, one "
        f"point per person and condition, {_joined(conditions)}box: quartiles and median, "
        "whiskers: 1.5 interquartile ranges; dashed: no correlation. "
        f"{places[0]}: {every}; {places[1]}: without windows of poor signal quality. "
        f"N, {'; '.join(counts)}.{_MOVED if moved else ''}{missing}"
    )


def _joined(conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return ""
    return f"the {'two' if len(conditions) == 2 else len(conditions)} of a person joined; "
