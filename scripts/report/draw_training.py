"""Draw the training curves of one model, one line per fold."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import training
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read the history of every fold, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument(
        "--histories", type=Path, nargs="+", required=True, help="histories, fold 1 first"
    )
    parser.add_argument("--model", required=True, help="name of the model")
    parser.add_argument("--unit", default="Epoch", help="what a row of the history is called")
    options = parser.parse_args()

    histories = {fold: read_table(path) for fold, path in enumerate(options.histories, start=1)}
    figure = training.draw_training(
        histories, unit=options.unit, title=f"Model {options.model}", note=options.note
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title=f"Training: {options.model}",
        caption=training.describe_training(histories, options.model, options.unit),
        source=source_of(options.histories, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
