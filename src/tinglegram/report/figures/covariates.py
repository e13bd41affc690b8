"""What was measured of each person against covariates: points, by number or by group."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.pulse.measures import PULSE_MEASURES
from tinglegram.report.figures import style
from tinglegram.sensors.measures import SENSOR_MEASURES

# Letters in a line of a label, which stands beside a panel.
_WIDTH = 20
_MEASURES = [*PULSE_MEASURES, *(one for own in SENSOR_MEASURES.values() for one in own)]
OUTCOME_LABELS = {
    **{f"{m.name}_change": fill(f"Change of {m.words} ({m.unit})", _WIDTH) for m in _MEASURES},
    "mean_rating": "Mean rating",
    "agreement": "Agreement (r)",
    **{f"{m.name}_coupling": fill(f"Coupling of {m.words} (r)", _WIDTH) for m in _MEASURES},
}
_ROW_MM, _COLUMNS = 48.0, 3


@style.styled
def draw_covariates(
    values: pd.DataFrame, tests: pd.DataFrame, conditions: Sequence[str], *, note: str = ""
) -> Figure:
    """Draw a panel for each covariate and outcome, one point per person and condition.

    Parameters
    ----------
    values : covariate, kind, outcome, condition, subject, number, group, value, as
        `tinglegram.statistics.covariates.joined_people` gives them.
    tests : covariate, outcome, condition, test, p_holm.
    conditions : in their order; each has a colour.
    note : warning printed in the figure; empty: none.
    """
    measured = set(values.dropna(subset=["value"])["outcome"])
    panels = [
        (covariate, outcome)
        for covariate in dict.fromkeys(values["covariate"])
        for outcome in OUTCOME_LABELS
        if outcome in measured
    ]
    n_rows = -(-len(panels) // _COLUMNS)
    figure = style.page(_ROW_MM * n_rows + 8.0)
    axes = figure.subplots(n_rows, _COLUMNS, squeeze=False).ravel()
    colours = style.condition_colours(conditions)
    for axis, (covariate, outcome) in zip(axes, panels, strict=False):
        of_panel = (values["covariate"] == covariate) & (values["outcome"] == outcome)
        tested = tests[(tests["covariate"] == covariate) & (tests["outcome"] == outcome)]
        _panel(axis, values[of_panel], colours)
        axis.set_xlabel(covariate)
        axis.set_ylabel(OUTCOME_LABELS[outcome])
        axis.set_title(_title(tested, conditions), fontsize=6)
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    if len(conditions) > 1:
        handles = [
            axes[0].scatter([], [], s=12, color=colour, label=name)
            for name, colour in colours.items()
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=len(conditions))
    style.add_note(figure, note)
    return figure


def _panel(axis: Axes, own: pd.DataFrame, colours: dict[str, str]) -> None:
    of_groups = own["kind"].iloc[0] == "groups"
    names = sorted(own["group"].dropna().unique()) if of_groups else []
    width = 0.6 / len(colours)
    for place, (condition, colour) in enumerate(colours.items()):
        part = own[own["condition"] == condition].sort_values("subject").dropna(subset=["value"])
        if not of_groups:
            axis.scatter(part["number"], part["value"], s=9, color=colour, lw=0, alpha=0.8)
            continue
        shift = (place - (len(colours) - 1) / 2) * width
        for at, name in enumerate(names):
            found = part.loc[part["group"] == name, "value"].to_numpy(dtype=float)
            # Spread by rank of the participant, not by chance: the same picture every time.
            spread = np.linspace(-0.3, 0.3, len(found)) * width if len(found) > 1 else 0.0
            where = np.full(len(found), at + shift) + spread
            axis.scatter(where, found, s=9, color=colour, lw=0, alpha=0.8)
            if len(found):
                ends = np.array([-0.4, 0.4]) * width + at + shift
                axis.plot(ends, [found.mean()] * 2, color=colour, linewidth=1.5)
    if of_groups:
        axis.set_xticks(range(len(names)), names)
        axis.set_xlim(-0.5, max(len(names), 1) - 0.5)


def _title(tested: pd.DataFrame, conditions: Sequence[str]) -> str:
    """Return the corrected p of each condition; Pearson's tests stand in the table alone."""
    p = tested[tested["test"] != "pearson"].set_index("condition")["p_holm"]
    parts = []
    for name in conditions:
        value = float(p.get(name, np.nan))
        known = f"p = {value:.3f}" if value >= 0.001 else "p < 0.001"
        said = "no test" if np.isnan(value) else known
        parts.append(f"{name}: {said}" if len(conditions) > 1 else said)
    return "\n".join(parts)


def describe_covariates(values: pd.DataFrame, conditions: Sequence[str]) -> str:
    """Return the caption of the figure."""
    people = values.dropna(subset=["value"])["subject"].nunique()
    covariates = ", ".join(dict.fromkeys(values["covariate"]))
    colours = "; colour: condition" if len(conditions) > 1 else ""
    return (
        f"What was measured of each person against {covariates}: one point per person"
        f"{' and condition' if len(conditions) > 1 else ''}{colours}; bars: means of groups. p of "
        "Spearman's r or Welch's test, Holm-corrected over the family named in the table. "
        f"N = {people}; how many enter each test stands in the table."
    )
