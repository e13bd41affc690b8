# The reliability curves of the models.


rule draw_calibration:
    input:
        code=code("report/draw_calibration"),
        calibration=f"{R}/{{protocol}}/statistics/{{model}}/calibration.tsv",
        within=f"{R}/{{protocol}}/statistics/{{model}}/within.tsv",
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/calibration_{{model}}.svg",
            "calibration",
            "Models",
            figure="calibration",
            model="{model}",
        ),
        png=f"{R}/{{protocol}}/figures/calibration_{{model}}.png",
        about=f"{R}/{{protocol}}/figures/calibration_{{model}}.json",
    log:
        f"{R}/logs/draw_calibration/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/draw_calibration/{{protocol}}/{{model}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        results=lambda w: R,
        confidence=flags(config["statistics"], "confidence"),
        target=TARGET,
        note=lambda w: note(w.model),
    message:
        "Reliability curves of {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --calibration {input.calibration:q} --within {input.within:q}"
        " --model {wildcards.model:q} --target {params.target:q} {params.confidence}"
        " {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"
