"""Draw measures of other signals during the clips against each participant's own rest."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.figures.rest_change import describe_rest_change, draw_rest_change
from tinglegram.report.files import measure_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.sensors.measures import measures_named
from tinglegram.settings import add_settings, only, read_settings

Drawn = only(Resamples, "confidence", "bootstrap")


def main() -> None:
    """Read every participant's changes and their tests, draw a panel for each measure, write."""
    parser = program(__doc__)
    measure_arguments(parser)
    parser.add_argument("--changes", type=Path, required=True, help="of each participant")
    parser.add_argument("--tests", type=Path, required=True, help="of their means")
    parser.add_argument("--conditions", nargs="+", required=True, help="order on the axis")
    add_settings(parser, Drawn)
    options = parser.parse_args()
    drawn, measures = read_settings(options, Drawn), measures_named(options.measures)

    changes, tests = read_table(options.changes), read_table(options.tests)
    output = Path(options.output)
    about = ReportItem(
        name=output.stem,
        kind="figure",
        section="sensors",
        protocol=options.protocol,
        title="Other signals against rest",
        caption=describe_rest_change(tests, drawn.confidence, drawn.bootstrap, measures),
        source=source_of([options.tests, options.changes], options.results),
        note=options.note,
    )
    figure = draw_rest_change(changes, tests, options.conditions, options.note, measures)
    write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
