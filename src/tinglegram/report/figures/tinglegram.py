"""Figure 6, the Tinglegram: what was reported beside what a model predicted, over time."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter1d

from tinglegram.behaviour.showings import showing_keys
from tinglegram.behaviour.wording import Scale
from tinglegram.errors import TinglegramError
from tinglegram.report.figures import style
from tinglegram.report.text import NEUTRAL, Words


def require_tested(subject: int, tested: pd.Series) -> None:
    """Make sure that `subject` is among the participants of the predictions.

    Raises
    ------
    TinglegramError : the subject has no test trial; the message lists those that have.
    """
    if subject not in set(tested.unique()):
        others = ", ".join(str(s) for s in sorted(tested.unique()))
        raise TinglegramError(
            f"Participant {subject} has no test trial in the predictions. Those who have: {others}."
            " Change report: tinglegram_subjects in the configuration."
        )


def test_trials(predictions: pd.DataFrame, subject: int, target: str) -> list[pd.DataFrame]:
    """Return the trials of `subject`, target condition first, then by clip; each sorted by step.

    Raises
    ------
    TinglegramError : the subject has no test trial; the message lists those that have.
    """
    require_tested(subject, predictions["subject"])
    own = predictions[predictions["subject"] == subject]
    # A clip seen again is a trial of its own.
    trials = own.groupby(showing_keys(own), sort=True)
    clips = [trial.sort_values("step") for _, trial in trials]
    return sorted(clips, key=lambda trial: trial["condition"].iloc[0] != target)


def smoothed(probability: np.ndarray, steps: float) -> np.ndarray:
    """Return probabilities (shape steps) under a Gaussian of SD `steps`, for drawing only."""
    values = np.asarray(probability, dtype=float)
    return gaussian_filter1d(values, steps) if steps > 0 else values


@style.styled
def draw_tinglegram(
    predictions: pd.DataFrame,
    subject: int,
    *,
    smoothing_steps: float,
    scale: Scale,
    words: Words = NEUTRAL,
    title: str = "",
    note: str = "",
) -> Figure:
    """Draw every test trial of a participant: report, probability, threshold, padding.

    Parameters
    ----------
    predictions : columns subject, video, condition, step, time_s, valid, label, rating, probability
        of one model, all folds.
    smoothing_steps : SD of the Gaussian, in grid steps.
    scale : of the ratings; those of control clips are drawn as shares of it.
    words : what the study calls its response and its target condition, whose label is the report;
        in other conditions the rating is drawn.
    note : warning printed in the figure; empty: none.
    """
    trials = test_trials(predictions, subject, words.target)
    figure = style.page(46.0 * len(trials) + 10.0)
    figure.suptitle(title or f"Participant {subject}", x=0.01, ha="left", fontsize=9)
    axes = figure.subplots(len(trials), 1, sharex=True, squeeze=False)[:, 0]
    for axis, trial in zip(axes, trials, strict=True):
        _draw_trial(axis, trial, words, smoothing_steps, scale)
    axes[-1].set_xlabel("Time since warm-up (s)")
    style.add_note(figure, note)
    return figure


@style.styled
def draw_untested(title: str, sentence: str) -> Figure:
    """Draw the place of a participant whom a model did not test: a title and the reason."""
    figure = style.page(20.0)
    figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    figure.text(0.01, 0.4, sentence)
    return figure


def describe_untested(subject: int, model: str) -> str:
    """Return the caption of a figure of nothing, which is also drawn."""
    return f"Participant {subject} was not tested by {model}: no trial has all of its signals."


def _draw_trial(
    axis: Axes, trial: pd.DataFrame, words: Words, smoothing_steps: float, scale: Scale
) -> None:
    condition, clip = str(trial["condition"].iloc[0]), str(trial["video"].iloc[0])
    # Without a target condition, reports of all conditions are.
    is_target = condition == words.target or not words.target
    time_s = trial["time_s"].to_numpy(dtype=float)
    valid = trial["valid"].to_numpy(dtype=bool)
    step_s = float(np.diff(time_s).mean()) if len(time_s) > 1 else 0.0
    edges = np.append(time_s, time_s[-1] + step_s)
    rating = trial["rating"].to_numpy(dtype=float)
    report = trial["label"].to_numpy(dtype=float) if is_target else scale.share(rating)
    known = np.where(valid, report, 0.0)
    changes = style.runs(known)
    axis.stairs(
        known[changes],
        np.append(edges[changes], edges[-1]),
        fill=True,
        color=style.PALE,
        lw=0,
        label=f"reported {words.response}" if is_target else scale.share_label,
    )
    axis.plot(
        time_s,
        smoothed(trial["probability"].to_numpy(), smoothing_steps),
        color=style.BLUE if is_target else style.VERMILLION,
        label="predicted probability",
    )
    axis.axhline(0.5, color=style.BLACK, lw=0.8, linestyle=(0, (4, 3)), label="threshold 0.5")
    if not valid.all():
        # ASSUMPTION: padding stands at the end of a trial, where the clip was cut off (paper,
        # "Baseline ML": shorter sequences are padded to the full length).
        start = edges[int(np.flatnonzero(~valid)[0])]
        axis.axvspan(
            start,
            edges[-1],
            facecolor="none",
            edgecolor=style.GREY,
            hatch="////",
            lw=0,
            label="padding (clip cut off, no report)",
        )
    axis.set(ylim=(0, 1.03), xlim=(edges[0], edges[-1]), yticks=[0, 0.5, 1])
    axis.set_ylabel("Probability" if is_target else "Probability, rating")
    axis.set_title(f"{clip} · {condition}")
    axis.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, borderaxespad=0.2, handlelength=1.6
    )


def describe_tinglegram(
    predictions: pd.DataFrame,
    subject: int,
    model: str,
    words: Words = NEUTRAL,
    *,
    smoothing_steps: float,
) -> str:
    """Return the caption of the figure."""
    trials = test_trials(predictions, subject, words.target)
    steps = sum(len(t) for t in trials)
    padded = sum(int((~t["valid"].astype(bool)).sum()) for t in trials)
    hatched = f" Hatched: {padded} steps of padding." if padded else ""
    filled = f"{words.response} in {words.target}, rating elsewhere"
    return (
        f"Model {model}, participant {subject}, {len(trials)} test trials ({steps} steps): "
        f"probability of {words.a_response} (line, smoothed for drawing only with a Gaussian of "
        f"{smoothing_steps:g} steps), the participant's own report (filled: "
        f"{filled if words.target else words.response}) and the threshold (dashed).{hatched}"
    )
