"""Draw the training curves of models, one line per fold."""

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.report.figures import training
from tinglegram.report.files import model_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read the history of every fold, draw, write, model by model."""
    parser = program(__doc__)
    model_arguments(parser)
    add = parser.add_argument
    add("--histories", required=True, help="history of a {model} in a {fold}")
    add("--folds", type=int, required=True, help="number of folds")
    add("--networks", nargs="*", default=[], help="models that train by epochs, others by trees")
    options = parser.parse_args()

    for model in options.models:
        note = options.notes.get(model, "")
        used = filled([options.histories], model=[model], fold=range(1, options.folds + 1))
        (output,) = filled([options.output], model=[model])
        histories = {fold: read_table(path) for fold, path in enumerate(used, start=1)}
        unit = "Epoch" if model in options.networks else "Tree"
        figure = training.draw_training(histories, unit=unit, title=f"Model {model}", note=note)
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="models",
            protocol=options.protocol,
            title=f"Training: {model}",
            caption=training.describe_training(histories, model, unit),
            source=source_of(used, options.results),
            note=note,
        )
        write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
