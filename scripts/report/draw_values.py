"""Draw predicted values: courses of a few trials, and scores of models beside baselines."""

from pathlib import Path

import pandas as pd

from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.figures import predicted_values
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, only, read_settings

Intervals = only(Resamples, "confidence", "bootstrap")


def main() -> None:
    """Read scores and predictions, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    add = parser.add_argument
    add("--models", nargs="+", required=True, help="names; the first one orders the trials")
    add("--predictions", required=True, help="of {model} in {fold} (Parquet)")
    add("--folds", type=int, required=True, help="number of folds")
    add("--scores", type=Path, required=True, help="of models and baselines (TSV)")
    add("--trials", type=Path, required=True, help="scores of every trial (TSV)")
    add_settings(parser, Intervals, ResponseWord)
    options = parser.parse_args()
    intervals, word = (read_settings(options, cls) for cls in (Intervals, ResponseWord))

    first = options.models[0]
    chosen = predicted_values.trials_to_show(read_table(options.trials), first)
    predictions, paths = {}, []
    for model in options.models:
        own = filled(
            [options.predictions.replace("{model}", model)], fold=range(1, options.folds + 1)
        )
        tables = [read_table(path).assign(fold=fold) for fold, path in enumerate(own, 1)]
        predictions[model] = pd.concat(tables, ignore_index=True)
        paths += own
    courses = predicted_values.courses_of(chosen, predictions)
    scores = read_table(options.scores)
    figure = predicted_values.draw_values(courses, scores, unit=word.response, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="regression",
        protocol=options.protocol,
        title="Predicted values beside their baselines",
        caption=predicted_values.describe_values_figure(
            len(courses),
            first,
            intervals.confidence,
            0 if "any_low" in scores else intervals.bootstrap,
        ),
        source=source_of([options.scores, options.trials, *paths], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
