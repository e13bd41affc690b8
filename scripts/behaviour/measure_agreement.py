"""Measure how far the viewers of each clip agree (leave-one-out inter-subject agreement)."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.agreement import agreement_table
from tinglegram.behaviour.options import add_clips
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table


def main() -> None:
    """Write mean correlation, confidence interval and p for every clip."""
    parser = program(__doc__)
    parser.add_argument(
        "--labels", type=Path, nargs="+", required=True, help="label tables, one per participant"
    )
    add_clips(parser)
    parser.add_argument("--resamples", type=int, required=True, help="bootstrap resamples")
    parser.add_argument("--confidence", type=float, required=True, help="coverage, 0 to 1")
    parser.add_argument("--seed", type=int, required=True, help="seed, the same for every clip")
    parser.add_argument(
        "--p-value",
        choices=("count", "plus_one"),
        required=True,
        help="share of resampled means <= 0, or the same with one added to both counts",
    )
    parser.add_argument("--output", type=Path, required=True, help="table (written)")
    args = parser.parse_args()

    labels = pd.concat([read_table(path) for path in args.labels], ignore_index=True)
    table = agreement_table(
        labels,
        dict(args.video),
        resamples=args.resamples,
        confidence=args.confidence,
        seed=args.seed,
        p_value=args.p_value,
    )
    write_table(table, args.output)
    for row in table.itertuples():
        logging.info("%s: r = %.3f, p = %.4f, n = %d", row.video, row.r, row.p_value, row.n)


if __name__ == "__main__":
    run(main)
