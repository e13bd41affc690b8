"""Draw the diagnostic plots of the mixed model of pulse rate on rating."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import mixed_model
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read residuals and random effects of the model on all windows, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--model", type=Path, required=True, help="table of the model")
    parser.add_argument("--residuals", type=Path, required=True, help="residuals of the model")
    parser.add_argument("--random-effects", type=Path, required=True, help="by participant")
    options = parser.parse_args()

    used = (options.model, options.residuals, options.random_effects)
    model, rows, effects = (read_table(path).query("windows == 'all'") for path in used)
    figure = mixed_model.draw_mixed_model(rows, effects, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Checks of the mixed model",
        caption=mixed_model.describe_mixed_model(
            rows, effects, str(model["random_effects"].iloc[0])
        ),
        source=source_of(used, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
