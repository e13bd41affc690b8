"""Measures of all sensors of one participant in sliding windows, in rests and in conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import same_showing, timeline_names
from tinglegram.pulse.measurement import showing_of
from tinglegram.pulse.rests import Rest, RestEpochs, block_table, find_rests
from tinglegram.pulse.windows import (
    Windowing,
    Windows,
    exact_windows,
    place_windows,
    window_ratings,
)
from tinglegram.sensors.cleaning import CleanSensor
from tinglegram.sensors.settings import MEASURES_OF

_PARTS: Mapping[str, Mapping[str, str]] = {
    "eda": {"eda_tonic_us": "tonic", "eda_phasic_us": "phasic"},
    "resp": {"resp_rate_per_min": "rate", "resp_depth": "depth"},
    "temperature": {"temperature_c": "level"},
}
_WHAT = {"eda": "skin conductance", "resp": "breath", "temperature": "temperature"}


class SensorsOfParticipant(NamedTuple):
    """Tables of one participant, and the rests that are not used.

    Attributes
    ----------
    windows : subject, video, order where a clip was shown again, start_s, mean_rating; the
        measures of every configured sensor; for each sensor its coverage (0-1) and whether the
        window is poor; poor: by any sensor that the participant has, or without any.
    blocks : subject, block, segment, windows (all, good), n_windows (with a value of any sensor);
        the measures, means over windows that are good by their own sensor where `windows` says so;
        n and share_poor of each sensor; problem.
    findings : sentences about rests.
    """

    windows: pd.DataFrame
    blocks: pd.DataFrame
    findings: tuple[str, ...]


def measure_sensor(
    clean: CleanSensor | None, kind: str, windows: Windows, coverage: float
) -> pd.DataFrame:
    """Measure one sensor in every window.

    Parameters
    ----------
    clean : None: the participant does not have it.
    coverage : least share of usable samples of a good window.

    Returns
    -------
    pandas.DataFrame
        the measures of the kind (means over usable samples; responses whose onset lies in the
        window, per minute of usable time, where the window is good), `<kind>_coverage` and
        `<kind>_poor`.
    """
    names = [*MEASURES_OF[kind], f"{kind}_coverage"]
    rows = np.full((len(windows.start_s), len(names)), np.nan)
    rows[:, -1] = 0.0
    if clean is not None:
        for row, (start_s, end_s) in enumerate(zip(windows.start_s, windows.end_s, strict=True)):
            rows[row] = _measured(clean, kind, float(start_s), float(end_s), coverage)
    table = pd.DataFrame(rows, columns=names)
    table[f"{kind}_poor"] = table[f"{kind}_coverage"] < coverage
    return table


def _mean(values: np.ndarray) -> float:
    """Return the mean of values (n,), without rounding where they are equal; NaN of none."""
    return float(values[0] + (values - values[0]).mean()) if len(values) else np.nan


def _measured(
    clean: CleanSensor, kind: str, start_s: float, end_s: float, least_coverage: float
) -> list[float]:
    own = clean.grid.at(start_s, end_s)
    usable = clean.usable[own]
    found = []
    for part in _PARTS[kind].values():
        values = clean.parts[part][own]
        known = usable & np.isfinite(values)
        found.append(_mean(values[known]))
        usable_now = known
    n_usable = int(usable_now.sum())
    expected = (end_s - start_s) * clean.rate_hz
    # A grid that is not in step with the window has up to one sample less in it.
    coverage = min(1.0, n_usable / max(1.0, np.floor(expected)))
    if kind == "eda":
        within = int(((clean.onset_s >= start_s) & (clean.onset_s < end_s)).sum())
        minutes = n_usable / clean.rate_hz / 60.0
        # One response in a second would be a rate of 60.
        enough = minutes > 0 and coverage >= least_coverage
        found.append(within / minutes if enough else np.nan)
    return [*found, coverage]


def measure_sensors(
    sensors: Mapping[str, CleanSensor],
    kinds: Sequence[str],
    timeline: pd.DataFrame,
    ratings: pd.DataFrame,
    conditions: Sequence[str],
    *,
    subject: int,
    n_clips: int,
    window_clock: str,
    grid_hz: float,
    windowing: Windowing,
    rest_epochs: RestEpochs,
    coverage: float,
) -> SensorsOfParticipant:
    """Measure all sensors of one participant in windows of clips and rests.

    Parameters
    ----------
    sensors : kind -> what the participant has.
    kinds : all that the study uses.
    timeline, ratings : trials of the participant, and their ratings on the grid.
    conditions : in the order to report.
    n_clips : clips of a whole session.
    window_clock : switch of the protocol.
    windowing : its window and step are read.
    """

    def measured(windows: Windows) -> pd.DataFrame:
        parts = [measure_sensor(sensors.get(kind), kind, windows, coverage) for kind in kinds]
        table = pd.concat(parts, axis=1)
        present = [f"{kind}_poor" for kind in kinds if kind in sensors]
        return table.assign(poor=table[present].any(axis=1) if present else True)

    ratings = ratings.sort_values("step")
    nothing = Windows(*[np.empty(0)] * 5)
    empty = measured(nothing).assign(start_s=np.empty(0), mean_rating=np.empty(0))
    tables = [empty.assign(video="", condition="")]
    trials = timeline.to_dict("records")
    for _, trial in zip(timeline_names(timeline), trials, strict=True):
        times = (trial["start_s"], trial["valid_start_s"], trial["end_s"])
        windows = place_windows(window_clock, *times, grid_hz, windowing)
        own = ratings.loc[same_showing(ratings, trial), "rating"].to_numpy()
        table = measured(windows).assign(
            start_s=windows.nominal_s, mean_rating=window_ratings(own, windows)
        )
        tables.append(table.assign(**showing_of(trial, timeline)))
    rests = _rests(sensors, timeline, n_clips, rest_epochs)
    resting = [empty.assign(rest="")]
    for rest in rests:
        if not rest.problem:
            windows = exact_windows(rest.start_s, rest.end_s, grid_hz, windowing)
            resting.append(measured(windows).assign(rest=rest.name))
    in_clips, in_rests = (
        pd.concat(parts[1:] or parts, ignore_index=True) for parts in (tables, resting)
    )
    shown = ["order"] if "order" in in_clips else []
    measures = [name for kind in kinds for name in MEASURES_OF[kind]]
    quality = [f"{kind}_{name}" for kind in kinds for name in ("coverage", "poor")]
    keys = ["subject", "video", *shown, "start_s", "mean_rating"]
    findings = [f"rest '{r.name}' is not used: {r.problem}" for r in rests if r.problem]
    return SensorsOfParticipant(
        in_clips.assign(subject=subject)[[*keys, *measures, *quality, "poor"]],
        sensor_blocks(in_clips, in_rests, rests, conditions, kinds, subject),
        tuple(findings),
    )


def _rests(
    sensors: Mapping[str, CleanSensor],
    timeline: pd.DataFrame,
    n_clips: int,
    rest_epochs: RestEpochs,
) -> list[Rest]:
    """Find the rests while any sensor was recording; without one, they have a problem each."""
    if not len(timeline):
        return []
    first, last = float(timeline["start_s"].min()), float(timeline["end_s"].max())
    found = find_rests(
        timeline,
        max((clean.grid.end_s for clean in sensors.values()), default=last),
        n_clips,
        margin_s=rest_epochs.rest_margin,
        minimum_s=rest_epochs.rest_minimum,
        begin_s=min((clean.start_s for clean in sensors.values()), default=first),
    )
    return found if sensors else [replace(rest, problem="no sensor recorded") for rest in found]


def sensor_blocks(
    windows: pd.DataFrame,
    rest_windows: pd.DataFrame,
    rests: Sequence[Rest],
    conditions: Sequence[str],
    kinds: Sequence[str],
    subject: int,
) -> pd.DataFrame:
    """Return the means of every rest and condition (`SensorsOfParticipant.blocks`)."""
    found = pd.DataFrame()
    counts, problems = [], []
    for kind in kinds:
        clips, resting = (t.assign(poor=t[f"{kind}_poor"]) for t in (windows, rest_windows))
        blocks = block_table(clips, resting, rests, conditions, MEASURES_OF[kind], _WHAT[kind])
        if found.empty:
            found = blocks[["block", "segment", "windows"]].assign(n_windows=0)
        counts.append(blocks["n_windows"])
        # "all" and "good" are kinds of windows; only the second is a word for one.
        problems.append(blocks["problem"].replace("no all window", "no window"))
        found = found.join(blocks[[*MEASURES_OF[kind]]])
        found[f"{kind}_windows"] = blocks["n_windows"]
        found[f"{kind}_share_poor"] = blocks["share_poor"]
    found["n_windows"] = pd.concat(counts, axis=1).max(axis=1)
    # Why there is no value: each reason once.
    reasons = zip(*problems, strict=True)
    found["problem"] = ["; ".join(dict.fromkeys(filter(None, own))) for own in reasons]
    found.insert(0, "subject", subject)
    return found
