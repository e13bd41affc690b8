"""Print the ledger of claims and the findings for the report: TSV, Markdown and LaTeX."""

import dataclasses
from pathlib import Path

import pandas as pd

from tinglegram import claim_tables, table_text
from tinglegram.exhibits import Exhibit
from tinglegram_shell import program, run, write_json, write_table, write_text
from tinglegram_shell.exhibits import exhibit_arguments, source_of


def main() -> None:
    """Read the two tables, print them, write each in three formats with its caption."""
    parser = program(__doc__)
    exhibit_arguments(parser, "table of claims (.tsv); .md, .tex and .json go beside it")
    parser.add_argument("--ledger", type=Path, required=True, help="one row per claim (TSV)")
    parser.add_argument("--findings", type=Path, required=True, help="contradictions (TSV)")
    parser.add_argument(
        "--findings-output", type=Path, required=True, help="table of contradictions (.tsv)"
    )
    options = parser.parse_args()
    ledger, findings = _text(options.ledger), _text(options.findings)
    for table, title, caption, read, output, note in (
        (
            claim_tables.ledger_table(ledger),
            "Every claim of the paper beside our number",
            claim_tables.describe_ledger(ledger),
            options.ledger,
            options.output,
            options.note,
        ),
        (
            claim_tables.findings_table(findings),
            "Where the paper contradicts itself",
            claim_tables.describe_findings(findings),
            options.findings,
            options.findings_output,
            # Computed from print alone: no recordings, simulated or real, stand behind it.
            "",
        ),
    ):
        source = source_of([read], options.results)
        about = Exhibit(
            output.stem, "table", "claims", options.protocol, title, caption, source, note
        )
        write_table(table, output)
        heading = f"{title}. {caption}"
        write_text(table_text.as_markdown(table, heading, note), output.with_suffix(".md"))
        latex = table_text.as_latex(table, caption, output.stem, note)
        write_text(latex, output.with_suffix(".tex"))
        write_json(dataclasses.asdict(about), output.with_suffix(".json"))


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


if __name__ == "__main__":
    run(main)
