# Networks that differ in their seed alone, and protocols that differ in one switch alone.


rule score_seeds:
    input:
        code=code("statistics/score_seeds"),
        predictions=lambda w: [f for m in NETWORKS for f in network_files(m, w.protocol)],
    output:
        f"{R}/{{protocol}}/statistics/seeds.tsv",
    log:
        f"{R}/logs/score_seeds/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/score_seeds/{{protocol}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        models=lambda w: shlex.join(
            part for m in NETWORKS for part in ("--model", m, *network_files(m, w.protocol))
        ),
        folds=len(FOLDS),
        padding=lambda w: SWITCHES[w.protocol]["padding"],
        control=CONTROL,
    message:
        "Spread over the seeds of the networks ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.models} --folds {params.folds}"
        " --padding {params.padding} --control {params.control:q} --output {output:q} > {log:q} 2>&1"


rule compare_switches:
    input:
        code=code("statistics/compare_switches"),
        config=f"{R}/config.yaml",
        seeds=expand(f"{R}/{{p}}/statistics/seeds.tsv", p=PROTOCOLS),
    output:
        table=f"{R}/switches.tsv",
        page=f"{R}/switches.md",
    log:
        f"{R}/logs/compare_switches/study.log",
    benchmark:
        f"{R}/benchmarks/compare_switches/study.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        base=PROTOCOLS[0],
        model=config["statistics"]["reference"],
    message:
        "What each switch changes, one at a time"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --seeds {input.seeds:q}"
        " --base {params.base} --model {params.model:q}"
        " --table {output.table:q} --page {output.page:q} > {log:q} 2>&1"
