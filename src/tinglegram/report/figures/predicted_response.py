"""Predicted response to a file over time, how sure it is, and where the file is unlike training."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.report.figures import style

# Distances that are drawn at most, in thresholds: beyond, their size tells nothing more.
_FARTHEST = 5.0


@style.styled
def draw_predicted_response(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    title: str,
    notes: Mapping[str, str] | None = None,
) -> Figure:
    """Draw for each model the predicted response, and below it the distance from training clips.

    Parameters
    ----------
    table : of `tinglegram predict`: model, time_s, mean, sd_folds, low, high, distance, outside.
    labels : model -> what it predicts.
    title : name of the file.
    notes : model -> warning printed over its panel.
    """
    models = list(labels)
    figure = style.page(60.0 * len(models) + 5.0)
    rows = figure.subplots(
        *(2 * len(models), 1), sharex=True, squeeze=False, height_ratios=[3, 1] * len(models)
    )[:, 0]
    for model, above, below in zip(models, rows[::2], rows[1::2], strict=True):
        own = table[table["model"] == model]
        _response(above, own, labels[model])
        above.set_title(f"{title}: {model}")
        _distance(below, own)
    rows[-1].set_xlabel("Time in the file (s)")
    said = dict.fromkeys((notes or {}).get(model, "") for model in models)
    style.add_note(figure, " ".join(note for note in said if note))
    return figure


def _response(axis: Axes, own: pd.DataFrame, label: str) -> None:
    seconds, mean = own["time_s"].to_numpy(), own["mean"].to_numpy()
    for place, (begin, end) in enumerate(outside_stretches(own)):
        label_once = "" if place else "unlike the training clips"
        axis.axvspan(begin, end, color=style.PALE, linewidth=0, zorder=0, label=label_once)
    if own["low"].notna().any():
        low, high = own["low"].to_numpy(), own["high"].to_numpy()
        axis.fill_between(
            seconds, low, high, color=style.SKY, alpha=0.3, linewidth=0, label="calibrated interval"
        )
    if own["sd_folds"].notna().any():
        spread = own["sd_folds"].to_numpy()
        low, high = mean - spread, mean + spread
        label_of_spread = "± SD over folds"
        axis.fill_between(
            seconds, low, high, color=style.BLUE, alpha=0.35, linewidth=0, label=label_of_spread
        )
    axis.plot(seconds, mean, color=style.BLUE, label="predicted")
    axis.set_ylabel(label)
    axis.legend(loc="upper right", ncols=4)
    axis.margins(x=0)


def _distance(axis: Axes, own: pd.DataFrame) -> None:
    distance = own["distance"].to_numpy()
    if np.isnan(distance).all():
        style.say_inside(axis, "Distance not known")
        return
    axis.plot(own["time_s"], np.minimum(distance, _FARTHEST), color=style.VERMILLION)
    axis.axhline(1.0, color=style.GREY, linewidth=0.6, linestyle="--")
    axis.set_ylim(0, None)
    axis.set_ylabel("Distance")


def outside_stretches(own: pd.DataFrame) -> list[tuple[float, float]]:
    """Return begin and end, in seconds, of each stretch that is unlike the training clips.

    Parameters
    ----------
    own : rows of one model, step by step: time_s, outside.
    """
    seconds, outside = own["time_s"].to_numpy(float), own["outside"].to_numpy(bool)
    step = seconds[1] - seconds[0] if len(seconds) > 1 else 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], outside, [False]]).astype(int)))
    return [
        (float(seconds[begin]), float(seconds[end - 1] + step))
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]
