"""Draw the kernel of the temporal response function."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures.response_kernel import (
    describe_response_kernel,
    draw_response_kernel,
)
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Read the tables, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    for name in ("kernel", "function", "claims"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="of the response function")
    options = parser.parse_args()

    paths = [options.kernel, options.function, options.claims]
    kernel, function, claims = (read_table(path) for path in paths)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="behaviour",
        protocol=options.protocol,
        title="Temporal response function",
        caption=describe_response_kernel(kernel, function, claims),
        source=source_of(paths, options.results),
        note=options.note,
    )
    write_figure(draw_response_kernel(kernel, note=options.note), about, options.output)


if __name__ == "__main__":
    run(main)
