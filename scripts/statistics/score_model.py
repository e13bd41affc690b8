"""Score models: frames, trials, within the target condition, events and calibration."""

import logging

from tinglegram.clock import Timing
from tinglegram.command_line import filled, program, run
from tinglegram.files import write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import only, read_settings
from tinglegram.statistics.calibration import CalibrationCurve
from tinglegram.statistics.events import EventMatching
from tinglegram.statistics.files import add_predictions, read_scored
from tinglegram.statistics.model_tables import model_tables
from tinglegram.statistics.trial_level import TrialLevel

SETTINGS = (Resamples, TrialLevel, EventMatching, CalibrationCurve)


def main() -> None:
    """Read the predictions of one model after the other and write its tables."""
    parser = program(__doc__)
    add_predictions(parser, *SETTINGS, only(Timing, "grid"))
    parser.add_argument("--models", nargs="+", required=True, help="names")
    parser.add_argument("--tables", required=True, help="{table} of {model} (TSV, written)")
    options = parser.parse_args()
    settings, level, matching, curve = (read_settings(options, cls) for cls in SETTINGS)
    grid = read_settings(options, only(Timing, "grid")).grid
    for model in options.models:
        trials = read_scored(options, model)
        tables = model_tables(trials, settings, level, matching, curve, grid=grid)
        paths = filled([options.tables], model=[model], table=tables)
        for path, table in zip(paths, tables.values(), strict=True):
            write_table(table, path)
        logging.info("%s, %d test trials", model, len(trials.names))
        for name in ("pooled", "within"):
            logging.info("%s, %s\n%s", model, name, tables[name].to_string())


if __name__ == "__main__":
    run(main)
