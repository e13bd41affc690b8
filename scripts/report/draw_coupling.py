"""Draw Figure 4: box plots of how each participant's pulse rate goes with their rating."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import coupling
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read the coefficients and their test, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--coupling", type=Path, required=True, help="coefficients per participant")
    parser.add_argument("--test", type=Path, required=True, help="paired t-tests by signal quality")
    parser.add_argument("--conditions", nargs="+", required=True, help="order of the boxes")
    parser.add_argument("--of-paper", action="store_true", help="the data are those of REST-ASMR")
    options = parser.parse_args()

    coefficients = read_table(options.coupling)
    tests = read_table(options.test)
    figure = coupling.draw_coupling(coefficients, tests, options.conditions, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Figure 4. Pulse rate and rating",
        caption=coupling.describe_coupling(
            coefficients, tests, options.conditions, of_paper=options.of_paper
        ),
        source=source_of([options.coupling, options.test], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
