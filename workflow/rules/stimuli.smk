# Stimuli: visual and acoustic features; every clip is decoded once, for all protocols.
#
# Needs: raw clips. What is amiss in them is decided about before anything learns from their features.
# Gives: below each protocol stimuli/<clip>.npz; where a response function is fitted also
#        courses/<clip>.npz, by a job of its own, which needs no network and reruns no
#        features; where models name feature sets, features/<set>/<clip>.npz of these, by one job
#        for all sets of a clip, apart again: the courses need none of its libraries, and an edit
#        of a set fits no response function anew; weights/resnet18.txt, where the configuration
#        asks for the weights that torchvision downloads.
from tinglegram.clock import Timing
from tinglegram.inference.seeding import Seeding
from tinglegram.models.settings import Device
from tinglegram.settings import only
from tinglegram.stimuli.settings import AcousticFeatures, SoundBands, VisualFeatures

# A sound is decoded for all features at one rate.
RATE = only(AcousticFeatures, "sample_rate")


rule fetch_weights:
    input:
        code=code("stimuli/fetch_weights"),
    output:
        PLAN.weights_record,
    log:
        f"{R}/logs/fetch_weights/resnet18.log",
    benchmark:
        f"{R}/benchmarks/fetch_weights/resnet18.tsv"
    conda:
        env("stimuli")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(15),
    message:
        "ImageNet weights of ResNet-18 from torchvision's cache or download"
    shell:
        "python {input.code[0]:q} --output {output:q} > {log:q} 2>&1"


rule extract_features:
    input:
        code=code("stimuli/extract_features"),
        clip=lambda w: PLAN.raw_file(PLAN.raw.clips, w.video),
        weights=PLAN.weights_files,
    output:
        [f"{R}/{p}/stimuli/{{video}}.npz" for p in PLAN.owners["stimuli"]],
    log:
        f"{R}/logs/extract_features/{{video}}.log",
    benchmark:
        f"{R}/benchmarks/extract_features/{{video}}.tsv"
    conda:
        env("stimuli")
    threads: 1
    resources:
        mem_mb=grows(2000, 4),
        runtime=grows(30, 1),
    params:
        settings=lambda w: settings(VisualFeatures, AcousticFeatures, Timing, Device, video=w.video),
        streams=lambda w: PLAN.stream_options(w.video),
        # Another seed gives other random weights, and changes no trained ones.
        seed=settings(Seeding) if PLAN.weights_are_random else "",
        variants=lambda w, output: PLAN.variants("stimuli", output),
    message:
        "Visual and acoustic features: {wildcards.video}"
    shell:
        "python {input.code[0]:q} --clip-file {input.clip:q} {params.settings} {params.seed}"
        " {params.streams} {params.variants} --threads {threads} > {log:q} 2>&1"


if PLAN.with_response_function:

    rule measure_courses:
        input:
            code=code("stimuli/measure_courses"),
            clip=lambda w: PLAN.raw_file(PLAN.raw.clips, w.video),
        output:
            [f"{R}/{p}/courses/{{video}}.npz" for p in PLAN.owners["courses"]],
        log:
            f"{R}/logs/measure_courses/{{video}}.log",
        benchmark:
            f"{R}/benchmarks/measure_courses/{{video}}.tsv"
        conda:
            env("stimuli")
        threads: 1
        resources:
            mem_mb=grows(1500, 4),
            runtime=grows(15, 1),
        params:
            settings=lambda w: settings(SoundBands, RATE, Timing, video=w.video),
            streams=lambda w: PLAN.stream_options(w.video),
            variants=lambda w, output: PLAN.variants("courses", output),
        message:
            "Band envelopes, light and motion: {wildcards.video}"
        shell:
            "python {input.code[0]:q} --clip-file {input.clip:q} {params.settings}"
            " {params.streams} {params.variants} --threads {threads} > {log:q} 2>&1"


if PLAN.feature_sets:

    rule extract_feature_sets:
        input:
            code=code("stimuli/extract_feature_sets"),
            clip=lambda w: PLAN.raw_file(PLAN.raw.clips, w.video),
            networks=PLAN.network_files,
        output:
            [
                f"{R}/{p}/features/{name}/{{video}}.npz"
                for p in PLAN.owners["features"]
                for name in PLAN.feature_sets
            ],
        log:
            f"{R}/logs/extract_feature_sets/{{video}}.log",
        benchmark:
            f"{R}/benchmarks/extract_feature_sets/{{video}}.tsv"
        conda:
            env("features")
        threads: 1
        resources:
            mem_mb=grows(2000, 4),
            runtime=grows(60, 2),
        params:
            settings=lambda w: settings(*PLAN.set_settings, RATE, Timing, video=w.video),
            sets=PLAN.set_options,
            streams=lambda w: PLAN.stream_options(w.video),
            variants=lambda w: PLAN.set_variants(w.video),
        message:
            f"{', '.join(PLAN.feature_sets)}: {{wildcards.video}}"
        shell:
            "python {input.code[0]:q} --clip-file {input.clip:q} {params.sets} {params.settings}"
            " {params.streams} {params.variants} --threads {threads} > {log:q} 2>&1"
