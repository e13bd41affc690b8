"""Give every trial its role (train, validation, test, unused) in every fold."""

import logging
from pathlib import Path

from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_tables, write_table
from tinglegram.settings import add_settings, read_settings
from tinglegram.trials.files import read_covariate
from tinglegram.trials.folds import FoldScheme, make_folds


def main() -> None:
    """Read the timelines, write the table of folds."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--timelines", required=True, help="timeline (TSV); {subject}: of each participant")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add("--people", type=Path, help="participants.tsv, where a covariate makes the folds")
    add_clips(parser)
    add_settings(parser, FoldScheme)
    add("--output", type=Path, required=True, help="table of folds (TSV)")
    options = parser.parse_args()
    trials = read_tables(filled([options.timelines], subject=names_in(options.participants)))
    scheme = read_settings(options, FoldScheme)
    values = {}
    if options.people is not None and scheme.covariate is not None:
        values = read_covariate(options.people, scheme.covariate)
    folds = make_folds(trials, options.clips, scheme, values)
    used = folds[folds["role"] != "unused"]
    for (fold, role), rows in used.groupby(["fold", "role"], sort=False):
        numbers = sorted(rows["subject"].unique().tolist())
        logging.info("fold %d, %s: %d trials of %s", fold, role, len(rows), numbers)
    write_table(folds, options.output)


if __name__ == "__main__":
    run(main)
