"""Figure 3: mean rating of everyone who felt something, over the course of each clip."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tinglegram.behaviour.showings import mean_of_showings
from tinglegram.behaviour.wording import Scale
from tinglegram.report.figures import style


@dataclass(frozen=True)
class MeanTrace:
    """Mean rating of one clip: times (s), mean and SEM (shape steps); n averaged, n who saw it."""

    condition: str
    time_s: np.ndarray
    mean: np.ndarray
    sem: np.ndarray
    n: int
    n_viewers: int


# Panels in a line where there are many conditions.
_IN_LINE = 3


class _Sums:
    """Sums over participants of one clip's ratings, as long as the shortest series among them."""

    def __init__(self, condition: str, above: float) -> None:
        self.condition, self.above = condition, above
        self.time_s, self.sums = np.empty(0), np.empty((2, 0))
        self.n = self.n_viewers = 0

    def add(self, own: pd.DataFrame) -> None:
        self.n_viewers += 1
        if not (own["rating"] > self.above).any():
            return
        series = mean_of_showings(own)
        time_s, ratings = series["time_s"].to_numpy(), series["rating"].to_numpy(dtype=float)
        # Sums of whole numbers and of their squares are exact.
        both = np.stack([ratings, np.square(ratings)])
        if self.n:
            steps = min(len(time_s), len(self.time_s))
            time_s, both = time_s[:steps], self.sums[:, :steps] + both[:, :steps]
        self.time_s, self.sums = time_s, both
        self.n += 1

    def trace(self) -> MeanTrace:
        n = max(self.n, 1)
        mean, mean_square = self.sums / n
        sem = np.sqrt(np.maximum(mean_square - mean**2, 0.0) / n)
        return MeanTrace(self.condition, self.time_s, mean, sem, self.n, self.n_viewers)


def mean_traces(
    tables: Iterable[pd.DataFrame], clips: Sequence[str], above: float = 0
) -> tuple[dict[str, MeanTrace], int]:
    """Average the ratings of each clip over the participants with any rating of it above `above`.

    Who saw a clip more than once enters once, with the mean of the showings. Series are cut to the
    shortest among them; SEM is the population SD / √n (released code). One
    table is held at a time.

    Parameters
    ----------
    tables : ratings of one or more whole participants each; columns subject, video, condition,
        step, time_s (s from the valid start), rating.
    clips : order of the result; one that nobody has rated is left out.
    above : level above which a rating is a response.

    Returns
    -------
    dict, int : mean trace of each clip; number of participants.
    """
    sums: dict[str, _Sums] = {}
    subjects: set[int] = set()
    for ratings in tables:
        subjects.update(ratings["subject"].unique())
        for (_, video), own in ratings.sort_values("step").groupby(["subject", "video"]):
            clip = sums.setdefault(str(video), _Sums(str(own["condition"].iloc[0]), above))
            clip.add(own)
    return {clip: sums[clip].trace() for clip in clips if clip in sums}, len(subjects)


@style.styled
def draw_ratings(
    traces: Mapping[str, MeanTrace], *, scale: Scale, above: float = 0, note: str = ""
) -> Figure:
    """Draw mean ± SEM of the raw ratings per clip: one row per condition, one panel per clip.

    Many conditions do not fit on a page so; then panels follow each other, in lines of three.

    Parameters
    ----------
    traces : of each clip, in the order of the panels.
    scale : of the ratings, for the axis.
    above : level above which a rating is a response.
    note : warning printed in the figure; empty: none.
    """
    rows: dict[str, list[str]] = {}
    for clip, trace in traces.items():
        rows.setdefault(trace.condition, []).append(clip)
    colours = style.condition_colours(list(rows))
    lines, height, end = list(rows.values()), 48.0, " "
    if len(rows) >= style.MANY:
        every = [clip for clips_of in lines for clip in clips_of]
        lines = [every[i : i + _IN_LINE] for i in range(0, len(every), _IN_LINE)]
        height, end = 36.0, "\n"
    columns = max(map(len, lines))
    figure = style.page(height * len(lines) + 8.0)
    axes = figure.subplots(len(lines), columns, sharex=True, sharey=True, squeeze=False)
    for line, clips_of in zip(axes, lines, strict=True):
        for axis in line[len(clips_of) :]:
            axis.set_visible(False)
        for axis, clip in zip(line, clips_of, strict=False):
            trace = traces[clip]
            name = trace.condition
            axis.set_title(f"{clip} · {name}{end}(n = {trace.n} of {trace.n_viewers})")
            if trace.n == 0:
                axis.text(
                    0.5, 0.5, f"nobody rated above {above:g}", ha="center", transform=axis.transAxes
                )
                continue
            at = style.runs(trace.mean, trace.sem)
            edges = np.append(trace.time_s[at], 2 * trace.time_s[-1] - trace.time_s[-2])
            mean, sem = trace.mean[at], trace.sem[at]
            band = {"color": colours[name], "alpha": 0.25, "lw": 0}
            axis.stairs(mean + sem, edges, baseline=mean - sem, fill=True, **band)
            axis.stairs(mean, edges, baseline=None, color=colours[name], lw=1.2)
        line[0].set_ylabel(f"Mean rating{scale.label}")
    if scale.low is not None:
        axes[0, 0].set_ylim(bottom=scale.low)
    axes[0, 0].set_xlim(left=0)
    for column in axes.T:
        # Below some columns a panel is lacking.
        lowest = [axis for axis in column if axis.get_visible()][-1]
        lowest.set_xlabel("Time since warm-up (s)")
        if lowest is not column[-1]:
            lowest.tick_params(labelbottom=True)
    style.add_note(figure, note)
    return figure


def describe_ratings(n_clips: int, n_participants: int, above: float = 0) -> str:
    """Return the caption of the figure."""
    return (
        f"Mean rating (line) and standard error of the mean (band, population SD / √n) over the "
        f"course of each of {n_clips} clips, for the people who rated it above {above:g} at least "
        f"once (n in each title), cut to the shortest of their series. "
        f"N = {n_participants} participants."
    )
