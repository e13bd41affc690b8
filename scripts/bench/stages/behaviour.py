"""Behaviour: from everybody's event logs to 10-Hz ratings and the agreement among viewers."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import pearsonr

from simulated import conditions, study_timing
from tinglegram.agreement import agreement
from tinglegram.labels import label_grid
from tinglegram.presentation import read_log
from tinglegram.timeline import Timing, timeline

TOLERANCE = (1e-9, 1e-12)

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
        tables.append(label_grid(found.timeline, found.presses, inputs.timing.grid))
    labels = pd.concat(tables, ignore_index=True)
    table = agreement(
        labels,
        inputs.clips,
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
    """Read line by line, look through the presses at every step, draw resamples in a loop."""
    ratings: list[int] = []
    series: dict[str, list[list[int]]] = {video: [] for video in inputs.clips}
    for path in inputs.logs:
        for video, trial in _label_log(path, inputs):
            ratings += trial
            series[video].append(trial)
    rows = [_agreement(np.array(_cut(found)), inputs) for found in series.values()]
    return {"ratings": np.array(ratings), "agreement": np.array(rows)}


def _label_log(path: Path, inputs: Inputs) -> list[tuple[str, list[int]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("Subject"))
    videos, presses = [], []
    # The header is followed by a blank line; the next blank line ends the table.
    for line in lines[header + 2 :]:
        if not line.strip():
            break
        cells = line.split("\t")
        if cells[2] == "Video":
            videos.append((cells[3], int(cells[4])))
        elif cells[2] == "Response":
            presses.append((int(cells[4]), inputs.ratings[cells[3]]))
    timing, labelled = inputs.timing, []
    for order, (video, start) in enumerate(videos):
        length = timing.clip if order else timing.first_trial
        within = [p for p in presses if start <= p[0] < start + length * TICKS]
        valid = []
        for step in range(round((length - timing.warm_up) * timing.grid)):
            state = 0
            for time, rating in within:
                if (time - start) / TICKS - timing.warm_up <= step / timing.grid:
                    state = rating
            valid.append(state)
        labelled.append((video, valid))
    return labelled


def _cut(series: list[list[int]]) -> list[list[int]]:
    shortest = min(map(len, series))
    return [trial[:shortest] for trial in series]


def _agreement(series: np.ndarray, inputs: Inputs) -> list[float]:
    z = []
    for target in range(len(series)):
        others = np.mean(np.delete(series, target, axis=0), axis=0)
        if np.std(series[target]) > 0 and np.std(others) > 0:
            z.append(np.arctanh(pearsonr(series[target], others)[0]))
    np.random.seed(inputs.seed)
    means = np.array(
        [
            np.mean(np.random.choice(z, size=len(z), replace=True))
            for _ in range(inputs.resamples)
        ]
    )
    tail = 50 * (1 - inputs.confidence)
    low, high = np.tanh(np.percentile(means, [tail, 100 - tail]))
    return [float(np.tanh(means.mean())), low, high, float(np.mean(means <= 0))]
