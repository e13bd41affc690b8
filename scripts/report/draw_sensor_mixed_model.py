"""Draw the diagnostic plots of the mixed models of other signals on rating, a figure each."""

from pathlib import Path

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.report.figures.mixed_model import describe_mixed_model, draw_mixed_model
from tinglegram.report.files import measure_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.sensors.measures import measures_named


def main() -> None:
    """Read residuals and random effects of the models on all windows, draw, write."""
    parser = program(__doc__)
    measure_arguments(parser)
    add = parser.add_argument
    add("--model", type=Path, required=True, help="table of the models")
    add("--residuals", type=Path, required=True, help="residuals of the models")
    add("--random-effects", type=Path, required=True, help="by participant")
    options = parser.parse_args()

    used = (options.model, options.residuals, options.random_effects)
    tables = [read_table(path).query("windows == 'all'") for path in used]
    for measure in measures_named(options.measures):
        model, rows, effects = (t[t["measure"] == measure.name] for t in tables)
        plain = measure.without_ending
        (output,) = filled([options.output], measure=[measure.name])
        random_effects = str(model["random_effects"].iloc[0])
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="sensors",
            protocol=options.protocol,
            title=f"Checks of the mixed model: {measure.words}",
            caption=describe_mixed_model(rows, effects, random_effects, plain),
            source=source_of(used, options.results),
            note=options.note,
        )
        figure = draw_mixed_model(rows, effects, options.note, plain)
        write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
