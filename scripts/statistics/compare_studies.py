"""Put the same statistics of several finished studies side by side; no test is made."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.report.text import as_markdown
from tinglegram.statistics.study_comparison import NOT_A_TEST, compare_studies, printed_rows
from tinglegram.study.files import read_compared, studies_to_compare


def main() -> None:
    """Read every study's statistics, write the whole table, print the short one as Markdown."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--studies", type=Path, nargs="+", required=True, help="folders of results, two or more")
    add("--protocol", help="whose statistics; none: each study's first")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    folders = studies_to_compare(options.studies)
    studies = {name: read_compared(path, options.protocol) for name, path in folders.items()}
    table = compare_studies(
        {name: study.tables for name, study in studies.items()},
        {name: study.switches for name, study in studies.items()},
    )
    write_table(table, options.output)
    short = printed_rows(table)
    of = ", ".join(f"{name} ({study.protocol})" for name, study in studies.items())
    rest = f"{len(short)} of {len(table)} rows are shown; all of them stand in {options.output}."
    print(as_markdown(short, f"Statistics of {of}", f"{rest} {NOT_A_TEST}"))


if __name__ == "__main__":
    run(main)
