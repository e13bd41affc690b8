"""What the measurements of growing cohorts say: totals, growth and marks. No files, no clock."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

GIBIBYTE = 1024.0
# Rules that may need more memory for more people.
TRAINING = {"train_network", "train_boosting", "reevaluate_models"}
STATISTICS = {
    *("score_model", "score_baselines", "score_seeds", "compare_models", "give_verdicts"),
    *("predict_baselines", "count_responders", "measure_agreement", "measure_continuity"),
    *("correlate_ratings", "measure_physiology", "shift_clips"),
}
# Rules that read nothing of anybody: what differs between cohorts is noise, not growth.
NOBODYS = {"simulate_clip", "extract_features", "fetch_weights"}
# Allocators round up and libraries differ by the moment: this much more is no growth.
MEMORY_RATIO, MEMORY_MIB = 1.10, 16.0
# Exponents up to this one are called linear: work that doubles with the people has exponent 1.
# Work that is done once hides growth from exponents, so added people may not cost more either:
# one between the two largest cohorts at most this much times one between the two before.
LINEAR, ADDED = 1.10, 1.25
PLAN_SECONDS, PEAK_GIB, SCORE_SECONDS, MARKED = 20.0, 8.0, 5.0, 340


@dataclass(frozen=True)
class Growth:
    """Exponent of a power law, y = c x^exponent, and its 95 % interval (NaN from two points)."""

    exponent: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """Intercept and slope of a straight line; a slope below 0 is set to 0."""

    base: float
    slope: float

    def at(self, x: float) -> float:
        """Return the value at x."""
        return self.base + self.slope * x


@dataclass(frozen=True)
class Mark:
    """One thing asked of the workflow, what was found, and whether that is enough (None: open)."""

    wanted: str
    found: str
    reached: bool | None


def growth(x: Sequence[float], y: Sequence[float]) -> Growth:
    """Fit a power law by least squares of the logarithms."""
    fitted = stats.linregress(np.log(x), np.log(y))
    if len(x) < 3:
        return Growth(float(fitted.slope), math.nan, math.nan)
    half = stats.t.ppf(0.975, len(x) - 2) * fitted.stderr
    return Growth(float(fitted.slope), float(fitted.slope - half), float(fitted.slope + half))


def line(x: Sequence[float], y: Sequence[float]) -> Line:
    """Fit a straight line by least squares; one point, or one that falls, gives a level line."""
    if len(x) > 1:
        slope, base = np.polyfit(x, y, 1)
        if slope > 0:
            return Line(float(base), float(slope))
    return Line(float(np.mean(y)), 0.0)


def growing(rule: str, found: pd.DataFrame, column: str) -> Line:
    """Return the line of a rule's column against people: level where people cannot matter."""
    if rule in NOBODYS:
        return Line(float(found[column].mean()), 0.0)
    return line(found["people"], found[column])


def longest_line(rule: str, found: pd.DataFrame) -> Line:
    """Return the line of a rule's longest job: level where more people are more jobs."""
    if rule in NOBODYS or found["jobs"].nunique() > 1:
        return Line(float(found["longest_s"].max()), 0.0)
    return line(found["people"], found["longest_s"])


def peak_line(rule: str, found: pd.DataFrame) -> Line:
    """Return the line of a rule's peak memory: level at the highest where it does not grow."""
    if rule in NOBODYS or not memory(found)["grows"].any():
        return Line(float(found["peak_mib"].max()), 0.0)
    return line(found["people"], found["peak_mib"])


def paces(sizes: Iterable[dict[str, Any]]) -> list[float]:
    """Return how much longer a fixed computation took during each run than in the fastest one."""
    looks = [size["run"]["pace_s"] for size in sizes if size["run"]]
    return [look / min(looks) for look in looks]


