"""Measure the share of pulse samples without flat line, clipping or disconnect."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse.continuity import (
    Continuity,
    describe_continuity,
    participant_continuity,
    summarise_continuity,
)
from tinglegram.pulse.epochs import Slicing
from tinglegram.pulse.heart_continuity import heart_continuity
from tinglegram.pulse.heart_values import heart_kind
from tinglegram.settings import add_settings, read_settings


def main() -> None:
    """Write continuity per participant, clip, condition and overall."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recordings", required=True, help="slices of each {subject} (NPZ)")
    add("--timelines", required=True, help="timeline of each {subject}")
    add("--participants", type=Path, required=True, help="list of those with a recording")
    add("--videos", nargs="+", required=True, help="codes of the clips, in the order to report")
    add_settings(parser, Slicing, Continuity)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()

    settings, slice_by = read_settings(options, Continuity), read_settings(options, Slicing)
    subjects, tables = names_in(options.participants), []
    for recording, timeline in zip(
        *(filled([p], subject=subjects) for p in (options.recordings, options.timelines)),
        strict=True,
    ):
        arrays, trials = read_arrays(recording), read_table(timeline)
        if heart_kind(arrays) in ("ibi", "hr"):
            counts = heart_continuity(arrays, trials)
        else:
            counts = participant_continuity(arrays, trials, slice_by.slice_by, settings)
        tables.append(counts)
        for row in counts[counts["n_bad"] > 0].to_dict("records"):
            logging.warning("%s", describe_continuity(row, f"{recording.stem} {row['video']}"))
    # A participant whose clips are all left out has an empty table.
    counted = [table for table in tables if len(table)] or tables
    table = summarise_continuity(pd.concat(counted, ignore_index=True), options.videos)
    logging.info("overall: %.4f %% of samples without fault", 100 * table["continuity"].iloc[-1])
    write_table(table, options.output)


if __name__ == "__main__":
    run(main)
