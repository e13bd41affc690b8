"""Reliability curves: how often a tingle was reported where the model gave it this probability."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import special

from tinglegram.inference.populations import THESE_CLIPS
from tinglegram.report.error_rates import measured
from tinglegram.report.figures import style
from tinglegram.report.text import Words
from tinglegram.statistics.calibration import FEWEST_OF_AN_ANSWER, SCOPES
from tinglegram.statistics.fold_means import FEWEST_PEOPLE


def brier_scores(within_target: pd.DataFrame) -> dict[str, float]:
    """Return scope -> Brier score.

    Parameters
    ----------
    within_target : columns metric and value, rows brier and brier_within_target.
    """
    values = within_target.set_index("metric")["value"]
    both, within = (float(values[name]) for name in ("brier", "brier_within_target"))
    return dict(zip(SCOPES, (both, within), strict=True))


@style.styled
def draw_calibration(
    curve: pd.DataFrame, *, words: Words, title: str = "", note: str = ""
) -> Figure:
    """Draw the curve of all valid frames and that of the target condition, with their frames.

    Parameters
    ----------
    curve : the table of `calibration.calibration_table`.
    words : what the study calls its response and its conditions.
    note : warning printed in the figure; empty: none.
    """
    figure = style.page(88.0, 150.0)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    panels = figure.subplots(2, len(SCOPES), sharex=True, sharey="row", height_ratios=[3, 1])
    for column, scope in enumerate(SCOPES):
        own = curve[curve["scope"] == scope]
        what = words.all_trials.capitalize() if scope == SCOPES[0] else f"{words.target} trials"
        _reliability(panels[0, column], own)
        panels[0, column].set_title(f"{what} (n = {int(own['n_frames'].sum()):,} frames)")
        _frames(panels[1, column], own, words)
    panels[0, 0].set_ylabel(f"Frames reported as {words.response}")
    panels[1, 0].set_ylabel("Share of\nframes")
    panels[0, 0].legend(loc="upper left")
    style.add_note(figure, note)
    return figure


def _reliability(axis: Axes, own: pd.DataFrame) -> None:
    known = own[own["n_frames"] > 0]
    axis.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.8, linestyle="--", label="calibrated")
    mean, observed = known["mean_probability"], known["observed_share"]
    axis.vlines(mean, known["ci_low"], known["ci_high"], color=style.BLUE, linewidth=0.8)
    axis.plot(mean, observed, color=style.BLUE, marker="o", markersize=3, label="model")
    if "line_slope" in own and np.isfinite(own["line_slope"].iloc[0]):
        inside = np.linspace(0.001, 0.999, 500)
        line = own["line_intercept"].iloc[0] + own["line_slope"].iloc[0] * special.logit(inside)
        axis.plot(inside, special.expit(line), color=style.ORANGE, linewidth=0.8, label="line")
    axis.set(xlim=(0, 1), ylim=(-0.02, 1.02), aspect="auto")


def _frames(axis: Axes, own: pd.DataFrame, words: Words) -> None:
    total = max(int(own["n_frames"].sum()), 1)
    width = own["bin_high"] - own["bin_low"]
    axis.bar(own["bin_low"], own["n_frames"] / total, width, align="edge", color=style.PALE)
    axis.set_xlabel(f"Probability of {words.a_response}")


def describe_calibration(
    curve: pd.DataFrame, model: str, brier: dict[str, float], words: Words, *, confidence: float
) -> str:
    """Return the caption.

    Parameters
    ----------
    curve : the table of `calibration.calibration_table`.
    model : its name.
    brier : the Brier score of each scope.
    words : what the study calls its response.
    confidence : level of the intervals, a fraction.
    """
    participants = int(curve["n_participants"].max())
    bins = int((curve["scope"] == SCOPES[0]).sum())
    level = f"{100 * confidence:g}% intervals"
    intervals = (
        f"with {level} from {int(curve['n_bootstrap'].iloc[0])} resamples of participants; below, "
        "the share of frames in each bin"
    )
    rate = measured("calibration")
    if "line_slope" in curve:
        intervals = (
            f"with {level} of other people with {THESE_CLIPS} (linearised, on the logit, people "
            f"within folds; none for bins of fewer than {FEWEST_PEOPLE} people, or of fewer than "
            f"{FEWEST_OF_AN_ANSWER} with either answer); below, the share of frames in each bin. "
            "Line of logistic recalibration (Cox, 1958; 1 and 0: calibrated; descriptive): "
            f"{_lines(curve)}"
        )
        rate = ""
    return (
        f"Reliability of model {model} on valid test frames of all folds in {bins} bins of equal "
        f"width: mean probability and share of frames reported as {words.response} (up to "
        f"{participants} participants in a bin), {intervals}. Brier score "
        f"{brier[SCOPES[0]]:.3f} (left), {brier[SCOPES[1]]:.3f} (right).{rate}"
    )


def _lines(curve: pd.DataFrame) -> str:
    """Return slope and intercept of each scope."""
    texts = []
    for scope, side in zip(SCOPES, ("left", "right"), strict=True):
        row = curve[curve["scope"] == scope].iloc[0]
        numbers = [
            f"{name} {row[f'line_{name}']:.2f}"
            if np.isfinite(row[f"line_{name}"])
            else f"no {name}"
            for name in ("slope", "intercept")
        ]
        texts.append(f"{', '.join(numbers)} ({side})")
    return "; ".join(texts)
