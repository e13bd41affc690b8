"""Draw the diagnostic plots of the mixed model of pulse rate on rating."""

from pathlib import Path

from tinglegram.exhibits import Exhibit
from tinglegram.figures import mixed_model
from tinglegram_shell import program, read_table, run
from tinglegram_shell.exhibits import exhibit_arguments, source_of
from tinglegram_shell.figure_files import write_figure


def main() -> None:
    """Read residuals and random effects of the model on all windows, draw, write."""
    parser = program(__doc__)
    exhibit_arguments(parser)
    parser.add_argument("--model", type=Path, required=True, help="table of the model")
    parser.add_argument("--residuals", type=Path, required=True, help="residuals of the model")
    parser.add_argument("--people", type=Path, required=True, help="random effects of the people")
    options = parser.parse_args()

    used = (options.model, options.residuals, options.people)
    model, rows, people = (read_table(path).query("windows == 'all'") for path in used)
    figure = mixed_model.draw(rows, people, note=options.note)
    about = Exhibit(
        name=options.output.stem,
        kind="figure",
        section="pulse",
        protocol=options.protocol,
        title="Checks of the mixed model",
        caption=mixed_model.describe(rows, people, str(model["random_effects"].iloc[0])),
        source=source_of(used, options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
