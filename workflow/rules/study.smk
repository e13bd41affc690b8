# The study: its configuration, its plan, and what all rules share.
#
# Needs: config.yaml and overlays, the names of the raw files.
# Gives: PLAN (who takes part, which protocol computes what, which files a job reads), REPORT (which
#        tables and figures there are), settings(), code(), env(), grows(); results/<study>/config.yaml
import json
import os
import re
import shlex
import sys
import tomllib
from functools import partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.sourcecache import LocalSourceFile

if not isinstance(workflow.current_basedir, LocalSourceFile):
    raise WorkflowError(
        "The workflow runs the scripts of its own folder, so it cannot be imported by github(), "
        "gitlab(), gitfile() or a URL. Name the Snakefile of a clone or a git submodule."
    )

# Relative to the working folder, so that results stay valid when the whole checkout moves.
ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))

from tinglegram.errors import TinglegramError
from tinglegram.inputs.raw_files import require_plain_names
from tinglegram.provenance.code_files import code_files
from tinglegram.settings import as_options
from tinglegram.study import configuration
from tinglegram.study.planning import plan_study
from tinglegram.study.report_plan import ReportPlan
from tinglegram.study.resources import grows

# Imported as a module, the workflow is handed its overlay; files and values on the command line
# are those of the Snakefile that imports it.
IMPORTED = workflow.modifier.skip_configfile
try:
    require_plain_names([ROOT])
    config, OUTLINES, MERGED = configuration.load(
        [ROOT / "config.yaml", *(() if IMPORTED else workflow.overwrite_configfiles)],
        config if IMPORTED else workflow.config_settings.config,
        json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")),
        *([f"the config of module {workflow.modifier.namespace}"] if IMPORTED else []),
    )
    PLAN, INSPECTED = plan_study(
        config, OUTLINES, code_files(ROOT / "scripts/inputs/take_inventory.py", SOURCE)
    )
    REPORT = ReportPlan(PLAN, OUTLINES)
except TinglegramError as problem:
    raise WorkflowError(str(problem))
if any(word.startswith("--rulegraph") for word in sys.argv):
    PLAN = PLAN.of_first_person()
    REPORT = ReportPlan(PLAN, OUTLINES)

# Jobs run scripts with the `python` of their environment; the library comes from this checkout.
# Arrow's own allocators keep what was freed, some 30 MiB of reading a table of many people.
# A job that the system kills can say nothing itself; the shell around it can (128 + SIGKILL).
os.environ.update(
    PYTHONPATH=str(SOURCE.resolve()),
    ARROW_DEFAULT_MEMORY_POOL="system",
    TINGLEGRAM_KILLED=(
        "ERROR The job named below was killed from outside, nearly always because memory ran out."
        " What it is known to need stands as mem_mb in the resources of its rule (workflow/rules)."
        " Run fewer jobs at once (CORES=1), close other programs, or take a larger machine, then"
        " run the same command again."
    ),
)
shell.prefix("set -euo pipefail; trap '[ $? != 137 ] || echo \"$TINGLEGRAM_KILLED\" >&2' EXIT; ")

R = PLAN.results
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Where networks train on the CPU, nobody waits for a GPU.
GPU = 0 if config["training"]["device"] == "cpu" else 1


def code(script):
    """The script and every module of ours it imports, directly or not: edit one, rerun the rule."""
    return code_files(ROOT / "scripts" / f"{script}.py", SOURCE)


def env(family):
    """The conda environment of a rule family."""
    return (ROOT / "envs" / f"{family}.yaml").resolve()


def settings(*classes, protocol=None):
    """The options of a script for classes of settings; switches are those of the protocol."""
    return as_options(config, *classes, switches=PLAN.switches.get(protocol))


def literal(texts):
    """A parameter in which Snakemake fills in nothing: patterns that a script fills in itself."""
    return lambda wildcards: texts


def any_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


def owners(stage):
    """A wildcard constraint: the protocols that compute `stage` themselves."""
    return any_of(PLAN.owners.get(stage, ()))


wildcard_constraints:
    protocol="|".join(PLAN.protocols),
    subject=r"\d\d\d+",
    replicate=r"\d+",
    video=any_of(PLAN.conditions),
    fold=r"\d+",
    model=any_of(PLAN.scored + PLAN.beside),


rule save_configuration:
    input:
        code=code("study/save_configuration"),
    output:
        f"{R}/config.yaml",
    log:
        f"{R}/logs/save_configuration.log",
    benchmark:
        f"{R}/benchmarks/save_configuration.tsv"
    # `make resume` takes a run up by this file.
    priority: 200
    localrule: True
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        merged=lambda w: MERGED,
    message:
        "The merged configuration"
    shell:
        "python {input.code[0]:q} --merged {params.merged:q} --output {output:q} > {log:q} 2>&1"


# Protocols that agree in every switch a stage depends on share its files: copies complete the other
# protocols' folders, so that each can be read, or handed on, by itself. Links would not do: Snakemake
# sets the times of a job's outputs one by one, and with them those of its linked inputs.
for stage, protocol in PLAN.shared:

    rule:
        name:
            f"share_{re.sub(r'[^a-z0-9_]', '_', stage)}_{protocol}"
        input:
            code=code("study/share_files"),
            people=PLAN.people_lists(stage),
            files=PLAN.at_owner(stage, protocol),
        output:
            [f"{R}/{protocol}/{file}" for file in PLAN.stage_files(stage, protocol)],
        log:
            f"{R}/logs/share/{protocol}/{stage}.log",
        benchmark:
            f"{R}/benchmarks/share/{protocol}/{stage}.tsv"
        # A copy is not worth a submission.
        localrule: True
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(500),
            runtime=grows(5),
        params:
            folders=[f"{R}/{PLAN.owner(stage, protocol)}", f"{R}/{protocol}"],
            files=literal(PLAN.shared_patterns(stage, protocol)),
        message:
            f"Shared with {protocol}: {stage} of {PLAN.owner(stage, protocol)}"
        shell:
            "python {input.code[0]:q} --folders {params.folders:q} --files {params.files:q}"
            " --participants {input.people:q} > {log:q} 2>&1"
