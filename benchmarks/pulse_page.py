"""Tables of the pulse benchmark in Markdown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

# A silent bias: a window that is not poor, more than this away, bpm.
SILENT_BPM = 2.0
OURS = ("released", "corrected", "corrected, msptd_fast")


def summary(windows: pd.DataFrame) -> pd.Series:
    """Errors of some windows: median, p95, share without value, RMSSD bias, and good windows'."""
    known = windows[windows["true_rate"].notna()]
    error = (known["rate"] - known["true_rate"]).abs()
    good = error[~known["poor"]]
    return pd.Series(
        {
            "median": error.median(),
            "p95": error.quantile(0.95),
            "empty": known["rate"].isna().mean(),
            "rmssd": (known["rmssd"] - known["true_rmssd"]).median(),
            "good p95": good.quantile(0.95),
            "poor": known["poor"].mean(),
        }
    )


def _cell(row: pd.Series, good: bool) -> str:
    if np.isnan(row["median"]):
        return "no value"
    text = f"{row['median']:.2f} / {row['p95']:.1f}; {row['empty']:.0%}; {row['rmssd']:+.0f}"
    if good:
        shown = "-" if np.isnan(row["good p95"]) else f"{row['good p95']:.1f}"
        text += f" ({shown}, {row['poor']:.0%})"
    return text.replace("%", " %")


def wide_table(windows: pd.DataFrame, groups: Sequence[str], head: str) -> list[str]:
    """One row per group, one column per way."""
    ways = list(dict.fromkeys(windows["way"]))
    lines = [f"| {head} | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    for group in groups:
        rows = windows[windows["group"] == group]
        cells = [_cell(summary(rows[rows["way"] == way]), way in OURS) for way in ways]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return lines


def misses(windows: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """Where `corrected` is behind the best other way: by p95, or by empty windows."""
    others = [way for way in dict.fromkeys(windows["way"]) if way not in OURS]
    lines = []
    for group in groups:
        rows = windows[windows["group"] == group]
        found = {way: summary(rows[rows["way"] == way]) for way in [*others, "corrected"]}
        own = found.pop("corrected")
        measured = {way: s for way, s in found.items() if np.isfinite(s["p95"])}
        if not measured:
            continue
        best = min(measured, key=lambda way: measured[way]["p95"])
        fewest = min(measured, key=lambda way: measured[way]["empty"])
        if own["p95"] > measured[best]["p95"] + 0.05:
            lines.append(
                f"- {group}: p95 {own['p95']:.1f} bpm, {best} {measured[best]['p95']:.1f} bpm"
            )
        if own["empty"] > measured[fewest]["empty"] + 0.005:
            lines.append(
                f"- {group}: {own['empty']:.0%} empty, {fewest} {measured[fewest]['empty']:.0%}"
            )
    return [line.replace("%", " %") for line in lines] or ["- none"]


def bias_table(windows: pd.DataFrame) -> list[str]:
    """Bias of good windows at every simulated rate, and how many of all are good."""
    made = windows[windows["bpm"].notna()]
    lines = [
        "| bpm | " + " | ".join(OURS) + " |",
        "|---" * (len(OURS) + 1) + "|",
    ]
    for bpm, rows in made.groupby("bpm"):
        cells = []
        for way in OURS:
            own = rows[rows["way"] == way]
            good = own[~own["poor"]]
            bias = (good["rate"] - good["true_rate"]).groupby(good["group"]).mean()
            worst = bias.loc[bias.abs().idxmax()] if len(bias) else np.nan
            off = ((good["rate"] - good["true_rate"]).abs() > SILENT_BPM).sum() / len(own)
            cells.append(f"{worst:+.2f}; {off:.1%}; {len(good) / len(own):.0%}".replace("%", " %"))
        lines.append(f"| {bpm:g} | " + " | ".join(cells) + " |")
    return lines


def page(windows: pd.DataFrame, real: Sequence[str]) -> str:
    """Return all tables."""
    groups = [group for group in dict.fromkeys(windows["group"]) if group not in real]
    ways = set(windows["way"])
    lines = [
        "Median / 95th percentile of |error| in bpm over 5-s windows; share of windows without a "
        "value; median bias of RMSSD in ms. In brackets, for ours: the 95th percentile of windows "
        "that are not poor, and the share that is poor.",
        "",
    ]
    if not ways - set(OURS):
        lines += ["The other packages were not installed when this was made.", ""]
    if real:
        lines += [*wide_table(windows, real, "recording"), ""]
        if ways - set(OURS):
            lines += ["Where `corrected` is behind the best of the others:", ""]
            lines += [*misses(windows, real), ""]
    else:
        lines += ["The reference recordings were not there when this was made.", ""]
    lines += [*wide_table(windows, groups, "simulated, 40-180 bpm"), ""]
    if ways - set(OURS):
        lines += ["Where `corrected` is behind the best of the others:", ""]
        lines += [*misses(windows, groups), ""]
    lines += [
        "Silent errors at every simulated rate: the largest mean bias, bpm, of good windows of any "
        "disturbance and sampling rate; good windows more than 2 bpm off, and good windows, as "
        "shares of all windows:",
        "",
        *bias_table(windows),
    ]
    return "\n".join(lines) + "\n"
