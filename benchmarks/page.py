"""The page of results: one row per stage, and what a reader must know to judge them."""

import platform
import re
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
from simulated import conditions, steps
from stages import Stage

WAYS = ("ours", "reference")
LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "librosa", "av", "torch")

PAGE = """\
# Time and memory beside plain references

`{command}` wrote this page. It simulates the data, runs each stage in our way and in a plain way
on the same data, compares the results, and stops if they differ. The plain ways
([benchmarks/stages](../benchmarks/stages)) are what a careful researcher would write first
and, where the table says so, what the released code does.

{table}

{verdict}

- **s**: processor seconds of one thread, medians over {repeats} runs of each way, alternated, each
  in a process of its own; starting Python, importing libraries and loading inputs are left out.
- **ratio**: plain / ours, of the medians; in brackets the range over the runs.
- **MiB**: peak memory of the whole process, libraries included; in brackets how much of it came on
  top of what the process held when the stage began.
- **equal within**: relative tolerance within which all results of both ways agree in every run.

What the ratios do not say:
- One extraction serves everybody who sees a clip: the ratio of the stimuli grows with the number
  of people, {viewers} here and {people} in the study. The released code keeps extracted clips in
  memory while it runs: the row `stimuli, with a cache` is what it would take, not one extraction
  for each trial.
- In the pulse windows, the filter and the peak search run on each window in both ways and take
  most of our time; masks over the recording and repeated filter design are what is saved.
- Our reading of a recording also checks every row and every time stamp, cuts by sample index
  beside the printed time, and stores the slices; the plain way does none of this.
- In training, both ways do the same arithmetic; the difference is in memory.

Planning: `{dag_command}` plans
{dag_jobs} jobs in {dag_seconds:.1f} s on the clock (median of {dag_repeats}).

Machine: {cores} cores ({processor}), {memory:.0f} GiB of memory, {system}, Python {python};
{libraries}.
The whole run took {minutes:.1f} min on the clock, at an average load of {load:.1f} (this run is 1).

{scale}
"""
# What another command renews on the same page.
SCALE = tuple(f"<!-- scale: {place} -->" for place in ("begin", "end"))


@dataclass(frozen=True)
class Planning:
    """A dry run of the demo study: its command, seconds of each repeat, planned jobs."""

    command: str
    seconds: list[float]
    jobs: int


def facts(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the sizes that the texts of the stages name."""
    width, height = settings["bench"]["frame_size"]
    n_clips = len(conditions(settings))
    timing, rests = settings["timing"], settings["simulation"]["rests"]
    return (
        settings["bench"]
        | settings["statistics"]
        | timing
        | {
            "width": width,
            "height": height,
            "minutes": (n_clips * timing["clip"] + sum(rests)) / 60,
            "sampling_rate": settings["pulse"]["sampling_rate"],
            "window": settings["pulse"]["window"],
            "step": settings["pulse"]["step"],
            "image_size": settings["stimuli"]["image_size"],
            "columns": 512 + settings["stimuli"]["n_mfcc"] + 11 + 1,
            "steps": steps(settings),
            "trials": settings["bench"]["people"] * n_clips // settings["folds"]["number"],
        }
    )


def rows(
    measured: list[tuple[Stage, dict[str, list[dict[str, Any]]]]], settings: dict[str, Any]
) -> pd.DataFrame:
    """Return the table of results.

    Parameters
    ----------
    measured : stages, each with the measurements of either way, one for each repeat.
    """
    sizes = facts(settings)
    return pd.DataFrame([_row(stage, runs, sizes) for stage, runs in measured])


def _row(
    stage: Stage, runs: dict[str, list[dict[str, Any]]], sizes: dict[str, Any]
) -> dict[str, str]:
    seconds = {way: [run["seconds"] for run in runs[way]] for way in WAYS}
    if stage.lap is not None:
        seconds["reference"] = [run["laps"][stage.lap - 1] for run in runs["reference"]]
    middle = {way: statistics.median(seconds[way]) for way in WAYS}
    each = [plain / ours for ours, plain in zip(*(seconds[way] for way in WAYS), strict=True)]
    ratio = middle["reference"] / middle["ours"]
    spread = f" ({_digits(min(each))}-{_digits(max(each))})" if len(each) > 1 else ""
    mark = "" if stage.mark is None else f"≥ {stage.mark:g}: "
    if stage.mark is not None:
        mark += "reached" if ratio >= stage.mark else "**missed**"
    return {
        "stage": stage.title,
        "data": stage.data.format(**sizes),
        "plain way": stage.plain.format(**sizes),
        "ours, s": _digits(middle["ours"]),
        "plain, s": _digits(middle["reference"]),
        "ratio": f"**{_digits(ratio)}**{spread}",
        "mark": mark,
        "ours, MiB": _memory(runs["ours"]),
        "plain, MiB": "" if stage.lap is not None else _memory(runs["reference"]),
        "equal within": f"{stage.rtol:g}",
    }


def _digits(value: float) -> str:
    """Return three significant digits without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:#.3g}"


def _memory(runs: list[dict[str, Any]]) -> str:
    peak, growth = (
        statistics.median(run[name] for run in runs) for name in ("peak_mib", "growth_mib")
    )
    return f"{peak:.0f} (+{growth:.0f})"


def kept_section(page: str) -> str:
    """Return what `make bench-scale` wrote into the page as it was, with its marks.

    A page without the marks gets them empty, for that command to fill.
    """
    begin, end = SCALE
    found = re.search(f"(?s){re.escape(begin)}.*{re.escape(end)}", page)
    return found[0] if found else f"{begin}\n{end}"


def write_page(
    measured: list[tuple[Stage, dict[str, list[dict[str, Any]]]]],
    settings: dict[str, Any],
    planning: Planning,
    command: str,
    minutes: float,
    before: str,
) -> str:
    """Return the page in Markdown; the whole run took `minutes`, `before` is the page it renews."""
    table = rows(measured, settings)
    missed = table.loc[table["mark"].str.contains("missed"), "stage"].tolist()
    repeats = sorted({stage.repeats for stage, _ in measured})
    return PAGE.format(
        command=command,
        table=table.to_markdown(index=False, disable_numparse=True),
        verdict=(f"Marks missed: {', '.join(missed)}." if missed else "Every mark is reached."),
        repeats=f"{repeats[0]} to {repeats[-1]}",
        viewers=settings["bench"]["viewers"],
        people=settings["bench"]["people"],
        minutes=minutes,
        dag_command=planning.command,
        dag_seconds=statistics.median(planning.seconds),
        dag_repeats=len(planning.seconds),
        dag_jobs=planning.jobs,
        cores=psutil.cpu_count(),
        processor=processor(),
        memory=psutil.virtual_memory().total / 2**30,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        libraries=", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        # Over the last 5 minutes, all processes of the machine.
        load=psutil.getloadavg()[1],
        scale=kept_section(before),
    )


def processor() -> str:
    """Return the model of the processor, as the system names it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown model"