def jobs_of(sizes: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return one row per job that ran: people, clips, stage, rule, measured_s, s, peak_mib.

    `s` is at the pace of the fastest run, so that cohorts can be compared.
    """
    ran = [size for size in sizes if size["run"]]
    rows = [
        {"people": size["people"], "clips": size["clips"]}
        | job
        | {"measured_s": job["s"], "s": job["s"] / pace}
        for size, pace in zip(ran, paces(ran), strict=True)
        for job in size["run"]["jobs"]
    ]
    return pd.DataFrame(rows).astype({"peak_mib": float})


def per_rule(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return jobs, seconds (sum, median, longest) and peak memory of every rule at every size."""
    by = jobs.groupby(["clips", "people", "stage", "rule"], sort=True)
    return by.agg(
        jobs=("s", "size"),
        seconds=("s", "sum"),
        median_s=("s", "median"),
        longest_s=("s", "max"),
        longest_measured_s=("measured_s", "max"),
        peak_mib=("peak_mib", "max"),
        typical_mib=("peak_mib", "median"),
    ).reset_index()


def overhead(run: dict[str, Any]) -> float:
    """Return seconds of a core for each job in which no job ran: starting, planning, waiting."""
    worked = sum(job["s"] for job in run["jobs"])
    return (run["wall_s"] * run["cores"] - worked) / len(run["jobs"])


def totals(sizes: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return one row per size that ran; `steady_s` is its job time at the fastest run's pace."""
    ran = [size for size in sizes if size["run"]]
    return pd.DataFrame(
        [
            {
                "clips": size["clips"],
                "people": size["people"],
                "jobs": len(size["run"]["jobs"]),
                "wall_s": size["run"]["wall_s"],
                "seconds": sum(job["s"] for job in size["run"]["jobs"]),
                "cpu_s": size["run"]["cpu_s"],
                "pace": pace,
                "steady_s": sum(job["s"] for job in size["run"]["jobs"]) / pace,
                "overhead_s": overhead(size["run"]),
                "raw_mb": size["run"]["raw_bytes"] / 1e6,
                "results_mb": size["run"]["results_bytes"] / 1e6,
            }
            for size, pace in zip(ran, paces(ran), strict=True)
        ]
    )


def memory(rules: pd.DataFrame) -> pd.DataFrame:
    """Return, per rule, the peak in the smallest and largest cohort, and MiB for each person.

    Both are of a rule's typical job, because the highest of many peaks is higher than that of few.
    `grows` says whether that of the largest cohort is beyond what chance explains.
    """
    rows = []
    for rule, found in rules.dropna(subset=["peak_mib"]).groupby("rule"):
        found = found.sort_values("people")
        first, last = found["typical_mib"].iloc[[0, -1]]
        rows.append(
            {
                "rule": rule,
                "smallest_mib": first,
                "largest_mib": last,
                "mib_per_person": line(found["people"], found["typical_mib"]).slope,
                "grows": last > max(first * MEMORY_RATIO, first + MEMORY_MIB),
            }
        )
    return pd.DataFrame(rows)


def last_exponent(x: Sequence[float], y: Sequence[float]) -> float:
    """Return the exponent between the two largest cohorts, where fixed work counts least."""
    return growth(list(x)[-2:], list(y)[-2:]).exponent


def fewest_clips(sizes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sizes with the fewest clips, by people: those that fits are made from."""
    fewest = min(size["clips"] for size in sizes)
    return sorted((s for s in sizes if s["clips"] == fewest), key=lambda size: size["people"])


def marks(sizes: Sequence[dict[str, Any]]) -> list[Mark]:
    """Hold the cohorts with the fewest clips against what is asked of the workflow.

    Marks for 340 people stay open unless that cohort was measured.
    """
    chosen = fewest_clips(sizes)
    rules, total = per_rule(jobs_of(chosen)), totals(chosen)
    largest = chosen[-1]
    there = largest["people"] >= MARKED
    at_largest = rules[rules["people"] == largest["people"]]
    exempt = TRAINING | STATISTICS
    peaks = at_largest[at_largest["rule"].isin(exempt)].set_index("rule")["peak_mib"] / GIBIBYTE
    scored = at_largest.loc[at_largest["rule"] == "score_model", "longest_measured_s"].max()
    at = f"{largest['people']} people"
    found = [
        Mark(
            f"plan of {MARKED} people under {PLAN_SECONDS:g} s",
            f"{largest['plan']['seconds']:.1f} s on the clock, "
            f"{largest['plan']['cpu_seconds']:.1f} s of the processor, for {at}",
            largest["plan"]["seconds"] < PLAN_SECONDS if there else None,
        ),
        Mark(
            f"training and statistics under {PEAK_GIB:g} GiB at {MARKED} people",
            f"{peaks.max():.2f} GiB ({peaks.idxmax()}), {at}",
            bool(peaks.max() < PEAK_GIB) if there else None,
        ),
        Mark(
            f"statistics under {SCORE_SECONDS:g} s per model at {MARKED} people",
            f"{scored:.1f} s with the start of the process, {at}",
            bool(scored < SCORE_SECONDS) if there else None,
        ),
    ]
    if len(chosen) > 1:
        found += [_memory_mark(rules, exempt), _work_mark(total)]
    return found


def _memory_mark(rules: pd.DataFrame, exempt: set[str]) -> Mark:
    grown = memory(rules[~rules["rule"].isin(exempt)]).query("grows")
    said = [
        f"{row.rule} {row.smallest_mib:.0f} to {row.largest_mib:.0f} MiB"
        for row in grown.itertuples()
    ]
    return Mark(
        "memory of all other jobs independent of the number of people (at most "
        f"{MEMORY_RATIO - 1:.0%} or {MEMORY_MIB:g} MiB more in the largest cohort)",
        f"growing: {', '.join(said)}" if said else "none grows",
        not said,
    )


def added(x: Sequence[float], y: Sequence[float]) -> list[float]:
    """Return what each further x costs, between neighbouring cohorts."""
    return [float(step) for step in np.diff(y) / np.diff(x)]


def _work_mark(total: pd.DataFrame) -> Mark:
    people, seconds = total["people"].tolist(), total["steady_s"].tolist()
    whole, last = growth(people, seconds), last_exponent(people, seconds)
    interval = "" if math.isnan(whole.low) else f" ({whole.low:.2f} to {whole.high:.2f})"
    each = added(people, seconds)
    dearer = len(each) > 1 and each[-1] > ADDED * each[-2]
    return Mark(
        f"total work linear in people (exponent at most {LINEAR:g}; a person added to the largest "
        f"cohort at most {ADDED:g} times one added before)",
        f"exponent {whole.exponent:.2f}{interval} over all cohorts, {last:.2f} between the two "
        "largest; s of jobs for each person added, at one pace: "
        f"{', '.join(f'{s:.1f}' for s in each)}",
        max(whole.exponent, last) <= LINEAR and not dearer,
    )
