"""Write one tidy table of a study: a row per step, with ratings, signals and named features."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.export.files import read_participants, read_sensor_series, write_tidy
from tinglegram.export.tidy import feature_columns, set_columns, tidy_steps
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
    about = f"of stimuli: {', '.join(KINDS)}, and feature sets of the study; default: all"
    add("--features", nargs="*", help=about)
    add("--output", type=Path, required=True, help="table, .parquet or .csv (written)")
    options = parser.parse_args()

    saved = open_study(options.results, options.protocol)
    saved.require_steps()
    known = [*KINDS, *saved.feature_sets]
    asked = known if options.features is None else options.features
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise InputProblem(
            str(saved.folder),
            expected=f"features that the study has ({', '.join(known)})",
            found=", ".join(unknown),
            remedy="Name some of these: --features.",
        )
    stimuli = saved.stimuli() if saved.has_stimuli else {}
    # How many MFCCs there are, the width tells: the other columns are the same for any number.
    width = max((a["acoustic"].shape[1] for a in stimuli.values() if "acoustic" in a), default=0)
    named = {"acoustic": column_names(max(0, width - len(column_names(0))))}
    columns = feature_columns(stimuli, [name for name in asked if name in KINDS], named)
    for name in saved.feature_sets:
        if name in asked:
            clips = saved.features_of(name)
            columns[name] = set_columns(name, clips)
            for code, arrays in clips.items():
                own = {name: arrays["values"]} if "values" in arrays else {}
                stimuli[code] = stimuli.get(code, {}) | own
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
