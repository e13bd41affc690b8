"""The figure of the scaling benchmark: time, memory and planning against people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from scale_fit import fewest_clips, jobs_of, line, per_rule

from tinglegram.files import whole
from tinglegram.report.figures import style

# Rules whose memory is drawn: one per person, one per study, and the two that train.
DRAWN = ("slice_recording", "score_model", "train_network", "train_boosting")


def _axes(axes: Axes, people: Sequence[int], title: str, unit: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="People", ylabel=unit, title=title)
    axes.set_xticks(people, [str(n) for n in people])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def _work(axes: Axes, jobs: pd.DataFrame) -> None:
    by_stage = jobs.groupby(["stage", "people"])["s"].sum().unstack("people")
    largest = by_stage.iloc[:, -1].sort_values(ascending=False)
    for stage, colour in zip(largest.index[: len(style.CYCLE) - 1], style.CYCLE, strict=False):
        found = by_stage.loc[stage].dropna()
        axes.plot(found.index, found, "o-", color=colour, markersize=3, label=stage)
    total = jobs.groupby("people")["s"].sum()
    axes.plot(total.index, total, "s-", color=style.BLACK, markersize=3, label="all stages")
    fitted = line(total.index, total)
    axes.plot(
        total.index,
        [fitted.at(n) for n in total.index],
        "--",
        color=style.GREY,
        label=f"{fitted.base:.0f} s + {fitted.slope:.1f} s a person",
    )


@style.styled
def draw(sizes: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw the cohorts with the fewest clips."""
    chosen = fewest_clips(sizes)
    people = [size["people"] for size in chosen]
    jobs = jobs_of(chosen)
    figure = style.page(95)
    work, peak, planning = figure.subplots(1, 3)
    _work(work, jobs)
    _axes(work, people, "Work", "Job time, s")
    rules = per_rule(jobs)
    for rule, colour in zip(DRAWN, style.CYCLE, strict=False):
        found = rules[rules["rule"] == rule]
        peak.plot(found["people"], found["peak_mib"], "o-", color=colour, markersize=3, label=rule)
    _axes(peak, people, "Memory of the largest job", "Peak, MiB")
    for name, colour, label in (
        ("seconds", style.BLUE, "on the clock"),
        ("cpu_seconds", style.VERMILLION, "of the processor"),
    ):
        values = [size["plan"][name] for size in chosen]
        planning.plot(people, values, "o-", color=colour, markersize=3, label=label)
    _axes(planning, people, "Planning the whole demo", "Time, s")
    with whole(path) as aside:
        aside.write_bytes(style.rendered(figure, "svg"))
