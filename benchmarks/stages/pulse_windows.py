"""Pulse rate, RMSSD and mean rating in the sliding windows of one person's clips."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import signal as sp
from simulated import study_timing

from tinglegram.behaviour.timeline import Timing
from tinglegram.files import read_arrays, read_table
from tinglegram.pulse.epochs import PRINTED_TIME, unpack_epoch
from tinglegram.pulse.windows import Windowing, measure_windows, place_windows
from tinglegram.settings import as_object


class Inputs(NamedTuple):
    """What the windows are cut from: stored slices (ours), the whole recording (plain)."""

    arrays: dict[str, np.ndarray]
    recording: pd.DataFrame
    trials: pd.DataFrame
    ratings: dict[str, np.ndarray]
    timing: Timing
    sampling_rate: float
    settings: Windowing


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """Read slices or the recording, and the labels."""
    pulse = settings["pulse"]
    labels = read_table(folder / "labels.parquet")
    whole = {} if way == "ours" else read_arrays(folder / "recording.npz")
    return Inputs(
        read_arrays(folder / "slices.npz") if way == "ours" else {},
        pd.DataFrame(whole),
        read_table(folder / "timeline.tsv"),
        {video: rows["rating"].to_numpy() for video, rows in labels.groupby("video")},
        study_timing(settings),
        float(pulse["sampling_rate"]),
        as_object(settings, Windowing),
    )


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Slice the sorted samples by search, filter windows of one length together."""
    tables = []
    for trial in inputs.trials.itertuples():
        clip = unpack_epoch(inputs.arrays, trial.video, PRINTED_TIME, trial.valid_start_s)
        times = (trial.start_s, trial.valid_start_s, trial.end_s)
        windows = place_windows("accumulated", *times, inputs.timing.grid, inputs.settings)
        tables.append(
            measure_windows(
                clip, windows, inputs.ratings[trial.video], inputs.sampling_rate, inputs.settings
            )
        )
    columns = ["pulse_rate_bpm", "rmssd_ms", "mean_rating"]
    return {"windows": pd.concat(tables)[columns].to_numpy()}


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Mask the whole recording, a table, for every window, then filter and measure it.

    So the released code.
    """
    ask, rate, recording = inputs.settings, inputs.sampling_rate, inputs.recording
    timing = inputs.timing
    rows = []
    for trial in inputs.trials.itertuples():
        ratings = inputs.ratings[trial.video]
        valid_start = start = trial.start_s + timing.warm_up
        end = trial.start_s + (timing.clip if trial.order else timing.first_trial)
        while start + ask.window < end:
            inside = (recording["time_s"] >= start) & (recording["time_s"] < start + ask.window)
            window = recording.loc[inside, "signal"].to_numpy()
            relative = start - valid_start
            first = int(relative * timing.grid)
            last = int((relative + ask.window) * timing.grid)
            pulse = (np.nan, np.nan)
            if len(window) > ask.minimum_share * ask.window * rate:
                pulse = _pulse(window, rate, ask)
            rows.append((*pulse, np.mean(ratings[first:last])))
            start += ask.step
    return {"windows": np.array(rows)}


def _pulse(window: np.ndarray, rate: float, ask: Windowing) -> tuple[float, float]:
    sections = sp.butter(ask.filter_order, ask.band, btype="bandpass", fs=rate, output="sos")
    filtered = sp.sosfiltfilt(sections, window)
    peaks, _ = sp.find_peaks(
        filtered, distance=int(ask.peak_distance * rate), prominence=ask.peak_prominence
    )
    if len(peaks) < ask.minimum_peaks:
        return np.nan, np.nan
    intervals = np.diff(peaks) / rate * 1000
    intervals = intervals[(intervals > ask.interval_range[0]) & (intervals < ask.interval_range[1])]
    if len(intervals) < ask.minimum_intervals:
        return np.nan, np.nan
    return 60000 / np.mean(intervals), np.sqrt(np.mean(np.diff(intervals) ** 2))
