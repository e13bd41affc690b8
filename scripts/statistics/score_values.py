"""Score models of the reported value and their baselines: trials, means and differences."""

import logging

import pandas as pd

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import add_settings, pairs_of, read_settings
from tinglegram.statistics.regression import (
    regression_differences,
    regression_summary,
    trial_scores,
)


def main() -> None:
    """Read the predictions of every model and baseline, write the tables."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--models", required=True, help="and their kinds", **pairs_of(str, "MODEL=KIND"))
    about = "baseline or noise_ceiling"
    add("--baselines", default={}, help=about, **pairs_of(str, "NAME=KIND", nargs="*"))
    add("--predictions", required=True, help="of {model} in {fold} (Parquet)")
    add("--folds", type=int, required=True, help="number of folds")
    add("--tables", required=True, help="{table}: regression and its kin (TSV, written)")
    add_settings(parser, Resamples)
    options = parser.parse_args()
    settings, kinds = read_settings(options, Resamples), options.models | options.baselines
    found = []
    for model in kinds:
        pattern = options.predictions.replace("{model}", model)
        paths = filled([pattern], fold=range(1, options.folds + 1))
        found.append(trial_scores([read_table(path) for path in paths], model))
    trials = pd.concat(found, ignore_index=True)
    models, baselines = list(options.models), options.baselines
    tables = {
        "regression": regression_summary(trials, kinds, settings),
        "regression_trials": trials,
    }
    if baselines:
        differences = regression_differences(trials, models, baselines, settings)
        tables["regression_differences"] = differences
    for path, table in zip(filled([options.tables], table=tables), tables.values(), strict=True):
        write_table(table, path)
    logging.info("%s", tables["regression"].to_string())


if __name__ == "__main__":
    run(main)
