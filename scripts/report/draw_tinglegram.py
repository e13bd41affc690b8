"""Draw Figure 6, the Tinglegram of one person: what was reported, what a model believed."""

from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import tinglegram
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read a model's predictions of all folds, draw one person's test trials, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="test predictions of every fold"
    )
    parser.add_argument("--model", required=True, help="name of the model")
    parser.add_argument("--subject", type=int, required=True, help="participant to draw")
    parser.add_argument(
        "--smoothing-steps", type=float, default=2.0, help="SD of the drawing's Gaussian, steps"
    )
    parser.add_argument("--highest-rating", type=float, default=3.0, help="top of the scale")
    parser.add_argument("--target", default="ASMR", help="condition whose report is the label")
    options = parser.parse_args()

    tested = [read_table(path, ["subject"]) for path in options.predictions]
    tinglegram.require_tested(options.subject, pd.concat(tested)["subject"])
    predictions = pd.concat(
        [read_table(path, subject=options.subject) for path in options.predictions]
    )
    figure = tinglegram.draw_tinglegram(
        predictions,
        options.subject,
        smoothing_steps=options.smoothing_steps,
        highest_rating=options.highest_rating,
        target=options.target,
        title=f"Participant {options.subject}, model {options.model}",
        note=options.note,
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title=f"Figure 6. Tinglegram: {options.model}, participant {options.subject}",
        caption=tinglegram.describe_tinglegram(
            predictions,
            options.subject,
            options.model,
            smoothing_steps=options.smoothing_steps,
            target=options.target,
        ),
        source=source_of(options.predictions, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
