# One job per model and fold. Only the files of a model's own modalities are its inputs.
TRIAL_OPTIONS = " ".join(
    [
        f"--clips {CONDITIONS}",
        flags(config["timing"], "clip", "warm_up", "grid"),
        flags(config["stimuli"], "n_mfcc"),
        flags(config, "seed"),
    ]
)
FOLD = f"{R}/{{protocol}}/models/{{model}}/fold{{fold}}"


rule train_network:
    input:
        code=code("models/train_network"),
        folds=lambda w: at_owner("folds", w.protocol),
        labels=lambda w: at_owner("labels", w.protocol),
        pulse=pulse_files,
        stimuli=stimulus_files,
    output:
        predictions=f"{FOLD}/predictions.parquet",
        history=f"{FOLD}/history.tsv",
        weights=f"{FOLD}/weights.safetensors",
    log:
        f"{R}/logs/train_network/{{protocol}}/{{model}}/fold{{fold}}.log",
    benchmark:
        f"{R}/benchmarks/train_network/{{protocol}}/{{model}}/fold{{fold}}.tsv"
    wildcard_constraints:
        model=of_kind("bilstm"),
        protocol=trained_in(),
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(2000, 20),
        runtime=grows(60, 6),
        gpu=GPU,
    params:
        trials=TRIAL_OPTIONS,
        network=flags(config["training"]["bilstm"], *config["training"]["bilstm"]),
        device=flags(config["training"], "device"),
        modalities=lambda w: " ".join(MODELS[w.model]["modalities"]),
        without=lambda w: without(w.model),
        padding=lambda w: SWITCHES[w.protocol]["padding"],
        scaling=lambda w: SWITCHES[w.protocol]["scaling"],
        checkpoint=lambda w: SWITCHES[w.protocol]["checkpoint"],
        seeding=lambda w: (
            "--seed-networks" if SWITCHES[w.protocol]["seed_networks"] else "--no-seed-networks"
        ),
        replicate=lambda w: f"--replicate {w.get('replicate', 1)}",
    message:
        "Train {wildcards.model}, fold {wildcards.fold} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
        " --labels {input.labels:q} --pulse {input.pulse:q} --stimuli {input.stimuli:q}"
        " --modalities {params.modalities} {params.without} {params.trials} {params.network} {params.device}"
        " --padding {params.padding} --scaling {params.scaling} --checkpoint {params.checkpoint}"
        " {params.seeding} --name {wildcards.model} {params.replicate}"
        " --predictions {output.predictions:q} --history {output.history:q}"
        " --weights {output.weights:q} > {log:q} 2>&1"


use rule train_network as train_network_again with:
    output:
        predictions=f"{FOLD}/seed{{replicate}}/predictions.parquet",
        history=f"{FOLD}/seed{{replicate}}/history.tsv",
        weights=f"{FOLD}/seed{{replicate}}/weights.safetensors",
    log:
        f"{R}/logs/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed{{replicate}}.log",
    benchmark:
        f"{R}/benchmarks/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed{{replicate}}.tsv"
    message:
        "Train {wildcards.model}, fold {wildcards.fold}, seed {wildcards.replicate} ({wildcards.protocol})"


rule train_boosting:
    input:
        code=code("models/train_boosting"),
        folds=lambda w: at_owner("folds", w.protocol),
        labels=lambda w: at_owner("labels", w.protocol),
        pulse=pulse_files,
        stimuli=stimulus_files,
    output:
        predictions=f"{FOLD}/predictions.parquet",
        history=f"{FOLD}/history.tsv",
        weights=f"{FOLD}/weights.ubj",
    log:
        f"{R}/logs/train_boosting/{{protocol}}/{{model}}/fold{{fold}}.log",
    benchmark:
        f"{R}/benchmarks/train_boosting/{{protocol}}/{{model}}/fold{{fold}}.tsv"
    wildcard_constraints:
        model=of_kind("xgboost"),
        protocol=trained_in(),
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(1000, 40),
        runtime=grows(30, 6),
    params:
        trials=TRIAL_OPTIONS,
        boosting=flags(config["training"]["xgboost"], *config["training"]["xgboost"]),
        modalities=lambda w: " ".join(MODELS[w.model]["modalities"]),
        without=lambda w: without(w.model),
        padding=lambda w: SWITCHES[w.protocol]["padding"],
    message:
        "Fit {wildcards.model}, fold {wildcards.fold} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
        " --labels {input.labels:q} --pulse {input.pulse:q} --stimuli {input.stimuli:q}"
        " --modalities {params.modalities} {params.without} {params.trials} {params.boosting}"
        " --padding {params.padding} --predictions {output.predictions:q}"
        " --history {output.history:q} --weights {output.weights:q} > {log:q} 2>&1"
