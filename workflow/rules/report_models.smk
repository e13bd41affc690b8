# The figures of the models: Tinglegrams, confusion matrices, training curves.


rule draw_tinglegram:
    input:
        code=code("report/draw_tinglegram"),
        predictions=expand(
            f"{R}/{{{{protocol}}}}/models/{{{{model}}}}/fold{{fold}}/predictions.parquet",
            fold=FOLDS,
        ),
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/figure6_{{model}}_{{subject}}.svg",
            "tinglegram",
            "Models",
            figure="6",
            model="{model}",
            participant="{subject}",
        ),
        png=f"{R}/{{protocol}}/figures/figure6_{{model}}_{{subject}}.png",
        about=f"{R}/{{protocol}}/figures/figure6_{{model}}_{{subject}}.json",
    log:
        f"{R}/logs/draw_tinglegram/{{protocol}}/{{model}}/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/draw_tinglegram/{{protocol}}/{{model}}/{{subject}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        results=lambda w: R,
        subject=lambda w: int(w.subject),
        smoothing=flags(config["report"], "smoothing_steps"),
        scale=SCALE,
        target=TARGET,
        note=lambda w: note(w.model),
    message:
        "Tinglegram of {wildcards.subject}, {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --predictions {input.predictions:q} --model {wildcards.model:q} --subject {params.subject}"
        " {params.smoothing} --highest-rating {params.scale} --target {params.target:q}"
        " {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


rule draw_confusion:
    input:
        code=code("report/draw_confusion"),
        predictions=expand(
            f"{R}/{{{{protocol}}}}/models/{{{{model}}}}/fold{{fold}}/predictions.parquet",
            fold=FOLDS,
        ),
        video_level=f"{R}/{{protocol}}/statistics/{{model}}/video_level.tsv",
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/confusion_{{model}}.svg",
            "confusion",
            "Models",
            figure="confusion",
            model="{model}",
        ),
        png=f"{R}/{{protocol}}/figures/confusion_{{model}}.png",
        about=f"{R}/{{protocol}}/figures/confusion_{{model}}.json",
    log:
        f"{R}/logs/draw_confusion/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/draw_confusion/{{protocol}}/{{model}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        results=lambda w: R,
        threshold=flags(config["statistics"], "video_threshold"),
        padding=lambda w: SWITCHES[w.protocol]["padding"],
        target=TARGET,
        control=CONTROL,
        note=lambda w: note(w.model),
    message:
        "Confusion matrices of {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --predictions {input.predictions:q} --video-level {input.video_level:q}"
        " --model {wildcards.model:q} --padding {params.padding} {params.threshold}"
        " --target {params.target:q} --control {params.control:q} {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


rule draw_training:
    input:
        code=code("report/draw_training"),
        histories=expand(
            f"{R}/{{{{protocol}}}}/models/{{{{model}}}}/fold{{fold}}/history.tsv", fold=FOLDS
        ),
    output:
        svg=in_report(
            f"{R}/{{protocol}}/figures/training_{{model}}.svg",
            "training",
            "Models",
            figure="training",
            model="{model}",
        ),
        png=f"{R}/{{protocol}}/figures/training_{{model}}.png",
        about=f"{R}/{{protocol}}/figures/training_{{model}}.json",
    log:
        f"{R}/logs/draw_training/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/draw_training/{{protocol}}/{{model}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        results=lambda w: R,
        unit=lambda w: "Epoch" if MODELS[w.model]["kind"] == "bilstm" else "Tree",
        note=lambda w: note(w.model),
    message:
        "Training curves of {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --histories {input.histories:q} --model {wildcards.model:q} --unit {params.unit}"
        " {params.note:q}"
        " --output {output.svg:q} > {log:q} 2>&1"


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
        mem_mb=1000,
        runtime=5,
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
