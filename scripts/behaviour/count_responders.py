"""Count who responded to each clip and condition, and for how long."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.options import add_clips
from tinglegram.behaviour.responders import responder_table
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table


def main() -> None:
    """Write responder rates and durations per video, per condition and overall."""
    parser = program(__doc__)
    parser.add_argument(
        "--labels", type=Path, nargs="+", required=True, help="label tables, one per participant"
    )
    add_clips(parser)
    parser.add_argument("--grid", type=int, required=True, help="steps per second, Hz")
    parser.add_argument("--output", type=Path, required=True, help="table (written)")
    args = parser.parse_args()

    labels = pd.concat([read_table(path) for path in args.labels], ignore_index=True)
    table = responder_table(labels, dict(args.video), args.grid)
    write_table(table, args.output)
    for row in table[table["level"] == "condition"].itertuples():
        logging.info("%s: %d of %d responded", row.condition, row.n_responders, row.n)


if __name__ == "__main__":
    run(main)
