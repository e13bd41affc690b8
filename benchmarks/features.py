"""What feature sets add to the prediction of held-out clips, as a page (docs/stimuli.md).

Without --results: of simulated studies in which what people feel follows one column of one set.
With it: of a finished study whose models are those of workflow/studies/feature_gain.yaml.
"""

from pathlib import Path

import pandas as pd
from feature_gain import SCORES, compared_models, gain_table, of_study, planted_rows, printed
from feature_studies import BASE, PLANTED, SETTINGS, Size, models_of, planted_worlds
from tabulate import tabulate

from tinglegram.command_line import program, run
from tinglegram.files import write_table, write_text


def main() -> None:
    """Make or read the studies, compare the models, write the page and the table."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, help="results of a finished study; none: simulated ones")
    add("--protocol", default="corrected", help="of that study")
    add("--base", nargs="+", default=list(BASE), help="feature sets that the others are added to")
    add("--kind", default="xgboost", help="of that study's models")
    add("--seed", type=int, default=42, help="of the simulated studies")
    add("--output", type=Path, required=True, help="page (Markdown)")
    add("--table", type=Path, help="every number (TSV)")
    options = parser.parse_args()
    if options.results is not None:
        table = of_study(options.results, options.protocol, options.base, options.kind)
        page = as_page(printed(table))
    else:
        tables = planted_tables(Size(), options.seed)
        table = pd.concat([own.assign(planted=world) for world, own in tables.items()])
        page = planted_page(tables, Size())
    write_text(page, options.output)
    if options.table is not None:
        write_table(table, options.table)
    print(page)


def planted_tables(size: Size, seed: int) -> dict[str, pd.DataFrame]:
    """Return world -> what each set adds in it."""
    compared = compared_models(models_of(list(SETTINGS)), BASE)
    worlds = planted_worlds(size, seed, list(PLANTED))
    return {world: gain_table(models, compared) for world, models in worlds.items()}


def planted_page(tables: dict[str, pd.DataFrame], size: Size) -> str:
    """Return the page of the simulated studies."""
    about = (
        f"{size.people} simulated people and {size.clips} clips of {size.seconds:g} s, of which "
        f"{size.folds} folds hold out {size.clips // size.folds} each; ridge regression; 95 % "
        "intervals, of any clips of the kind."
    )
    scores = [as_page(planted_rows(tables, score)) for score in reversed(SCORES)]
    return "\n\n".join([about, *scores])


def as_page(table: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    found: str = tabulate(table, headers="keys", tablefmt="github", showindex=False)
    return found


if __name__ == "__main__":
    run(main)
