"""Figure 3: mean rating of everyone who felt something, over the course of each clip."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tinglegram.figures import style


@dataclass(frozen=True)
class MeanTrace:
    """Mean rating of one clip: times (s), mean and SEM (shape steps); n averaged, n who saw it."""

    time_s: np.ndarray
    mean: np.ndarray
    sem: np.ndarray
    n: int
    n_viewers: int


def mean_trace(labels: pd.DataFrame) -> MeanTrace:
    """Average the ratings of one clip over the people with any rating above zero.

    Series are cut to the shortest among them; SEM is the population SD / √n (released code).

    Parameters
    ----------
    labels : rows of one clip with columns subject, step, time_s (s), rating (0–3).
    """
    ratings = labels.pivot(index="subject", columns="step", values="rating").sort_index()
    responders = ratings[(ratings > 0).any(axis=1)]
    time_s = labels.groupby("step")["time_s"].first().to_numpy()
    if responders.empty:
        empty = np.full(len(time_s), np.nan)
        return MeanTrace(time_s, empty, empty, 0, len(ratings))
    shortest = int(responders.notna().sum(axis=1).min())
    values = responders.iloc[:, :shortest].to_numpy(dtype=float)
    sem = values.std(axis=0) / np.sqrt(len(values))
    return MeanTrace(time_s[:shortest], values.mean(axis=0), sem, len(values), len(ratings))


def traces(labels: pd.DataFrame, clips: Sequence[str]) -> dict[str, MeanTrace]:
    """Return the mean trace of every clip of `clips` that anyone has labels for, in that order."""
    seen = set(labels["video"])
    return {c: mean_trace(labels[labels["video"] == c]) for c in clips if c in seen}


@style.styled
def draw(
    labels: pd.DataFrame, clips: Sequence[str], *, highest_rating: float, note: str = ""
) -> Figure:
    """Draw mean ± SEM of the raw ratings per clip: one row per condition, one panel per clip.

    Parameters
    ----------
    labels : columns subject, video, condition, step, time_s (s from the valid start), rating.
    clips : order of the panels.
    highest_rating : top of the rating scale, for the label of the axis.
    note : warning printed in the figure; empty: none.
    """
    found = traces(labels, clips)
    condition = labels.groupby("video")["condition"].first()
    rows: dict[str, list[str]] = {}
    for clip in found:
        rows.setdefault(str(condition[clip]), []).append(clip)
    columns = max(len(clips_of) for clips_of in rows.values())
    colours = style.condition_colours(list(rows))
    figure = style.page(48.0 * len(rows) + 8.0)
    axes = figure.subplots(len(rows), columns, sharex=True, sharey=True, squeeze=False)
    for line, (name, clips_of) in zip(axes, rows.items(), strict=True):
        for axis in line[len(clips_of) :]:
            axis.set_visible(False)
        for axis, clip in zip(line, clips_of, strict=False):
            trace = found[clip]
            axis.set_title(f"{clip} · {name} (n = {trace.n} of {trace.n_viewers})")
            if trace.n == 0:
                axis.text(0.5, 0.5, "nobody rated above 0", ha="center", transform=axis.transAxes)
                continue
            at = style.runs(trace.mean, trace.sem)
            edges = np.append(trace.time_s[at], 2 * trace.time_s[-1] - trace.time_s[-2])
            mean, sem = trace.mean[at], trace.sem[at]
            band = {"color": colours[name], "alpha": 0.25, "lw": 0}
            axis.stairs(mean + sem, edges, baseline=mean - sem, fill=True, **band)
            axis.stairs(mean, edges, baseline=None, color=colours[name], lw=1.2)
        line[0].set_ylabel(f"Mean rating (0–{highest_rating:g})")
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 0].set_xlim(left=0)
    for axis in axes[-1]:
        axis.set_xlabel("Time since warm-up (s)")
    style.add_note(figure, note)
    return figure


def describe(labels: pd.DataFrame, clips: Sequence[str]) -> str:
    """Return the caption of the figure."""
    found = traces(labels, clips)
    return (
        f"Mean rating (line) and standard error of the mean (band, population SD / √n) over the "
        f"course of each of {len(found)} clips, for the people who rated it above 0 at least once "
        f"(n in each title), cut to the shortest of their series. "
        f"N = {labels['subject'].nunique()} participants."
    )
