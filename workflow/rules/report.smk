# Tables and the report. Each table and figure has its caption (.json) beside it.
include: "report_exhibits.smk"
include: "report_tables.smk"
include: "report_drawing.smk"
include: "report_figures.smk"
include: "report_models.smk"
include: "report_physiology.smk"
include: "report_claims.smk"


rule make_tables:
    input:
        code=code("report/make_tables"),
        statistics=table_sources,
    output:
        [in_report(f"{R}/{{protocol}}/tables/{t}.tsv", "table", "Tables", table=t) for t in TABLES],
        expand(
            f"{R}/{{{{protocol}}}}/tables/{{table}}.{{form}}",
            table=TABLES,
            form=["md", "tex", "json"],
        ),
    log:
        f"{R}/logs/make_tables/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/make_tables/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        tables=table_options,
    message:
        "Tables ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.tables} > {log:q} 2>&1"


rule write_report:
    input:
        code=code("report/write_report"),
        template=ROOT / "src/tinglegram/report/templates/report.html.j2",
        config=f"{R}/config.yaml",
        provenance=f"{R}/provenance.json",
        inventory=f"{R}/inventory.tsv" if SUBJECTS else [],
        fold_metrics=expand(
            f"{R}/{{p}}/statistics/{{m}}/fold_metrics.tsv",
            m=dict.fromkeys([*SCORED, *JUDGED.values()]),
            p=PROTOCOLS,
        ),
        verdicts=expand(f"{R}/{{p}}/statistics/verdicts.tsv", p=FIRST_PAGE),
        front=FRONT,
        predictions=expand(
            f"{R}/{{p}}/models/{{m}}/fold{{k}}/predictions.parquet",
            p=PROTOCOLS[0],
            m=HEADLINE[0],
            k=FOLDS,
        ),
        about=[f for f in exhibits(".json", ".json") if f != FRONT],
        content=exhibits(".tsv", ".svg"),
    output:
        in_report(f"{R}/report.html", "report", "Report", content="everything"),
    log:
        f"{R}/logs/write_report.log",
    benchmark:
        f"{R}/benchmarks/write_report.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        inventory="--inventory" if SUBJECTS else "",
        verdicts="--verdicts" if FIRST_PAGE else "",
        headline=HEADLINE,
        control_of=[f"{model}={control}" for model, control in JUDGED.items()],
        warnings=[w for w in (SIMULATED,) if config["data"]["simulation"]],
    message:
        "The report"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --config {input.config:q}"
        " --provenance {input.provenance:q} {params.inventory} {input.inventory:q}"
        " --fold-metrics {input.fold_metrics:q} --predictions {input.predictions:q}"
        " --exhibits {input.about:q} --front {input.front:q}"
        " {params.verdicts} {input.verdicts:q} --headline {params.headline:q}"
        " --control-of {params.control_of:q} --warnings {params.warnings:q}"
        " --output {output:q} > {log:q} 2>&1"
