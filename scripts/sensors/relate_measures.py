"""Relate measures of other signals to rating and rest: coupling, change, mixed models."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.clip_shifts import ClipShifts, DrawnShifts
from tinglegram.pulse.coupling import Coupling, CouplingTest
from tinglegram.pulse.rest_change import ChangeInterval, changes
from tinglegram.pulse.windows import Windowing
from tinglegram.sensors.measure_statistics import (
    absent_measures,
    compare_measures,
    couple_measures,
    decide_by_shifts,
    fit_measures,
    poor_shares,
    rest_change_of_measures,
    tests_of_all_windows,
    with_columns,
)
from tinglegram.sensors.measures import SENSOR_MEASURE_NAMES, measures_named
from tinglegram.settings import add_settings, only, read_settings

Placing = only(Windowing, "window", "step")
Bootstrap = only(Resamples, "bootstrap", "confidence", "seed")
# Name of an output -> what it is.
OUTPUTS = {
    "coupling": "correlations with the rating",
    "coupling-test": "tests of the correlations",
    "coupling-quality": "these tests by signal quality",
    "rest-change": "change against rest",
    "rest-change-people": "change of each participant",
    "mixed-model": "mixed models",
    "checks": "their assumptions",
    "residuals": "their residuals",
    "random-effects": "their random effects",
}


def main() -> None:
    """Write every statistic of all measures, with all windows and with good ones only."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--measures", nargs="+", choices=SENSOR_MEASURE_NAMES, required=True, help="in order")
    add("--windows", required=True, help="sensor windows of each {subject}")
    add("--blocks", required=True, help="sensor blocks of each {subject}")
    add("--timelines", required=True, help="timeline of each {subject}")
    add("--participants", type=Path, required=True, help="list of those with these files")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(parser, Placing, Coupling, Bootstrap, ChangeInterval, CouplingTest, DrawnShifts)
    for name, what in OUTPUTS.items():
        add(f"--output-{name}", type=Path, required=True, help=f"{what} (written)")
    options = parser.parse_args()
    placing, drawn = read_settings(options, Placing), read_settings(options, Bootstrap)
    measures, conditions = measures_named(options.measures), options.conditions
    subjects = names_in(options.participants)
    windows, blocks, trials = (
        pd.concat([read_table(p) for p in filled([pattern], subject=subjects)], ignore_index=True)
        for pattern in (options.windows, options.blocks, options.timelines)
    )
    # A clip seen again has one condition.
    clips = trials[["subject", "video", "condition"]].drop_duplicates()
    windows = with_columns(windows.merge(clips, on=["subject", "video"]), measures)
    blocks = with_columns(blocks, measures)
    absent = absent_measures(windows, measures)
    for reason in absent.values():
        logging.warning("%s", reason)

    least = read_settings(options, Coupling).minimum_windows
    moved = read_settings(options, CouplingTest).coupling_test == "shifted_clips"
    shifts = ClipShifts.of(read_settings(options, DrawnShifts)) if moved else None
    coupling = couple_measures(windows, conditions, least, measures)
    quality = compare_measures(
        coupling, conditions, measures, poor_shares(windows, measures), absent, each=moved
    )
    if shifts is not None:
        quality = decide_by_shifts(quality, windows, conditions, least, measures, shifts)
    untested = quality[(quality["reason"] != "") & ~quality["measure"].isin(list(absent))]
    for row in untested.itertuples():
        logging.warning(
            *("no test of the coupling of %s, %s, %s windows: %s", row.measure, row.comparison),
            *(row.windows, row.reason),
        )
    write_table(coupling, options.output_coupling)
    write_table(tests_of_all_windows(quality), options.output_coupling_test)
    write_table(quality, options.output_coupling_quality)

    change = rest_change_of_measures(
        blocks,
        conditions,
        measures,
        interval=read_settings(options, ChangeInterval).change_interval,
        resamples=drawn.bootstrap,
        confidence=drawn.confidence,
        seed=drawn.seed,
    )
    n_untested = int((change["reason"] != "").sum())
    if n_untested:
        logging.warning("no test of %d change(s) against rest: see `reason`", n_untested)
    write_table(change, options.output_rest_change)
    write_table(changes(blocks, conditions, measures), options.output_rest_change_people)

    models = fit_measures(
        windows,
        *conditions,
        measures=measures,
        window_s=placing.window,
        step_s=placing.step,
        confidence=drawn.confidence,
        shifts=shifts,
    )
    for finding in models.findings:
        logging.warning("%s", finding)
    for which, effects in models.random_effects.items():
        logging.info("mixed model of %s windows: random effects %s", which, effects)
    write_table(models.model, options.output_mixed_model)
    write_table(models.checks, options.output_checks)
    write_table(models.residuals, options.output_residuals)
    write_table(models.participants, options.output_random_effects)


if __name__ == "__main__":
    run(main)
