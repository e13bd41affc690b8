# From predictions to scores with intervals, p values and effect sizes.
# Every table of one model.
SCORES = "fold_metrics pooled video_level video_level_own_report within events calibration".split()
SCORE_OPTIONS = " ".join(
    [
        flags(
            config["statistics"],
            "bootstrap",
            "permutations",
            "confidence",
            "video_threshold",
            "event_tolerance",
            "calibration_bins",
        ),
        flags(config["timing"], "grid"),
        flags(config, "seed"),
        shlex.join(["--control", CONTROL]),
    ]
)


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
    wildcard_constraints:
        model=any_of(SCORED),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        options=SCORE_OPTIONS,
        switches=lambda w: flags(
            SWITCHES[w.protocol], "padding", "p_value", "video_level_resampling"
        ),
        outputs=lambda w: f"{R}/{w.protocol}/statistics/{w.model}",
    message:
        "Score {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --names {wildcards.model:q} --predictions {input.predictions:q}"
        " {params.options} {params.switches} --outputs {params.outputs:q} > {log:q} 2>&1"


if BESIDE:

    rule score_controls:
        input:
            code=code("statistics/score_model"),
            predictions=predictions_beside(BESIDE),
        output:
            expand(f"{R}/{{{{protocol}}}}/statistics/{{m}}/{{table}}.tsv", m=BESIDE, table=SCORES),
        log:
            f"{R}/logs/score_controls/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/score_controls/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(10, 1),
        params:
            names=BESIDE,
            options=SCORE_OPTIONS,
            switches=lambda w: flags(
                SWITCHES[w.protocol], "padding", "p_value", "video_level_resampling"
            ),
            outputs=lambda w: [f"{R}/{w.protocol}/statistics/{m}" for m in BESIDE],
        message:
            "Score what the models stand beside ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --names {params.names:q} --predictions {input.predictions:q}"
            " {params.options} {params.switches} --outputs {params.outputs:q} > {log:q} 2>&1"
