"""Simulate closed loops of proposing, hearing and learning with listeners of one kind."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_tables, write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.proposals.listeners import LISTENER_KINDS, Listening
from tinglegram.proposals.loop import ClosedLoop, simulate_loop
from tinglegram.proposals.pool import pool_of
from tinglegram.proposals.settings import Proposing
from tinglegram.settings import add_settings, read_settings


def main() -> None:
    """Write what every strategy reached in every round of every repetition."""
    parser = program(__doc__)
    settings = ClosedLoop, Listening, Proposing, Seeding
    add_settings(parser, *settings)
    add = parser.add_argument
    add("--pool", type=Path, nargs="+", required=True, help="tables of sounds, in order")
    add("--kind", choices=LISTENER_KINDS, required=True, help="of listeners")
    add("--first", type=int, required=True, help="number of the first repetition")
    add("--number", type=int, required=True, help="how many to simulate")
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()
    loop, listening, proposing, seeding = (read_settings(options, cls) for cls in settings)
    pool = pool_of(read_tables(options.pool))
    tables = [
        simulate_loop(pool, options.kind, repetition, loop, listening, proposing, seeding.seed)
        for repetition in range(options.first, options.first + options.number)
    ]
    write_table(pd.concat(tables, ignore_index=True), options.output)
    logging.info("%s listeners: %d repetitions", options.kind, len(tables))


if __name__ == "__main__":
    run(main)
