# A simulated study with known truth, in the dataset's raw formats (workflow/studies/demo.yaml).
# One rule per person and per clip, because the names of raw files share no wildcard.
SIMULATION = config["data"]["simulation"]
TRUTH = f"{config['data']['root']}/truth"


for s in RAW.subjects:

    rule:
        name:
            f"simulate_participant_{s}"
        input:
            code=code("simulation/simulate_participant"),
        output:
            log=RAW.logs[s],
            ppg=RAW.ppgs[s],
            truth=f"{TRUTH}/{s}.json",
        log:
            f"{R}/logs/simulate_participant/{s}.log",
        benchmark:
            f"{R}/benchmarks/simulate_participant/{s}.tsv"
        group:
            "simulation"
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(10),
        params:
            subject=int(s),
            seed=config["seed"],
            clips=mapping("--clips", {v: c["condition"] for v, c in CLIPS.items()}),
            files=mapping("--files", {v: c["file"] for v, c in CLIPS.items()}),
            ratings=mapping("--ratings", config["ratings"]),
            level=mapping("--level", SIMULATION["level"]),
            coupling=mapping("--coupling", SIMULATION["coupling"]),
            rest_change=mapping("--rest-change", SIMULATION["rest_change"]),
            timing=flags(config["timing"], "clip", "first_trial"),
            session=flags(SIMULATION, "rests", "sampling_rate"),
            reporting=flags(
                SIMULATION,
                "agreement",
                "non_responders",
                "thresholds",
                "smoothness",
                "decision",
            ),
            pulse=flags(SIMULATION, "resting", "drift", "noise"),
        message:
            f"Simulated session: {s}"
        shell:
            "python {input.code[0]:q} --subject {params.subject} --seed {params.seed}"
            " {params.clips} {params.files} {params.ratings} {params.level} {params.coupling}"
            " {params.rest_change}"
            " {params.timing} {params.session} {params.reporting} {params.pulse}"
            " --log {output.log:q} --ppg {output.ppg:q} --truth {output.truth:q} > {log:q} 2>&1"


for i, v in enumerate(CLIPS):

    rule:
        name:
            f"simulate_clip_{v}"
        input:
            code=code("simulation/simulate_clip"),
        output:
            avi=RAW.clips[v],
            truth=f"{TRUTH}/{v}.json",
        log:
            f"{R}/logs/simulate_clip/{v}.log",
        benchmark:
            f"{R}/benchmarks/simulate_clip/{v}.tsv"
        group:
            "simulation"
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(10),
        params:
            video=v,
            condition=CLIPS[v]["condition"],
            seed=config["seed"],
            timing=flags(config["timing"], "clip"),
            looks=flags(SIMULATION, "smoothness", "feature_signal", "frame_size"),
            frame_rate=turn(i, "frame_rates"),
            video_codec=turn(i, "video_codecs"),
            audio_codec=turn(i // 2, "audio_codecs"),
            audio_rate=turn(i, "audio_rates"),
        message:
            f"Simulated clip: {v}"
        shell:
            "python {input.code[0]:q} --video {params.video:q} --condition {params.condition:q}"
            " --seed {params.seed} {params.timing} {params.looks}"
            " --frame-rate {params.frame_rate:q} --video-codec {params.video_codec:q}"
            " --audio-codec {params.audio_codec:q} --audio-rate {params.audio_rate}"
            " --avi {output.avi:q} --truth {output.truth:q} > {log:q} 2>&1"
