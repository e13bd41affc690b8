"""Set covariates of the participants against what was measured of each person."""

import logging
from pathlib import Path

from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_table, read_tables, write_table
from tinglegram.inference.resampling import Permutations
from tinglegram.pulse.beats import PulseMethods
from tinglegram.pulse.measures import PULSE_MEASURES, PULSE_RATE
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.covariates import (
    Covariates,
    covariate_tests,
    group_table,
    joined_people,
    outcomes_of_people,
)

Confidence = only(Permutations, "confidence")
RmssdWindows = only(PulseMethods, "rmssd_windows")


def main() -> None:
    """Write the tests, the groups, and every person's values."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--people", type=Path, required=True, help="participants.tsv")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add("--ratings", required=True, help="on the grid (Parquet); {subject}: of each participant")
    about = "change against rest of each person, of the pulse and of other signals (TSV)"
    add("--changes", type=Path, nargs="*", default=[], help=about)
    add("--couplings", type=Path, nargs="*", default=[], help="coupling of each person, likewise")
    add_clips(parser)
    add_settings(parser, Covariates, Confidence, RmssdWindows)
    add("--tests", type=Path, required=True, help="one row a test (written)")
    add("--groups", type=Path, required=True, help="one row a group (written)")
    add("--values", type=Path, required=True, help="one row a person and outcome (written)")
    options = parser.parse_args()
    chosen = read_settings(options, Covariates)
    names = names_in(options.participants)
    people = read_table(options.people)
    people = people[people["subject"].isin([int(name) for name in names])]
    # RMSSD of short windows describes, where that of long ones is compared with rest.
    short = read_settings(options, RmssdWindows).rmssd_windows == "short"
    outcomes = outcomes_of_people(
        read_tables(filled([options.ratings], subject=names)),
        options.clips,
        *([read_table(path) for path in paths] for paths in (options.changes, options.couplings)),
        measures=PULSE_MEASURES if short else [PULSE_RATE],
    )
    values = joined_people(people, outcomes, chosen.covariates, chosen.covariates_as_groups)
    tests = covariate_tests(values, read_settings(options, Confidence).confidence)
    for row in tests[tests["reason"] != ""].itertuples():
        logging.warning(
            "no test of %s and %s, %s: %s", row.covariate, row.outcome, row.condition, row.reason
        )
    write_table(tests, options.tests)
    write_table(group_table(values), options.groups)
    write_table(values, options.values)


if __name__ == "__main__":
    run(main)
