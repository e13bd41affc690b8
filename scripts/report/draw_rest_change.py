"""Draw pulse rate and RMSSD during the clips against each person's own rest."""

from pathlib import Path

import pandas as pd

from tinglegram import rest_change
from tinglegram.exhibits import Exhibit
from tinglegram.figures import rest_change as figures
from tinglegram_shell import program, read_table, run
from tinglegram_shell.exhibits import exhibit_arguments, source_of
from tinglegram_shell.figure_files import write_figure


def main() -> None:
    """Read every person's blocks and the tests, draw, write."""
    parser = program(__doc__)
    exhibit_arguments(parser)
    parser.add_argument("--blocks", type=Path, nargs="+", required=True, help="one file per person")
    parser.add_argument("--tests", type=Path, required=True, help="change against rest")
    parser.add_argument("--conditions", nargs="+", required=True, help="order on the axis")
    parser.add_argument("--confidence", type=float, required=True, help="level of the intervals")
    parser.add_argument("--bootstrap", type=int, required=True, help="resamples behind them")
    options = parser.parse_args()

    blocks = pd.concat([read_table(path) for path in options.blocks], ignore_index=True)
    tests = read_table(options.tests)
    changes = rest_change.changes(blocks, options.conditions)
    figure = figures.draw(changes, tests, options.conditions, note=options.note)
    about = Exhibit(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Pulse against rest",
        caption=figures.describe(tests, options.confidence, options.bootstrap),
        source=source_of([options.tests, *options.blocks], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
