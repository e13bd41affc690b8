# Chunks of studies in parallel, then one table, figure and page.
wildcard_constraints:
    topic="|".join(TOPICS),
    cell=r"\d+",
    chunk=r"\d+",


rule simulate_studies:
    input:
        code=code("recovery/simulate_studies"),
    output:
        f"{R}/studies/{{topic}}/{{cell}}/{{chunk}}.parquet",
    log:
        f"{R}/logs/simulate_studies/{{topic}}/{{cell}}/{{chunk}}.log",
    benchmark:
        f"{R}/benchmarks/simulate_studies/{{topic}}/{{cell}}/{{chunk}}.tsv"
    conda:
        env("recovery")
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        effect=effect,
        cohort=COHORT,
        clips=CLIPS,
        inside=options(truth_cohorts=RECOVERY["truth_cohorts"], seed=config["seed"], **INSIDE),
    message:
        "Simulate studies: {wildcards.topic}, effect {wildcards.cell}, part {wildcards.chunk}"
    shell:
        "python {input.code[0]:q} {params.effect} {params.cohort} {params.clips} {params.inside}"
        " --output {output:q} > {log:q} 2>&1"


rule summarise:
    input:
        code=code("recovery/summarise"),
        studies=[
            f"{R}/studies/{topic}/{cell}/{chunk}.parquet"
            for topic, effects in TOPICS.items()
            for cell in range(len(effects))
            for chunk in CHUNKS
        ],
    output:
        table=f"{R}/recovery.tsv",
        page=RECOVERY["page"],
        figure=RECOVERY["figure"],
        png=str(Path(RECOVERY["figure"]).with_suffix(".png")),
    log:
        f"{R}/logs/summarise.log",
    benchmark:
        f"{R}/benchmarks/summarise.tsv"
    conda:
        env("recovery")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        options=options(people=RECOVERY["people"], **INSIDE),
    message:
        "Summarise the simulated studies"
    shell:
        "python {input.code[0]:q} --studies {input.studies:q} --command 'make validate'"
        " {params.options} --table {output.table:q} --figure {output.figure:q}"
        " --page {output.page:q} > {log:q} 2>&1"
