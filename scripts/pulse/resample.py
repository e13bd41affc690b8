"""Resample the pulse of every clip to the label grid and standardise it."""

import logging
from pathlib import Path

from tinglegram.pulse import resample_to_grid
from tinglegram.recordings import SLICINGS, unpack
from tinglegram_shell import program, read_arrays, read_table, run, write_arrays


def main() -> None:
    """Write the standardised series of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--slice-by", choices=SLICINGS, required=True, help="how the slices were cut")
    add("--output", type=Path, required=True, help="series (NPZ, written)")
    args = parser.parse_args()

    arrays = read_arrays(args.recording)
    series = {}
    for trial in read_table(args.timeline).itertuples():
        clip = unpack(arrays, trial.video, args.slice_by, trial.valid_start_s)
        series[trial.video] = resample_to_grid(clip.signal, trial.n_steps)
        logging.info("%s: %d samples to %d steps", trial.video, len(clip.signal), trial.n_steps)
    write_arrays(args.output, series)


if __name__ == "__main__":
    run(main)
