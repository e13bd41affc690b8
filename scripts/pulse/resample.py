"""Resample the pulse of every clip to the label grid and standardise it."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_arrays
from tinglegram.pulse.epochs import unpack_epoch
from tinglegram.pulse.series import resample_to_grid


def main() -> None:
    """Write the standardised series of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add(
        "--slice-by",
        choices=["printed_time", "sample_index"],
        required=True,
        help="how the slices were cut",
    )
    add("--output", type=Path, required=True, help="series (NPZ, written)")
    args = parser.parse_args()

    arrays = read_arrays(args.recording)
    series = {}
    for trial in read_table(args.timeline).itertuples():
        clip = unpack_epoch(arrays, trial.video, args.slice_by, trial.valid_start_s)
        series[trial.video] = resample_to_grid(clip.signal, trial.n_steps)
        logging.info("%s: %d samples to %d steps", trial.video, len(clip.signal), trial.n_steps)
    write_arrays(args.output, series)


if __name__ == "__main__":
    run(main)
