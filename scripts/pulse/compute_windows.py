"""Measure pulse rate, RMSSD, mean rating and signal quality of one participant in sliding windows.

The windows of the rests are measured the same way, for the means of every block.
"""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.epochs import Slicing
from tinglegram.pulse.heart_values import heart_kind
from tinglegram.pulse.heart_windows import HeartQuality, measure_heart
from tinglegram.pulse.long_windows import LongWindows
from tinglegram.pulse.measurement import PulseOfParticipant, measure_participant
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.windows import WindowClock, Windowing
from tinglegram.settings import add_settings, as_object, fields_of, only, read_settings

Grid = only(Timing, "grid")
# In the order in which the rule names their values.
SWITCHES = [s.name for cls in (Slicing, WindowClock, PulseMethods) for s in fields_of(cls)]


def main() -> None:
    """Write the windows of one participant, and the means of every rest and condition."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--rests", type=Path, required=True, help="rests of the same participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--ratings", type=Path, required=True, help="ratings of the same participant")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(
        parser, Grid, Windowing, BeatLimits, Continuity, Quality, HeartQuality, LongWindows
    )
    add(
        "--variant",
        nargs=len(SWITCHES) + 2,
        action="append",
        required=True,
        metavar=(*(name.upper() for name in SWITCHES), "WINDOWS", "BLOCKS"),
        help="the switches of a protocol (docs/protocols.md), and the two tables to write",
    )
    options = parser.parse_args()

    clips, rests = read_arrays(options.recording), read_arrays(options.rests)
    timeline, ratings = read_table(options.timeline), read_table(options.ratings)
    measure: Callable[..., PulseOfParticipant] = measure_participant
    if heart_kind(clips):
        measure = partial(measure_heart, heart_quality=read_settings(options, HeartQuality))
    for *values, windows_path, blocks_path in options.variant:
        switches = dict(zip(SWITCHES, values, strict=True))
        found = measure(
            clips,
            rests,
            timeline,
            ratings,
            options.conditions,
            subject=int(options.timeline.stem),
            slice_by=switches["slice_by"],
            window_clock=switches["window_clock"],
            grid_hz=read_settings(options, Grid).grid,
            windowing=read_settings(options, Windowing),
            continuity=read_settings(options, Continuity),
            quality=read_settings(options, Quality),
            methods=as_object({}, PulseMethods, switches),
            limits=read_settings(options, BeatLimits),
            long_windows=read_settings(options, LongWindows),
        )
        for finding in found.findings:
            logging.warning("%s", finding)
        for video, windows in found.windows.groupby("video", sort=False):
            valid = int(windows["pulse_rate_bpm"].notna().sum())
            logging.info("%s: %d windows, %d with a pulse rate", video, len(windows), valid)
        n_poor = int(found.windows["poor"].sum())
        logging.info("%d of %d windows are poor", n_poor, len(found.windows))
        write_table(found.windows, Path(windows_path))
        write_table(found.blocks, Path(blocks_path))


if __name__ == "__main__":
    run(main)
