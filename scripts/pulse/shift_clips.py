"""Hold the pulse against the rating at several lags, and average it around onsets and offsets.

Both against reports that are moved in time, clip by clip, for all viewers alike.
"""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import Timing
from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_table, read_tables, write_table
from tinglegram.inference.resampling import Permutations
from tinglegram.pulse.coupling import Coupling
from tinglegram.pulse.lagged import LaggedCoupling, lag_table
from tinglegram.pulse.locked import LockedAverage, WindowPlaces, locked_table
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import add_settings, only, read_settings

SETTINGS = (
    only(Timing, "grid"),
    only(ResponseTarget, "above"),
    only(Windowing, "window", "step"),
    Coupling,
    only(LaggedCoupling, "coupling_lags"),
    LockedAverage,
    Permutations,
)


def main() -> None:
    """Write the coupling at every lag, and the pulse around every kind of edge."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--windows", required=True, help="pulse windows of each {subject}")
    add("--ratings", required=True, help="ratings of each {subject}")
    add("--timelines", required=True, help="timeline of each {subject}")
    add("--participants", type=Path, required=True, help="list of those with a recording")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add_settings(parser, *SETTINGS)
    add("--output-lags", type=Path, required=True, help="coupling at every lag (written)")
    add("--output-locked", type=Path, required=True, help="pulse around edges (written)")
    options = parser.parse_args()
    clock, level, placing, coupling, lags, locked, permutations = (
        read_settings(options, cls) for cls in SETTINGS
    )

    subjects = names_in(options.participants)
    windows, trials = (
        pd.concat([read_table(p) for p in filled([pattern], subject=subjects)], ignore_index=True)
        for pattern in (options.windows, options.timelines)
    )
    ratings = read_tables(filled([options.ratings], subject=subjects))
    # A clip seen again has one condition.
    clips = trials[["subject", "video", "condition"]].drop_duplicates()
    windows = windows.merge(clips, on=["subject", "video"])
    # ASSUMPTION: windows of poor quality are left out, since false beats are no pulse.
    poor = windows["poor"].astype(bool)
    windows["pulse_rate_bpm"] = windows["pulse_rate_bpm"].mask(poor)
    logging.info("%d of %d windows are poor and left out", poor.sum(), len(poor))

    at_lags = lag_table(
        windows,
        options.conditions,
        lags=lags.coupling_lags,
        step=placing.step,
        minimum_windows=coupling.minimum_windows,
        permutations=permutations,
    )
    around = locked_table(
        windows,
        ratings,
        options.conditions,
        above=level.above,
        around=locked.locked_window,
        places=WindowPlaces(clock.grid, placing.window, placing.step),
        permutations=permutations,
    )
    for table, what in ((at_lags, "coupling at any lag"), (around, "average around reports")):
        for row in table[table["reason"] != ""].itertuples():
            logging.warning("%s, %s: no %s: %s", row.measure, row.condition, what, row.reason)
    write_table(at_lags, options.output_lags)
    write_table(around, options.output_locked)


if __name__ == "__main__":
    run(main)
