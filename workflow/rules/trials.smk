# Trials and folds. Trials are assembled in memory by the models; only their roles are a file.
#
# Needs: timeline/<subject>.tsv; participants.tsv, where a covariate makes the folds.
# Gives: below each protocol folds.tsv.
from tinglegram.trials.folds import FoldScheme


rule make_folds:
    input:
        code=code("trials/make_folds"),
        timelines=expand(f"{R}/timeline/{{subject}}.tsv", subject=PLAN.subjects),
        participants=PLAN.participant_list("all"),
        people=PLAN.fold_people,
        # Its age says nothing: a change in one participant's file reruns nobody else's jobs.
        accepted=ancient(PLAN.accepted),
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
        timelines=lambda w: f"{R}/timeline/{{subject}}.tsv",
        clips=PLAN.clip_options,
        settings=lambda w: settings(FoldScheme, protocol=w.protocol),
        people="--people" if PLAN.fold_people else "",
    message:
        "Folds: who trains, validates and tests on what ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --timelines {params.timelines:q} --participants {input.participants:q}"
        " {params.people} {input.people:q} {params.clips} {params.settings} --output {output:q} > {log:q} 2>&1"
