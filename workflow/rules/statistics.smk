# From predictions to scores with intervals, p values and effect sizes, and models compared.
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
        mem_mb=1000,
        runtime=5,
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
            mem_mb=1000,
            runtime=15,
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


rule score_seeds:
    input:
        code=code("statistics/score_seeds"),
        predictions=lambda w: [f for m in NETWORKS for f in network_files(m, w.protocol)],
    output:
        f"{R}/{{protocol}}/statistics/seeds.tsv",
    log:
        f"{R}/logs/score_seeds/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/score_seeds/{{protocol}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        models=lambda w: shlex.join(
            part for m in NETWORKS for part in ("--model", m, *network_files(m, w.protocol))
        ),
        folds=len(FOLDS),
        padding=lambda w: SWITCHES[w.protocol]["padding"],
        control=CONTROL,
    message:
        "Spread over the seeds of the networks ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.models} --folds {params.folds}"
        " --padding {params.padding} --control {params.control:q} --output {output:q} > {log:q} 2>&1"


if JUDGED:

    rule judge_models:
        input:
            code=code("statistics/judge_models"),
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
            mem_mb=1000,
            runtime=5,
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


rule compare_switches:
    input:
        code=code("statistics/compare_switches"),
        config=f"{R}/config.yaml",
        seeds=expand(f"{R}/{{p}}/statistics/seeds.tsv", p=PROTOCOLS),
    output:
        table=f"{R}/switches.tsv",
        page=f"{R}/switches.md",
    log:
        f"{R}/logs/compare_switches/study.log",
    benchmark:
        f"{R}/benchmarks/compare_switches/study.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        base=PROTOCOLS[0],
        model=config["statistics"]["reference"],
    message:
        "What each switch changes, one at a time"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --seeds {input.seeds:q}"
        " --base {params.base} --model {params.model:q}"
        " --table {output.table:q} --page {output.page:q} > {log:q} 2>&1"


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
