"""Draw Figure 3: mean ± SEM of the ratings over each clip, for those who responded to it."""

from pathlib import Path

from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.wording import scale_of
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_table
from tinglegram.report.figures import ratings
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, only, read_settings

Predicted = only(ResponseTarget, "dimension", "above")


def main() -> None:
    """Read every participant's ratings, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    add = parser.add_argument
    add("--tables", required=True, help="ratings of each {subject} on the grid")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add_settings(parser, ResponseDimensions, Predicted)
    options = parser.parse_args()

    tables = filled([options.tables], subject=names_in(options.participants))
    predicted = read_settings(options, Predicted)
    scale = scale_of(read_settings(options, ResponseDimensions).dimensions, predicted.dimension)
    traces, n_participants = ratings.mean_traces(
        map(read_table, tables), list(options.clips), predicted.above
    )
    figure = ratings.draw_ratings(traces, scale=scale, above=predicted.above, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="behaviour",
        protocol=options.protocol,
        title="Figure 3. Ratings over the course of the clips",
        caption=ratings.describe_ratings(len(traces), n_participants, predicted.above),
        source=source_of(tables, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
