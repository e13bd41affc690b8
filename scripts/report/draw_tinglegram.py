"""Draw Figure 6, the Tinglegram of a participant: what was reported, what a model predicted."""

import logging
from dataclasses import replace
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.wording import ResponseWord, scale_of
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.report.figures import tinglegram
from tinglegram.report.files import (
    FIGURE,
    note_arguments,
    source_of,
    tinglegram_arguments,
    tinglegrams_of,
    write_figure,
)
from tinglegram.report.items import ReportItem, Tinglegrams
from tinglegram.report.text import Words
from tinglegram.settings import add_settings, only, read_settings

Predicted = only(ResponseTarget, "dimension")


def main() -> None:
    """Read a model's predictions of all folds, draw one participant's test trials, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="protocol the figures belong to")
    tinglegram_arguments(parser)
    add("--predictions", required=True, help="test predictions of a {model} in a {fold}")
    add("--folds", type=int, required=True, help="number of folds")
    add("--target", required=True, help="condition whose report is the label")
    note_arguments(parser, "model")
    about = "models that test only trials with their sensors: who has none has an empty figure"
    add("--of-sensors", nargs="*", default=[], metavar="MODEL", help=about)
    add_settings(parser, ResponseDimensions, Predicted, ResponseWord, Tinglegrams)
    add("--output", required=True, help=f"{FIGURE}; names the {{model}} and the {{subject}}")
    options = parser.parse_args()
    smoothing_steps = read_settings(options, Tinglegrams).smoothing_steps
    dimensions = read_settings(options, ResponseDimensions).dimensions
    scale = scale_of(dimensions, read_settings(options, Predicted).dimension)
    words = Words(read_settings(options, ResponseWord).response, options.target)

    for model, name in tinglegrams_of(options):
        subject, note = int(name), options.notes.get(model, "")
        folds = filled([options.predictions], model=[model], fold=range(1, options.folds + 1))
        (output,) = filled([options.output], model=[model], subject=[name])
        tested = pd.concat([read_table(path, ["subject"]) for path in folds])
        title = f"Participant {subject}, model {model}"
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="models",
            protocol=options.protocol,
            title=f"Figure 6. Tinglegram: {model}, participant {subject}",
            caption=tinglegram.describe_untested(subject, model),
            source=source_of(folds, options.results),
            note=note,
        )
        if model in options.of_sensors and subject not in set(tested["subject"]):
            logging.warning("%s", about.caption)
            write_figure(tinglegram.draw_untested(title, about.caption), about, output)
            continue
        tinglegram.require_tested(subject, tested["subject"])
        predictions = pd.concat([read_table(path, subject=subject) for path in folds])
        figure = tinglegram.draw_tinglegram(
            predictions,
            subject,
            smoothing_steps=smoothing_steps,
            scale=scale,
            words=words,
            title=title,
            note=note,
        )
        caption = tinglegram.describe_tinglegram(
            predictions,
            subject,
            model,
            words,
            smoothing_steps=smoothing_steps,
        )
        write_figure(figure, replace(about, caption=caption), output)


if __name__ == "__main__":
    run(main)
