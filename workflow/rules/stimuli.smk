# Visual and acoustic features: every clip is decoded once, for all protocols.
STIMULI = config["stimuli"]
WEIGHTS_ARE_IMAGENET = STIMULI["weights"] == "IMAGENET1K_V1"
WEIGHTS_RECORD = f"{R}/weights/resnet18.txt"


rule fetch_weights:
    input:
        code=code("stimuli/fetch_weights"),
    output:
        WEIGHTS_RECORD,
    log:
        f"{R}/logs/fetch_weights/resnet18.log",
    benchmark:
        f"{R}/benchmarks/fetch_weights/resnet18.tsv"
    conda:
        env("stimuli")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=15,
    message:
        "ImageNet weights of ResNet-18 from torchvision's cache or download"
    shell:
        "python {input.code[0]:q} --output {output:q} > {log:q} 2>&1"


rule extract_features:
    input:
        code=code("stimuli/extract_features"),
        clip=lambda w: raw_file(RAW.clips, w.video),
        weights=weights_input(),
    output:
        [f"{R}/{p}/stimuli/{{video}}.npz" for p in OWNERS["stimuli"]],
    log:
        f"{R}/logs/extract_features/{{video}}.log",
    benchmark:
        f"{R}/benchmarks/extract_features/{{video}}.tsv"
    conda:
        env("stimuli")
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
        gpu=1,
    params:
        weights=STIMULI["weights"],
        options=flags(STIMULI, "image_size", "sample_rate", "n_fft", "n_mfcc"),
        timing=flags(config["timing"], "warm_up", "grid"),
        steps=grid_steps("clip"),
        steps_first=grid_steps("first_trial"),
        variants=lambda w, output: shlex.join(
            part
            for p, path in zip(OWNERS["stimuli"], output)
            for part in ("--variant", SWITCHES[p]["resize"], SWITCHES[p]["audio_window"], path)
        ),
        seed=flags(config, "seed") if STIMULI["weights"] == "untrained" else "",
        device=config["training"]["device"],
    message:
        "Visual and acoustic features: {wildcards.video}"
    shell:
        "python {input.code[0]:q} --clip {input.clip:q} --weights {params.weights:q}"
        " {params.seed} --device {params.device} --threads {threads} {params.options}"
        " {params.timing} --steps {params.steps} --steps-first {params.steps_first}"
        " {params.variants} > {log:q} 2>&1"
