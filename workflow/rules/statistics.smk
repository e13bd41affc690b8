# From predictions to scores with intervals, p values and effect sizes, and models compared.
SCORE_OPTIONS = " ".join(
    [
        flags(config["statistics"], "bootstrap", "permutations", "confidence", "video_threshold"),
        flags(config, "seed"),
        shlex.join(["--control", CONTROL]),
    ]
)


rule score_model:
    input:
        code=code("statistics/score_model"),
        predictions=predictions_of("{model}"),
    output:
        fold_metrics=f"{R}/{{protocol}}/statistics/{{model}}/fold_metrics.tsv",
        pooled=f"{R}/{{protocol}}/statistics/{{model}}/pooled.tsv",
        video_level=f"{R}/{{protocol}}/statistics/{{model}}/video_level.tsv",
    log:
        f"{R}/logs/score_model/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/score_model/{{protocol}}/{{model}}.tsv"
    wildcard_constraints:
        model=any_of(SCORED),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        options=SCORE_OPTIONS,
        switches=lambda w: flags(
            SWITCHES[w.protocol], "padding", "p_value", "video_level_resampling"
        ),
    message:
        "Score {wildcards.model}: folds, pooled, video level ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --names {wildcards.model:q} --predictions {input.predictions:q}"
        " {params.options} {params.switches}"
        " --fold-metrics {output.fold_metrics:q} --pooled {output.pooled:q}"
        " --video-level {output.video_level:q} > {log:q} 2>&1"


if BESIDE:

    rule score_controls:
        input:
            code=code("statistics/score_model"),
            predictions=predictions_beside(BESIDE),
        output:
            fold_metrics=beside_statistics("fold_metrics"),
            pooled=beside_statistics("pooled"),
            video_level=beside_statistics("video_level"),
        log:
            f"{R}/logs/score_controls/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/score_controls/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=1000,
            runtime=15,
        params:
            names=BESIDE,
            options=SCORE_OPTIONS,
            switches=lambda w: flags(
                SWITCHES[w.protocol], "padding", "p_value", "video_level_resampling"
            ),
        message:
            "Score what the models stand beside ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --names {params.names:q} --predictions {input.predictions:q}"
            " {params.options} {params.switches}"
            " --fold-metrics {output.fold_metrics:q} --pooled {output.pooled:q}"
            " --video-level {output.video_level:q} > {log:q} 2>&1"


rule compare_models:
    input:
        code=code("statistics/compare_models"),
        predictions=[path for model in SCORED for path in predictions_of(model)],
    output:
        f"{R}/{{protocol}}/statistics/ablation.tsv",
    log:
        f"{R}/logs/compare_models/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/compare_models/{{protocol}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        models=SCORED,
        options=flags(config["statistics"], "reference", "ablation_bootstrap"),
        switches=lambda w: flags(SWITCHES[w.protocol], "padding", "p_value", "ablation_test"),
        seed=config["seed"],
        control=CONTROL,
    message:
        "Compare the models ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --models {params.models:q} --predictions {input.predictions:q}"
        " {params.options} {params.switches} --seed {params.seed} --control {params.control:q}"
        " --output {output:q} > {log:q} 2>&1"
