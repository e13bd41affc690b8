"""Bring the sensors of every clip to the grid of the ratings and standardise them."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_arrays
from tinglegram.sensors.cleaning import unpack_sensors
from tinglegram.sensors.sensor_series import sensor_series
from tinglegram.sensors.settings import SensorMethods
from tinglegram.settings import add_settings, only, read_settings

Coverage = only(SensorMethods, "sensor_coverage")


def main() -> None:
    """Write the standardised series of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--sensors", type=Path, required=True, help="cleaned series of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add_settings(parser, Coverage)
    add("--output", type=Path, required=True, help="series of each trial (NPZ, written)")
    options = parser.parse_args()

    sensors = unpack_sensors(read_arrays(options.sensors))
    coverage = read_settings(options, Coverage).sensor_coverage
    arrays, lacking = sensor_series(sensors, read_table(options.timeline), coverage)
    logging.info("%d series", len(arrays))
    for name in lacking:
        logging.warning("%s: less than %.0f %% is usable: no series", name, 100 * coverage)
    write_arrays(options.output, arrays)


if __name__ == "__main__":
    run(main)
