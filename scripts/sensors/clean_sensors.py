"""Measure one participant's signals other than the pulse over the whole recording."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.canonical.files import read_signals
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_arrays, write_table
from tinglegram.formats.recording import Note
from tinglegram.sensors.channels import chosen_sensors
from tinglegram.sensors.cleaning import clean_sensor, pack_sensors, require_cover
from tinglegram.sensors.settings import SensorMethods
from tinglegram.settings import add_settings, pairs_of, read_settings


def main() -> None:
    """Write the cleaned series of one participant, and what should be known of them."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--signals", type=Path, required=True, help="canonical signals of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--participant", required=True, help="id of the participant")
    about = "signals to use, and their channels; without a name the one of that type"
    add("--sensors", required=True, help=about, **pairs_of(str, "TYPE=CHANNEL"))
    add_settings(parser, SensorMethods)
    add("--output", type=Path, required=True, help="cleaned series (NPZ, written)")
    add("--notes", type=Path, required=True, help="what should be known (written)")
    options = parser.parse_args()

    who, methods = options.participant, read_settings(options, SensorMethods)
    signals = list(read_signals(options.signals).values())
    wanted = {kind: name or None for kind, name in options.sensors.items()}
    chosen, notes = chosen_sensors(signals, wanted, who)
    timeline, cleaned = read_table(options.timeline), {}
    for kind, signal in chosen.items():
        found, own = clean_sensor(signal, methods, who)
        notes += own
        if found is None:
            continue
        require_cover(found, timeline, signal.name, who)
        cleaned[kind] = found
        share = float(cleaned[kind].usable.mean())
        logging.info("%s: %s from %s, %.1f %% usable", who, kind, signal.name, 100 * share)
        if kind == "eda":
            logging.info("%s: %d responses", who, len(cleaned[kind].onset_s))
    for note in notes:
        logging.warning("%s: %s", who, note)
    write_arrays(options.output, pack_sensors(cleaned))
    write_table(pd.DataFrame(notes, columns=list(Note._fields)), options.notes)


if __name__ == "__main__":
    run(main)
