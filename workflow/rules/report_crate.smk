# The record of all results, written when everything else is there.
FINISHED = [
    f"{R}/report.html",
    *expand(f"{R}/{{p}}/statistics/{{m}}/pooled.tsv", p=PROTOCOLS, m=BESIDE),
    *SHARED,
]


rule write_crate:
    input:
        code=code("provenance/write_crate"),
        provenance=f"{R}/provenance.json",
        finished=FINISHED,
    output:
        f"{R}/ro-crate-metadata.json",
    log:
        f"{R}/logs/write_crate.log",
    benchmark:
        f"{R}/benchmarks/write_crate.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(10, 0.05),
    params:
        results=lambda w: R,
        study=config["study"],
        title=config["report"]["title"],
        version=PROJECT["version"],
    message:
        "Record of all results"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --provenance {input.provenance:q}"
        " --study {params.study:q} --title {params.title:q} --workflow-version {params.version:q}"
        " --output {output:q} > {log:q} 2>&1"
