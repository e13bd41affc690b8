"""Draw the scores of all models beside baselines and beside those on disturbed inputs."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import beside
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.report.tables.scores import METRIC_NAMES
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.trials.folds import HELD_OUT, FoldScheme

Scheme = only(FoldScheme, "scheme")
METRIC = "macro_f1"


def main() -> None:
    """Read the scores of every fold, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument(
        "--row",
        nargs=3,
        action="append",
        required=True,
        metavar=("NAME", "KIND", "TSV"),
        help=f"a line of the figure: kind is one of {', '.join(beside.LOOKS)}; fold_metrics.tsv",
    )
    parser.add_argument("--reference", default="", help="baseline whose mean is drawn as a line")
    add_settings(parser, Scheme)
    options = parser.parse_args()

    rows = [
        beside.Row(name, kind, beside.folds_of(read_table(Path(path)), METRIC))
        for name, kind, path in options.row
    ]
    held_out = HELD_OUT[read_settings(options, Scheme).scheme]
    figure = beside.draw_beside(
        rows, reference=options.reference, metric=METRIC_NAMES[METRIC], note=options.note
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title="Scores beside their controls",
        caption=beside.describe_beside(rows, options.reference, METRIC_NAMES[METRIC], held_out),
        source=source_of([Path(path) for _, _, path in options.row], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
