"""Write participants.tsv of a study whose readers know no covariates, from a table of them."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import names_in, program, run
from tinglegram.files import write_table
from tinglegram.readers.people import strangers, with_people


def main() -> None:
    """Write number, id and covariates of everybody who takes part."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--table", required=True, help="table of participants: their id and covariates")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add("--output", type=Path, required=True, help="participants.tsv (written)")
    options = parser.parse_args()
    ids = {name: name for name in names_in(options.participants)}
    table = pd.DataFrame({"subject": [int(name) for name in ids], "participant_id": list(ids)})
    write_table(with_people(table, options.table, ids), options.output)
    others = strangers(options.table, ids)
    if others:
        logging.warning("%s: %d row(s) of nobody who takes part", options.table, len(others))


if __name__ == "__main__":
    run(main)
