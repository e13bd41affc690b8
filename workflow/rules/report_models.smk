# The figures of the models: Tinglegrams, confusion matrices, training and reliability curves. One
# job draws those of all models of a protocol.


rule draw_tinglegrams:
    input:
        code=code("report/draw_tinglegram"),
        predictions=predictions_beside(HEADLINE),
    output:
        drawn([f"figure6_{m}_{s}" for m, s in TINGLEGRAMS], "tinglegram"),
    log:
        f"{R}/logs/draw_tinglegrams/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_tinglegrams/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        figures=tinglegram_options,
    message:
        "Tinglegrams ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.figures} > {log:q} 2>&1"


rule draw_confusion:
    input:
        code=code("report/draw_confusion"),
        predictions=predictions_beside(SCORED),
        video_level=expand(f"{R}/{{{{protocol}}}}/statistics/{{m}}/video_level.tsv", m=SCORED),
    output:
        drawn([f"confusion_{m}" for m in SCORED], "confusion"),
    log:
        f"{R}/logs/draw_confusion/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_confusion/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        figures=confusion_options,
    message:
        "Confusion matrices ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.figures} > {log:q} 2>&1"


if MODELS:

    rule draw_training:
        input:
            code=code("report/draw_training"),
            histories=[path for m in MODELS for path in histories_of(m)],
        output:
            drawn([f"training_{m}" for m in MODELS], "training"),
        log:
            f"{R}/logs/draw_training/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_training/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            figures=training_options,
        message:
            "Training curves ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} {params.figures} > {log:q} 2>&1"


rule draw_calibration:
    input:
        code=code("report/draw_calibration"),
        scores=expand(
            f"{R}/{{{{protocol}}}}/statistics/{{m}}/{{table}}.tsv",
            m=SCORED,
            table=["calibration", "within"],
        ),
    output:
        drawn([f"calibration_{m}" for m in SCORED], "calibration"),
    log:
        f"{R}/logs/draw_calibration/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_calibration/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        figures=calibration_options,
    message:
        "Reliability curves ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.figures} > {log:q} 2>&1"


rule draw_beside:
    input:
        code=code("report/draw_beside"),
        scores=lambda w: [path for _, _, path in rows_beside(w)],
    output:
        svg=in_report(f"{R}/{{protocol}}/figures/beside.svg", "beside", "Models", figure="beside"),
        png=f"{R}/{{protocol}}/figures/beside.png",
        about=f"{R}/{{protocol}}/figures/beside.json",
    log:
        f"{R}/logs/draw_beside/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_beside/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        rows=lambda w: shlex.join(part for row in rows_beside(w) for part in ("--row", *row)),
        reference=control_of(HEADLINE[0], CATEGORY),
        held_out=HELD_OUT[config["folds"]["scheme"]],
        note=note(*SCORED),
    message:
        "Scores beside their controls ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " {params.rows} --reference {params.reference:q} --held-out {params.held_out:q}"
        " {params.note:q} --output {output.svg:q} > {log:q} 2>&1"
