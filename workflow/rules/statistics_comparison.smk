# Models compared with the reference, and each with the control that knows the category alone.


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
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
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


if JUDGED:

    rule judge_models:
        input:
            code=code("statistics/give_verdicts"),
            scores=expand(
                f"{R}/{{{{protocol}}}}/statistics/{{m}}/{{table}}.tsv",
                m=JUDGED,
                table=["within", "video_level_own_report"],
            ),
            predictions=predictions_beside([*JUDGED, *dict.fromkeys(JUDGED.values())]),
        output:
            f"{R}/{{protocol}}/statistics/verdicts.tsv",
        log:
            f"{R}/logs/judge_models/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/judge_models/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            models=lambda w: shlex.join(
                part
                for model, control in JUDGED.items()
                for part in ("--model", model, f"{R}/{w.protocol}/statistics/{model}")
                + tuple(
                    path.format(protocol=w.protocol)
                    for path in predictions_beside([model, control])
                )
            ),
            options=flags(config["statistics"], "permutations", "confidence"),
            switches=lambda w: flags(SWITCHES[w.protocol], "padding", "p_value"),
            seed=config["seed"],
            control=CONTROL,
        message:
            "What the scores are worth ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} {params.models} {params.options} {params.switches}"
            " --seed {params.seed} --control {params.control:q} --output {output:q} > {log:q} 2>&1"
