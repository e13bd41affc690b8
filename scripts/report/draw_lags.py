"""Draw the correlation of pulse rate and rating at several lags."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.figures.moved_reports import describe_lags, draw_lags
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, only, read_settings

Band = only(Resamples, "confidence")


def main() -> None:
    """Read the table, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--lags", type=Path, required=True, help="coupling at every lag")
    parser.add_argument("--conditions", nargs="+", required=True, help="order of the panels")
    add_settings(parser, Band)
    options = parser.parse_args()

    table = read_table(options.lags)
    confidence = read_settings(options, Band).confidence
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Pulse rate and rating at several lags",
        caption=describe_lags(table, options.conditions, confidence),
        source=source_of([options.lags], options.results),
        note=options.note,
    )
    figure = draw_lags(table, options.conditions, note=options.note)
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
