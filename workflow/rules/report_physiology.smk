# The figures of the physiology beyond the paper, each with its caption (.json).


rule draw_rest_change:
    input:
        code=code("report/draw_rest_change"),
        changes=f"{R}/{{protocol}}/statistics/rest_change_people.tsv",
        tests=f"{R}/{{protocol}}/statistics/rest_change.tsv",
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/rest_change.svg", "rest_change", "Pulse", figure="rest"
        ),
        png=f"{R}/{{protocol}}/figures/rest_change.png",
        about=f"{R}/{{protocol}}/figures/rest_change.json",
    log:
        f"{R}/logs/draw_rest_change/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_rest_change/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        conditions=[TARGET, CONTROL],
        resampling=flags(config["statistics"], "bootstrap", "confidence"),
        note=note(),
    message:
        "Pulse against rest ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --changes {input.changes:q} --tests {input.tests:q} --conditions {params.conditions:q}"
        " {params.resampling} {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


rule draw_mixed_model:
    input:
        code=code("report/draw_mixed_model"),
        model=f"{R}/{{protocol}}/statistics/pulse_mixed_model.tsv",
        residuals=f"{R}/{{protocol}}/statistics/pulse_mixed_model_residuals.tsv",
        people=f"{R}/{{protocol}}/statistics/pulse_mixed_model_people.tsv",
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/mixed_model_checks.svg",
            "mixed_model_checks",
            "Pulse",
            figure="mixed model",
        ),
        png=f"{R}/{{protocol}}/figures/mixed_model_checks.png",
        about=f"{R}/{{protocol}}/figures/mixed_model_checks.json",
    log:
        f"{R}/logs/draw_mixed_model/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_mixed_model/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(600, 20),
        runtime=grows(5, 1),
    params:
        results=lambda w: R,
        note=note(),
    message:
        "Checks of the mixed model ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --model {input.model:q} --residuals {input.residuals:q} --people {input.people:q}"
        " {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"
