"""Draw how each participant's measures of other signals go with their rating, a figure each."""

from pathlib import Path

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.report.figures.coupling import describe_coupling, draw_coupling
from tinglegram.report.files import measure_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.sensors.measures import measures_named


def main() -> None:
    """Read the coefficients and their tests, draw, write."""
    parser = program(__doc__)
    measure_arguments(parser)
    parser.add_argument("--coupling", type=Path, required=True, help="coefficients per participant")
    parser.add_argument("--test", type=Path, required=True, help="tests by signal quality")
    parser.add_argument("--conditions", nargs="+", required=True, help="order of the boxes")
    options = parser.parse_args()

    coupling, tests = read_table(options.coupling), read_table(options.test)
    for measure in measures_named(options.measures):
        own = coupling[coupling["measure"] == measure.name].rename(
            columns={"r": f"r_{measure.name}", "r_good": f"r_{measure.name}_good"}
        )
        given = (own, tests, options.conditions)
        (output,) = filled([options.output], measure=[measure.name])
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="sensors",
            protocol=options.protocol,
            title=f"{measure.words.capitalize()} and rating",
            caption=describe_coupling(*given, measure),
            source=source_of([options.coupling, options.test], options.results),
            note=options.note,
        )
        figure = draw_coupling(*given, note=options.note, measure=measure)
        write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
