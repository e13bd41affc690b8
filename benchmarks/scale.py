"""Run the workflow on growing simulated cohorts; say what grows how, and what that makes later.

Every size is stored in the folder once it is done, and skipped when the command is run again.
"""

import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from scale_draw import draw
from scale_estimate import estimate_page
from scale_page import scale_page
from scale_run import (
    RESTS,
    TIMING,
    cohort,
    longest_command,
    plan,
    plan_of_some,
    require_room,
    run_size,
    scheme_of,
    session_seconds,
    shortened,
)

from tinglegram.command_line import program, run
from tinglegram.files import write_json, write_text

# The study plans one part of so many, to show what planning in parts saves.
PARTS = 10
# Steps per second; seconds of a clip and of the rests (paper, "Experimental Procedure").
GRID, FULL_CLIP, FULL_RESTS = 10, 60.0, (60.0, 120.0, 60.0)


def measure(
    folder: Path, people: int, n_clips: int, scheme: str, cores: int, *, is_run: bool, parts: bool
) -> dict[str, Any]:
    """Plan one size and, where `is_run`, run it."""
    work = folder / f"work_{people}_{n_clips}"
    if work.exists():
        shutil.rmtree(work)
    overlay = cohort(people, n_clips, scheme)
    found: dict[str, Any] = {
        "people": people,
        "clips": n_clips,
        "scheme": scheme,
        "session_s": session_seconds(n_clips, TIMING["clip"], RESTS),
        "plan": plan(work, overlay),
        "longest_command": longest_command(work, overlay) if is_run else None,
        "parts": plan_of_some(work, overlay, PARTS) if parts else None,
        "run": None,
    }
    if is_run:
        require_room(folder, people, n_clips)
        found["run"] = run_size(work, shortened(overlay), cores)
    else:
        shutil.rmtree(work)
    return found


def main() -> None:
    """Measure every size that is not there yet, then write the two pages and the figure."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--people", type=int, nargs="+", default=[8, 34, 136, 340], help="sizes of the cohorts")
    add("--clips", type=int, nargs="+", default=[8, 32], help="numbers of clips, 8 or more")
    add("--run-up-to", type=int, default=136, help="largest cohort run with more clips")
    add(
        "--folder",
        type=Path,
        help="working folder (left out: a temporary one)",
    )
    add("--cores", type=int, default=os.cpu_count(), help="cores of the runs")
    add("--again", action="store_true", help="measure sizes that are done once more")
    add("--cohort", type=int, default=10_000, help="people of the estimate")
    add("--price", type=float, default=0.05, help="ASSUMPTION: price of one core for an hour, EUR")
    add("--section", type=Path, required=True, help="results to write (Markdown)")
    add("--estimate", type=Path, required=True, help="estimate to write (Markdown)")
    add("--figure", type=Path, required=True, help="figure to write (SVG)")
    args = parser.parse_args()

    folder = args.folder or Path(tempfile.gettempdir()) / "tinglegram_scale"
    sizes = []
    for n_clips in sorted(args.clips):
        scheme = scheme_of(n_clips, min(args.people))
        for people in sorted(args.people):
            fewest = n_clips == min(args.clips)
            record = folder / f"people_{people}_clips_{n_clips}.json"
            if args.again or not record.exists():
                is_run = fewest or people <= args.run_up_to
                parts = is_run and fewest and people == max(args.people) and people >= PARTS
                logging.info(
                    "%d people, %d clips: %s", people, n_clips, "run" if is_run else "plan"
                )
                found = measure(
                    *(folder, people, n_clips, scheme, args.cores), is_run=is_run, parts=parts
                )
                write_json(found, record)
            sizes.append(json.loads(record.read_text(encoding="utf-8")))
    steps = round((TIMING["clip"] - TIMING["warm_up"]) * GRID)
    write_text(scale_page(sizes, steps), args.section)
    full = session_seconds(min(args.clips), FULL_CLIP, FULL_RESTS)
    write_text(estimate_page(sizes, args.cohort, args.price, full), args.estimate)
    draw(sizes, args.figure)


if __name__ == "__main__":
    run(main)
