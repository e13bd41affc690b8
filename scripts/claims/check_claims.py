"""Hold the results against every claim of the paper; list where the paper contradicts itself."""

import argparse
import csv
import logging
import re
from pathlib import Path

import pandas as pd
from safetensors import safe_open

from tinglegram.claims.contradictions import paper_contradictions
from tinglegram.claims.ledger import ORIGINS, Results, ledger
from tinglegram.claims.views import typed_scores
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table


def main() -> None:
    """Read facts, sources and results, write the ledger and the findings."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--claims", type=Path, required=True, help="what the paper prints (TSV)")
    add("--sources", type=Path, required=True, help="where our numbers stand (TSV)")
    add("--typed", type=Path, required=True, help="fold scores typed into the released code (TSV)")
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--files", type=Path, nargs="*", default=[], help="results that can answer claims")
    add(
        "--answer",
        nargs=3,
        action="append",
        required=True,
        metavar=("NAME", "PROTOCOL", "|".join(ORIGINS)),
        help="a set of results: its name in the ledger, its protocol, whose numbers",
    )
    add("--ablation-bootstrap", type=int, required=True, help="resamples of typed fold scores")
    add("--note", default="", help="what must be said beside these numbers")
    add("--seed", type=int, required=True, help="the study's seed")
    add("--ledger", type=Path, required=True, help="output, one row per claim")
    add("--findings", type=Path, required=True, help="output, contradictions inside the paper")
    options = parser.parse_args()

    claims, sources = _text(options.claims), _text(options.sources)
    typed = typed_scores(
        read_table(options.typed), n_resamples=options.ablation_bootstrap, seed=options.seed
    )
    found = paper_contradictions(claims, typed, _name(options.typed), _name(options.claims))
    table = ledger(
        claims,
        sources,
        {
            name: _results(options, protocol, origin, sorted(set(sources["file"])), typed)
            for name, protocol, origin in options.answer
        },
        found,
    )
    write_table(table.assign(note=options.note), options.ledger)
    write_table(found, options.findings)
    logging.info("%d claims: %s", len(table), table["verdict"].value_counts().to_dict())


def _name(path: Path) -> str:
    """Return folder and file, the same wherever the checkout lies."""
    return f"{path.parent.name}/{path.name}"


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_NONE)


def _results(
    options: argparse.Namespace,
    protocol: str,
    origin: str,
    templates: list[str],
    typed: pd.DataFrame,
) -> Results:
    """Read the files of one protocol, those of a template below each other."""
    inside = {path.relative_to(options.results).as_posix(): path for path in options.files}
    tables, names = {options.typed.name: typed}, {options.typed.name: _name(options.typed)}
    for template in templates:
        own = template.replace("{protocol}", protocol)
        form = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(own))
        read = [
            _table(path).assign(**_numbered(match))
            for name, path in inside.items()
            if (match := re.fullmatch(form, name))
        ]
        if read:
            tables[template] = pd.concat(read, ignore_index=True)
            names[template] = re.sub(r"{\w+}", "*", own)
    return Results(origin, tables, names)


def _numbered(match: re.Match[str]) -> dict[str, int]:
    """Return what a file's name numbers (fold, subject); names that are words are left out."""
    return {name: int(text) for name, text in match.groupdict().items() if text.isdecimal()}


def _table(path: Path) -> pd.DataFrame:
    """Return a table, or the widths of a network's weights: one row, a column for each name."""
    if path.suffix != ".safetensors":
        return read_table(path)
    with safe_open(path, framework="numpy") as weights:
        names = weights.keys()
        return pd.DataFrame({k: [weights.get_slice(k).get_shape()[-1]] for k in names})


if __name__ == "__main__":
    run(main)
