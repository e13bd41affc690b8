"""Draw the reliability curves of one model: both conditions, and the target condition alone."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import calibration
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read the curve and the Brier scores, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--calibration", type=Path, required=True, help="reliability curve")
    parser.add_argument("--within", type=Path, required=True, help="table with the Brier scores")
    parser.add_argument("--model", required=True, help="name of the model")
    parser.add_argument("--target", required=True, help="condition whose reports are predicted")
    parser.add_argument("--confidence", type=float, required=True, help="level of the intervals")
    options = parser.parse_args()

    curve = read_table(options.calibration)
    values = read_table(options.within).set_index("metric")["value"]
    brier = {
        "both_conditions": float(values["brier"]),
        "within_target": float(values["brier_within_target"]),
    }
    figure = calibration.draw_calibration(
        curve, target=options.target, title=f"Model {options.model}", note=options.note
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title=f"Calibration: {options.model}",
        caption=calibration.describe_calibration(
            curve, options.model, brier, confidence=options.confidence
        ),
        source=source_of([options.calibration, options.within], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
