"""Print one table of the report as TSV, Markdown and LaTeX, each row with the files it came from.

score: Table 1 of one model; comparison: Table 2 or the XGBoost table, models side by side;
trial: whole trials of all models; within, events, own_report: scores that knowing the condition
cannot win, of all models; plain: any other statistics file as it is.
"""

import dataclasses
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_json, write_table, write_text
from tinglegram.report import text
from tinglegram.report.files import item_arguments, source_of
from tinglegram.report.items import ReportItem
from tinglegram.report.tables import plain, within_target
from tinglegram.report.tables.scores import (
    comparison_table,
    describe_comparison,
    describe_scores,
    describe_trials,
    folds_in,
    score_table,
    trial_table,
)


def main() -> None:
    """Read statistics, print them, write the table in three formats and its caption."""
    parser = program(__doc__)
    item_arguments(parser, "table to write, ending in .tsv; .md, .tex and .json go beside it")
    kinds = ["score", "comparison", "trial", *within_target.KINDS, "plain"]
    parser.add_argument("--kind", choices=kinds, required=True)
    parser.add_argument("--title", default="", help="heading; plain tables have their own")
    parser.add_argument("--models", nargs="*", default=[], help="models, in the order shown")
    parser.add_argument(
        "--fold-metrics", type=Path, nargs="*", default=[], help="one file per model"
    )
    parser.add_argument(
        "--video-level", type=Path, nargs="*", default=[], help="one file per model (trial)"
    )
    parser.add_argument(
        "--scores", type=Path, nargs="*", default=[], help="one file per model (within and so on)"
    )
    parser.add_argument("--pooled", type=Path, help="pooled scores (score)")
    parser.add_argument("--ablation", type=Path, help="tests against the reference (comparison)")
    parser.add_argument(
        "--beside",
        nargs=3,
        action="append",
        default=[],
        metavar=("MODEL", "CONTROL", "TSV"),
        help="the same file of a control, to stand in the model's rows (score, trial)",
    )
    parser.add_argument(
        "--control-of",
        nargs="*",
        default=[],
        metavar="MODEL=CONTROL",
        help="whose values stand beside a model's (within, events, own_report)",
    )
    parser.add_argument("--seeds", type=Path, help="scores of every seed (score)")
    parser.add_argument("--statistics", type=Path, help="the statistics file (plain)")
    parser.add_argument("--confidence", type=float, default=0.95, help="level of the intervals")
    parser.add_argument("--draws", type=int, default=10000, help="resamples behind a p of 0")
    options = parser.parse_args()

    scores = [read_table(path) for path in options.fold_metrics]
    used = [
        *options.fold_metrics,
        *options.video_level,
        *options.scores,
        options.pooled,
        options.ablation,
        options.statistics,
        options.seeds,
        *(Path(path) for _, _, path in options.beside),
    ]
    beside: dict[str, dict[str, pd.DataFrame]] = {}
    for model, control, path in options.beside:
        beside.setdefault(model, {})[control] = read_table(Path(path))
    source = source_of([path for path in used if path], options.results)
    section, title = "models", options.title
    if options.kind == "score":
        pooled = read_table(options.pooled)
        model = options.models[0]
        seeds = read_table(options.seeds) if options.seeds else None
        table = score_table(
            scores[0],
            pooled,
            confidence=options.confidence,
            source=source,
            beside=beside.get(model, {}),
            seeds=seeds[seeds["model"] == model] if seeds is not None else None,
        )
        caption = describe_scores(options.models[0], scores[0], pooled)
    elif options.kind == "trial":
        trials = [read_table(path) for path in options.video_level]
        table = trial_table(
            dict(zip(options.models, trials, strict=True)),
            confidence=options.confidence,
            source=source,
            beside=beside,
        )
        caption = describe_trials(trials[0])
    elif options.kind in within_target.KINDS:
        printed, described = within_target.KINDS[options.kind]
        found = [read_table(path) for path in options.scores]
        table = printed(
            dict(zip(options.models, found, strict=True)),
            confidence=options.confidence,
            source=source,
            control_of=dict(pair.split("=", 1) for pair in options.control_of),
        )
        caption = described(found[0])
    elif options.kind == "comparison":
        table = comparison_table(
            dict(zip(options.models, scores, strict=True)),
            read_table(options.ablation) if options.ablation else None,
            draws=options.draws,
            source=source_of(options.fold_metrics, options.results),
            ablation_source=source_of(
                [options.ablation] if options.ablation else [], options.results
            ),
        )
        caption = describe_comparison(options.models, folds=folds_in(scores[0]))
    else:
        section, title, caption = plain.PLAIN[options.statistics.stem]
        table = plain.plain_table(
            read_table(options.statistics), draws=options.draws, source=source
        )
    about = ReportItem(
        name=options.output.stem,
        kind="table",
        section=section,
        protocol=options.protocol,
        title=title,
        caption=caption,
        source=source,
        note=options.note,
    )
    write_table(table, options.output)
    heading = f"{title}. {caption}"
    write_text(text.as_markdown(table, heading, options.note), options.output.with_suffix(".md"))
    latex = text.as_latex(table, caption, options.output.stem, options.note)
    write_text(latex, options.output.with_suffix(".tex"))
    write_json(dataclasses.asdict(about), options.output.with_suffix(".json"))


if __name__ == "__main__":
    run(main)
