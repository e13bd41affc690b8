"""Write one tidy table of a study: a row per step, with ratings, signals and named features."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.export.files import read_participants, read_sensor_series, write_tidy
from tinglegram.export.tidy import feature_columns, tidy_steps
from tinglegram.files import read_arrays, read_table
from tinglegram.stimuli.acoustic import column_names
from tinglegram.study.files import open_study

KINDS = ("acoustic", "visual")


def main() -> None:
    """Join what the study computed, one participant after the other."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="whose ratings and features")
    add("--features", nargs="*", choices=KINDS, default=KINDS, help="of stimuli")
    add("--output", type=Path, required=True, help="table, .parquet or .csv (written)")
    options = parser.parse_args()

    saved = open_study(options.results, options.protocol)
    saved.require_steps()
    stimuli = saved.stimuli() if saved.has_stimuli else {}
    # How many MFCCs there are, the width tells: the other columns are the same for any number.
    width = max((a["acoustic"].shape[1] for a in stimuli.values() if "acoustic" in a), default=0)
    named = {"acoustic": column_names(max(0, width - len(column_names(0))))}
    columns = feature_columns(stimuli, options.features, named)
    has_pulse = (saved.folder / "pulse_10hz").is_dir()

    def tables() -> Iterator[pd.DataFrame]:
        people = read_participants(options.results)
        for name in saved.subjects:
            ratings = read_table(saved.folder / f"labels/{name}.parquet")
            if people is not None:
                ratings = ratings.merge(people, on="subject", how="left", validate="many_to_one")
            own = saved.folder / f"pulse_10hz/{name}.npz"
            waves = read_arrays(own) if has_pulse and name in saved.with_pulse else {}
            signals = {"pulse": waves} if has_pulse else {}
            signals |= read_sensor_series(saved.folder, name, saved.sensors_used)
            yield tidy_steps(ratings, signals, stimuli, columns)

    rows = write_tidy(tables(), options.output)
    logging.info("%d rows in %s", rows, options.output)


if __name__ == "__main__":
    run(main)
