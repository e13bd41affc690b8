# Recovery: chunks of simulated studies in parallel, then one table, figure and page.
#
# Needs: config.yaml of a study and of the recovery studies.
# Gives: results/recovery/studies/<statistic>/<effect>/<chunk>.parquet, and, where the configuration
#        says, a summary of each statistic, the page, its figure and its table of error rates.
import json
import os
import sys
from dataclasses import replace
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
from tinglegram.settings import as_words, only
from tinglegram.simulation.design import Reporting
from tinglegram.study.configuration import refuse_faults
from tinglegram.study.configuration_values import value_faults
from tinglegram.trials.folds import FoldScheme

SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8"))
SCHEMA["properties"] |= {"recovery": recovery_schema(), "power": power_schema()}
try:
    refuse_faults(fault.sentence for fault in value_faults(config, SCHEMA))
    PLAN = RecoveryPlan(config)
    PLAN = replace(
        PLAN, there=[path for path in map(PLAN.summary, PLAN.topics) if Path(path).is_file()]
    )
    refuse_faults(PLAN.faults())
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


rule summarise_topic:
    input:
        code=code_files(ROOT / "scripts/recovery/summarise_topic.py", SOURCE),
        studies=lambda w: PLAN.tables(w.topic),
    output:
        f"{PLAN.own['tables']}/{{topic}}.tsv",
    log:
        f"{RESULTS}/logs/summarise_topic/{{topic}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/summarise_topic/{{topic}}.tsv"
    # Summaries of the others stay as they are.
    wildcard_constraints:
        topic="|".join(PLAN.simulated),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        settings=PLAN.options(only(Draws, "confidence")),
    message:
        "Summarise the simulated studies: {wildcards.topic}"
    shell:
        "python {input.code[0]:q} --studies {input.studies:q} {params.settings} --table {output:q}"
        " > {log:q} 2>&1"


rule write_page:
    input:
        code=code_files(ROOT / "scripts/recovery/write_page.py", SOURCE),
        summaries=[PLAN.summary(topic) for topic in PLAN.shown],
    output:
        page=PLAN.own["page"],
        rates=PLAN.own["rates"],
        figure=PLAN.own["figure"],
        png=PLAN.png,
    log:
        f"{RESULTS}/logs/write_page.log",
    benchmark:
        f"{RESULTS}/benchmarks/write_page.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        not_shown=as_words(PLAN.not_shown),
        settings=PLAN.options(CohortSize, only(Draws, "bootstrap", "permutations", "confidence")),
    message:
        "What the statistics get right"
    shell:
        "python {input.code[0]:q} --summaries {input.summaries:q} --not-shown {params.not_shown:q}"
        " --command 'make validate' {params.settings} --rates {output.rates:q}"
        " --figure {output.figure:q} --page {output.page:q} > {log:q} 2>&1"
