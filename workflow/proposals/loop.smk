# Closed loops: a pool of sounds and repetitions in parallel, then one table, figure and page.
#
# Needs: config.yaml of the closed loops.
# Gives: results/loop/pool/<part>.parquet, results/loop/loops/<listeners>/<part>.parquet, and the page,
#        figure and table that the configuration names.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))
os.environ.update(PYTHONPATH=str(SOURCE.resolve()))

from tinglegram.errors import TinglegramError
from tinglegram.inference.seeding import Seeding
from tinglegram.proposals.listeners import LISTENER_KINDS, Listening
from tinglegram.proposals.loop import ClosedLoop
from tinglegram.proposals.loop_plan import LOOP_RESULTS, LoopPlan, loop_schema
from tinglegram.proposals.pool import PoolOfSounds
from tinglegram.proposals.settings import Proposing
from tinglegram.provenance.code_files import code_files
from tinglegram.settings import only
from tinglegram.sounds.safety import SoundSafety
from tinglegram.study.configuration import refuse_faults
from tinglegram.study.configuration_values import value_faults

try:
    refuse_faults(fault.sentence for fault in value_faults(config, loop_schema()))
    PLAN = LoopPlan(config)
    PLAN.check()
except TinglegramError as problem:
    raise WorkflowError(str(problem))

ENVIRONMENT = (ROOT / "envs/proposals.yaml").resolve()


wildcard_constraints:
    kind="|".join(LISTENER_KINDS),
    part=r"\d+",


rule make_pool:
    input:
        code=code_files(ROOT / "scripts/proposals/make_pool.py", SOURCE),
    output:
        f"{LOOP_RESULTS}/pool/{{part}}.parquet",
    log:
        f"{LOOP_RESULTS}/logs/make_pool/{{part}}.log",
    benchmark:
        f"{LOOP_RESULTS}/benchmarks/make_pool/{{part}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        sounds=lambda w: PLAN.part_of_pool(int(w.part)),
        settings=PLAN.options(PoolOfSounds, SoundSafety, Seeding),
    message:
        "Make sounds of the pool, part {wildcards.part}"
    shell:
        "python {input.code[0]:q} {params.sounds} {params.settings}"
        " --output {output:q} > {log:q} 2>&1"


rule simulate_loop:
    input:
        code=code_files(ROOT / "scripts/proposals/simulate_loop.py", SOURCE),
        pool=PLAN.pool,
    output:
        f"{LOOP_RESULTS}/loops/{{kind}}/{{part}}.parquet",
    log:
        f"{LOOP_RESULTS}/logs/simulate_loop/{{kind}}/{{part}}.log",
    benchmark:
        f"{LOOP_RESULTS}/benchmarks/simulate_loop/{{kind}}/{{part}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        loops=lambda w: PLAN.part_of_loops(int(w.part)),
        settings=PLAN.options(ClosedLoop, Listening, Proposing, Seeding),
    message:
        "Simulate closed loops: {wildcards.kind} listeners, part {wildcards.part}"
    shell:
        "python {input.code[0]:q} --pool {input.pool:q} --kind {wildcards.kind} {params.loops}"
        " {params.settings} --output {output:q} > {log:q} 2>&1"


rule summarise_loops:
    input:
        code=code_files(ROOT / "scripts/proposals/summarise_loops.py", SOURCE),
        loops=PLAN.loops,
    output:
        page=PLAN.jobs.page,
        table=PLAN.jobs.table,
        figure=PLAN.jobs.figure,
        png=PLAN.png,
    log:
        f"{LOOP_RESULTS}/logs/summarise_loops.log",
    benchmark:
        f"{LOOP_RESULTS}/benchmarks/summarise_loops.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        settings=PLAN.options(ClosedLoop, Listening, PoolOfSounds, only(Proposing, "acquisition")),
    message:
        "Summarise the closed loops"
    shell:
        "python {input.code[0]:q} --loops {input.loops:q} {params.settings} --table {output.table:q}"
        " --figure {output.figure:q} --page {output.page:q} > {log:q} 2>&1"
