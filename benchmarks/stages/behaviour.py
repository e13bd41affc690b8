"""Behaviour: from everybody's event logs to 10-Hz ratings and the agreement among viewers."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import pearsonr
from simulated import conditions, study_timing

from tinglegram.behaviour.agreement import agreement_table
from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.timeline import Timing, timeline
from tinglegram.formats.presentation import read_log

TICKS = 10_000


class Inputs(NamedTuple):
    """The logs, the study's codes and timing, and how often to resample."""

    logs: list[Path]
    clips: dict[str, str]
    ratings: dict[str, int]
    timing: Timing
    resamples: int
    confidence: float
    seed: int


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """List the logs; reading them is part of what is timed."""
    statistics = settings["statistics"]
    return Inputs(
        sorted((folder / "log").iterdir()),
        conditions(settings),
        settings["ratings"],
        study_timing(settings),
        statistics["agreement_bootstrap"],
        statistics["confidence"],
        settings["seed"],
    )


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Search the presses of every step at once; resample by one draw of all indices."""
    tables = []
    for path in inputs.logs:
        found = timeline(
            read_log(path.read_bytes(), path.name).events,
            source=path.name,
            subject=int(path.stem),
            clips=inputs.clips,
            ratings=inputs.ratings,
            timing=inputs.timing,
        )
        tables.append(rating_grid(found.timeline, found.key_presses, inputs.timing.grid))
    labels = pd.concat(tables, ignore_index=True)
    table = agreement_table(
        labels,
        inputs.clips,
        test="resampled_viewers",
        resamples=inputs.resamples,
        confidence=inputs.confidence,
        seed=inputs.seed,
        p_value="count",
    )
    return {
        "ratings": labels["rating"].to_numpy(),
        "agreement": table[["r", "ci_low", "ci_high", "p_value"]].to_numpy(),
    }


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Go through the lines of a log, then through the steps of a trial, then through resamples.

    Steps and resamples as the released code goes through them; its reader of logs breaks off at
    the summary tables some logs have.
    """
    labels = pd.concat([_label_log(path, inputs) for path in inputs.logs], ignore_index=True)
    rows = []
    for video in inputs.clips:
        shown = labels[labels["video"] == video]
        series = [trial["rating"].to_numpy() for _, trial in shown.groupby("subject")]
        shortest = min(map(len, series))
        rows.append(_agreement(np.vstack([trial[:shortest] for trial in series]), inputs))
    return {"ratings": labels["rating"].to_numpy(), "agreement": np.array(rows)}


def _label_log(path: Path, inputs: Inputs) -> pd.DataFrame:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("Subject"))
    videos, rows = [], []
    # The header is followed by a blank line; the next blank line ends the table.
    for line in lines[header + 2 :]:
        if not line.strip():
            break
        cells = line.split("\t")
        if cells[2] == "Video":
            videos.append((cells[3], int(cells[4])))
        elif cells[2] == "Response":
            rows.append((int(cells[4]), inputs.ratings[cells[3]]))
    responses = pd.DataFrame(rows, columns=["time", "rating"])
    timing, tables = inputs.timing, []
    for order, (video, start) in enumerate(videos):
        length = timing.clip if order else timing.first_trial
        valid_start, end = start + timing.warm_up * TICKS, start + length * TICKS
        time = responses["time"]
        before = responses[(time >= start) & (time < valid_start)]
        presses = responses[(time >= valid_start) & (time < end)].reset_index(drop=True)
        presses["time_s"] = (presses["time"] - valid_start) / TICKS
        state = 0 if before.empty else before.iloc[-1]["rating"]
        following, steps = 0, []
        for step in range(round((length - timing.warm_up) * timing.grid)):
            second = step / timing.grid
            while following < len(presses) and presses.loc[following, "time_s"] <= second:
                state = presses.loc[following, "rating"]
                following += 1
            steps.append(
                {"subject": int(path.stem), "video": video, "time_s": second, "rating": state}
            )
        tables.append(pd.DataFrame(steps))
    return pd.concat(tables, ignore_index=True)


def _agreement(series: np.ndarray, inputs: Inputs) -> list[float]:
    z = []
    for target in range(len(series)):
        others = np.mean(np.delete(series, target, axis=0), axis=0)
        if np.std(series[target]) > 0 and np.std(others) > 0:
            z.append(np.arctanh(pearsonr(series[target], others)[0]))
    np.random.seed(inputs.seed)
    means = np.array(
        [np.mean(np.random.choice(z, size=len(z), replace=True)) for _ in range(inputs.resamples)]
    )
    tail = 50 * (1 - inputs.confidence)
    low, high = np.tanh(np.percentile(means, [tail, 100 - tail]))
    return [float(np.tanh(means.mean())), low, high, float(np.mean(means <= 0))]
