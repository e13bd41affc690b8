"""Segments of all contents, ranked by their predicted response, and what was joined.

Outputs: segments.tsv, duplicates.tsv, problems.tsv (docs/files.md).
"""

import json
from pathlib import Path

import pandas as pd

from tinglegram.bundles.files import read_plan
from tinglegram.bundles.fingerprints import Fingerprint
from tinglegram.bundles.rank_plan import PROBLEM_COLUMNS
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.bundles.ranking import Content, rank_segments
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.settings import add_settings, only, read_settings

CUT = only(Ranking, "length", "step", "alike_sound", "alike_picture")


def main() -> None:
    """Read what each job wrote, rank, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--plan", type=Path, required=True, help="rank.json")
    add_settings(parser, CUT)
    for name in ("segments", "duplicates", "problems"):
        add(f"--{name}", type=Path, required=True, help="table to write (TSV)")
    options = parser.parse_args()
    plan, folder = read_plan(options.plan), options.plan.parent
    contents, problems = {}, []
    for content, files in plan.contents.items():
        predicted = folder / plan.predicted.replace("{content}", content)
        about = json.loads((predicted / "about.json").read_text(encoding="utf-8"))
        if about["problem"] is not None:
            problems += [(file, str(InputProblem(file, **about["problem"]))) for file in files]
            continue
        courses = read_arrays(folder / "cache" / content / "fingerprint.npz")
        steps = read_table(predicted / "predictions.tsv")
        contents[content] = Content(tuple(files), steps, Fingerprint(courses))  # type: ignore[arg-type]
    found = rank_segments(contents, plan.config["streams"], read_settings(options, CUT))
    write_table(found.segments, options.segments)
    write_table(found.duplicates, options.duplicates)
    write_table(pd.DataFrame(problems, columns=list(PROBLEM_COLUMNS)), options.problems)


if __name__ == "__main__":
    run(main)
