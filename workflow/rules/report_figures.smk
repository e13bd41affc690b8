# The figures of the raw data, and the workflow's own graph; each with its caption (.json).
# Stages in the order data flow, for the legend of the graph.
DATA_FLOW = (
    "simulation inputs behaviour pulse physiology stimuli trials models published controls"
    " statistics claims report"
)


rule draw_ratings:
    input:
        code=code("report/draw_ratings"),
        labels=lambda w: at_owner("labels", w.protocol),
    output:
        svg=in_report(f"{R}/{{protocol}}/figures/figure3.svg", "ratings", "Behaviour", figure="3"),
        png=f"{R}/{{protocol}}/figures/figure3.png",
        about=f"{R}/{{protocol}}/figures/figure3.json",
    log:
        f"{R}/logs/draw_ratings/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_ratings/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        results=lambda w: R,
        clips=list(CLIPS),
        scale=SCALE,
        note=note(),
    message:
        "Figure 3: ratings over the clips ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --labels {input.labels:q} --clips {params.clips:q} --highest-rating {params.scale}"
        " {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


rule draw_coupling:
    input:
        code=code("report/draw_coupling"),
        coupling=f"{R}/{{protocol}}/statistics/pulse_coupling.tsv",
        test=f"{R}/{{protocol}}/statistics/pulse_coupling_quality.tsv",
    output:
        svg=in_report(f"{R}/{{protocol}}/figures/figure4.svg", "coupling", "Pulse", figure="4"),
        png=f"{R}/{{protocol}}/figures/figure4.png",
        about=f"{R}/{{protocol}}/figures/figure4.json",
    log:
        f"{R}/logs/draw_coupling/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_coupling/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        conditions=[TARGET, CONTROL],
        note=note(),
    message:
        "Figure 4: pulse rate and rating ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --coupling {input.coupling:q} --test {input.test:q}"
        " --conditions {params.conditions:q} {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


rule draw_rule_graph:
    input:
        code=code("report/draw_rule_graph"),
        config=f"{R}/config.yaml",
        snakefile=ROOT / "Snakefile",
        rules=sorted((ROOT / "workflow/rules").glob("*.smk"), key=stage_order),
    output:
        svg=in_report(f"{R}/figures/workflow.svg", "workflow", "Methods", figure="rules"),
        png=f"{R}/figures/workflow.png",
        about=f"{R}/figures/workflow.json",
    log:
        f"{R}/logs/draw_rule_graph/study.log",
    benchmark:
        f"{R}/benchmarks/draw_rule_graph/study.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
    message:
        "The workflow's own graph"
    shell:
        "python {input.code[0]:q} --results {params.results:q}"
        " --config {input.config:q}"
        " --snakefile {input.snakefile:q} --rules {input.rules:q}"
        " --output {output.svg:q} > {log:q} 2>&1"
