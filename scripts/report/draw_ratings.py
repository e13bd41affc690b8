"""Draw Figure 3: mean ± SEM of the ratings over each clip, for those with a rating above 0."""

from pathlib import Path

from tinglegram.behaviour.timeline import RatingKeys
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_table
from tinglegram.report.figures import ratings
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.settings import add_settings, read_settings


def main() -> None:
    """Read every participant's ratings, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    add = parser.add_argument
    add("--tables", required=True, help="ratings of each {subject} on the grid")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    add_settings(parser, RatingKeys)
    options = parser.parse_args()

    tables = filled([options.tables], subject=names_in(options.participants))
    traces, n_participants = ratings.mean_traces(map(read_table, tables), list(options.clips))
    highest_rating = max(read_settings(options, RatingKeys).ratings.values())
    figure = ratings.draw_ratings(traces, highest_rating=highest_rating, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="behaviour",
        protocol=options.protocol,
        title="Figure 3. Ratings over the course of the clips",
        caption=ratings.describe_ratings(len(traces), n_participants),
        source=source_of(tables, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
