# From predictions to scores with intervals, p values and effect sizes, and models compared.
# Every table of one model.
SCORES = "fold_metrics pooled video_level video_level_own_report within events calibration".split()


rule score_model:
    input:
        code=code("statistics/score_model"),
        predictions=predictions_of("{model}"),
    output:
        expand(f"{R}/{{{{protocol}}}}/statistics/{{{{model}}}}/{{table}}.tsv", table=SCORES),
    log:
        f"{R}/logs/score_model/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/score_model/{{protocol}}/{{model}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        options=flags(
            config["statistics"],
            "bootstrap",
            "permutations",
            "confidence",
            "video_threshold",
            "event_tolerance",
            "calibration_bins",
        ),
        grid=flags(config["timing"], "grid"),
        switches=lambda w: flags(
            SWITCHES[w.protocol], "padding", "p_value", "video_level_resampling"
        ),
        seed=config["seed"],
        control=CONTROL,
        output=lambda w: f"{R}/{w.protocol}/statistics/{w.model}",
    message:
        "Score {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --name {wildcards.model:q} --predictions {input.predictions:q}"
        " {params.options} {params.grid} {params.switches} --seed {params.seed}"
        " --control {params.control:q} --output {params.output:q} > {log:q} 2>&1"


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
