"""Predicted response to one content of a ranking.

Outputs: the table of `tinglegram predict` (docs/bundles.md), without a row where the file cannot be
predicted, and about.json: its problem, or null, what it has of picture and sound, and notes.
"""

from pathlib import Path

import pandas as pd

from tinglegram.bundles.files import read_bundle, read_plan, temporary_file
from tinglegram.bundles.prediction import COLUMNS, predict_file
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import write_json, write_table
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.container import streams_in

CONFIDENCE = only(Ranking, "confidence")


def main() -> None:
    """Read bundle and file, predict, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--plan", type=Path, required=True, help="rank.json")
    add("--content", required=True, help="SHA-256 of the file")
    add("--model", required=True, help="its name")
    add_settings(parser, CONFIDENCE)
    add("--predictions", type=Path, required=True, help="table to write (TSV)")
    add("--about", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    plan, folder = read_plan(options.plan), str(options.plan.parent)
    bundle = read_bundle(Path(plan.bundle_in(folder)))
    source = plan.contents[options.content][0]
    table, about = (
        pd.DataFrame(columns=list(COLUMNS)),
        {"problem": None, "streams": [], "notes": []},
    )
    with Path(plan.file_in(folder, options.content)).open("rb") as stream:
        try:
            about["streams"] = list(streams_in(stream, source))
            found = predict_file(
                bundle,
                stream,
                source,
                models=[options.model],
                confidence=read_settings(options, CONFIDENCE).confidence,
                store=temporary_file,
            )
            table, about["notes"] = found.table, list(found.notes[options.model])
        except InputProblem as problem:
            # Of the file, it is told in its place; of anything else, the job fails.
            if problem.source != source:
                raise
            names = ("where", "expected", "found", "remedy")
            about["problem"] = {name: getattr(problem, name) for name in names}
            print(f"ERROR {problem}")
    write_table(table, options.predictions)
    write_json(about, options.about)


if __name__ == "__main__":
    run(main)
