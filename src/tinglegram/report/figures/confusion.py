"""Confusion matrices of a model: every test frame pooled over folds, and whole trials."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.inference.counts import outcome_counts
from tinglegram.report.figures import style
from tinglegram.report.text import NEUTRAL, ONE_CONDITION, Words


def frame_counts(predictions: pd.DataFrame, padding: str) -> np.ndarray:
    """Return counts (2 × 2; rows: reported no/yes, columns: predicted no/yes) of all test frames.

    Parameters
    ----------
    predictions : columns label, predicted (0 or 1) and valid, all folds of one model.
    padding : `counted` (released code: padded frames are class 0) or `masked`.
    """
    if padding not in ("counted", "masked"):
        raise ValueError(f"padding: counted or masked, not {padding!r}")
    valid, label, predicted = (
        predictions[name].to_numpy().astype(bool) for name in ("valid", "label", "predicted")
    )
    return outcome_counts(label, predicted, valid | (padding == "counted")).reshape(2, 2)


def pooled_counts(folds: Iterable[pd.DataFrame], padding: str) -> np.ndarray:
    """Return the `frame_counts` of all folds; one table is held at a time."""
    total = np.zeros((2, 2), dtype=int)
    for predictions in folds:
        total += frame_counts(predictions, padding)
    return total


def trial_counts(video_level: pd.DataFrame) -> np.ndarray:
    """Return counts (2 × 2, as `frame_counts`) of whole trials.

    Parameters
    ----------
    video_level : columns tn, fp, fn, tp; the same in every row.
    """
    return video_level[["tn", "fp", "fn", "tp"]].iloc[0].to_numpy(dtype=int).reshape(2, 2)


@style.styled
def draw_confusion(
    frames: np.ndarray,
    trials: np.ndarray,
    *,
    words: Words = NEUTRAL,
    title: str = "",
    note: str = "",
) -> Figure:
    """Draw both matrices with counts and the share of each row.

    Parameters
    ----------
    frames, trials : counts, 2 × 2, rows the truth (negative first), columns the prediction.
    words : what the study calls its response and conditions; without a control there is no other
        condition, and no matrix of trials.
    note : warning printed in the figure; empty: none.
    """
    figure = style.page(78.0, 150.0)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    left, right = figure.subplots(1, 2)
    _matrix(left, frames, "Frames", "Reported", (f"no {words.response}", words.response))
    if words.control:
        _matrix(right, trials, "Trials", "Clip", (words.control, words.target))
    else:
        right.axis("off")
        right.text(0.5, 0.5, f"Trials by condition:\nnot applicable,\n{ONE_CONDITION}", ha="center")
    style.add_note(figure, note)
    return figure


def _matrix(axis: Axes, counts: np.ndarray, what: str, truth: str, names: tuple[str, str]) -> None:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    axis.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        share = f"{100 * shares[row, column]:.1f} %" if totals[row, 0] else "–"
        axis.text(
            column,
            row,
            f"{int(count):,}\n{share}",
            ha="center",
            va="center",
            color="white" if shares[row, column] > 0.55 else "black",
        )
    axis.set_xticks([0, 1], names)
    axis.set_yticks([0, 1], names, rotation=90, va="center")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set(xlabel="Predicted", ylabel=truth)
    axis.set_title(f"{what} (n = {int(counts.sum()):,})")


def describe_confusion(
    frames: np.ndarray,
    trials: np.ndarray,
    model: str,
    words: Words = NEUTRAL,
    *,
    padding: str,
    video_threshold: float,
) -> str:
    """Return the caption of the figure."""
    if not words.control:
        return (
            f"Confusion matrix of model {model}, test data of all folds pooled: {frames.sum():,} "
            f"frames (padding {padding}). Percentages are of each row. Whole trials against the "
            f"condition of their clip: not applicable, {ONE_CONDITION}."
        )
    return (
        f"Confusion matrices of model {model}, test data of all folds pooled: {frames.sum():,} "
        f"frames (left; padding {padding}) and {trials.sum():,} trials (right; a trial is called "
        f"{words.a_response} trial when at least {100 * video_threshold:g} % of its frames are). "
        "Percentages are of each row."
    )
