"""What feature sets add to the prediction of held-out clips, as a page (docs/stimuli.md).

Without --results: of simulated studies in which what people feel follows one column of one set.
With it: of a finished study whose models are those of workflow/studies/feature_gain.yaml.
"""

from collections.abc import Mapping, Sequence
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
    add("--seed", type=int, default=42, help="of the first simulated study")
    add("--studies", type=int, default=5, help="that are simulated; tables are of the first")
    add("--output", type=Path, required=True, help="page (Markdown)")
    add("--table", type=Path, help="every number (TSV)")
    options = parser.parse_args()
    if options.results is not None:
        table = of_study(options.results, options.protocol, options.base, options.kind)
        page = as_page(printed(table))
    else:
        seeds = range(options.seed, options.seed + options.studies)
        studies = [planted_tables(Size(), seed) for seed in seeds]
        table = pd.concat(
            own.assign(planted=world, seed=seed)
            for seed, tables in zip(seeds, studies, strict=True)
            for world, own in tables.items()
        )
        page = planted_page(studies, Size())
    write_text(page, options.output)
    if options.table is not None:
        write_table(table, options.table)
    print(page)


def planted_tables(size: Size, seed: int) -> dict[str, pd.DataFrame]:
    """Return world -> what each set adds in it."""
    compared = compared_models(models_of(list(SETTINGS)), BASE)
    worlds = planted_worlds(size, seed, list(PLANTED))
    return {world: gain_table(models, compared) for world, models in worlds.items()}


def above_zero(studies: Sequence[Mapping[str, pd.DataFrame]], *, right: bool) -> tuple[int, int]:
    """Return in how many cases the interval of what a set adds lies above 0, and of how many.

    Parameters
    ----------
    studies : of each, world -> `gain_table`; the correlation counts.
    right : whether what is felt follows the set that is added, or another or none.
    """
    found = [
        bool(row["ci_low"] > 0)
        for tables in studies
        for world, table in tables.items()
        for row in table.to_dict("records")
        if (row["what"], row["score"]) == ("difference", "correlation")
        and (row["set"] == world) == right
    ]
    return sum(found), len(found)


def planted_page(studies: Sequence[Mapping[str, pd.DataFrame]], size: Size) -> str:
    """Return the page of the simulated studies: tables of the first, counts of all."""
    about = (
        f"{size.people} simulated people and {size.clips} clips of {size.seconds:g} s, of which "
        f"{size.folds} folds hold out {size.clips // size.folds} each; ridge regression; 95 % "
        "intervals, of any clips of the kind."
    )
    scores = [as_page(planted_rows(studies[0], score)) for score in reversed(SCORES)]
    right, wrong = (above_zero(studies, right=which) for which in (True, False))
    counts = (
        f"Over {len(studies)} such studies, the interval of what a set adds to the correlation "
        f"lies above 0 in {right[0]} of {right[1]} cases where it is the right one, and in "
        f"{wrong[0]} of {wrong[1]} where it is not; of intervals that hold what they promise, "
        f"2.5 % ({0.025 * wrong[1]:.1f}) do so by chance."
    )
    return "\n\n".join([about, *scores, counts])


def as_page(table: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    found: str = tabulate(table, headers="keys", tablefmt="github", showindex=False)
    return found


if __name__ == "__main__":
    run(main)
