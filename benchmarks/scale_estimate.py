"""A back-of-the-envelope page for a cohort far larger than any that was run."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from scale_fit import (
    fewest_clips,
    growing,
    jobs_of,
    last_exponent,
    line,
    longest_line,
    peak_line,
    per_rule,
    totals,
)

# Bytes of one argument of a command on Linux (MAX_ARG_STRLEN).
ARGUMENT = 131_072

PAGE = """\
`make bench-scale` computed this from the slopes of the cohorts in [performance](performance.md)
({measured} people, {clips} clips): straight lines through jobs, seconds, bytes and memory of every
rule but the simulation's, extrapolated to {people:,} people. That is {factor:.0f} times the largest
cohort measured: take the first digit, not the second.

{table}

- **as measured**: sessions of {short:g} s, small pictures, a small network for few epochs, one
  protocol.
- **full sessions**: {stretch:.1f} times that, as if all of the work and all of the storage grew
  with the {long:g} s of a session with 60-s clips. Starting a process does not: too much for
  the jobs of a person. Training is more than this: the study's network has more units, runs for 35
  epochs instead of 3, and in protocol `corrected` from five seeds instead of one.
- **cost**: ASSUMPTION: {price:g} EUR for one core for one hour, nothing for storage and waiting.

Most core hours: {hours}.

## What gives way first

{limits}

## Planning in parts

{parts}

From Snakemake's own sources (`dag.py`, `settings/types.py`, 9.27): `--batch RULE=i/n` takes an n-th
of the inputs of one rule and leaves out what comes after this rule until the last batch, which then
plans everything. Rules that collect the same people beside the batched one are planned with all
their inputs, so a batch saves as much as the line above says and no more. Files asked for by name
plan only what these files need; the per-person files can be made so, some people at a time, before
one run plans the rest.
"""


def lasting_rules(sizes: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the table per rule without the simulation, which stands in for recordings."""
    rules = per_rule(jobs_of(sizes))
    return rules[rules["stage"] != "simulation"]


def estimates(sizes: Sequence[dict[str, Any]], people: int) -> dict[str, float]:
    """Return jobs, core seconds, bytes and planning for a cohort, from the fewest clips' lines."""
    chosen = [size for size in fewest_clips(sizes) if size["run"]]
    rules, total = lasting_rules(chosen), totals(chosen)
    each = [(str(rule), found) for rule, found in rules.groupby("rule")]
    measured = [size["people"] for size in chosen]
    plan = {name: [size["plan"][name] for size in chosen] for name in ("seconds", "peak_mib")}
    exponent = last_exponent(measured, plan["seconds"]) if len(chosen) > 1 else 1.0
    return {
        "jobs": sum(growing(*rule, "jobs").at(people) for rule in each),
        "seconds": sum(growing(*rule, "seconds").at(people) for rule in each),
        "raw_mb": line(total["people"], total["raw_mb"]).at(people),
        "results_mb": line(total["people"], total["results_mb"]).at(people),
        # At least in proportion: a plan of many people is dearer for each, never cheaper.
        "plan_s": plan["seconds"][-1] * (people / measured[-1]) ** max(1.0, exponent),
        "plan_exponent": exponent,
        "plan_mib": line(measured, plan["peak_mib"]).at(people),
        "plan_jobs": line(measured, [size["plan"]["jobs"] for size in chosen]).at(people),
    }


def _hours(rules: pd.DataFrame, people: int) -> str:
    found = {
        str(rule): growing(str(rule), r, "seconds").at(people) / 3600
        for rule, r in rules.groupby("rule")
    }
    most = sorted(found, key=found.__getitem__, reverse=True)[:5]
    return ", ".join(f"`{rule}` {found[rule]:.1f}" for rule in most)


def command_limit(people: Sequence[int], lengths: Sequence[int], limit: int) -> int | None:
    """Return how many people make the longest command longer than the system takes."""
    fitted = line(people, lengths)
    return int((limit - fitted.base) / fitted.slope) if fitted.slope else None


