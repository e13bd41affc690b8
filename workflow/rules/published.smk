# The authors' published predictions, as the model "published".
rule import_published:
    input:
        code=code("models/import_published"),
        file=config["published_predictions"] or [],
    output:
        expand(
            f"{R}/{{{{protocol}}}}/models/published/fold{{fold}}/predictions.parquet", fold=FOLDS
        ),
    log:
        f"{R}/logs/import_published/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/import_published/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("models/published"),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        clips=[f"{code}={clip['condition']}" for code, clip in CLIPS.items()],
        timing=flags(config["timing"], "clip", "first_trial", "warm_up", "grid"),
        control=CONTROL,
    message:
        "Import the published predictions ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --file {input.file:q} --clips {params.clips:q} {params.timing} --control {params.control:q}"
        " --output {output:q} > {log:q} 2>&1"
