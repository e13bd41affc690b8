"""Correlate pulse rate and RMSSD with the ratings, per participant and condition, and test it."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.pulse.beats import PulseMethods
from tinglegram.pulse.clip_shifts import (
    ClipShifts,
    DrawnShifts,
    coupling_by_shifts,
    decided_by_shifts,
)
from tinglegram.pulse.coupling import (
    Coupling,
    CouplingTest,
    compare_by_quality,
    compare_conditions,
    correlate_by_quality,
    described_alone,
)
from tinglegram.pulse.measures import PULSE_MEASURES, RMSSD
from tinglegram.settings import add_settings, only, read_settings

RmssdWindows = only(PulseMethods, "rmssd_windows")


def main() -> None:
    """Write the correlations of every participant and the paired test between conditions."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--windows", required=True, help="pulse windows of each {subject}")
    add("--timelines", required=True, help="timeline of each {subject}")
    add("--participants", type=Path, required=True, help="list of those with a recording")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(parser, Coupling, CouplingTest, RmssdWindows, DrawnShifts)
    add("--output-coupling", type=Path, required=True, help="correlations (written)")
    add("--output-test", type=Path, required=True, help="paired test (written)")
    add("--output-quality", type=Path, required=True, help="test by signal quality (written)")
    options = parser.parse_args()

    windows, trials = (
        pd.concat(
            [read_table(p) for p in filled([pattern], subject=names_in(options.participants))],
            ignore_index=True,
        )
        for pattern in (options.windows, options.timelines)
    )
    # A clip seen again has one condition.
    clips = trials[["subject", "video", "condition"]].drop_duplicates()
    windows = windows.merge(clips, on=["subject", "video"])
    least = read_settings(options, Coupling).minimum_windows
    coupling = correlate_by_quality(windows, options.conditions, least)
    moved = read_settings(options, CouplingTest).coupling_test == "shifted_clips"
    test = compare_conditions(coupling, options.conditions, each=moved)
    share_poor = float(windows["poor"].astype(bool).mean())
    quality = compare_by_quality(coupling, options.conditions, share_poor, each=moved)
    # RMSSD of short windows is noise for the most part.
    described = [RMSSD] if read_settings(options, RmssdWindows).rmssd_windows == "long" else []
    if moved:
        shifted = coupling_by_shifts(
            windows,
            options.conditions,
            least,
            PULSE_MEASURES,
            ClipShifts.of(read_settings(options, DrawnShifts)),
            [measure for measure in PULSE_MEASURES if measure not in described],
        )
        of_all = shifted[shifted["windows"] == "all"].drop(columns="windows")
        test = decided_by_shifts(test, of_all, ["measure", "comparison"])
        quality = decided_by_shifts(quality, shifted, ["windows", "measure", "comparison"])
    if described:
        test, quality = (described_alone(table, described) for table in (test, quality))
    for row in test.itertuples():
        logging.info("%s, %s: %d pairs", row.measure, row.comparison, row.n_pairs)
        if pd.isna(row.t):
            logging.warning("%s: no test, fewer than 2 differing pairs", row.measure)
    write_table(coupling, options.output_coupling)
    write_table(test, options.output_test)
    write_table(quality, options.output_quality)


if __name__ == "__main__":
    run(main)