def limits(sizes: Sequence[dict[str, Any]], people: int, stretch: float) -> str:
    """Say what a cohort of `people` runs into: command lines, memory, one long job.

    `stretch` : how much longer a full session is.
    """
    chosen = [size for size in fewest_clips(sizes) if size["run"]]
    counts = [size["people"] for size in chosen]
    lengths = [size["longest_command"] for size in chosen]
    most = command_limit(counts, lengths, ARGUMENT)
    rules = lasting_rules(chosen)
    said = []
    if most is not None:
        verb = "does not fit" if most < people else "fits"
        said.append(
            f"- **Command lines**: the longest of the whole demo has {lengths[-1]:,} bytes at "
            f"{counts[-1]} people and {verb} at {people:,}. The shell is handed the command of a "
            f"job as one argument, and Linux takes {ARGUMENT:,} bytes in one (`MAX_ARG_STRLEN`), "
            f"which {most:,} people fill."
        )
    peaks = {
        str(rule): peak_line(str(rule), r)
        for rule, r in rules.dropna(subset=["peak_mib"]).groupby("rule")
    }
    high = sorted(peaks, key=lambda rule: peaks[rule].at(people), reverse=True)[:5]
    said.append(
        "- **Memory**, largest jobs (in brackets for full sessions, if all that grows with people "
        "grows with these too): "
        + ", ".join(
            f"`{rule}` {peaks[rule].at(people) / 1024:.1f} GiB "
            f"({peaks[rule].at(people * stretch) / 1024:.1f})"
            for rule in high
        )
        + ". `mem_mb` of a rule is what a scheduler allows it: raise it where the peak is above."
    )
    longest = {
        str(rule): longest_line(str(rule), r).at(people) for rule, r in rules.groupby("rule")
    }
    slow = max(longest, key=longest.__getitem__)
    said.append(
        f"- **The longest single job**, which more cores do not shorten: `{slow}`, "
        f"{longest[slow] / 60:.0f} min with the small network."
    )
    return "\n".join(said)


def _parts(sizes: Sequence[dict[str, Any]]) -> str:
    found = next((size for size in reversed(fewest_clips(sizes)) if size["parts"]), None)
    if found is None:
        return "Not measured."
    plan, parts = found["plan"], found["parts"]
    return (
        f"At {found['people']} people the whole plan takes {plan['cpu_seconds']:.1f} s of the "
        f"processor ({plan['jobs']:,} jobs). One batch in ten (`--batch make_folds=1/10`) takes "
        f"{parts['batch']['cpu_seconds']:.1f} s ({parts['batch']['jobs']:,} jobs); the pulse "
        f"windows of a tenth of the people, asked for by name, "
        f"{parts['files']['cpu_seconds']:.1f} s ({parts['files']['jobs']:,} jobs)."
    )


def estimate_page(
    sizes: Sequence[dict[str, Any]], people: int, price: float, full_session: float
) -> str:
    """Return the estimate for `people` people in Markdown.

    Parameters
    ----------
    sizes : the measurements.
    people : people of the cohort.
    price : EUR for one core for one hour.
    full_session : seconds of a session with clips of full length.
    """
    chosen = [size for size in fewest_clips(sizes) if size["run"]]
    found, short = estimates(sizes, people), chosen[0]["session_s"]
    stretch, hours = full_session / short, found["seconds"] / 3600
    rows: list[tuple[str, str, str]] = [
        ("jobs", f"{found['jobs']:,.0f}", "the same"),
        ("core hours", f"{hours:,.0f}", f"{hours * stretch:,.0f}"),
        ("hours on 100 cores", f"{hours / 100:.1f}", f"{hours * stretch / 100:.1f}"),
        ("cost, EUR", f"{hours * price:,.0f}", f"{hours * stretch * price:,.0f}"),
    ]
    for name, what in (("raw_mb", "raw data, GB"), ("results_mb", "results, GB")):
        gigabytes = found[name] / 1000
        rows.append((what, f"{gigabytes:,.1f}", f"{gigabytes * stretch:,.1f}"))
    rows += [
        ("jobs of the plan with three protocols", f"{found['plan_jobs']:,.0f}", "the same"),
        (
            f"its planning, min (exponent {found['plan_exponent']:.2f}, at least 1)",
            f"{found['plan_s'] / 60:.1f}",
            "the same",
        ),
        ("its planning, GiB", f"{found['plan_mib'] / 1024:.1f}", "the same"),
    ]
    table = pd.DataFrame(rows, columns=[f"{people:,} people", "as measured", "full sessions"])
    return PAGE.format(
        measured=", ".join(str(size["people"]) for size in chosen),
        clips=chosen[0]["clips"],
        people=people,
        factor=people / chosen[-1]["people"],
        table=table.to_markdown(index=False, disable_numparse=True),
        short=short,
        long=full_session,
        stretch=stretch,
        price=price,
        hours=_hours(lasting_rules(chosen), people),
        limits=limits(sizes, people, stretch),
        parts=_parts(sizes),
    )
