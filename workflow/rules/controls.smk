# What scores stand beside (docs/controls.md). Predictions without features, and trained models
# shown perturbed features. One job for all folds, because each takes less time than its start.
REPORT_OPTIONS = " ".join(
    [f"--clips {CONDITIONS}", flags(config["timing"], "clip", "warm_up", "grid")]
)


if CONTROLS:

    rule predict_controls:
        input:
            code=code("models/predict_baselines"),
            folds=f"{R}/{{protocol}}/folds.tsv",
            labels=lambda w: at_owner("labels", w.protocol),
        output:
            predictions_beside(CONTROLS),
        log:
            f"{R}/logs/predict_controls/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/predict_controls/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            controls=" ".join(CONTROLS.values()),
            reports=REPORT_OPTIONS,
            target=TARGET,
            padding=lambda w: SWITCHES[w.protocol]["padding"],
        message:
            "Controls: predictions without features ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --folds {input.folds:q} --labels {input.labels:q}"
            " {params.reports} --controls {params.controls} --target {params.target:q}"
            " --padding {params.padding} --output {output:q} > {log:q} 2>&1"


if PUBLISHED_CONTROLS:

    rule predict_published_controls:
        input:
            code=code("models/predict_published_baselines"),
            predictions=predictions_of("published"),
        output:
            predictions_beside(PUBLISHED_CONTROLS),
        log:
            f"{R}/logs/predict_published_controls/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/predict_published_controls/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            controls=" ".join(PUBLISHED_CONTROLS.values()),
            grid=flags(config["timing"], "grid"),
            target=TARGET,
            padding=lambda w: SWITCHES[w.protocol]["padding"],
        message:
            "Controls of the published predictions ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --predictions {input.predictions:q} {params.grid}"
            " --controls {params.controls} --target {params.target:q}"
            " --padding {params.padding} --output {output:q} > {log:q} 2>&1"


if PERTURBED:

    rule reevaluate_models:
        input:
            code=code("models/reevaluate"),
            folds=f"{R}/{{protocol}}/folds.tsv",
            labels=lambda w: at_owner("labels", w.protocol),
            files=perturbed_files,
        output:
            predictions_beside(PERTURBED),
        log:
            f"{R}/logs/reevaluate_models/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/reevaluate_models/{{protocol}}.tsv"
        conda:
            env("models")
        threads: 1
        resources:
            mem_mb=grows(2000, 20),
            runtime=grows(30, 6),
            gpu=GPU,
        params:
            models=reevaluation_options,
        message:
            "Trained models, perturbed features ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} {params.models} > {log:q} 2>&1"
