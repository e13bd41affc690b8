"""Measure one participant's sensors in sliding windows, in rests and in conditions."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.sensors.cleaning import unpack_sensors
from tinglegram.sensors.sensor_windows import measure_sensors
from tinglegram.sensors.settings import SENSOR_TYPES, SensorMethods
from tinglegram.settings import add_settings, only, read_settings

Grid, Placing = only(Timing, "grid"), only(Windowing, "window", "step")
Coverage = only(SensorMethods, "sensor_coverage")


def main() -> None:
    """Write the windows of one participant, and the means of every rest and condition."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--sensors", type=Path, required=True, help="cleaned series of one participant (NPZ)")
    add("--kinds", nargs="+", choices=SENSOR_TYPES, required=True, help="sensors of the study")
    add("--trials", type=Path, required=True, help="canonical trials of the same participant")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--ratings", type=Path, required=True, help="ratings of the same participant")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(parser, Grid, Placing, RestEpochs, Coverage)
    add(
        "--variant",
        nargs=3,
        action="append",
        required=True,
        metavar=("WINDOW_CLOCK", "WINDOWS", "BLOCKS"),
        help="how a protocol places windows (docs/protocols.md), and the two tables to write",
    )
    options = parser.parse_args()

    sensors = unpack_sensors(read_arrays(options.sensors))
    timeline, ratings = read_table(options.timeline), read_table(options.ratings)
    for window_clock, windows_path, blocks_path in options.variant:
        found = measure_sensors(
            sensors,
            options.kinds,
            timeline,
            ratings,
            options.conditions,
            subject=int(options.timeline.stem),
            n_clips=int(read_table(options.trials)["order"].max()) + 1,
            window_clock=window_clock,
            grid_hz=read_settings(options, Grid).grid,
            windowing=read_settings(options, Placing),
            rest_epochs=read_settings(options, RestEpochs),
            coverage=read_settings(options, Coverage).sensor_coverage,
        )
        for finding in found.findings:
            logging.warning("%s", finding)
        for kind in options.kinds:
            n_poor = int(found.windows[f"{kind}_poor"].sum())
            logging.info("%s: %d of %d windows are poor", kind, n_poor, len(found.windows))
        write_table(found.windows, Path(windows_path))
        write_table(found.blocks, Path(blocks_path))


if __name__ == "__main__":
    run(main)
