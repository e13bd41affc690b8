"""Draw pulse rate and RMSSD during the clips against each participant's own rest."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.figures import rest_change
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, only, read_settings

Intervals = only(Resamples, "confidence", "bootstrap")


def main() -> None:
    """Read every participant's changes and the tests, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--changes", type=Path, required=True, help="of each participant")
    parser.add_argument("--tests", type=Path, required=True, help="of their means")
    parser.add_argument("--conditions", nargs="+", required=True, help="order on the axis")
    add_settings(parser, Intervals)
    options = parser.parse_args()
    intervals = read_settings(options, Intervals)

    tests = read_table(options.tests)
    figure = rest_change.draw_rest_change(
        read_table(options.changes), tests, options.conditions, note=options.note
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Pulse against rest",
        caption=rest_change.describe_rest_change(tests, intervals.confidence, intervals.bootstrap),
        source=source_of([options.tests, options.changes], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
