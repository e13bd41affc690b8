"""Pulse against rest, the mixed model of pulse rate on rating, and both without poor windows."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.beats import PulseMethods
from tinglegram.pulse.clip_shifts import ClipShifts, DrawnShifts
from tinglegram.pulse.coupling import CouplingTest
from tinglegram.pulse.measures import MEASURES_OF_BLOCKS
from tinglegram.pulse.mixed_model_checks import fit_by_quality
from tinglegram.pulse.rest_change import ChangeInterval, changes, rest_change
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import add_settings, only, read_settings

Placing = only(Windowing, "window", "step")
Bootstrap = only(Resamples, "bootstrap", "confidence", "seed")
RmssdWindows = only(PulseMethods, "rmssd_windows")


def main() -> None:
    """Write every statistic with all windows and with good ones only."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--windows", required=True, help="pulse windows of each {subject}")
    add("--blocks", required=True, help="pulse blocks of each {subject}")
    add("--timelines", required=True, help="timeline of each {subject}")
    add("--participants", type=Path, required=True, help="list of those with a recording")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(
        parser, Placing, Bootstrap, ChangeInterval, CouplingTest, RmssdWindows, DrawnShifts
    )
    add("--output-rest-change", type=Path, required=True, help="change against rest (written)")
    add("--output-rest-changes", type=Path, required=True, help="of each participant (written)")
    add("--output-model", type=Path, required=True, help="mixed model (written)")
    add("--output-checks", type=Path, required=True, help="its assumptions (written)")
    add("--output-residuals", type=Path, required=True, help="its residuals (written)")
    add("--output-random-effects", type=Path, required=True, help="its random effects (written)")
    options = parser.parse_args()
    placing, drawn = read_settings(options, Placing), read_settings(options, Bootstrap)
    windows, blocks, trials = (
        pd.concat(
            [read_table(p) for p in filled([pattern], subject=names_in(options.participants))],
            ignore_index=True,
        )
        for pattern in (options.windows, options.blocks, options.timelines)
    )

    for row in blocks[blocks["problem"].notna() & (blocks["problem"] != "")].itertuples():
        logging.warning("%s, %s, %s windows: %s", row.subject, row.block, row.windows, row.problem)
    measures = MEASURES_OF_BLOCKS[read_settings(options, RmssdWindows).rmssd_windows]
    change = rest_change(
        blocks,
        options.conditions,
        interval=read_settings(options, ChangeInterval).change_interval,
        measures=measures,
        resamples=drawn.bootstrap,
        confidence=drawn.confidence,
        seed=drawn.seed,
    )
    for row in change[change["reason"] != ""].itertuples():
        logging.warning(
            "no test of %s in %s against %s, %s windows: %s",
            *(row.measure, row.condition, row.against, row.windows, row.reason),
        )
    write_table(change, options.output_rest_change)
    write_table(changes(blocks, options.conditions, measures), options.output_rest_changes)

    # A clip seen again has one condition.
    clips = trials[["subject", "video", "condition"]].drop_duplicates()
    moved = read_settings(options, CouplingTest).coupling_test == "shifted_clips"
    models = fit_by_quality(
        windows.merge(clips, on=["subject", "video"]),
        *options.conditions,
        window_s=placing.window,
        step_s=placing.step,
        confidence=drawn.confidence,
        shifts=ClipShifts.of(read_settings(options, DrawnShifts)) if moved else None,
    )
    for finding in models.findings:
        logging.warning("%s", finding)
    for kept, effects in models.random_effects.items():
        logging.info("mixed model, %s windows: random effects %s", kept, effects)
    write_table(models.model, options.output_model)
    write_table(models.checks, options.output_checks)
    write_table(models.residuals, options.output_residuals)
    write_table(models.participants, options.output_random_effects)


if __name__ == "__main__":
    run(main)
