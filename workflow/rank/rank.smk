# Ranking: every content predicted in a job of its own, then one table, clips of the best, one page.
#
# Needs: rank.json and files.tsv in the folder of the ranking, a bundle, films and sounds.
# Gives: cache/<SHA-256 of the file>/, segments.tsv, duplicates.tsv, problems.tsv, stimuli.tsv with
#        clips/, index.html.
#
# Which file a content is read from stands in rank.json alone, and no film is an input: so a file
# that was renamed, copied or touched is not predicted again, and one that changed has another name.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))
os.environ.update(PYTHONPATH=str(SOURCE.resolve()))

from tinglegram.bundles.rank_plan import LISTING, PLAN as PLAN_FILE, RankPlan, rank_schema
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.errors import TinglegramError
from tinglegram.provenance.code_files import code_files
from tinglegram.settings import only
from tinglegram.study.configuration import refuse_faults
from tinglegram.study.configuration_values import value_faults

try:
    refuse_faults(fault.sentence for fault in value_faults(config, rank_schema()))
except TinglegramError as problem:
    raise WorkflowError(str(problem))

PLAN = RankPlan(config)
ENVIRONMENT = (ROOT / "envs/bundles.yaml").resolve()


wildcard_constraints:
    content="[0-9a-f]{64}",


rule fingerprint_content:
    input:
        code=code_files(ROOT / "scripts/bundles/fingerprint_content.py", SOURCE),
    output:
        "cache/{content}/fingerprint.npz",
    log:
        "logs/fingerprint_content/{content}.log",
    benchmark:
        "benchmarks/fingerprint_content/{content}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    message:
        "Fingerprint {wildcards.content}"
    shell:
        "python {input.code[0]:q} --plan {PLAN_FILE} --content {wildcards.content}"
        " --fingerprint {output:q} > {log:q} 2>&1"


rule predict_content:
    input:
        code=code_files(ROOT / "scripts/bundles/predict_content.py", SOURCE),
    output:
        predictions=f"{PLAN.predicted}/predictions.tsv",
        about=f"{PLAN.predicted}/about.json",
    log:
        f"logs/predict_content/{PLAN.model}/{{content}}.log",
    benchmark:
        f"benchmarks/predict_content/{PLAN.model}/{{content}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        model=PLAN.model,
        settings=PLAN.options(only(Ranking, "confidence")),
    message:
        "Predict {wildcards.content}"
    shell:
        "python {input.code[0]:q} --plan {PLAN_FILE} --content {wildcards.content}"
        " --model {params.model:q} {params.settings} --predictions {output.predictions:q}"
        " --about {output.about:q} > {log:q} 2>&1"


rule rank_segments:
    input:
        code=code_files(ROOT / "scripts/bundles/rank_segments.py", SOURCE),
        listing=LISTING,
        predictions=PLAN.of_each(f"{PLAN.predicted}/predictions.tsv"),
        about=PLAN.of_each(f"{PLAN.predicted}/about.json"),
        fingerprints=PLAN.of_each("cache/{content}/fingerprint.npz"),
    output:
        segments="segments.tsv",
        duplicates="duplicates.tsv",
        problems="problems.tsv",
    log:
        "logs/rank_segments.log",
    benchmark:
        "benchmarks/rank_segments.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        settings=PLAN.options(only(Ranking, "length", "step", "alike_sound", "alike_picture")),
    message:
        "Rank segments"
    shell:
        "python {input.code[0]:q} --plan {PLAN_FILE}"
        " {params.settings} --segments {output.segments:q} --duplicates {output.duplicates:q}"
        " --problems {output.problems:q} > {log:q} 2>&1"


rule export_segments:
    input:
        code=code_files(ROOT / "scripts/bundles/export_segments.py", SOURCE),
        segments="segments.tsv",
    output:
        clips=directory("clips"),
        posters=directory("posters"),
        stimuli="stimuli.tsv",
    log:
        "logs/export_segments.log",
    benchmark:
        "benchmarks/export_segments.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        settings=PLAN.options(only(Ranking, "best", "shown")),
    message:
        "Export the best segments as clips"
    shell:
        "python {input.code[0]:q} --plan {PLAN_FILE} --segments {input.segments:q}"
        " {params.settings} --clips {output.clips:q} --posters {output.posters:q}"
        " --stimuli {output.stimuli:q} > {log:q} 2>&1"


rule show_ranking:
    input:
        code=code_files(ROOT / "scripts/bundles/show_ranking.py", SOURCE),
        page=SOURCE / "tinglegram/bundles/templates/ranking.html.j2",
        listing=LISTING,
        segments="segments.tsv",
        duplicates="duplicates.tsv",
        problems="problems.tsv",
        stimuli="stimuli.tsv",
        posters="posters",
    output:
        "index.html",
    log:
        "logs/show_ranking.log",
    benchmark:
        "benchmarks/show_ranking.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=PLAN.options(
            only(Ranking, "length", "step", "shown", "alike_sound", "alike_picture", "confidence")
        ),
    message:
        "Show the ranking"
    shell:
        "python {input.code[0]:q} --plan {PLAN_FILE} --listing {input.listing:q}"
        " --segments {input.segments:q}"
        " --duplicates {input.duplicates:q} --problems {input.problems:q}"
        " --stimuli {input.stimuli:q} --posters {input.posters:q} {params.settings}"
        " --page {output:q} > {log:q} 2>&1"
