"""Measure the share of pulse samples without flat line, clipping or disconnect."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse.continuity import (
    Continuity,
    clip_continuity,
    describe_continuity,
    summarise_continuity,
)
from tinglegram.pulse.epochs import unpack_epoch


def main() -> None:
    """Write continuity per participant, clip, condition and overall."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recordings", type=Path, nargs="+", required=True, help="slices, one file each (NPZ)")
    add("--timelines", type=Path, nargs="+", required=True, help="timelines in the same order")
    add("--videos", nargs="+", required=True, help="codes of the clips, in the order to report")
    add(
        "--slice-by",
        choices=["printed_time", "sample_index"],
        required=True,
        help="how the slices were cut",
    )
    add("--flat-seconds", type=float, required=True, help="without change that make a flat line")
    add("--clip-seconds", type=float, required=True, help="at an extreme that make clipping")
    add("--jump-sds", type=float, required=True, help="of the differences that make a disconnect")
    add("--output", type=Path, required=True, help="table (written)")
    args = parser.parse_args()

    settings = Continuity(args.flat_seconds, args.clip_seconds, args.jump_sds)
    clips = []
    for recording, timeline in zip(args.recordings, args.timelines, strict=True):
        arrays = read_arrays(recording)
        for trial in read_table(timeline).itertuples():
            clip = unpack_epoch(arrays, trial.video, args.slice_by, trial.valid_start_s)
            counts = clip_continuity(clip.signal, float(arrays["sampling_rate_hz"]), settings)
            if counts["n_bad"]:
                logging.warning(
                    "%s", describe_continuity(counts, f"{recording.stem} {trial.video}")
                )
            trial_of = {"subject": trial.subject, "video": trial.video}
            clips.append(trial_of | {"condition": trial.condition} | counts)
    table = summarise_continuity(pd.DataFrame(clips), args.videos)
    logging.info("overall: %.4f %% of samples without fault", 100 * table["continuity"].iloc[-1])
    write_table(table, args.output)


if __name__ == "__main__":
    run(main)
