"""Measure pulse rate, RMSSD and mean rating of one participant in sliding windows."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.pulse import CLOCKS, PulseSettings, measure_windows, place_windows
from tinglegram.recordings import SLICINGS, unpack
from tinglegram_shell import program, read_arrays, read_table, run, write_table

COLUMNS = ["subject", "video", "start_s", "pulse_rate_bpm", "rmssd_ms", "mean_rating"]


def main() -> None:
    """Write the windows of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--labels", type=Path, required=True, help="labels of the same participant")
    add("--slice-by", choices=SLICINGS, required=True, help="how the slices were cut")
    add("--window-clock", choices=CLOCKS, required=True, help="how window times are counted")
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
    add("--output", type=Path, required=True, help="table of windows (written)")
    args = parser.parse_args()

    settings = PulseSettings(
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
    arrays = read_arrays(args.recording)
    labels = read_table(args.labels).sort_values("step")
    tables = [pd.DataFrame(columns=COLUMNS)]
    for trial in read_table(args.timeline).itertuples():
        clip = unpack(arrays, trial.video, args.slice_by, trial.valid_start_s)
        times = (trial.start_s, trial.valid_start_s, trial.end_s)
        windows = place_windows(args.window_clock, *times, args.grid, settings)
        ratings = labels.loc[labels["video"] == trial.video, "rating"].to_numpy()
        rate = float(arrays["sampling_rate_hz"])
        table = measure_windows(clip, windows, ratings, rate, settings)
        valid = int(table["pulse_rate_bpm"].notna().sum())
        logging.info("%s: %d windows, %d with a pulse rate", trial.video, len(table), valid)
        tables.append(table.assign(subject=trial.subject, video=trial.video)[COLUMNS])
    write_table(pd.concat(tables[1:] or tables, ignore_index=True), args.output)


if __name__ == "__main__":
    run(main)
