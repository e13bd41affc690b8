# The plan of a study, and what all other files of this folder share.
#
# Needs: config.yaml and overlays, the names of the raw files.
# Gives: PLAN (who takes part, which protocol computes what, which files a job reads), REPORT (which
#        tables and figures there are), R (folder of results), settings(), code(), env(), grows().
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
from tinglegram.readers.registry import reader_file
from tinglegram.settings import as_options
from tinglegram.study import configuration
from tinglegram.study.planning import inspecting_code, plan_study
from tinglegram.study.report_plan import ReportPlan
from tinglegram.study.rerun_reasons import ask_every_job
from tinglegram.study.resources import grows

ask_every_job()

# Imported as a module, the workflow is handed its overlay; files and values on the command line
# are those of the Snakefile that imports it.
IMPORTED = workflow.modifier.skip_configfile
try:
    require_plain_names([ROOT])
    config, OUTLINES, MERGED = configuration.read_configuration(
        [ROOT / "config.yaml", *(() if IMPORTED else workflow.overwrite_configfiles)],
        config if IMPORTED else workflow.config_settings.config,
        json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")),
        *([f"the config of module {workflow.modifier.namespace}"] if IMPORTED else []),
    )
    PLAN, INSPECTED = plan_study(
        config, OUTLINES, inspecting_code(config, ROOT / "scripts", SOURCE)
    )
    REPORT = ReportPlan(PLAN, OUTLINES)
except TinglegramError as problem:
    raise WorkflowError(str(problem))
if any(word.startswith("--rulegraph") for word in sys.argv):
    PLAN = PLAN.of_first_participant()
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

# Once, by the Snakemake that plans: those that run single jobs read this file too.
if workflow.is_main_process and PLAN.retrained_in:
    from tinglegram.study.files import measured_trainings
    from tinglegram.study.training_cost import describe_training_cost

    job_sizes = {m: len(PLAN.shifts_of_parts(m)[0]) for m in PLAN.retrained_models}
    logger.info(describe_training_cost(PLAN, measured_trainings(Path(R), job_sizes)))


def code(script):
    """The script and every module of ours it imports, directly or not: edit one, rerun the rule."""
    return code_files(ROOT / "scripts" / f"{script}.py", SOURCE)


def env(family):
    """The conda environment of a rule family."""
    return (ROOT / "envs" / f"{family}.yaml").resolve()


def settings(*classes, protocol=None, video=None):
    """The options of a script for classes of settings; switches are those of the protocol.

    With a clip, its own length stands for that of all.
    """
    of = config if video is None else PLAN.config_of(video)
    return as_options(of, *classes, switches=PLAN.switches.get(protocol))


def literal(texts):
    """A parameter in which Snakemake fills in nothing: patterns that a script fills in itself."""
    return lambda wildcards: texts


def any_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


def owners(stage):
    """A wildcard constraint: the protocols that compute `stage` themselves."""
    return any_of(PLAN.owners.get(stage, ()))


def in_report(path, name, category, **labels):
    """A result that also stands in Snakemake's own report, with a caption of one sentence."""
    group = "{protocol}" if "{protocol}" in path else "study"
    about = dict(category=category, subcategory=group, labels=labels)
    return report(path, caption=str((ROOT / f"workflow/report/{name}.rst").resolve()), **about)


def drawn(kind, category="Models"):
    """The figures of a kind with their captions, as outputs of the job that draws them all."""
    svg = [in_report(REPORT.figure(n), kind, category, figure=n) for n in REPORT.drawn[kind]]
    return svg + [REPORT.figure(n, form) for n in REPORT.drawn[kind] for form in ("png", "json")]


wildcard_constraints:
    protocol="|".join(PLAN.protocols),
    subject=r"\d\d\d+",
    # The first network of a fold has a rule of its own.
    replicate=r"[2-9]|[1-9]\d+",
    part=r"\d+",
    video=any_of(PLAN.conditions),
    fold=r"\d+",
    model=any_of(PLAN.scored + PLAN.beside),
