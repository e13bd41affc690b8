"""The best segments of a ranking as clips, stimuli.tsv of them, and posters for the page.

Outputs: a clip of each of the best segments, a poster (<segment>.jpg) of each that is shown and has
pictures, and stimuli.tsv (docs/files.md).
"""

from pathlib import Path

import pandas as pd

from tinglegram.bundles.cutting import cut_clip, poster
from tinglegram.bundles.files import read_plan
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.bundles.ranking import STIMULUS_COLUMNS
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import read_table, sha256, whole, write_table
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.container import streams_in

NUMBERS = only(Ranking, "best", "shown")


def main() -> None:
    """Read the segments, cut, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--plan", type=Path, required=True, help="rank.json")
    add("--segments", type=Path, required=True, help="segments.tsv")
    add_settings(parser, NUMBERS)
    add("--clips", type=Path, required=True, help="folder of clips to write")
    add("--posters", type=Path, required=True, help="folder of posters to write")
    add("--stimuli", type=Path, required=True, help="table to write (TSV)")
    options = parser.parse_args()
    numbers = read_settings(options, NUMBERS)
    plan, folder = read_plan(options.plan), str(options.plan.parent)
    options.clips.mkdir(parents=True, exist_ok=True)
    options.posters.mkdir(parents=True, exist_ok=True)
    rows = []
    table = read_table(options.segments).head(max(numbers.best, numbers.shown))
    for place, own in enumerate(table.to_dict("records")):
        source = own["file"]
        with Path(plan.file_in(folder, own["sha256"])).open("rb") as stream:
            held = streams_in(stream, source)
            if place < numbers.shown and "picture" in held:
                try:
                    _write(
                        poster(stream, source, own["start_s"], held), options.posters, own, ".jpg"
                    )
                except InputProblem as problem:
                    # The page shows the segment without one.
                    print(f"WARNING no poster: {problem}")
            if place < numbers.best:
                cut = cut_clip(stream, source, own["start_s"], own["end_s"], held)
                path = _write(cut.content, options.clips, own, cut.suffix)
                rows.append(
                    {
                        "stimulus_id": own["segment"],
                        "file": f"{options.clips.name}/{path.name}",
                        "duration_s": round(own["end_s"] - own["start_s"], 6),
                        "has_picture": "picture" in cut.streams,
                        "has_sound": "sound" in cut.streams,
                        "condition": None,
                        "sha256": sha256(path),
                        "source": source,
                        "start_s": own["start_s"],
                        "end_s": own["end_s"],
                        "source_sha256": own["sha256"],
                        "predicted": own["mean"],
                        "model": plan.model,
                        "bundle_sha256": plan.config["bundle_sha256"],
                    }
                )
    write_table(pd.DataFrame(rows, columns=list(STIMULUS_COLUMNS)), options.stimuli)


def _write(content: bytes, folder: Path, own: dict, suffix: str) -> Path:  # type: ignore[type-arg]
    path = folder / f"{own['segment']}{suffix}"
    with whole(path) as aside:
        aside.write_bytes(content)
    return path


if __name__ == "__main__":
    run(main)
