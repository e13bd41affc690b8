"""Hold the results against every claim of the paper; list where the paper contradicts itself."""

import logging
from dataclasses import replace
from pathlib import Path

from tinglegram.claims.contradictions import paper_contradictions
from tinglegram.claims.files import read_facts, read_results
from tinglegram.claims.ledger import ORIGINS, ledger
from tinglegram.claims.views import typed_scores
from tinglegram.command_line import names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.comparison import ModelComparison

Resampling = only(ModelComparison, "ablation_bootstrap", "seed")


def main() -> None:
    """Read facts, sources and results, write the ledger and the findings."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--claims", type=Path, required=True, help="what the paper prints (TSV)")
    add("--sources", type=Path, required=True, help="where our numbers stand (TSV)")
    add("--typed", type=Path, required=True, help="fold scores typed into the released code (TSV)")
    add("--results", type=Path, required=True, help="folder of the study's results")
    add(
        "--files",
        nargs="*",
        default=[],
        help="results that can answer claims, as the sources name them: below the results, of a "
        "{protocol}, {subject} and {fold}",
    )
    add("--participants", type=Path, help="list of them, one a line; none without raw data")
    add("--folds", type=int, required=True, help="number of folds")
    add(
        "--answer",
        nargs=3,
        action="append",
        required=True,
        metavar=("NAME", "PROTOCOL", "|".join(ORIGINS)),
        help="a set of results: its name in the ledger, its protocol, whose numbers",
    )
    add_settings(parser, Resampling)
    add("--note", default="", help="what must be said beside these numbers")
    add("--ledger", type=Path, required=True, help="output, one row per claim")
    add("--findings", type=Path, required=True, help="output, contradictions inside the paper")
    options = parser.parse_args()

    claims, sources = read_facts(options.claims), read_facts(options.sources)
    resampling = read_settings(options, Resampling)
    typed = typed_scores(
        read_table(options.typed), n_resamples=resampling.ablation_bootstrap, seed=resampling.seed
    )
    found = paper_contradictions(claims, typed, _name(options.typed), _name(options.claims))
    numbers = {
        "subject": names_in(options.participants) if options.participants else [],
        "fold": [str(fold) for fold in range(1, options.folds + 1)],
    }
    answers = {}
    for name, protocol, origin in options.answer:
        own = read_results(options.results, origin, protocol, sorted(options.files), numbers)
        # The authors' typed scores belong to every set of results.
        answers[name] = replace(
            own,
            tables={options.typed.name: typed, **own.tables},
            names={options.typed.name: _name(options.typed), **own.names},
        )
    table = ledger(claims, sources, answers, found)
    write_table(table.assign(note=options.note), options.ledger)
    write_table(found, options.findings)
    logging.info("%d claims: %s", len(table), table["verdict"].value_counts().to_dict())


def _name(path: Path) -> str:
    """Return folder and file, the same wherever the checkout lies."""
    return f"{path.parent.name}/{path.name}"


if __name__ == "__main__":
    run(main)
