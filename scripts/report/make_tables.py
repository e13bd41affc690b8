"""Print the tables of a protocol as TSV, Markdown and LaTeX, each row with the files it came from.

Kinds of tables: score: Table 1 of one model; comparison: Table 2 or the XGBoost table, models side
by side; trial: whole trials of all models; within, events, self_report: scores that knowing the
condition cannot win, of all models; plain: any other file of statistics as it is.
"""

import argparse
from pathlib import Path

from tinglegram.behaviour.agreement import AgreementDraws
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.inference.resampling import Resamples
from tinglegram.report.files import note_arguments
from tinglegram.report.items import ReportItem
from tinglegram.report.tables.files import write_printed_table
from tinglegram.report.tables.kinds import TABLE_KINDS, Available, Table, files_of
from tinglegram.report.tables.printing import Printing, printed_table
from tinglegram.report.text import Words
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.comparison import ModelComparison

SETTINGS = (
    only(AgreementDraws, "agreement_bootstrap"),
    only(ModelComparison, "ablation_bootstrap"),
    only(Resamples, "confidence"),
    ResponseWord,
    only(ResponseTarget, "above"),
)


def main() -> None:
    """Read statistics, print every table, write it in three formats with its caption."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--statistics", type=Path, required=True, help="folder of the protocol's statistics")
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="protocol the tables belong to")
    add(
        "--table",
        nargs="+",
        action="append",
        required=True,
        metavar="NAME KIND TITLE MODEL",
        help=f"one table and its models in order; kind: {', '.join(TABLE_KINDS)}; those of kind "
        "plain have a title of their own and no models",
    )
    add(
        "--baseline",
        nargs=3,
        action="append",
        default=[],
        metavar=("MODEL", "BASELINE", "NAME"),
        help="a baseline that stands beside a model, and its name in this study",
    )
    add("--seeds", nargs="*", default=[], help="networks whose seeds are scored (seeds.tsv)")
    add("--compared", action="store_true", help="models are compared with a reference")
    add("--conditions", nargs=2, required=True, help="the target and its control")
    note_arguments(parser, "table")
    add_settings(parser, *SETTINGS)
    add("--output", type=Path, required=True, help="folder of the tables")
    options = parser.parse_args()

    draws, comparison, intervals, word, level = (read_settings(options, cls) for cls in SETTINGS)
    tables = [Table(name, kind, title, models) for name, kind, title, *models in options.table]
    available = _available(options)
    files = {file for table in tables for file in files_of(table, available).every()}
    given = Printing(
        statistics={file: read_table(options.statistics / file) for file in sorted(files)},
        folder=options.statistics.relative_to(options.results).as_posix(),
        available=available,
        confidence=intervals.confidence,
        draws=comparison.ablation_bootstrap,
        plain_draws=draws.agreement_bootstrap,
        words=Words(word.response, *options.conditions, above=level.above),
    )
    notes = options.notes
    for table in tables:
        content, section, title, caption, source = printed_table(table, given)
        about = ReportItem(
            name=table.name,
            kind="table",
            section=section,
            protocol=options.protocol,
            title=title,
            caption=caption,
            source=source,
            note=notes.get(table.name, ""),
        )
        write_printed_table(content, about, options.output / f"{table.name}.tsv")


def _available(options: argparse.Namespace) -> Available:
    baselines: dict[str, dict[str, str]] = {}
    for model, baseline, name in options.baseline:
        baselines.setdefault(model, {})[baseline] = name
    return Available(baselines, options.seeds, options.compared)


if __name__ == "__main__":
    run(main)
