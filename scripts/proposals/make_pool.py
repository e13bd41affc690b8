"""Make sounds of the pool that closed loops choose from: parameters, measures and features."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.proposals.pool import PoolOfSounds, pool_table
from tinglegram.settings import add_settings, read_settings
from tinglegram.sounds.safety import SoundSafety


def main() -> None:
    """Write a row for each sound."""
    parser = program(__doc__)
    settings = PoolOfSounds, SoundSafety, Seeding
    add_settings(parser, *settings)
    parser.add_argument("--first", type=int, required=True, help="number of the first sound")
    parser.add_argument("--number", type=int, required=True, help="how many to make")
    parser.add_argument("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()
    pool, safety, seeding = (read_settings(options, cls) for cls in settings)
    table = pool_table(pool, safety, options.first, options.number, seeding.seed)
    write_table(table, options.output)
    logging.info("%d sounds", len(table))


if __name__ == "__main__":
    run(main)
