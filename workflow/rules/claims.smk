# Every claim of the paper beside the number of this study, with a verdict (docs/claims.md).
include: "claims_sources.smk"


rule check_claims:
    input:
        code=code("claims/check_claims"),
        claims=CLAIM_TABLES["claims"],
        sources=CLAIM_TABLES["claim_sources"],
        typed=CLAIM_TABLES["typed_fold_scores"],
        files=claim_files(),
    output:
        ledger=f"{R}/claims.tsv",
        findings=f"{R}/claims_findings.tsv",
    log:
        f"{R}/logs/check_claims.log",
    benchmark:
        f"{R}/benchmarks/check_claims.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        answers=" ".join(shlex.join(["--answer", *answer]) for answer in claim_answers()),
        options=flags(config["statistics"], "ablation_bootstrap"),
        seed=config["seed"],
        note=lambda w: note(),
    message:
        "The claims of the paper beside our numbers"
    shell:
        "python {input.code[0]:q} --claims {input.claims:q} --sources {input.sources:q}"
        " --typed {input.typed:q} --results {params.results:q} --files {input.files:q}"
        " {params.note:q} {params.answers} {params.options} --seed {params.seed}"
        " --ledger {output.ledger:q} --findings {output.findings:q} > {log:q} 2>&1"
