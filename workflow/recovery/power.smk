# Power: studies of planned sizes in parallel, then tables and figure of the design page.
#
# Needs: config.yaml of a study and of the recovery studies, power.yaml.
# Gives: results/power/studies/<question>/<people>x<clips>/<part>.parquet, and the tables and figure
#        that the configuration names.
from tinglegram.recovery.design_plan import POWER_RESULTS, PowerDesigns, PowerJobs, PowerPlan
from tinglegram.recovery.design_studies import DESIGN_QUESTIONS, StudyDesign

POWER = PowerPlan(config)


rule simulate_designs:
    input:
        code=code_files(ROOT / "scripts/recovery/simulate_designs.py", SOURCE),
    output:
        f"{POWER_RESULTS}/studies/{{question}}/{{people}}x{{clips}}/{{part}}.parquet",
    log:
        f"{POWER_RESULTS}/logs/simulate_designs/{{question}}/{{people}}x{{clips}}/{{part}}.log",
    benchmark:
        f"{POWER_RESULTS}/benchmarks/simulate_designs/{{question}}/{{people}}x{{clips}}/{{part}}.tsv"
    wildcard_constraints:
        question="|".join(DESIGN_QUESTIONS),
        people=r"\d+",
        clips=r"\d+",
        part=r"\d+",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        studies=lambda w: POWER.design_options(
            w.question, StudyDesign(int(w.people), int(w.clips)), int(w.part)
        ),
        conditions=POWER.recovery.clip_options,
        settings=POWER.recovery.options(
            Timing,
            only(Windowing, "window", "step"),
            Coupling,
            Reporting,
            Draws,
            Seeding,
            only(PowerDesigns, "most_folds"),
        ),
    message:
        "Simulate designs: {wildcards.question}, {wildcards.people} people, {wildcards.clips} clips"
    shell:
        "python {input.code[0]:q} {params.studies} {params.conditions} {params.settings}"
        " --output {output:q} > {log:q} 2>&1"


rule summarise_designs:
    input:
        code=code_files(ROOT / "scripts/recovery/summarise_designs.py", SOURCE),
        studies=POWER.tables(),
    output:
        section=POWER.jobs["section"],
        table=POWER.jobs["table"],
        figure=POWER.jobs["figure"],
        png=POWER.png,
    log:
        f"{POWER_RESULTS}/logs/summarise_designs.log",
    benchmark:
        f"{POWER_RESULTS}/benchmarks/summarise_designs.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        settings=POWER.recovery.options(
            only(PowerDesigns, "marked_participants", "marked_clips", "wanted"),
            only(PowerJobs, "shifts"),
            only(Draws, "confidence"),
        ),
    message:
        "Summarise the studies of planned sizes"
    shell:
        "python {input.code[0]:q} --studies {input.studies:q} {params.settings}"
        " --table {output.table:q} --figure {output.figure:q} --section {output.section:q}"
        " > {log:q} 2>&1"
