"""Draw Figure 4: box plots of how each person's pulse rate goes with their rating."""

from pathlib import Path

from tinglegram.exhibits import Exhibit
from tinglegram.figures import coupling
from tinglegram_shell import program, read_table, run
from tinglegram_shell.exhibits import exhibit_arguments, source_of
from tinglegram_shell.figure_files import write_figure


def main() -> None:
    """Read the coefficients and their test, draw, write."""
    parser = program(__doc__)
    exhibit_arguments(parser)
    parser.add_argument("--coupling", type=Path, required=True, help="coefficients per person")
    parser.add_argument("--test", type=Path, required=True, help="paired t-tests by signal quality")
    parser.add_argument("--conditions", nargs="+", required=True, help="order of the boxes")
    options = parser.parse_args()

    coefficients = read_table(options.coupling)
    tests = read_table(options.test)
    figure = coupling.draw(coefficients, tests, options.conditions, note=options.note)
    about = Exhibit(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Figure 4. Pulse rate and rating",
        caption=coupling.describe(coefficients, tests, options.conditions),
        source=source_of([options.coupling, options.test], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
