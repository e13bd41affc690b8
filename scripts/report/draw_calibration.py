"""Draw the reliability curves of models: all trials, and the target condition alone."""

from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.figures import calibration
from tinglegram.report.files import model_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.report.text import Words
from tinglegram.settings import add_settings, only, read_settings

Intervals = only(Resamples, "confidence")


def main() -> None:
    """Read the curve and the Brier scores, draw, write, model by model."""
    parser = program(__doc__)
    model_arguments(parser)
    add = parser.add_argument
    add("--calibration", required=True, help="reliability curve of a {model}")
    add("--within", required=True, help="table with the Brier scores of a {model}")
    add("--target", required=True, help="condition whose reports are predicted")
    add("--control", required=True, help="the other one; other: several; empty: none")
    add_settings(parser, Intervals, ResponseWord)
    options = parser.parse_args()
    words = Words(read_settings(options, ResponseWord).response, options.target, options.control)

    for model in options.models:
        note = options.notes.get(model, "")
        used = filled([options.calibration, options.within], model=[model])
        (output,) = filled([options.output], model=[model])
        curve, within = map(read_table, used)
        figure = calibration.draw_calibration(curve, words=words, title=f"Model {model}", note=note)
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="models",
            protocol=options.protocol,
            title=f"Calibration: {model}",
            caption=calibration.describe_calibration(
                curve,
                model,
                calibration.brier_scores(within),
                words,
                confidence=read_settings(options, Intervals).confidence,
            ),
            source=source_of(used, options.results),
            note=note,
        )
        write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
