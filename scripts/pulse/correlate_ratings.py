"""Correlate pulse rate and RMSSD with the ratings, per participant and condition, and test it."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.pulse.coupling import compare_by_quality, compare_conditions, correlate_by_quality


def main() -> None:
    """Write the correlations of every participant and the paired test between conditions."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--windows", type=Path, nargs="+", required=True, help="pulse windows, one file each")
    add("--timelines", type=Path, nargs="+", required=True, help="timelines of the participants")
    add("--conditions", nargs="+", required=True, help="in the order to report")
    add("--minimum-windows", type=int, required=True, help="valid windows to be exceeded")
    add("--output-coupling", type=Path, required=True, help="correlations (written)")
    add("--output-test", type=Path, required=True, help="paired test (written)")
    add("--output-quality", type=Path, required=True, help="test by signal quality (written)")
    args = parser.parse_args()

    windows = pd.concat([read_table(path) for path in args.windows], ignore_index=True)
    trials = pd.concat([read_table(path) for path in args.timelines], ignore_index=True)
    windows = windows.merge(trials[["subject", "video", "condition"]], on=["subject", "video"])
    coupling = correlate_by_quality(windows, args.conditions, args.minimum_windows)
    test = compare_conditions(coupling, args.conditions)
    for row in test.itertuples():
        logging.info("%s, %s: %d pairs", row.measure, row.comparison, row.n_pairs)
        if pd.isna(row.t):
            logging.warning("%s: no test, fewer than 2 differing pairs", row.measure)
    write_table(coupling, args.output_coupling)
    write_table(test, args.output_test)
    share_poor = float(windows["poor"].astype(bool).mean())
    quality = compare_by_quality(coupling, args.conditions, share_poor)
    write_table(quality, args.output_quality)


if __name__ == "__main__":
    run(main)
