# What the study was given: the inventory of people, and the provenance of the run.
rule take_inventory:
    input:
        code=code("inputs/take_inventory"),
        logs=list(RAW.logs.values()),
        ppgs=list(RAW.ppgs.values()),
    output:
        f"{R}/inventory.tsv",
    log:
        f"{R}/logs/take_inventory.log",
    benchmark:
        f"{R}/benchmarks/take_inventory.tsv"
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        logs=pairs(RAW.logs),
        ppgs=pairs(RAW.ppgs),
        videos=VIDEO_FLAGS,
        ratings=RATING_FLAGS,
        timing=flags(config["timing"], "clip", "first_trial", "warm_up", "grid"),
        channel=config["pulse"]["channel"],
        excluded=shlex.join(
            part
            for (subject, video), reason in EXCLUSIONS.items()
            for part in ("--exclude", subject, video, reason)
        ),
    message:
        "Inventory of all raw files"
    shell:
        "python {input.code[0]:q} --logs {params.logs} --ppgs {params.ppgs}"
        " {params.videos} {params.ratings} {params.timing} --channel {params.channel:q}"
        " {params.excluded} --output {output:q} > {log:q} 2>&1"


rule record_provenance:
    input:
        code=code("inputs/record_provenance"),
        config=f"{R}/config.yaml",
        raw=[*RAW.logs.values(), *RAW.ppgs.values(), *RAW.clips.values()],
        weights=lambda w: weights_input() if RAW.clips else [],
        published=config["published_predictions"] or [],
        exclusions=config["data"]["exclusions"] or [],
        library=sorted(
            str(path)
            for pattern in (
                "src/*/**/*.py",
                "scripts/*/*.py",
                "workflow/**/*.*",
                "Snakefile",
                "src/*/templates/*",
            )
            for path in ROOT.glob(pattern)
            if "bench" not in path.parts
        ),
    output:
        f"{R}/provenance.json",
    log:
        f"{R}/logs/record_provenance.log",
    benchmark:
        f"{R}/benchmarks/record_provenance.tsv"
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=500,
        runtime=30,
    params:
        root=str(ROOT),
        seed=config["seed"],
        packages=" ".join(PACKAGES),
    message:
        "Provenance: versions, commit, checksums of all inputs"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --inputs {input.raw:q}"
        " {input.weights:q} {input.published:q} {input.exclusions:q} --code {input.library:q} --root {params.root:q}"
        " --seed {params.seed} --packages {params.packages} --output {output:q} > {log:q} 2>&1"
