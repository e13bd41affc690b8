# The table of claims and the contradictions inside the paper, as the report shows them.
rule show_claims:
    input:
        code=code("report/show_claims"),
        ledger=f"{R}/claims.tsv",
        findings=f"{R}/claims_findings.tsv",
    output:
        ledger=in_report(f"{R}/tables/claims.tsv", "claims", "Tables", table="claims"),
        findings=in_report(
            f"{R}/tables/claims_findings.tsv", "claims", "Tables", table="claims_findings"
        ),
        also=expand(
            f"{R}/tables/{{table}}.{{form}}",
            table=("claims", "claims_findings"),
            form=("md", "tex", "json"),
        ),
    log:
        f"{R}/logs/show_claims.log",
    benchmark:
        f"{R}/benchmarks/show_claims.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        results=lambda w: R,
        note=note(*MODELS),
    message:
        "The table of claims"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --ledger {input.ledger:q}"
        " --findings {input.findings:q} {params.note:q} --output {output.ledger:q}"
        " --findings-output {output.findings:q} > {log:q} 2>&1"
