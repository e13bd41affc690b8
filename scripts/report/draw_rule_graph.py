"""Draw the workflow's own graph of rules, as Snakemake sees it for this study."""

import logging
import subprocess
import sys
from pathlib import Path

from tinglegram.errors import TinglegramError
from tinglegram.exhibits import Exhibit
from tinglegram.figures import rule_graph
from tinglegram_shell import program, run
from tinglegram_shell.exhibits import exhibit_arguments
from tinglegram_shell.figure_files import write_figure

log = logging.getLogger(__name__)


def main() -> None:
    """Ask Snakemake for the graph, draw, write."""
    parser = program(__doc__)
    exhibit_arguments(parser)
    parser.add_argument("--snakefile", type=Path, required=True, help="the workflow")
    parser.add_argument("--config", type=Path, required=True, help="merged configuration")
    parser.add_argument(
        "--rules",
        type=Path,
        nargs="+",
        required=True,
        help="rule files, in the order of stages; a stage is a file's name up to the first _",
    )
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
    stages = {
        name: path.stem.split("_")[0]
        for path in options.rules
        for name in rule_graph.rules_of(path.read_text(encoding="utf-8"))
    }
    graph = rule_graph.merged(rule_graph.parse_dot(done.stdout), stages)
    about = Exhibit(
        name=options.output.stem,
        kind="figure",
        section="methods",
        protocol=options.protocol,
        title="The workflow",
        caption=rule_graph.describe(graph),
        source="Snakefile and workflow/rules/*.smk",
        note=options.note,
    )
    figure = rule_graph.draw(graph, stages, list(dict.fromkeys(stages.values())))
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
