"""How a model trained: loss and validation score over epochs, one line per fold."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinglegram.report.figures import style

TRAIN, VALIDATION, SCORE = "train_loss", "validation_loss", "validation_macro_f1"


def _has(histories: Mapping[int, pd.DataFrame], column: str) -> bool:
    return any(column in h and h[column].notna().any() for h in histories.values())


@style.styled
def draw_training(
    histories: Mapping[int, pd.DataFrame], *, unit: str = "Epoch", title: str = "", note: str = ""
) -> Figure:
    """Draw the loss, and the validation macro F1 where there is one.

    Parameters
    ----------
    histories : fold -> columns epoch, train_loss, validation_loss, validation_macro_f1 (fraction),
        selected (true for the epoch whose weights were tested).
    unit : what a row of a history is called (an epoch, a tree).
    note : warning printed in the figure; empty: none.
    """
    scored = _has(histories, SCORE)
    figure = style.page(70.0, style.PAGE_MM if scored else 0.6 * style.PAGE_MM)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    axes = figure.subplots(1, 2 if scored else 1, squeeze=False)[0]
    colours = [style.CYCLE[i % len(style.CYCLE)] for i in range(len(histories))]
    for (fold, history), colour in zip(sorted(histories.items()), colours, strict=True):
        _line(axes[0], history, TRAIN, colour, "-", f"fold {fold}")
        if _has({fold: history}, VALIDATION):
            _line(axes[0], history, VALIDATION, colour, "--", "")
        if scored:
            _line(axes[1], history, SCORE, colour, "-", "")
            _mark(axes[1], history, SCORE, colour)
        _mark(axes[0], history, TRAIN, colour)
    axes[0].set(xlabel=unit, ylabel="Cross-entropy loss")
    axes[0].set_title("Train (solid), validation (dashed)" if scored else "Training loss")
    if scored:
        axes[1].set(xlabel=unit, ylabel="Validation macro F1 (%)")
        axes[1].set_title("Validation score; dot: tested weights")
        axes[1].yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    for axis in axes:
        axis.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside right center")
    style.add_note(figure, note)
    return figure


def _line(
    axis: Axes, history: pd.DataFrame, column: str, colour: str, dash: str, label: str
) -> None:
    axis.plot(
        history["epoch"], history[column], color=colour, linestyle=dash, label=label or "_hidden"
    )


def _mark(axis: Axes, history: pd.DataFrame, column: str, colour: str) -> None:
    chosen = history[history["selected"].astype(bool)]
    axis.plot(
        chosen["epoch"],
        chosen[column],
        "o",
        color=colour,
        markersize=4.5,
        mec="white",
        clip_on=False,
    )


def describe_training(histories: Mapping[int, pd.DataFrame], model: str, unit: str) -> str:
    """Return the caption of the figure."""
    rows = max(len(history) for history in histories.values())
    score = " Right: macro F1 on the validation people." if _has(histories, SCORE) else ""
    return (
        f"Training of model {model}: loss per {unit.lower()}, {len(histories)} folds, {rows} "
        f"{unit.lower()}s each; dots mark the weights that were tested.{score}"
    )
