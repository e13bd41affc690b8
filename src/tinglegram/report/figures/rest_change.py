"""Pulse rate and RMSSD, or other measures, during the clips against each participant's own rest."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tinglegram.pulse.measures import PULSE_MEASURES, PULSE_RATE, Measure
from tinglegram.report.figures import style

ALL_RESTS = "rest"


@style.styled
def draw_rest_change(
    changes: pd.DataFrame,
    tests: pd.DataFrame,
    conditions: Sequence[str],
    note: str = "",
    measures: Sequence[Measure] = PULSE_MEASURES,
) -> Figure:
    """Draw every participant's change against the mean of their rests, its mean and interval.

    Parameters
    ----------
    changes : windows, measure, condition, against, subject, change.
    tests : the table of `tinglegram.pulse.rest_change.rest_change`.
    conditions : order on the axis.
    note : warning printed in the figure; empty: none.
    measures : a panel each.
    """
    changes, tests = of_all(changes), of_all(tests)
    colours = style.condition_colours(conditions)
    figure, axes = style.condition_panels(len(measures), len(conditions), 85.0, 150.0)
    for axis, measure in zip(axes, measures, strict=True):
        part = changes[changes["measure"] == measure.name]
        wide = part.pivot(index="subject", columns="condition", values="change")
        wide = wide.reindex(columns=list(conditions)).astype(float).sort_index()
        # Points are spread by rank of subject, not by chance: the same participants, the same
        # picture.
        spread = np.linspace(-0.09, 0.09, len(wide)) if len(wide) > 1 else np.zeros(len(wide))
        where = np.arange(len(conditions)) + spread[:, None]
        axis.axhline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        style.join_pairs(axis, where, wide.to_numpy())
        tested = tests[tests["measure"] == measure.name].set_index("condition").to_dict("index")
        ticks = []
        for i, name in enumerate(conditions):
            colour = colours[name]
            axis.scatter(where[:, i], wide[name], s=12, color=colour, lw=0, alpha=0.8, zorder=3)
            row = tested[name]
            axis.errorbar(
                i + 0.22,
                row["mean_change"],
                yerr=_reach(row),
                fmt="D",
                color=colour,
                markersize=4,
                capsize=3,
                zorder=4,
            )
            ticks.append(f"{name}\n(n = {int(row['n_participants'])})\n{_p_text(row['p_holm'])}")
        style.name_conditions(axis, ticks, 7)
        axis.set_ylabel(f"Change of {measure.words} ({_unit(tests, measure)})")
        if wide.isna().all(axis=None):
            # Ticks would be numbers of nothing.
            axis.set_yticks([])
            style.say_inside(axis, "nobody has a value in clips and rest")
    style.add_note(figure, note)
    return figure


def of_all(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all windows against the mean of all rests."""
    return table[(table["windows"] == "all") & (table["against"] == ALL_RESTS)]


def describe_rest_change(
    tests: pd.DataFrame,
    confidence: float,
    resamples: int,
    measures: Sequence[Measure] = (PULSE_RATE,),
) -> str:
    """Return the caption of the figure, with the number of people of each of the measures."""
    shown = of_all(tests)
    told: list[tuple[str, str]] = []
    for measure in measures:
        counts = shown[shown["measure"] == measure.name]
        people = ", ".join(
            f"{int(n)} in {c}"
            for c, n in zip(counts["condition"], counts["n_participants"], strict=True)
        )
        told.append((measure.words, people))
    # Said once where it is the same for all.
    same = len({people for _, people in told}) == 1
    participants = told[0][1] if same else "; ".join(f"{words}: {n}" for words, n in told)
    n = shown["condition"].nunique()
    joined = "" if n == 1 else f"the {'two' if n == 2 else n} of a person joined; "
    drawn = f"{resamples} resamples of participants"
    if "interval" in tests:
        drawn = "t over people: these clips, other people"
    in_percent = any(_unit(shown, measure) == "%" for measure in PULSE_MEASURES)
    by_ratio = " In %: ratio of geometric means of long windows." if in_percent else ""
    return (
        "Mean over the windows of a condition minus the mean of the person's rests (baseline, "
        f"washout, final), one point per person and condition, {joined}"
        f"diamond: mean over people with its {100 * confidence:g}% interval ({drawn}); "
        "dashed: no change; p: one-sample t-test, Holm-corrected over the family "
        f"named in the table.{by_ratio} N = {participants}."
    )


def _unit(tests: pd.DataFrame, measure: Measure) -> str:
    """Return the unit of the changes of a measure: its own, or % of a ratio."""
    if "unit" not in tests:
        return measure.unit
    return next(iter(tests.loc[tests["measure"] == measure.name, "unit"]), measure.unit)


def _reach(row: dict[Hashable, Any]) -> np.ndarray | None:
    """Lengths of the error bar below and above the mean; None where there is no interval."""
    limits = np.array([row[name] for name in ("mean_change", "ci_low", "ci_high")], dtype=float)
    if not np.isfinite(limits).all():
        return None
    # A skewed bootstrap may leave the mean at an edge of its interval.
    return np.maximum([[limits[0] - limits[1]], [limits[2] - limits[0]]], 0)


def _p_text(p_value: float) -> str:
    if not np.isfinite(p_value):
        return "no test"
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"
