# Inputs: who takes part, and what is amiss with the raw files.
#
# Needs: raw logs, pulse recordings and clips; the tables of exclusions and offsets, if there are any.
# Gives: participants/all.txt, with_pulse.txt and with_sensors.txt, clips/<clip>.json, inventory.tsv, problems.tsv,
#        participants.tsv where data: participants names a table,
#        and inputs_accepted.txt, which nothing in the raw files may keep from being written.
from tinglegram.behaviour.timeline import ClipEnds, RatingKeys
from tinglegram.clock import Timing
from tinglegram.formats.biopac import BiopacExport
from tinglegram.inputs.inventory import Problems
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import only
from tinglegram.stimuli.findings import ClipProblems
from tinglegram.stimuli.settings import AcousticFeatures


# Programs read who takes part from these lists: no command grows with the number of participants.
rule list_participants:
    input:
        code=code("inputs/list_participants"),
    output:
        f"{R}/participants/{{which}}.txt",
    log:
        f"{R}/logs/list_participants/{{which}}.log",
    benchmark:
        f"{R}/benchmarks/list_participants/{{which}}.tsv"
    wildcard_constraints:
        which="all|with_pulse|with_sensors",
    priority: 150
    localrule: True
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        participants=lambda w: PLAN.participants(w.which),
    message:
        "List of participants: {wildcards.which}"
    shell:
        "python {input.code[0]:q} --participants {params.participants} --output {output:q}"
        " > {log:q} 2>&1"


# Decodes the clip, so that what only decoding shows is known before anything is computed.
rule inspect_clip:
    input:
        code=code("inputs/inspect_clip"),
        clip=lambda w: PLAN.raw_file(PLAN.raw.clips, w.video),
    output:
        f"{R}/clips/{{video}}.json",
    log:
        f"{R}/logs/inspect_clip/{{video}}.log",
    benchmark:
        f"{R}/benchmarks/inspect_clip/{{video}}.tsv"
    priority: 100
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(10),
    params:
        settings=lambda w: settings(Timing, only(AcousticFeatures, "sample_rate"), video=w.video),
        streams=lambda w: PLAN.stream_options(w.video),
    message:
        "What is amiss in clip {wildcards.video}"
    shell:
        "python {input.code[0]:q} --clip-file {input.clip:q} {params.settings} {params.streams}"
        " --output {output:q} > {log:q} 2>&1"


if PLAN.reads_rest_asmr:

    rule take_inventory:
        input:
            code=code("inputs/take_inventory"),
            raw=PLAN.raw_files,
            clips=list(PLAN.clip_findings.values()),
            exclusions=config["data"]["exclusions"] or [],
            offsets=config["data"]["offsets"] or [],
        output:
            inventory=f"{R}/inventory.tsv",
            problems=f"{R}/problems.tsv",
        log:
            f"{R}/logs/take_inventory.log",
        benchmark:
            f"{R}/benchmarks/take_inventory.tsv"
        # First of all: what it finds may stop everything else.
        priority: 100
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(600, 1),
            runtime=grows(10, 0.05),
        params:
            root=lambda w: config["data"]["root"],
            simulated=PLAN.simulation_options,
            clips=PLAN.clip_options,
            files=PLAN.file_options,
            findings=PLAN.clip_findings_options,
            settings=settings(
                *(RatingKeys, Timing, BiopacExport, Problems, ClipEnds, ClockAlignment),
                *(ClipProblems, Windowing, BeatLimits),
            ),
        message:
            "Inventory of all raw files"
        shell:
            "python {input.code[0]:q} --root {params.root:q} {params.simulated} {params.clips}"
            " {params.files} {params.settings} {params.findings}"
            " --exclusions {input.exclusions:q} --offsets {input.offsets:q}"
            " --inventory {output.inventory:q} --problems {output.problems:q} > {log:q} 2>&1"


# Covariates of people whose reader knows none; every other reader has list_people.
if PLAN.reads_rest_asmr and config["data"]["participants"]:

    rule list_covariates:
        input:
            code=code("inputs/list_covariates"),
            table=config["data"]["participants"],
            participants=PLAN.participant_list("all"),
        output:
            PLAN.people_table,
        log:
            f"{R}/logs/list_covariates.log",
        benchmark:
            f"{R}/benchmarks/list_covariates.tsv"
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(500),
            runtime=grows(5),
        message:
            "Participants and their covariates"
        shell:
            "python {input.code[0]:q} --table {input.table:q} --participants {input.participants:q}"
            " --output {output:q} > {log:q} 2>&1"


rule require_inputs:
    input:
        code=code("inputs/require_inputs"),
        problems=f"{R}/problems.tsv",
    output:
        PLAN.accepted,
    log:
        f"{R}/logs/require_inputs.log",
    benchmark:
        f"{R}/benchmarks/require_inputs.tsv"
    priority: 100
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    message:
        "Is there a problem that stops the study?"
    shell:
        "python {input.code[0]:q} --problems {input.problems:q} --output {output:q}"
        " > {log:q} 2>&1"
