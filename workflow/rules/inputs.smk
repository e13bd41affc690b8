# What the study was given: the inventory of people, all problems, and the provenance of the run.
rule take_inventory:
    input:
        code=code("inputs/take_inventory"),
        raw=RAW_FILES,
    output:
        inventory=f"{R}/inventory.tsv",
        problems=f"{R}/problems.tsv",
    log:
        f"{R}/logs/take_inventory.log",
    benchmark:
        f"{R}/benchmarks/take_inventory.tsv"
    # First of all: what it finds may stop everything else.
    priority: 100
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(600, 1),
        runtime=grows(10, 0.05),
    params:
        logs=RAW.every_log,
        ppgs=RAW.every_ppg,
        stimuli=mapping("--stimuli", RAW.clips),
        videos=VIDEO_FLAGS,
        ratings=RATING_FLAGS,
        timing=flags(config["timing"], "clip", "first_trial", "warm_up", "grid"),
        pulse=flags(config["pulse"], "channel", "sampling_rate"),
        # A function, because Snakemake looks for wildcards in text.
        excluded=lambda w: shlex.join(
            f"--exclude={subject}:{video}:{reason}"
            for (subject, video), reason in EXCLUSIONS.items()
        ),
        policies=mapping("--policies", POLICIES),
    message:
        "Inventory of all raw files"
    shell:
        "python {input.code[0]:q} --logs {params.logs:q} --ppgs {params.ppgs:q}"
        " {params.stimuli} {params.videos} {params.ratings} {params.timing} {params.pulse}"
        " {params.excluded} {params.policies} --inventory {output.inventory:q}"
        " --problems {output.problems:q} > {log:q} 2>&1"


rule require_inputs:
    input:
        code=code("inputs/require_inputs"),
        problems=f"{R}/problems.tsv",
    output:
        ACCEPTED,
    log:
        f"{R}/logs/require_inputs.log",
    benchmark:
        f"{R}/benchmarks/require_inputs.tsv"
    priority: 100
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    message:
        "Is there a problem that stops the study?"
    shell:
        "python {input.code[0]:q} --problems {input.problems:q} --output {output:q}"
        " > {log:q} 2>&1"


rule record_provenance:
    input:
        code=code("provenance/record_provenance"),
        config=f"{R}/config.yaml",
        raw=RAW_FILES,
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
        mem_mb=grows(700),
        runtime=grows(10, 0.05),
    params:
        root=str(ROOT),
        seed=config["seed"],
        packages=" ".join(PACKAGES),
    message:
        "Provenance: versions, commit, checksums of all inputs"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --inputs {input.raw:q}"
        " {input.weights:q} {input.published:q} {input.exclusions:q} --code {input.library:q}"
        " --root {params.root:q} --seed {params.seed} --packages {params.packages} --output {output:q} > {log:q} 2>&1"
