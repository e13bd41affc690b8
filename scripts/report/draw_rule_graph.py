"""Draw the workflow's own graph of rules, as Snakemake sees it for this study."""

import logging
import subprocess
import sys
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.report.figures import rule_graph
from tinglegram.report.files import item_arguments, write_figure
from tinglegram.report.items import ReportItem

log = logging.getLogger(__name__)


def main() -> None:
    """Ask Snakemake for the graph, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument("--snakefile", type=Path, required=True, help="the workflow")
    parser.add_argument("--config", type=Path, required=True, help="merged configuration")
    options = parser.parse_args()

    command = [sys.executable, "-m", "snakemake", "--snakefile", str(options.snakefile)]
    command += ["--configfile", str(options.config), "--rulegraph", "dot"]
    # This runs inside a workflow that holds the lock; a profile's logger would print into the dot.
    command += ["--nolock", "--profile", "none", "--workflow-profile", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    log.info("%s", done.stderr.strip())
    if done.returncode:
        raise TinglegramError(
            f"Snakemake could not print its graph: {done.stderr.strip() or 'no message'}. "
            f"Run by hand: {' '.join(command)}"
        )
    files = rule_graph.rule_files(options.snakefile.read_text(encoding="utf-8"))
    stages = {
        name: stage
        for stage, file in files.items()
        for name in rule_graph.rules_of((options.snakefile.parent / file).read_text("utf-8"))
    }
    graph = rule_graph.merge_rules(rule_graph.parse_dot(done.stdout), stages)
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="methods",
        protocol=options.protocol,
        title="The workflow",
        caption=rule_graph.describe_rule_graph(graph),
        source="Snakefile and workflow/rules/*.smk",
        note=options.note,
    )
    figure = rule_graph.draw_rule_graph(graph, stages, list(dict.fromkeys(stages.values())))
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
