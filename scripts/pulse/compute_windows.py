"""Measure pulse rate, RMSSD, mean rating and signal quality of one participant in sliding windows.

The windows of the rests are measured the same way, for the means of every block.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse import quality, rests
from tinglegram.pulse.continuity import Continuity, find_level
from tinglegram.pulse.epochs import Epoch, unpack_epoch
from tinglegram.pulse.windows import (
    Windowing,
    Windows,
    exact_windows,
    filter_windows,
    measure_windows,
    place_windows,
)

VALUES = ["start_s", "pulse_rate_bpm", "rmssd_ms", "mean_rating"]
MEASURED = ["template_correlation", "amplitude", "flat_share", "clipped_share"]
COLUMNS = ["subject", "video", *VALUES, *quality.QUALITY_MEASURES, "poor"]


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--rests", type=Path, required=True, help="rests of the same participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--labels", type=Path, required=True, help="labels of the same participant")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add(
        "--slice-by",
        choices=["printed_time", "sample_index"],
        required=True,
        help="how the slices were cut",
    )
    add(
        "--window-clock",
        choices=["accumulated", "exact"],
        required=True,
        help="how window times are counted",
    )
    add("--grid", type=float, required=True, help="rate of the labels, Hz")
    add("--window", type=float, required=True, help="length of a window, s")
    add("--step", type=float, required=True, help="from one window to the next, s")
    add("--minimum-share", type=float, required=True, help="of its samples a window must exceed")
    add("--band", type=float, nargs=2, required=True, help="band-pass, Hz")
    add("--filter-order", type=int, required=True, help="of the Butterworth filter")
    add("--peak-distance", type=float, required=True, help="between systolic peaks, s")
    add("--peak-prominence", type=float, required=True, help="of a peak, in the signal's unit")
    add("--minimum-peaks", type=int, required=True, help="fewer give no value")
    add("--interval-range", type=float, nargs=2, required=True, help="intervals kept, ms")
    add("--minimum-intervals", type=int, required=True, help="fewer give no value")
    add("--flat-seconds", type=float, required=True, help="without change that make a flat line")
    add("--clip-seconds", type=float, required=True, help="at an extreme that make clipping")
    add("--jump-sds", type=float, required=True, help="of the differences that make a disconnect")
    add("--template-correlation", type=float, required=True, help="least of a good window")
    add("--perfusion", type=float, required=True, help="least of a good window")
    add("--flat-share", type=float, required=True, help="largest of a good window")
    add("--clipped-share", type=float, required=True, help="largest of a good window")
    add("--output", type=Path, required=True, help="table of windows (written)")
    add("--output-blocks", type=Path, required=True, help="means of rests and blocks (written)")
    return parser.parse_args()


def main() -> None:
    """Write the windows of one participant, and the means of every rest and condition."""
    args = arguments()
    settings = Windowing(
        window=args.window,
        step=args.step,
        minimum_share=args.minimum_share,
        band=tuple(args.band),
        filter_order=args.filter_order,
        peak_distance=args.peak_distance,
        peak_prominence=args.peak_prominence,
        minimum_peaks=args.minimum_peaks,
        interval_range=tuple(args.interval_range),
        minimum_intervals=args.minimum_intervals,
    )
    faults = Continuity(args.flat_seconds, args.clip_seconds, args.jump_sds)
    thresholds = quality.Quality(
        args.template_correlation, args.perfusion, args.flat_share, args.clipped_share
    )
    arrays = read_arrays(args.recording)
    rate = float(arrays["sampling_rate_hz"])

    def measured(clip: Epoch, windows: Windows, ratings: np.ndarray) -> pd.DataFrame:
        waves = filter_windows(clip, windows, rate, settings)
        values = measure_windows(clip, windows, ratings, rate, settings, waves)
        flat, clipped = find_level(clip.signal, rate, faults)
        return values.join(quality.measure_quality(waves, flat, clipped))

    labels = read_table(args.labels).sort_values("step")
    timeline = read_table(args.timeline)
    # A person whose clips are all left out has an empty table.
    tables = [pd.DataFrame(columns=["video", "condition", *VALUES, *MEASURED])]
    for trial in timeline.itertuples():
        clip = unpack_epoch(arrays, trial.video, args.slice_by, trial.valid_start_s)
        times = (trial.start_s, trial.valid_start_s, trial.end_s)
        windows = place_windows(args.window_clock, *times, args.grid, settings)
        ratings = labels.loc[labels["video"] == trial.video, "rating"].to_numpy()
        table = measured(clip, windows, ratings)
        valid = int(table["pulse_rate_bpm"].notna().sum())
        logging.info("%s: %d windows, %d with a pulse rate", trial.video, len(table), valid)
        tables.append(table.assign(video=trial.video, condition=trial.condition))
    found, resting = [], [pd.DataFrame(columns=[*tables[0].columns, "rest"])]
    for rest, clip in rests.unpack_rests(read_arrays(args.rests)):
        found.append(rest)
        if clip is None:
            logging.warning("rest '%s' is not used: %s", rest.name, rest.problem)
            continue
        # One clock for all protocols: rests have no labels whose steps could drift.
        windows = exact_windows(rest.start_s, rest.end_s, args.grid, settings)
        resting.append(measured(clip, windows, np.empty(0)).assign(rest=rest.name))
    clips = pd.concat(tables[1:] or tables, ignore_index=True)
    # The same yardstick for rests as for clips.
    median = float(clips["amplitude"].median())
    if len(clips) and (finding := quality.scale_finding(median, args.peak_prominence)):
        logging.warning("%s", finding)
    clips, rested = (
        quality.mark_poor(table, median, thresholds)
        for table in (clips, pd.concat(resting[1:] or resting, ignore_index=True))
    )
    logging.info("%d of %d windows are poor", int(clips["poor"].sum()), len(clips))
    subject = int(args.timeline.stem)
    blocks = rests.block_table(clips, rested, found, args.conditions)
    blocks.insert(0, "subject", subject)
    write_table(clips.assign(subject=subject)[COLUMNS], args.output)
    write_table(blocks, args.output_blocks)


if __name__ == "__main__":
    run(main)
