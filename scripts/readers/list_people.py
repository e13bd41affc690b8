"""List everybody whom the readers find: number, id and covariates, and from which files."""

import json
import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.readers.parts import covariate_table, find_sources
from tinglegram.readers.people import strangers
from tinglegram.settings import pairs_of


def main() -> None:
    """Write participants.tsv and the table of their files."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--data", required=True, help="reader, root, options, responses and signals (JSON)")
    add("--lengths", required=True, help="of the clips", **pairs_of(float, "CLIP=SECONDS"))
    add("--dimensions", required=True, help="of responses", **pairs_of(str, "NAME=KIND"))
    add("--participants", type=Path, required=True, help="table of participants (written)")
    add("--sources", type=Path, required=True, help="table of their files (written)")
    options = parser.parse_args()

    data = json.loads(options.data)
    people = data.pop("participants", None)
    sources = find_sources(data, options.lengths, options.dimensions)
    table = covariate_table(sources, options.lengths, options.dimensions, people)
    write_table(table, options.participants)
    others = strangers(people, sources.ids) if people else []
    if others:
        logging.warning("%s: %d row(s) of nobody in the study", people, len(others))
    rows = [
        (int(subject), part, path)
        for part, own in sources.files.items()
        for subject, paths in own.items()
        for path in paths
    ]
    write_table(pd.DataFrame(rows, columns=["subject", "part", "file"]), options.sources)


if __name__ == "__main__":
    run(main)
