# Pulse: each recording is parsed once; everything later reads its compact slices.
PRINTED_TIME = any(s["slice_by"] == "printed_time" for s in SWITCHES.values())


rule slice_recording:
    input:
        code=code("pulse/slice_recording"),
        recording=lambda w: raw_file(RAW.ppgs, w.subject),
        timeline=f"{R}/timeline/{{subject}}.tsv",
    output:
        clips=f"{R}/recordings/{{subject}}.npz",
        rests=f"{R}/rests/{{subject}}.npz",
    log:
        f"{R}/logs/slice_recording/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/slice_recording/{{subject}}.tsv"
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(600, 8),
        runtime=grows(5, 0.1),
    params:
        options=flags(config["pulse"], "channel", "sampling_rate", "rest_margin", "rest_minimum"),
        n_clips=len(CLIPS),
        printed_time="--printed-time" if PRINTED_TIME else "",
    message:
        "Read the pulse recording: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} --recording {input.recording:q} --timeline {input.timeline:q} "
        "{params.options} {params.printed_time} --n-clips {params.n_clips} "
        "--output {output.clips:q} --output-rests {output.rests:q} > {log:q} 2>&1"


rule resample_pulse:
    input:
        code=code("pulse/resample"),
        recording=f"{R}/recordings/{{subject}}.npz",
        timeline=f"{R}/timeline/{{subject}}.tsv",
    output:
        [f"{R}/{p}/pulse_10hz/{{subject}}.npz" for p in OWNERS["pulse_10hz"]],
    log:
        f"{R}/logs/resample_pulse/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/resample_pulse/{{subject}}.tsv"
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        series=lambda w, input, output: one_process(
            [
                *("--recording", input.recording, "--timeline", input.timeline),
                *("--slice-by", SWITCHES[p]["slice_by"], "--output", path),
            ]
            for p, path in zip(OWNERS["pulse_10hz"], output)
        ),
    message:
        "Pulse on the grid of the labels: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} {params.series} > {log:q} 2>&1"


rule measure_continuity:
    input:
        code=code("pulse/measure_continuity"),
        recordings=expand(f"{R}/recordings/{{s}}.npz", s=WITH_PULSE),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=WITH_PULSE),
        accepted=ancient(ACCEPTED),
    output:
        f"{R}/{{protocol}}/statistics/continuity.tsv",
    log:
        f"{R}/logs/measure_continuity/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/measure_continuity/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("continuity"),
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 2),
        runtime=grows(10, 0.1),
    params:
        videos=list(CLIPS),
        options=flags(config["pulse"], "flat_seconds", "clip_seconds", "jump_sds"),
        slice_by=lambda w: SWITCHES[w.protocol]["slice_by"],
    message:
        "Sensor continuity of all pulse recordings ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --recordings {input.recordings:q} "
        "--timelines {input.timelines:q} --videos {params.videos:q} "
        "--slice-by {params.slice_by} {params.options} --output {output:q} > {log:q} 2>&1"


rule correlate_ratings:
    input:
        code=code("pulse/correlate_ratings"),
        windows=lambda w: at_owner("pulse_windows", w.protocol),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=WITH_PULSE),
        accepted=ancient(ACCEPTED),
    output:
        coupling=f"{R}/{{protocol}}/statistics/pulse_coupling.tsv",
        test=f"{R}/{{protocol}}/statistics/pulse_coupling_test.tsv",
        quality=f"{R}/{{protocol}}/statistics/pulse_coupling_quality.tsv",
    log:
        f"{R}/logs/correlate_ratings/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/correlate_ratings/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("coupling"),
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 20),
        runtime=grows(5, 1),
    params:
        conditions=list(dict.fromkeys(clip["condition"] for clip in CLIPS.values())),
        options=flags(config["pulse"], "minimum_windows"),
    message:
        "Coupling of the pulse to the ratings ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --windows {input.windows:q} --timelines {input.timelines:q} "
        "--conditions {params.conditions:q} {params.options} "
        "--output-coupling {output.coupling:q} --output-test {output.test:q} "
        "--output-quality {output.quality:q} > {log:q} 2>&1"
