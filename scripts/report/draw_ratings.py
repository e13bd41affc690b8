"""Draw Figure 3: mean ± SEM of the ratings over each clip, for those who felt something."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import ratings
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read every person's labels, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="labels per person")
    parser.add_argument("--clips", nargs="+", required=True, help="order of the panels")
    parser.add_argument("--highest-rating", type=float, default=3.0, help="top of the scale")
    options = parser.parse_args()

    traces, n_participants = ratings.mean_traces(map(read_table, options.labels), options.clips)
    figure = ratings.draw_ratings(traces, highest_rating=options.highest_rating, note=options.note)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="behaviour",
        protocol=options.protocol,
        title="Figure 3. Ratings over the course of the clips",
        caption=ratings.describe_ratings(len(traces), n_participants),
        source=source_of(options.labels, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
