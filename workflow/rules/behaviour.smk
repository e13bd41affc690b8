# Event logs to trials, ratings on a grid, responder rates and agreement among viewers.


rule read_log:
    input:
        code=code("behaviour/read_log"),
        log=lambda w: raw_file(RAW.logs, w.subject),
    output:
        timeline=f"{R}/timeline/{{subject}}.tsv",
        presses=f"{R}/presses/{{subject}}.tsv",
    log:
        f"{R}/logs/read_log/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/read_log/{{subject}}.tsv"
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        subject=lambda w: int(w.subject),
        videos=VIDEO_FLAGS,
        ratings=RATING_FLAGS,
        timing=flags(config["timing"], "clip", "first_trial", "warm_up", "grid"),
        excluded=lambda w: excluded_videos(w.subject),
        accepted=shlex.join(["--accept", *(k for k, d in POLICIES.items() if d == "accept")]),
    message:
        "Event log: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} --log {input.log:q} --subject {params.subject}"
        " {params.videos} {params.ratings} {params.timing} {params.excluded}"
        " {params.accepted} --timeline {output.timeline:q} --presses {output.presses:q} > {log:q} 2>&1"


rule label_grid:
    input:
        code=code("behaviour/rate_grid"),
        timeline=f"{R}/timeline/{{subject}}.tsv",
        presses=f"{R}/presses/{{subject}}.tsv",
    output:
        f"{R}/{{protocol}}/labels/{{subject}}.parquet",
    log:
        f"{R}/logs/label_grid/{{protocol}}/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/label_grid/{{protocol}}/{{subject}}.tsv"
    wildcard_constraints:
        protocol=owners("labels"),
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        grid=flags(config["timing"], "grid"),
    message:
        "Ratings on a regular grid: {wildcards.subject} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --timeline {input.timeline:q} --presses {input.presses:q}"
        " {params.grid} --output {output:q} > {log:q} 2>&1"


rule count_responders:
    input:
        code=code("behaviour/count_responders"),
        labels=lambda w: at_owner("labels", w.protocol),
        accepted=ancient(ACCEPTED),
    output:
        f"{R}/{{protocol}}/statistics/responders.tsv",
    log:
        f"{R}/logs/count_responders/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/count_responders/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("responders"),
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        videos=VIDEO_FLAGS,
        grid=flags(config["timing"], "grid"),
    message:
        "Responder rates and durations ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --labels {input.labels:q} {params.videos} {params.grid}"
        " --output {output:q} > {log:q} 2>&1"


rule measure_agreement:
    input:
        code=code("behaviour/measure_agreement"),
        labels=lambda w: at_owner("labels", w.protocol),
        accepted=ancient(ACCEPTED),
    output:
        f"{R}/{{protocol}}/statistics/agreement.tsv",
    log:
        f"{R}/logs/measure_agreement/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/measure_agreement/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("agreement"),
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        videos=VIDEO_FLAGS,
        resamples=config["statistics"]["agreement_bootstrap"],
        confidence=config["statistics"]["confidence"],
        seed=config["seed"],
        p_value=lambda w: SWITCHES[w.protocol]["p_value"],
    message:
        "Agreement among viewers ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --labels {input.labels:q} {params.videos}"
        " --resamples {params.resamples} --confidence {params.confidence} --seed {params.seed}"
        " --p-value {params.p_value} --output {output:q} > {log:q} 2>&1"
