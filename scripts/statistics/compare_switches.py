"""Show how much each switch moves macro F1: protocols that differ in one switch, side by side."""

from pathlib import Path

import yaml

from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table, write_text
from tinglegram.report.tables.switch_effects import switch_effects_page
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.comparison import ModelComparison
from tinglegram.statistics.switch_effects import switch_effects
from tinglegram.study import protocols

REFERENCE = only(ModelComparison, "reference")


def main() -> None:
    """Read every protocol's seeds, write the comparison as a table and as Markdown."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--config", type=Path, required=True, help="merged configuration of the study")
    add("--seeds", required=True, help="seeds.tsv of {protocol}")
    add("--base", required=True, help="protocol the others are compared with")
    add_settings(parser, REFERENCE)
    add("--table", type=Path, required=True, help="output (TSV)")
    add("--page", type=Path, required=True, help="output (Markdown)")
    options = parser.parse_args()
    config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    names, own, overrides = (config[k] for k in ("protocols", "own_protocols", "overrides"))
    seeds = map(read_table, filled([options.seeds], protocol=names))
    effects = switch_effects(
        dict(zip(names, seeds, strict=True)),
        {p: protocols.switches(p, overrides, own) for p in names},
        options.base,
        read_settings(options, REFERENCE).reference,
    )
    write_table(effects, options.table)
    write_text(switch_effects_page(effects), options.page)


if __name__ == "__main__":
    run(main)
