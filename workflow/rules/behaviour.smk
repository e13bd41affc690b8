# Behaviour: event logs to trials, ratings on a grid, responder rates, agreement among viewers.
#
# Needs: raw logs, inputs_accepted.txt, participants/all.txt.
# Gives: timeline/ and presses/<subject>.tsv; below each protocol labels/<subject>.parquet (ratings)
#        and in statistics/ responders.tsv, agreement.tsv, reliability.tsv and viewers.tsv.
from tinglegram.behaviour.agreement import AgreementDraws
from tinglegram.behaviour.reliability import ReliabilityDraws
from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.timeline import ClipEnds, RatingKeys
from tinglegram.clock import Timing
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import only

if PLAN.reads_rest_asmr:

    rule read_log:
        input:
            code=code("behaviour/read_log"),
            log=lambda w: PLAN.raw_file(PLAN.raw.logs, w.subject),
        output:
            trials=f"{R}/canonical/{{subject}}_trials.tsv",
            responses=f"{R}/canonical/{{subject}}_responses.tsv",
            timeline=f"{R}/timeline/{{subject}}.tsv",
            key_presses=f"{R}/presses/{{subject}}.tsv",
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
            clips=PLAN.clip_options,
            settings=settings(RatingKeys, Timing, ClipEnds),
            excluded=lambda w: PLAN.excluded_videos(w.subject),
            accepted=PLAN.accepted_problems,
        message:
            "Event log: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} --log {input.log:q} --subject {params.subject} {params.clips}"
            " {params.settings} --exclude {params.excluded:q} --accept {params.accepted}"
            " --trials {output.trials:q} --responses {output.responses:q}"
            " --timeline {output.timeline:q} --key-presses {output.key_presses:q} > {log:q} 2>&1"


rule rate_grid:
    input:
        code=code("behaviour/rate_grid"),
        timeline=f"{R}/timeline/{{subject}}.tsv",
        key_presses=f"{R}/presses/{{subject}}.tsv",
    output:
        f"{R}/{{protocol}}/labels/{{subject}}.parquet",
    log:
        f"{R}/logs/rate_grid/{{protocol}}/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/rate_grid/{{protocol}}/{{subject}}.tsv"
    wildcard_constraints:
        protocol=owners("labels"),
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        settings=settings(
            only(Timing, "grid"), ResponseDimensions, only(ResponseTarget, "dimension")
        ),
    message:
        "Ratings on a regular grid: {wildcards.subject} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --timeline {input.timeline:q} --key-presses {input.key_presses:q}"
        " {params.settings} --output {output:q} > {log:q} 2>&1"


rule count_responders:
    input:
        code=code("behaviour/count_responders"),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        accepted=ancient(PLAN.accepted),
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
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        clips=PLAN.clip_options,
        settings=settings(only(Timing, "grid"), only(ResponseTarget, "above")),
    message:
        "Responder rates and durations ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --ratings {params.ratings:q} --participants {input.participants:q}"
        " {params.clips} {params.settings} --output {output:q} > {log:q} 2>&1"


rule measure_agreement:
    input:
        code=code("behaviour/measure_agreement"),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        accepted=ancient(PLAN.accepted),
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
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        clips=PLAN.clip_options,
        settings=lambda w: settings(
            AgreementDraws, only(Resamples, "confidence", "seed", "p_value"), protocol=w.protocol
        ),
    message:
        "Agreement among viewers ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --ratings {params.ratings:q} --participants {input.participants:q}"
        " {params.clips} {params.settings} --output {output:q} > {log:q} 2>&1"


rule measure_reliability:
    input:
        code=code("behaviour/measure_reliability"),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        accepted=ancient(PLAN.accepted),
    output:
        reliability=f"{R}/{{protocol}}/statistics/reliability.tsv",
        viewers=f"{R}/{{protocol}}/statistics/viewers.tsv",
    log:
        f"{R}/logs/measure_reliability/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/measure_reliability/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("reliability"),
    conda:
        env("behaviour")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        clips=PLAN.clip_options,
        level=PLAN.level_of_ratings,
        settings=settings(ReliabilityDraws, only(Resamples, "confidence", "seed")),
    message:
        "Reliability of the ratings, and each viewer beside all others ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --ratings {params.ratings:q} --participants {input.participants:q}"
        " {params.clips} --level {params.level} {params.settings} --output {output.reliability:q}"
        " --viewers {output.viewers:q} > {log:q} 2>&1"
