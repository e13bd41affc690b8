# The study: its merged configuration, and files that protocols share.
#
# Needs: the plan (plan.smk), files of the protocols that compute a stage.
# Gives: results/<study>/config.yaml; copies of shared files below every other protocol.


rule save_configuration:
    input:
        code=code("study/save_configuration"),
    output:
        # Not removed while it is made anew: jobs of a cluster read it when a run is resumed.
        update(f"{R}/config.yaml"),
    log:
        f"{R}/logs/save_configuration.log",
    benchmark:
        f"{R}/benchmarks/save_configuration.tsv"
    # `make resume` takes a run up by this file.
    priority: 200
    localrule: True
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        merged=lambda w: MERGED,
    message:
        "The merged configuration"
    shell:
        "python {input.code[0]:q} --merged {params.merged:q} --output {output:q} > {log:q} 2>&1"


# Protocols that agree in every switch a stage depends on share its files: copies complete the other
# protocols' folders, so that each can be read, or handed on, by itself. Links would not do: Snakemake
# sets the times of a job's outputs one by one, and with them those of its linked inputs.
for stage, protocol in PLAN.shared:

    rule:
        name:
            f"share_{re.sub(r'[^a-z0-9_]', '_', stage)}_{protocol}"
        input:
            code=code("study/share_files"),
            participants=PLAN.participant_lists(stage),
            files=PLAN.at_owner(stage, protocol),
        output:
            [f"{R}/{protocol}/{file}" for file in PLAN.stage_files(stage, protocol)],
        log:
            f"{R}/logs/share/{protocol}/{stage}.log",
        benchmark:
            f"{R}/benchmarks/share/{protocol}/{stage}.tsv"
        # A copy is not worth a submission.
        localrule: True
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(500),
            runtime=grows(5),
        params:
            folders=[f"{R}/{PLAN.owner(stage, protocol)}", f"{R}/{protocol}"],
            files=literal(PLAN.shared_patterns(stage, protocol)),
        message:
            f"Shared with {protocol}: {stage} of {PLAN.owner(stage, protocol)}"
        shell:
            "python {input.code[0]:q} --folders {params.folders:q} --files {params.files:q}"
            " --participants {input.participants:q} > {log:q} 2>&1"
