"""Write the report: one HTML page with every table and figure of the study inside."""

import json
from pathlib import Path

import pandas as pd
import yaml

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_text
from tinglegram.report.files import source_of
from tinglegram.report.items import ReportItem
from tinglegram.report.page import (
    Report,
    Shown,
    analysed,
    excluded_people,
    render,
    switch_table,
    text_table,
)
from tinglegram.report.tables import scores
from tinglegram.study import protocols

NO_RAW_DATA = "This study has no raw data (data: root is null), only published predictions."


def main() -> None:
    """Gather what was drawn and printed, render, write."""
    parser = program(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the results")
    parser.add_argument("--config", type=Path, required=True, help="merged configuration")
    parser.add_argument("--provenance", type=Path, required=True, help="versions and checksums")
    parser.add_argument("--inventory", type=Path, help="everyone found; none without raw data")
    parser.add_argument(
        "--fold-metrics",
        type=Path,
        nargs="+",
        required=True,
        help="<protocol>/statistics/<model>/fold_metrics.tsv of every model",
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        help="test predictions of one model, all folds: who was tested on what",
    )
    parser.add_argument(
        "--exhibits", type=Path, nargs="+", required=True, help="captions (.json), in order"
    )
    parser.add_argument(
        "--verdicts",
        type=Path,
        nargs="*",
        default=[],
        help="<protocol>/statistics/verdicts.tsv of the first page's protocols",
    )
    parser.add_argument("--headline", nargs="*", default=[], help="models of the first page")
    parser.add_argument("--front", type=Path, help="caption (.json) of the first page's figure")
    parser.add_argument("--control-of", nargs="*", default=[], metavar="MODEL=CONTROL")
    parser.add_argument("--warnings", nargs="*", default=[], help="what a reader must know first")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()

    results = options.results
    config_text = options.config.read_text(encoding="utf-8")
    config = yaml.safe_load(config_text)
    # <protocol>/statistics/<model>/fold_metrics.tsv
    names = [(path.parents[2].name, path.parent.name) for path in options.fold_metrics]
    control_of = dict(pair.split("=", 1) for pair in options.control_of)
    overview = scores.overview(
        dict(zip(names, map(read_table, options.fold_metrics), strict=True)),
        {
            name: source_of([p], options.results)
            for name, p in zip(names, options.fold_metrics, strict=True)
        },
        control_of,
    )
    tested = pd.concat(
        read_table(path, ["subject", "video"]).drop_duplicates() for path in options.predictions
    ).drop_duplicates()
    inventory = read_table(options.inventory) if options.inventory else None
    facts = [("Study", config["study"]), ("Protocols", ", ".join(config["protocols"]))]
    models = [m for m in dict.fromkeys(m for _, m in names) if m not in control_of.values()]
    facts.append(("Models", ", ".join(models)))
    if inventory is not None:
        facts += analysed(inventory)
    facts.append(("Tested", f"{len(tested)} trials of {tested['subject'].nunique()} participants"))
    page = Report(
        title=config["report"]["title"],
        protocols=config["protocols"],
        facts=facts,
        overview=text_table(overview),
        overview_source=source_of(options.fold_metrics, results),
        switches=switch_table(
            {
                p: protocols.switches(p, config["overrides"], config["own_protocols"])
                for p in config["protocols"]
            }
        ),
        shown=[_shown(path) for path in options.exhibits],
        provenance=json.loads(options.provenance.read_text(encoding="utf-8")),
        config=config_text,
        absent={} if inventory is not None else dict.fromkeys(("behaviour", "pulse"), NO_RAW_DATA),
        excluded=excluded_people(inventory) if inventory is not None else None,
        inventory=text_table(inventory) if inventory is not None else None,
        warnings=options.warnings,
        verdicts=_verdicts(options.verdicts, options.headline),
        front=_shown(options.front) if options.front else None,
    )
    write_text(render(page), options.output)


def _verdicts(paths: list[Path], headline: list[str]) -> list[tuple[str, str]]:
    """Return what stands before each sentence, model by model, and the sentence."""
    judged = {path.parents[1].name: read_table(path).set_index("model") for path in paths}
    return [
        (f"{model}, {protocol}: {table.loc[model, 'verdict']}", table.loc[model, "sentence"])
        for model in headline
        for protocol, table in judged.items()
    ]


def _shown(path: Path) -> Shown:
    about = ReportItem(**json.loads(path.read_text(encoding="utf-8")))
    if about.kind == "figure":
        return Shown(about, svg=path.with_suffix(".svg").read_bytes())
    table = pd.read_csv(path.with_suffix(".tsv"), sep="\t", dtype=str, keep_default_na=False)
    return Shown(about, table=text_table(table))


if __name__ == "__main__":
    run(main)
