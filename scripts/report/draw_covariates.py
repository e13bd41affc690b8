"""Draw what was measured of each person against their covariates."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures.covariates import describe_covariates, draw_covariates
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read everybody's values and the tests, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--values", type=Path, required=True, help="of each person")
    parser.add_argument("--tests", type=Path, required=True, help="one row a test")
    parser.add_argument("--conditions", nargs="+", required=True, help="in their order")
    options = parser.parse_args()

    values = read_table(options.values)
    # A column without a word holds missing numbers only.
    values["group"] = values["group"].map(str, na_action="ignore")
    tests = read_table(options.tests)
    figure = draw_covariates(values, tests, options.conditions, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="behaviour",
        protocol=options.protocol,
        title="Covariates of the participants",
        caption=describe_covariates(values, options.conditions),
        source=source_of([options.values, options.tests], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
