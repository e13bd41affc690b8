# Claims: every number of the paper beside that of this study, with a verdict (docs/claims.md).
#
# Needs: what the paper prints and where our numbers stand (workflow/*.tsv); any result they name.
# Gives: claims.tsv; claims_findings.tsv, where the paper contradicts itself.
from tinglegram.claims.files import source_templates
from tinglegram.settings import only
from tinglegram.statistics.comparison import ModelComparison

PAPER = ROOT / "workflow"
CLAIM_SOURCES = source_templates(PAPER / "claim_sources.tsv")


rule check_claims:
    input:
        code=code("claims/check_claims"),
        claims=PAPER / "claims.tsv",
        sources=PAPER / "claim_sources.tsv",
        typed=PAPER / "typed_fold_scores.tsv",
        participants=PLAN.participant_list("all") if PLAN.subjects else [],
        files=REPORT.claim_files(CLAIM_SOURCES),
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
        files=lambda w: REPORT.claim_templates(CLAIM_SOURCES),
        participants="--participants" if PLAN.subjects else "",
        folds=PLAN.n_folds,
        answers=REPORT.claim_options,
        settings=settings(only(ModelComparison, "ablation_bootstrap", "seed")),
        note=REPORT.note_options(),
    message:
        "The claims of the paper beside our numbers"
    shell:
        "python {input.code[0]:q} --claims {input.claims:q} --sources {input.sources:q}"
        " --typed {input.typed:q} --results {params.results:q} --files {params.files:q}"
        " {params.participants} {input.participants:q} --folds {params.folds} {params.answers}"
        " {params.settings} {params.note} --ledger {output.ledger:q}"
        " --findings {output.findings:q} > {log:q} 2>&1"
