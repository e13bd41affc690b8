# Protocols that agree in every switch a stage depends on share its files: copies complete the other
# protocols' folders, so that each can be read, or handed on, by itself. Links would not do: Snakemake
# sets the times of a job's outputs one by one, and with them those of its linked inputs.
SHARED = []

for protocol in PROTOCOLS:
    # Without raw data there is nothing to share but the published predictions.
    for stage in STAGES if SUBJECTS else STAGES.keys() & {"models/published"}:
        if owner(stage, protocol) != protocol:
            ours = [f"{R}/{protocol}/{file}" for file in stage_files(stage, protocol)]
            SHARED += ours

            rule:
                name:
                    f"share_{re.sub(r'[^a-z0-9_]', '_', stage)}_{protocol}"
                input:
                    code=code("study/share_files"),
                    files=at_owner(stage, protocol),
                output:
                    ours,
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
                message:
                    f"Shared with {protocol}: {stage} of {owner(stage, protocol)}"
                shell:
                    "python {input.code[0]:q} --files {input.files:q} --copies {output:q}"
                    " > {log:q} 2>&1"
