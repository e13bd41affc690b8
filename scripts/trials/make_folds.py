"""Give every trial its role (train, validation, test, unused) in every fold."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.trials.files import clip_conditions
from tinglegram.trials.folds import SCHEMES, SUBJECT_ORDERS, number_of_folds


def main() -> None:
    """Read the timelines, write the table of folds."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--timelines", type=Path, nargs="+", required=True, help="timeline of each person (TSV)")
    add("--clips", nargs="+", required=True, metavar="CLIP=CONDITION", help="in config order")
    add("--scheme", choices=SCHEMES, required=True, help="how people and clips are held out")
    add("--number", type=int, help="number of folds; without it the number of people")
    add("--subject-order", choices=SUBJECT_ORDERS, required=True, help="before cutting into folds")
    add("--validation-fraction", type=float, required=True, help="share of training people")
    add("--seed", type=int, required=True, help="the study's seed")
    add("--output", type=Path, required=True, help="table of folds (TSV)")
    options = parser.parse_args()
    trials = pd.concat([read_table(path) for path in options.timelines], ignore_index=True)
    clips, people = clip_conditions(options.clips), trials["subject"].nunique()
    folds = SCHEMES[options.scheme](
        trials,
        clips,
        n_folds=number_of_folds(options.scheme, options.number, people, clips),
        subject_order=options.subject_order,
        validation_fraction=options.validation_fraction,
        seed=options.seed,
    )
    used = folds[folds["role"] != "unused"]
    for (fold, role), rows in used.groupby(["fold", "role"], sort=False):
        people = sorted(rows["subject"].unique().tolist())
        logging.info("fold %d, %s: %d trials of %s", fold, role, len(rows), people)
    write_table(folds, options.output)


if __name__ == "__main__":
    run(main)
