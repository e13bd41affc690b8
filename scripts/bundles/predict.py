"""Predicted responses to films and sounds, from a bundle alone.

For each file: a table (<file>.tsv), a figure (<file>.svg, <file>.png) and a line; of all files
summary.tsv (docs/bundles.md).
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.files import read_bundle, temporary_file
from tinglegram.bundles.prediction import (
    Prediction,
    predict_file,
    summary_line,
    summary_row,
    value_name,
)
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import whole, write_table
from tinglegram.report.figures.predicted_response import draw_predicted_response
from tinglegram.report.figures.style import rendered


def main() -> None:
    """Read the bundle, then predict, write and tell file by file."""
    parser = program(__doc__)
    add = parser.add_argument
    add("bundle", type=Path, help="folder of the bundle")
    add("files", type=Path, nargs="+", metavar="FILE", help="films and sounds")
    add("--output", type=Path, required=True, help="folder to write to")
    about = "models, or all; default: the best one that a file is enough for"
    add("--model", nargs="+", default=[], metavar="NAME", help=about)
    add("--confidence", type=_share, default=0.8, help="of the calibrated interval")
    add("--threads", type=int, default=1, help="of the picture decoder")
    options = parser.parse_args()
    _require_names(options.files)
    bundle = read_bundle(options.bundle)
    problems: list[TinglegramError] = []
    rows: list[dict[str, object]] = []
    for path in options.files:
        try:
            rows += _one(bundle, path, options)
        except TinglegramError as problem:
            print(f"ERROR {problem}", file=sys.stderr)
            problems.append(problem)
    if rows:
        write_table(pd.DataFrame(rows), options.output / "summary.tsv")
    if problems:
        lines = f"{len(problems)} of {len(options.files)} file(s) could not be predicted."
        raise TinglegramError(lines)


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError(text)
    return value


def _require_names(paths: list[Path]) -> None:
    """Raise unless every file has a name of its own: results are called by it."""
    names = Counter(path.name for path in paths)
    for name, number in names.items():
        if number > 1:
            raise InputProblem(
                name,
                expected="files of different names, as their results are called by them",
                found=f"{number} of this name",
                remedy="Rename one, or give them to two commands with an --output each.",
            )


def _one(bundle: Bundle, path: Path, options: object) -> list[dict[str, object]]:
    """Predict one file, write its table and figure, print its lines; return its summary."""
    told, source = vars(options), path.name
    with path.open("rb") as stream:
        found = predict_file(
            bundle,
            stream,
            source,
            models=told["model"],
            confidence=told["confidence"],
            store=temporary_file,
            progress=_counter(source),
            threads=told["threads"],
        )
    output: Path = told["output"]
    write_table(found.table, output / f"{source}.tsv")
    labels = {model: value_name(bundle, model) for model in found.choice.models}
    notes = {model: _shown(found, model) for model in found.choice.models}
    figure = draw_predicted_response(found.table, labels, title=source, notes=notes)
    for form in ("svg", "png"):
        with whole(output / f"{source}.{form}") as aside:
            aside.write_bytes(rendered(figure, form))
    for model in found.choice.models:
        print(summary_line(found, source, model, told["confidence"]))
        for note in found.notes[model]:
            print(f"  {note}")
    return [summary_row(found, source, model) for model in found.choice.models]


def _shown(found: Prediction, model: str) -> str:
    return " ".join(n.removeprefix("WARNING ") for n in found.notes[model] if "WARNING" in n)


def _counter(source: str) -> Callable[[str, int, int], None] | None:
    """Return what counts on a terminal; elsewhere nobody would see it move."""
    if not sys.stderr.isatty():
        return None

    def count(what: str, done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        share = 100 * done / max(total, 1)
        print(f"\r{source}: {what} {share:3.0f} %  ", end=end, file=sys.stderr, flush=True)

    return count


if __name__ == "__main__":
    run(main)
