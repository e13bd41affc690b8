# Tables and the report. Each table and figure has its caption (.json) beside it.
include: "report_exhibits.smk"
include: "report_figures.smk"
include: "report_models.smk"
include: "report_physiology.smk"
include: "report_claims.smk"
include: "report_calibration.smk"


rule make_tables:
    input:
        unpack(table_files),
        code=code("report/make_tables"),
        beside=lambda w: [path for _, _, path in beside(w)],
    output:
        tsv=in_report(f"{R}/{{protocol}}/tables/{{table}}.tsv", "table", "Tables", table="{table}"),
        md=f"{R}/{{protocol}}/tables/{{table}}.md",
        tex=f"{R}/{{protocol}}/tables/{{table}}.tex",
        about=f"{R}/{{protocol}}/tables/{{table}}.json",
    log:
        f"{R}/logs/make_tables/{{protocol}}/{{table}}.log",
    benchmark:
        f"{R}/benchmarks/make_tables/{{protocol}}/{{table}}.tsv"
    wildcard_constraints:
        table="|".join(TABLES),
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        results=lambda w: R,
        kind=lambda w: TABLES[w.table][0],
        title=lambda w: ["--title", TABLES[w.table][1]] if TABLES[w.table][1] else [],
        models=lambda w: TABLES[w.table][2],
        files=lambda w: " ".join(
            shlex.join([f"--{option.replace('_', '-')}", *paths])
            for option, paths in table_files(w).items()
        ),
        beside=lambda w: shlex.join(part for row in beside(w) for part in ("--beside", *row)),
        confidence=flags(config["statistics"], "confidence"),
        draws=lambda w: config["statistics"][
            "agreement_bootstrap" if TABLES[w.table][0] == "plain" else "ablation_bootstrap"
        ],
        note=lambda w: note(*TABLES[w.table][2]),
    message:
        "Table {wildcards.table} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --kind {params.kind} {params.title:q} --models {params.models:q} {params.files}"
        " {params.beside} {params.confidence} --draws {params.draws} {params.note:q} --output {output.tsv:q} > {log:q} 2>&1"


rule write_report:
    input:
        code=code("report/write_report"),
        template=ROOT / "src/tinglegram/templates/report.html.j2",
        config=f"{R}/config.yaml",
        provenance=f"{R}/provenance.json",
        inventory=f"{R}/inventory.tsv" if SUBJECTS else [],
        fold_metrics=expand(
            f"{R}/{{p}}/statistics/{{m}}/fold_metrics.tsv",
            m=dict.fromkeys([*SCORED, *JUDGED.values()]),
            p=PROTOCOLS,
        ),
        verdicts=f"{R}/{PROTOCOLS[0]}/statistics/verdicts.tsv" if JUDGED else [],
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
        mem_mb=1000,
        runtime=5,
    params:
        results=lambda w: R,
        inventory="--inventory" if SUBJECTS else "",
        verdicts="--verdicts" if JUDGED else "",
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
