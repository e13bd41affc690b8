"""Show how much each switch moves macro F1: protocols that differ in one switch, side by side."""

from pathlib import Path

import yaml

from tinglegram.command_line import program, run
from tinglegram.files import read_table, whole, write_table
from tinglegram.report.tables.switch_effects import switch_effects_page
from tinglegram.statistics.switch_effects import switch_effects
from tinglegram.study import protocols


def main() -> None:
    """Read every protocol's seeds, write the comparison as a table and as Markdown."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--config", type=Path, required=True, help="merged configuration of the study")
    add("--seeds", type=Path, nargs="+", required=True, help="seeds.tsv of each protocol, in order")
    add("--base", required=True, help="protocol the others are compared with")
    add("--model", required=True, help="model whose scores are compared")
    add("--table", type=Path, required=True, help="output (TSV)")
    add("--page", type=Path, required=True, help="output (Markdown)")
    options = parser.parse_args()
    config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    own, overrides = config["own_protocols"], config["overrides"]
    effects = switch_effects(
        dict(zip(config["protocols"], map(read_table, options.seeds), strict=True)),
        {p: protocols.switches(p, overrides, own) for p in config["protocols"]},
        options.base,
        options.model,
    )
    write_table(effects, options.table)
    with whole(options.page) as aside:
        aside.write_text(switch_effects_page(effects), encoding="utf-8")


if __name__ == "__main__":
    run(main)
