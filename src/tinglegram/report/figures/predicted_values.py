"""Predicted values: courses of a few trials, and scores of models beside those of baselines."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.report.figures import style
from tinglegram.report.figures.beside import LOOKS, NAMES
from tinglegram.report.tables.predicted_values import VALUE_METRICS

# Which trials are shown: not the best ones, but those at these shares of the way from the lowest to
# the highest concordance of the first model.
SHARES = (0.1, 0.5, 0.9)


class Course(NamedTuple):
    """One trial: its heading, seconds (steps,), the reported value and what each model predicts."""

    title: str
    time_s: np.ndarray
    reported: np.ndarray
    predicted: Mapping[str, np.ndarray]


def trials_to_show(trials: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the trials whose courses are drawn, from low to high concordance; three at most.

    Parameters
    ----------
    trials : table of `tinglegram.statistics.regression.trial_scores`.
    model : whose concordance orders them. Trials with a constant report come last, and are shown
        only where there are no others.
    """
    own = trials[trials["model"] == model]
    changing = own[~own["constant_report"].astype(bool)]
    ranked = (changing if len(changing) else own).sort_values("concordance", kind="stable")
    places = dict.fromkeys(round(share * (len(ranked) - 1)) for share in SHARES)
    return ranked.iloc[list(places)]


def courses_of(chosen: pd.DataFrame, predictions: Mapping[str, pd.DataFrame]) -> list[Course]:
    """Return the courses of trials, without padding.

    Parameters
    ----------
    chosen : rows of `trials_to_show`.
    predictions : model -> its predictions of every fold below each other, with a column fold.
    """
    keys = [name for name in ("fold", "subject", "video", "order") if name in chosen.columns]
    found = []
    for _, trial in chosen.iterrows():
        rows = {}
        for model, table in predictions.items():
            own = table["valid"].astype(bool)
            for key in keys:
                own &= table[key] == trial[key]
            if own.any():
                rows[model] = table[own].sort_values("step")
        first = next(iter(rows.values()))
        found.append(
            Course(
                f"participant {trial['subject']}, {trial['video']}",
                first["time_s"].to_numpy(),
                first["reported"].to_numpy(),
                {model: own["predicted"].to_numpy() for model, own in rows.items()},
            )
        )
    return found


@style.styled
def draw_values(
    courses: Sequence[Course], summary: pd.DataFrame, *, unit: str, note: str = ""
) -> Figure:
    """Draw courses of trials above, and the mean scores with their intervals below.

    Parameters
    ----------
    courses : of `courses_of`.
    summary : table of `tinglegram.statistics.regression.regression_summary`.
    unit : what is reported, in a word: the axis of the courses.
    note : warning printed in the figure; empty: none.
    """
    rows = list(dict.fromkeys(summary["model"]))
    figure = style.page(70.0 + 5.0 * len(rows))
    heights = [45.0, 25.0 + 5.0 * len(rows)]
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    lines: dict[str, Artist] = {}
    above = upper.subplots(1, len(courses), sharey=True, squeeze=False)[0]
    for axis, course in zip(above, courses, strict=True):
        _draw_course(axis, course, lines)
    above[0].set_ylabel(unit)
    upper.legend(
        handles=list(lines.values()), labels=list(lines), loc="outside upper left", ncols=4
    )
    kinds: dict[str, Artist] = {}
    below = lower.subplots(1, len(VALUE_METRICS), sharey=True)
    for axis, metric in zip(below, VALUE_METRICS, strict=True):
        own = summary[summary["metric"] == metric].set_index("model").loc[rows]
        _draw_scores(axis, own, kinds)
        axis.set_xlabel(VALUE_METRICS[metric])
    below[0].set_yticks(range(len(rows)), [name.replace("_", " ") for name in rows])
    below[0].set_ylim(len(rows) - 0.5, -0.5)
    names = [NAMES[kind] for kind in kinds]
    lower.legend(handles=list(kinds.values()), labels=names, loc="outside upper left", ncols=3)
    style.add_note(figure, note)
    return figure


def _draw_course(axis: Axes, course: Course, lines: dict[str, Artist]) -> None:
    """Draw the reported and the predicted values of a trial; keep a line of each name."""
    kept = style.runs(course.reported, *course.predicted.values())
    kept = np.unique(np.concatenate([kept, np.maximum(kept - 1, 0), [len(course.time_s) - 1]]))
    time_s = course.time_s[kept]
    (line,) = axis.plot(time_s, course.reported[kept], color=style.BLACK, lw=1.4)
    lines.setdefault("reported", line)
    for place, (model, values) in enumerate(course.predicted.items()):
        (line,) = axis.plot(time_s, values[kept], color=style.CYCLE[place % 6], lw=1.0)
        lines.setdefault(f"predicted by {model.replace('_', ' ')}", line)
    axis.set_title(course.title)
    axis.set_xlabel("Seconds")


def _draw_scores(axis: Axes, scores: pd.DataFrame, kinds: dict[str, Artist]) -> None:
    """Draw the score of each row and its interval; keep a marker of each kind."""
    for height, row in enumerate(scores.to_dict("records")):
        kind = row["kind"] if row["kind"] in LOOKS else "model"
        colour, marker = LOOKS[kind]
        if not np.isfinite(row["value"]):
            axis.annotate("n/a", (0.02, height), xycoords=("axes fraction", "data"), va="center")
            continue
        ends = np.array([row["value"] - row["ci_low"], row["ci_high"] - row["value"]])
        drawn = axis.errorbar(
            row["value"],
            height,
            xerr=np.maximum(ends, 0)[:, None] if np.isfinite(ends).all() else None,
            fmt=marker,
            color=colour,
            markersize=5,
            markerfacecolor="white" if kind == "noise_ceiling" else colour,
            capsize=2.5,
            zorder=3,
        )
        kinds.setdefault(kind, drawn.lines[0])
    axis.grid(axis="x", color=style.PALE, linewidth=0.5)
    axis.set_axisbelow(True)


def describe_values_figure(n_courses: int, model: str, confidence: float, resamples: int) -> str:
    """Return the caption of the figure; no resamples: people are left out within folds."""
    drawn = f"{resamples} resamples of participants" if resamples else "jackknife within folds"
    shares = ", ".join(f"{100 * share:g}" for share in SHARES)
    return (
        f"Above: reported and predicted course of {n_courses} test trials, those at {shares} % of "
        f"the way from the lowest to the highest concordance of {model} among trials whose report "
        "changes. Below: mean score over trials with its "
        f"{100 * confidence:g}% interval ({drawn}; these clips and "
        "these fitted models, descriptive). Higher is better, for RMSE lower; n/a: not defined in "
        "any trial."
    )
