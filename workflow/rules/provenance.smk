# Provenance: what a run was made from, and a record of everything it made (docs/provenance.md).
#
# Needs: all inputs, the merged configuration, this checkout; for the record, all results.
# Gives: provenance.json, ro-crate-metadata.json
from tinglegram.inference.seeding import Seeding
from tinglegram.provenance.code_files import recorded_code
from tinglegram.settings import only
from tinglegram.study.settings import Published, RawData


rule record_provenance:
    input:
        code=code("provenance/record_provenance"),
        config=f"{R}/config.yaml",
        raw=PLAN.raw_files,
        sources=[] if PLAN.reads_rest_asmr else f"{R}/canonical/sources.tsv",
        weights=PLAN.weights_files + PLAN.network_files,
        published=config["published_predictions"] or [],
        exclusions=config["data"]["exclusions"] or [],
        offsets=config["data"]["offsets"] or [],
        library=list(map(str, recorded_code(ROOT))),
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
        checkout=str(ROOT),
        packages=PROJECT["dependencies"] + PLAN.set_packages,
        files=lambda w: PLAN.file_options if PLAN.reads_rest_asmr else PLAN.clip_paths,
        simulated=PLAN.simulated,
        settings=lambda w: settings(
            only(Seeding, "seed"), only(RawData, "root", "exclusions", "offsets"), Published
        ),
    message:
        "Provenance: versions, commit, checksums of all inputs"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --checkout {params.checkout:q}"
        " --packages {params.packages:q} {params.files} {params.simulated}"
        " --weights {input.weights:q} --sources {input.sources:q} {params.settings} --output {output:q} > {log:q} 2>&1"


rule write_crate:
    input:
        code=code("provenance/write_crate"),
        provenance=f"{R}/provenance.json",
        finished=REPORT.finished,
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
        title=lambda w: config["report"]["title"],
        version=PROJECT["version"],
    message:
        "Record of all results"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --provenance {input.provenance:q}"
        " --study {params.study:q} --title {params.title:q} --workflow-version {params.version:q}"
        " --output {output:q} > {log:q} 2>&1"
