"""Write the report: one HTML page with every table and figure of the study inside."""

import json
from pathlib import Path

import pandas as pd
import yaml

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.behaviour.viewers import opposite_warning
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_text
from tinglegram.inputs.inventory import read_problems
from tinglegram.report.files import source_of, tinglegram_arguments, tinglegrams_of
from tinglegram.report.items import ReportItem, ordered_items
from tinglegram.report.page import (
    Report,
    Shown,
    clip_table,
    clip_warnings,
    excluded_participants,
    render,
    study_facts,
    switch_table,
    text_table,
    verdict_sentences,
)
from tinglegram.report.tables import scores
from tinglegram.report.tables.decisions import decision_caption, decision_front, one_file_note
from tinglegram.report.tables.files import read_texts
from tinglegram.report.text import Words
from tinglegram.settings import add_settings, pairs_of, read_settings
from tinglegram.study import protocols


def main() -> None:
    """Gather what was drawn and printed, render, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the results")
    add("--config", type=Path, required=True, help="merged configuration")
    add("--provenance", type=Path, required=True, help="versions and checksums")
    add("--inventory", type=Path, help="everyone found; none without raw data")
    add("--problems", type=Path, help="what was found in raw files; none without raw data")
    add("--viewers", type=Path, help="each viewer beside all others; none without raw data")
    add("--models", nargs="*", default=[], help="models and baselines of the overview")
    add("--fold-metrics", required=True, help="scores of a {model} under a {protocol}")
    add("--predictions", default="", help="of one model in a {fold}: who was tested on what")
    add("--folds", type=int, required=True, help="number of folds")
    add("--tables", nargs="*", default=[], help="tables of a protocol, in order")
    add(
        "--own-tables",
        default={},
        help="tables that one protocol alone has",
        **pairs_of(lambda names: names.split(","), "PROTOCOL=NAME,...", nargs="*"),
    )
    add(
        "--figures", nargs="*", default=[], help="figures of a protocol, in order; then Tinglegrams"
    )
    tinglegram_arguments(parser)
    add("--of-one", nargs="*", default=[], help="of one protocol, such as corrected/figures/one")
    add("--of-study", nargs="*", default=[], help="of no protocol, such as tables/claims")
    add("--verdicts", default="", help="verdicts under a {protocol} of the first page")
    add("--first-page", nargs="*", default=[], help="protocols whose verdicts stand in front")
    add("--headline", nargs="*", default=[], help="models of the first page")
    add("--front", type=Path, help="caption (.json) of the first page's figure")
    add("--baseline-of", default={}, **pairs_of(str, "MODEL=BASELINE", nargs="*"))
    add("--absent", default={}, **pairs_of(str, "SECTION=REASON", nargs="*"))
    add("--warnings", nargs="*", default=[], help="what a reader must know first")
    add("--control", required=True, help="the control condition")
    add("--values", default="", help="what models of the reported value predict, in a sentence")
    add_settings(parser, ResponseTarget)
    add("--output", type=Path, required=True)
    options = parser.parse_args()

    results = options.results
    config_text = options.config.read_text(encoding="utf-8")
    config = yaml.safe_load(config_text)
    baseline_of = options.baseline_of
    fold_metrics = {
        (protocol, model): path
        for model in options.models
        for protocol in config["protocols"]
        for path in filled([options.fold_metrics], model=[model], protocol=[protocol])
    }
    overview = scores.overview(
        {key: read_table(path) for key, path in fold_metrics.items()},
        {key: source_of([path], results) for key, path in fold_metrics.items()},
        baseline_of,
        Words(control=options.control),
    )
    patterns = [options.predictions] if options.predictions else []
    tables = [
        read_table(path, ["subject", "video"]).drop_duplicates()
        for path in filled(patterns, fold=range(1, options.folds + 1))
    ]
    tested = pd.concat(tables).drop_duplicates() if tables else None
    inventory = read_table(options.inventory) if options.inventory else None
    problems = read_problems(read_table(options.problems)) if options.problems else []
    opposite = opposite_warning(read_table(options.viewers)) if options.viewers else []
    models = [model for model in options.models if model not in baseline_of.values()]
    figures = [f"figure6_{model}_{subject}" for model, subject in tinglegrams_of(options)]
    items = ordered_items(
        config["protocols"],
        options.tables,
        [*options.figures, *figures],
        options.of_study,
        of_table="json",
        of_figure="json",
        own=options.own_tables,
        of_one=options.of_one,
    )
    verdicts = {
        protocol: read_table(path)
        for protocol in options.first_page
        for path in filled([options.verdicts], protocol=[protocol])
    }
    claims = decision_front(verdicts, options.headline)
    page = Report(
        title=config["report"]["title"],
        protocols=config["protocols"],
        class_1=read_settings(options, ResponseTarget).sentence,
        values=options.values,
        facts=study_facts(config["study"], config["protocols"], models, tested, inventory),
        overview=text_table(overview),
        overview_source=source_of(fold_metrics.values(), results),
        switches=switch_table(
            {
                p: protocols.switches(p, config["overrides"], config["own_protocols"])
                for p in config["protocols"]
            }
        ),
        shown=[_shown(results / item) for item in items if results / item != options.front],
        provenance=json.loads(options.provenance.read_text(encoding="utf-8")),
        config=config_text,
        absent=options.absent,
        excluded=excluded_participants(inventory) if inventory is not None else None,
        inventory=text_table(inventory) if inventory is not None else None,
        clips=clip_table(problems) if inventory is not None else None,
        warnings=[*options.warnings, *opposite, *clip_warnings(problems)],
        verdicts=verdict_sentences(verdicts, options.headline),
        decisions=text_table(claims) if len(claims) else None,
        decisions_caption=decision_caption(config["statistics"]["confidence"])
        if len(claims)
        else "",
        decisions_note=one_file_note(verdicts, options.headline),
        front=_shown(options.front) if options.front else None,
    )
    write_text(render(page), options.output)


def _shown(path: Path) -> Shown:
    """Read a figure or table by the file of its caption (.json)."""
    about = ReportItem(**json.loads(path.read_text(encoding="utf-8")))
    if about.kind == "figure":
        return Shown(about, svg=path.with_suffix(".svg").read_bytes())
    return Shown(about, table=text_table(read_texts(path.with_suffix(".tsv"))))


if __name__ == "__main__":
    run(main)
