"""Draw the pulse rate around reported onsets and offsets."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.windows import Windowing
from tinglegram.report.figures.moved_reports import describe_locked, draw_locked
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, only, read_settings

Band = only(Resamples, "confidence")
Length = only(Windowing, "window")


def main() -> None:
    """Read the table, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--locked", type=Path, required=True, help="pulse rate around edges")
    parser.add_argument("--conditions", nargs="+", required=True, help="order of the panels")
    add_settings(parser, Band, Length)
    options = parser.parse_args()

    table = read_table(options.locked)
    confidence = read_settings(options, Band).confidence
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Pulse rate around reported onsets and offsets",
        caption=describe_locked(
            table, options.conditions, confidence, read_settings(options, Length).window
        ),
        source=source_of([options.locked], options.results),
        note=options.note,
    )
    figure = draw_locked(table, options.conditions, note=options.note)
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
