"""What stands in docs/performance.md about growing cohorts."""

import platform
from collections.abc import Sequence
from typing import Any

import pandas as pd
import psutil
from scale_fit import (
    STATISTICS,
    TRAINING,
    Mark,
    fewest_clips,
    growth,
    jobs_of,
    line,
    marks,
    memory,
    per_rule,
    totals,
)
from scale_run import PACE_EVERY

SECTION = """\
## Growing cohorts

`make bench-scale` wrote this section: simulated cohorts, planned, run and removed one after the
other. Every session lasts {session} s with {fewest} clips; recordings are text at 2000 Hz. What ran
is protocol `corrected` with one small network, XGBoost and the controls
([overlay](../benchmarks/scale_run.py)); what was planned is the whole demo with its three
protocols and four models. {not_run}

![Job time by stage, peak memory and planning time against the number of people](images/scale.svg)

{marks}

{sizes}

- **plan, s**: `snakemake -n` before any file exists, on the clock and (in brackets) of the
  processor; **MiB**: its peak memory.
- **job time**: sum of what Snakemake measured for every job, on the clock; beside it the processor
  time of the whole run.
- **pace**: how much longer a small fixed computation, repeated every {every:g} s, took during the
  run than during the fastest run (1.00): other work on the same hardware slows all of a run. **At
  one pace** is job time divided by it; so are the seconds by stage and rule below, the growth and
  the figure. Marks in seconds are held against what the clock said.
- **overhead**: (time of the run x cores - job time) / jobs.
- `draw_rule_graph` has Snakemake plan once more, one person's jobs only: all have the same rules.
- Recordings are removed with the rest of a size once it is measured. They are not `temp`: the
  inventory and the provenance read them too, and a rerun would have to simulate them again.

Seconds of jobs by stage, {fewest} clips:

{stages}

Rules, {fewest} clips. Peak memory is what the process itself says at its end in its log (that of
the largest process it started, where that is more).

{rules}

{training}

Machine: {cores} cores, {ram:.0f} GiB of memory, {system}, Python {python}; runs used {used} cores,
at an average load of {load:.1f} over their last 15 minutes.
"""


def _number(value: float, digits: int = 1) -> str:
    return "n/a" if pd.isna(value) else f"{value:,.{digits}f}"


def _markdown(rows: list[dict[str, Any]]) -> str:
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def mark_rows(found: Sequence[Mark]) -> str:
    """Return the table of marks."""
    verdicts = {True: "reached", False: "**missed**", None: "not measured"}
    return _markdown(
        [{"mark": m.wanted, "found": m.found, "verdict": verdicts[m.reached]} for m in found]
    )


def size_rows(sizes: Sequence[dict[str, Any]]) -> str:
    """Return the table of sizes: those that ran, and those that were planned only."""
    ran = totals(sizes).set_index(["clips", "people"])
    rows = []
    for size in sizes:
        plan, key = size["plan"], (size["clips"], size["people"])
        row = {
            "people": size["people"],
            "clips": size["clips"],
            "folds": size["scheme"].replace("_", " "),
            "planned jobs": f"{plan['jobs']:,}",
            "plan, s": f"{plan['seconds']:.1f} ({plan['cpu_seconds']:.1f})",
            "plan, MiB": f"{plan['peak_mib']:.0f}",
        }
        names = (
            "jobs",
            "wall_s",
            "seconds",
            "cpu_s",
            "pace",
            "steady_s",
            "overhead_s",
            "raw_mb",
            "results_mb",
        )
        heads = (
            "jobs run",
            "run, s",
            "job time, s",
            "processor, s",
            "pace",
            "at one pace, s",
            "overhead, s a job",
        )
        heads += ("raw, MB", "results, MB")
        for name, head in zip(names, heads, strict=True):
            digits = {"jobs": 0, "overhead_s": 2, "pace": 2}.get(name, 1)
            row[head] = _number(ran.at[key, name], digits) if key in ran.index else "planned only"
        rows.append(row)
    return _markdown(rows)


def stage_rows(jobs: pd.DataFrame) -> str:
    """Return seconds by stage and people, and the exponent of their growth."""
    rows = []
    for stage, found in jobs.groupby("stage"):
        seconds = found.groupby("people")["s"].sum()
        row = {"stage": str(stage)} | {f"{n} people": _number(s) for n, s in seconds.items()}
        if len(seconds) > 1:
            row["exponent"] = f"{growth(seconds.index, seconds).exponent:.2f}"
        rows.append(row)
    return _markdown(rows)


def rule_rows(rules: pd.DataFrame) -> str:
    """Return jobs, seconds and peak memory of every rule in the smallest and largest cohort."""
    people = sorted(rules["people"].unique())
    grown = memory(rules).set_index("rule")
    rows = []
    for rule, found in rules.groupby("rule"):
        row = {"rule": str(rule)}
        for n in (people[0], people[-1]):
            at = found[found["people"] == n]
            row |= {
                f"jobs, {n}": str(at["jobs"].sum()),
                f"sum, s, {n}": _number(at["seconds"].sum()),
                f"median, s, {n}": _number(at["median_s"].max(), 2),
                f"peak, MiB, {n}": _number(at["peak_mib"].max(), 0),
            }
        known = rule in grown.index
        row["MiB a person"] = f"{grown.at[rule, 'mib_per_person']:.3f}" if known else "n/a"
        row["may grow"] = "yes" if rule in TRAINING | STATISTICS else "no"
        rows.append(row)
    return _markdown(rows)


def training_text(sizes: Sequence[dict[str, Any]], rules: pd.DataFrame, steps: int) -> str:
    """Say how the memory of training grows beside a dense copy of every trial."""
    clips = sizes[0]["clips"]
    # 512 visual, 31 acoustic and 1 pulse column of 4 bytes.
    dense = clips * steps * 544 * 4 / 2**20
    said = []
    for rule in sorted(TRAINING & set(rules["rule"])):
        found = rules[rules["rule"] == rule]
        slope = line(found["people"], found["peak_mib"]).slope
        said.append(f"`{rule}` {slope:.2f} MiB")
    return (
        f"A dense copy of every trial would be {dense:.2f} MiB for each person here. Each person "
        f"adds: {', '.join(said)}. The network gathers its batches from the matrices of the clips; "
        "XGBoost is fed in parts and keeps its own binned copies of the training frames, one byte "
        "for each value instead of four, so that its memory does grow with the trials."
    )


def scale_page(sizes: Sequence[dict[str, Any]], steps: int) -> str:
    """Return the section in Markdown; a trial has `steps` grid steps."""
    chosen = fewest_clips(sizes)
    jobs = jobs_of(chosen)
    rules = per_rule(jobs)
    left = [f"{s['people']} people with {s['clips']} clips" for s in sizes if not s["run"]]
    return SECTION.format(
        session=f"{chosen[0]['session_s']:g}",
        every=PACE_EVERY,
        fewest=chosen[0]["clips"],
        not_run=f"Planned only, for time: {', '.join(left)}." if left else "",
        marks=mark_rows(marks(sizes)),
        sizes=size_rows(sizes),
        stages=stage_rows(jobs),
        rules=rule_rows(rules),
        training=training_text(chosen, rules, steps),
        cores=psutil.cpu_count(),
        ram=psutil.virtual_memory().total / 2**30,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        used=", ".join(sorted({str(s["run"]["cores"]) for s in sizes if s["run"]})),
        load=max(s["run"]["load"] for s in sizes if s["run"]),
    )
