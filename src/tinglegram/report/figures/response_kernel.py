"""Kernel of the temporal response function: over frequency and lag, and of light and motion."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tinglegram.report.figures import style
from tinglegram.statistics.response_tables import (
    CLAIMED,
    ENVELOPE,
    EVERY_CLIP,
    LUMINANCE,
    MOTION,
    PICTURE,
    SOUND,
)

_UNIT = "Weight (SD of rating per SD of feature)"
_LINES = {LUMINANCE: (style.BLUE, "-"), MOTION: (style.VERMILLION, "--")}
# Band centres that are written at the axis, Hz.
_TICKS = (100, 250, 500, 1000, 2000, 5000, 10000)


@style.styled
def draw_response_kernel(kernel: pd.DataFrame, *, note: str = "") -> Figure:
    """Draw the weights of the band envelopes as a map, and those of the picture as lines.

    Parameters
    ----------
    kernel : response_kernel.tsv: features, feature, centre_hz, lag_s, weight, se.
    note : warning printed in the figure; empty: none.
    """
    sound = kernel[(kernel["features"] == SOUND) & (kernel["feature"] == ENVELOPE)]
    picture = kernel[kernel["features"] == PICTURE]
    shown = [(draw, table) for draw, table in ((_map, sound), (_lines, picture)) if len(table)]
    figure = style.page(70.0)
    panels = figure.subplots(1, max(len(shown), 1), squeeze=False).ravel()
    for axis, (draw, table) in zip(panels, shown, strict=False):
        draw(axis, table)
        axis.set_xlabel("Lag: seconds from the feature to the rating")
    if not shown:
        panels[0].set_axis_off()
        panels[0].text(0, 0.5, "Too few clips for a kernel.")
    style.add_note(figure, note)
    return figure


def _map(axis: Axes, sound: pd.DataFrame) -> None:
    table = sound.pivot(index="centre_hz", columns="lag_s", values="weight")
    centres, lags = table.index.to_numpy(float), table.columns.to_numpy(float)
    rows = np.arange(len(centres))
    reach = float(np.abs(table.to_numpy()).max()) or 1.0
    # Orange, white and purple in equal steps of light: told apart by all readers.
    drawn = axis.pcolormesh(
        lags, rows, table.to_numpy(), cmap="PuOr_r", vmin=-reach, vmax=reach, rasterized=True
    )
    bar = axis.figure.colorbar(drawn, ax=axis)
    bar.set_label(_UNIT)
    bar.outline.set_visible(False)
    ticks = [hz for hz in _TICKS if centres[0] <= hz <= centres[-1]]
    axis.set_yticks(np.interp(np.log(ticks), np.log(centres), rows), [f"{hz:g}" for hz in ticks])
    axis.set_ylabel("Centre of the band (Hz)")
    axis.set_title("Sound: band envelopes")
    axis.axvline(0, color=style.GREY, linewidth=0.6)
    for claim in CLAIMED:
        near = np.abs(np.log2(centres / claim.near_hz)) <= claim.octaves
        if near.any():
            low, high = rows[near][0] - 0.5, rows[near][-1] + 0.5
            first, last = claim.lags_s
            axis.add_patch(
                Rectangle((first, low), last - first, high - low, fill=False, linewidth=1.2)
            )


def _lines(axis: Axes, picture: pd.DataFrame) -> None:
    for kind, (colour, line) in _LINES.items():
        own = picture[picture["feature"] == kind].sort_values("lag_s")
        lags, weights = own["lag_s"].to_numpy(float), own["weight"].to_numpy(float)
        errors = own["se"].to_numpy(float)
        axis.fill_between(lags, weights - errors, weights + errors, color=colour, alpha=0.2, lw=0)
        axis.plot(lags, weights, line, color=colour, label=kind)
    axis.axhline(0, color=style.GREY, linewidth=0.6)
    axis.axvline(0, color=style.GREY, linewidth=0.6)
    axis.set_ylabel(_UNIT)
    axis.set_title("Picture")
    axis.legend()


def describe_response_kernel(
    kernel: pd.DataFrame, function: pd.DataFrame, claims: pd.DataFrame
) -> str:
    """Return the caption: what is shown, of how many clips, and how well they are predicted.

    Parameters
    ----------
    kernel, function, claims : the tables of the temporal response function.
    """
    said = [
        "Kernel of the temporal response function: change of the mean rating, in its SDs, per SD "
        "of a feature at each lag (ridge regression; mean and slow trend of each clip taken out)."
    ]
    for features, words in ((SOUND, "sound"), (PICTURE, "picture")):
        own = function[
            (function["features"] == features)
            & (function["video"] == EVERY_CLIP)
            & (function["target"] == "group")
        ]
        said += [f"Left-out clips from {words}: {_prediction(r)}" for r in own.to_dict("records")]
    if kernel["features"].eq(PICTURE).any():
        said.append("Bands of the lines: standard error, jackknife over clips.")
    said += [f"Frame: {_tested(row)}" for row in claims.to_dict("records")]
    said.append("A kernel describes what goes with ratings; it does not say what causes them.")
    return " ".join(said)


def _prediction(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["r"]):
        return f"not computable ({row['n_clips']} clips)."
    return (
        f"r = {row['r']:.2f}, {row['n_clips']} clips, p = {row['p_value']:.3f} (ratings moved in "
        "time, fitted anew)."
    )


def _tested(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["value"]):
        return f"{row['statistic']} ({row['source']}): {row['verdict']} ({row['reason']})."
    return (
        f"{row['statistic']} ({row['source']}): {row['value']:.3f}, one-sided p = "
        f"{row['p_value']:.3f}, {row['verdict']}."
    )
