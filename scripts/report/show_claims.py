"""Print the ledger of claims and the findings for the report: TSV, Markdown and LaTeX."""

import dataclasses
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import write_json, write_table, write_text
from tinglegram.report import text
from tinglegram.report.files import item_arguments, source_of
from tinglegram.report.items import ReportItem
from tinglegram.report.tables import claims


def main() -> None:
    """Read the two tables, print them, write each in three formats with its caption."""
    parser = program(__doc__)
    item_arguments(parser, "table of claims (.tsv); .md, .tex and .json go beside it")
    parser.add_argument("--ledger", type=Path, required=True, help="one row per claim (TSV)")
    parser.add_argument("--findings", type=Path, required=True, help="contradictions (TSV)")
    parser.add_argument(
        "--findings-output", type=Path, required=True, help="table of contradictions (.tsv)"
    )
    options = parser.parse_args()
    ledger, findings = _text(options.ledger), _text(options.findings)
    for table, title, caption, read, output, note in (
        (
            claims.ledger_table(ledger),
            "Every claim of the paper beside our number",
            claims.describe_ledger(ledger),
            options.ledger,
            options.output,
            options.note,
        ),
        (
            claims.findings_table(findings),
            "Where the paper contradicts itself",
            claims.describe_findings(findings),
            options.findings,
            options.findings_output,
            # Computed from print alone: no recordings, simulated or real, stand behind it.
            "",
        ),
    ):
        source = source_of([read], options.results)
        about = ReportItem(
            output.stem, "table", "claims", options.protocol, title, caption, source, note
        )
        write_table(table, output)
        heading = f"{title}. {caption}"
        write_text(text.as_markdown(table, heading, note), output.with_suffix(".md"))
        latex = text.as_latex(table, caption, output.stem, note)
        write_text(latex, output.with_suffix(".tex"))
        write_json(dataclasses.asdict(about), output.with_suffix(".json"))


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


if __name__ == "__main__":
    run(main)
