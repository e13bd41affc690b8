# Protocols that agree in every switch a stage depends on share its files: hard links complete the
# other protocols' folders, so that each can be read, or handed on, by itself.
SHARED = []

for stage, suffix in {
    "labels": ".parquet",
    "pulse_10hz": ".npz",
    "pulse_windows": ".tsv",
}.items():
    for protocol in PROTOCOLS:
        if SUBJECTS and owner(stage, protocol) != protocol:
            SHARED += expand(f"{R}/{protocol}/{stage}/{{s}}{suffix}", s=SUBJECTS)

            rule:
                name:
                    f"share_{stage}_{protocol}"
                input:
                    per_subject(stage, suffix, protocol),
                output:
                    expand(f"{R}/{protocol}/{stage}/{{s}}{suffix}", s=SUBJECTS),
                log:
                    f"{R}/logs/share/{stage}_{protocol}.log",
                benchmark:
                    f"{R}/benchmarks/share/{stage}_{protocol}.tsv"
                conda:
                    env("inputs")
                threads: 1
                resources:
                    mem_mb=100,
                    runtime=5,
                params:
                    folder=lambda w, output: os.path.dirname(output[0]),
                message:
                    f"Shared with {protocol}: {stage} of {owner(stage, protocol)}"
                shell:
                    "ln -f {input:q} {params.folder:q} > {log:q} 2>&1"
