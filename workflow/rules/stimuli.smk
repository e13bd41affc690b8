# Visual and acoustic features: every clip decoded once, in all variants the protocols need.
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
        clip=lambda w: RAW.clips[w.video],
        weights=weights_input(),
    output:
        f"{R}/stimuli/{{video}}.npz",
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
    params:
        weights=STIMULI["weights"],
        options=flags(STIMULI, "image_size", "sample_rate", "n_fft", "n_mfcc"),
        timing=flags(config["timing"], "warm_up", "grid"),
        steps=grid_steps("clip"),
        steps_first=grid_steps("first_trial"),
        resize=stimulus_variants("resize"),
        audio_window=stimulus_variants("audio_window"),
        seed=config["seed"],
        device=config["training"]["device"],
    message:
        "Visual and acoustic features: {wildcards.video}"
    shell:
        "python {input.code[0]:q} --clip {input.clip:q} --weights {params.weights:q}"
        " --seed {params.seed} --device {params.device} --threads {threads}"
        " --resize {params.resize} --audio-window {params.audio_window} {params.options}"
        " {params.timing} --steps {params.steps} --steps-first {params.steps_first}"
        " --output {output:q} > {log:q} 2>&1"


rule select_features:
    input:
        code=code("stimuli/select_features"),
        features=f"{R}/stimuli/{{video}}.npz",
    output:
        f"{R}/{{protocol}}/stimuli/{{video}}.npz",
    log:
        f"{R}/logs/select_features/{{protocol}}/{{video}}.log",
    benchmark:
        f"{R}/benchmarks/select_features/{{protocol}}/{{video}}.tsv"
    conda:
        env("stimuli")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        resize=lambda w: SWITCHES[w.protocol]["resize"],
        audio_window=lambda w: SWITCHES[w.protocol]["audio_window"],
    message:
        "Features of one protocol: {wildcards.video} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --features {input.features:q} --resize {params.resize}"
        " --audio-window {params.audio_window} --output {output:q} > {log:q} 2>&1"
