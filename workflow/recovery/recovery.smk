# Recovery: chunks of simulated studies in parallel, then one table, figure and page.
#
# Needs: config.yaml of a study and of the recovery studies.
# Gives: results/recovery/studies/<statistic>/<effect>/<chunk>.parquet, results/recovery/recovery.tsv,
#        and the page, figure and table of error rates that the configuration names.
import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))
os.environ.update(PYTHONPATH=str(SOURCE.resolve()))

from tinglegram.clock import Timing
from tinglegram.errors import TinglegramError
from tinglegram.inference.seeding import Seeding
from tinglegram.provenance.code_files import code_files
from tinglegram.pulse.coupling import Coupling
from tinglegram.pulse.windows import Windowing
from tinglegram.recovery.cohort import CohortSize
from tinglegram.recovery.design_plan import PowerPlan, power_schema
from tinglegram.recovery.plan import RESULTS, RecoveryPlan, recovery_schema
from tinglegram.recovery.results import Draws
from tinglegram.recovery.topics import check_parameters
from tinglegram.settings import only
from tinglegram.simulation.design import Reporting
from tinglegram.study.configuration import refuse_faults
from tinglegram.study.configuration_values import value_faults
from tinglegram.trials.folds import FoldScheme

SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8"))
SCHEMA["properties"] |= {"recovery": recovery_schema(), "power": power_schema()}
try:
    refuse_faults(fault.sentence for fault in value_faults(config, SCHEMA))
    PLAN = RecoveryPlan(config)
    for topic, effects in PLAN.topics.items():
        for name, parameters in effects:
            check_parameters(topic, name, parameters)
    PowerPlan(config).check()
except TinglegramError as problem:
    raise WorkflowError(str(problem))

ENVIRONMENT = (ROOT / "envs/recovery.yaml").resolve()


wildcard_constraints:
    topic="|".join(PLAN.topics),
    cell=r"\d+",
    chunk=r"\d+",


rule simulate_studies:
    input:
        code=code_files(ROOT / "scripts/recovery/simulate_studies.py", SOURCE),
    output:
        f"{RESULTS}/studies/{{topic}}/{{cell}}/{{chunk}}.parquet",
    log:
        f"{RESULTS}/logs/simulate_studies/{{topic}}/{{cell}}/{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate_studies/{{topic}}/{{cell}}/{{chunk}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        effect=lambda w: PLAN.effect_options(w.topic, int(w.cell), int(w.chunk)),
        clips=PLAN.clip_options,
        settings=PLAN.options(
            CohortSize,
            only(FoldScheme, "number"),
            Timing,
            only(Windowing, "window", "step"),
            Coupling,
            Reporting,
            Draws,
            Seeding,
        ),
    message:
        "Simulate studies: {wildcards.topic}, effect {wildcards.cell}, part {wildcards.chunk}"
    shell:
        "python {input.code[0]:q} {params.effect} {params.clips} {params.settings}"
        " --output {output:q} > {log:q} 2>&1"


rule summarise:
    input:
        code=code_files(ROOT / "scripts/recovery/summarise.py", SOURCE),
        studies=PLAN.tables,
    output:
        table=f"{RESULTS}/recovery.tsv",
        page=PLAN.own["page"],
        rates=PLAN.own["rates"],
        figure=PLAN.own["figure"],
        png=PLAN.png,
    log:
        f"{RESULTS}/logs/summarise.log",
    benchmark:
        f"{RESULTS}/benchmarks/summarise.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        settings=PLAN.options(CohortSize, only(Draws, "bootstrap", "permutations", "confidence")),
    message:
        "Summarise the simulated studies"
    shell:
        "python {input.code[0]:q} --studies {input.studies:q} --command 'make validate'"
        " {params.settings} --table {output.table:q} --rates {output.rates:q} --figure {output.figure:q}"
        " --page {output.page:q} > {log:q} 2>&1"
