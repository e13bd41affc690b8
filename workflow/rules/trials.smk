# Trials and folds. Trials are assembled in memory by the models; only their roles are a file.
CONDITIONS = shlex.join(f"{code}={clip['condition']}" for code, clip in CLIPS.items())


rule make_folds:
    input:
        code=code("trials/make_folds"),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=SUBJECTS),
        # Its age says nothing: a change in one person's file reruns nobody else's jobs.
        accepted=ancient(ACCEPTED),
    output:
        f"{R}/{{protocol}}/folds.tsv",
    log:
        f"{R}/logs/make_folds/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/make_folds/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("folds"),
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        options=flags(config["folds"], "scheme", "number"),
        clips=CONDITIONS,
        subject_order=lambda w: SWITCHES[w.protocol]["subject_order"],
        validation_fraction=lambda w: SWITCHES[w.protocol]["validation_fraction"],
        seed=config["seed"],
    message:
        "Folds: who trains, validates and tests on what ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --timelines {input.timelines:q} --clips {params.clips}"
        " {params.options} --subject-order {params.subject_order}"
        " --validation-fraction {params.validation_fraction} --seed {params.seed}"
        " --output {output:q} > {log:q} 2>&1"
