"""Print the ledger of claims and the findings for the report: TSV, Markdown and LaTeX."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.report.files import item_arguments, source_of
from tinglegram.report.items import ReportItem
from tinglegram.report.tables import claims
from tinglegram.report.tables.files import read_texts, write_printed_table


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
    ledger, findings = read_texts(options.ledger), read_texts(options.findings)
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
        write_printed_table(table, about, output)


if __name__ == "__main__":
    run(main)
