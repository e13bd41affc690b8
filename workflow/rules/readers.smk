# Readers: other people's files into the canonical tables, timelines and slices (docs/readers.md).
# Studies with the reader rest_asmr have their own rules in behaviour, pulse and inputs.
#
# Needs: raw files, in whatever format `data: reader` names.
# Gives: participants.tsv; canonical/<subject>_trials.tsv, _responses.tsv, _notes.tsv, _clock.json,
#        _signals.npz and _signal_contents.json; timeline/ and presses/<subject>.tsv; recordings/ and rests/<subject>.npz;
#        inventory.tsv and problems.tsv; canonical/<subject>_inspected.json, where a policy decides
#        about problems
from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.timeline import ClipEnds
from tinglegram.clock import Timing
from tinglegram.inputs.inventory import Problems
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.epochs import Margins
from tinglegram.pulse.recordings import PulseSource
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.inspection import noted_kinds
from tinglegram.readers.parts import EVENTS, RESPONSES
from tinglegram.sensors.settings import SensorMethods
from tinglegram.settings import only
from tinglegram.stimuli.findings import ClipProblems


def reader_code(*parts):
    """The modules or scripts of the readers of these parts: edit one, read again."""
    names = dict.fromkeys(PLAN.sources.parts[p].reader for p in parts if p in PLAN.sources.parts)
    return [path for name in names for path in code_files(reader_file(name, SOURCE), SOURCE)]


CANONICAL = f"{R}/canonical/{{subject}}"


rule list_people:
    input:
        code=code("readers/list_people"),
        reader=reader_code(*PLAN.sources.parts),
        raw=PLAN.raw_files,
        people=config["data"]["participants"] or [],
    output:
        participants=PLAN.people_table,
        sources=f"{R}/canonical/sources.tsv",
    log:
        f"{R}/logs/list_people.log",
    benchmark:
        f"{R}/benchmarks/list_people.tsv"
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(600, 1),
        runtime=grows(10, 0.05),
    params:
        data=literal(PLAN.reading_text),
        about=PLAN.reading_options,
    message:
        "Participants, their files and covariates"
    shell:
        "python {input.code[0]:q} --data {params.data:q} {params.about}"
        " --participants {output.participants:q} --sources {output.sources:q} > {log:q} 2>&1"


rule read_events:
    input:
        code=code("readers/read_events"),
        reader=reader_code(EVENTS, RESPONSES),
        raw=lambda w: PLAN.sources.used(w.subject, EVENTS, RESPONSES),
    output:
        trials=f"{CANONICAL}_trials.tsv",
        responses=f"{CANONICAL}_responses.tsv",
        notes=f"{CANONICAL}_notes.tsv",
        clock=f"{CANONICAL}_clock.json",
        timeline=f"{R}/timeline/{{subject}}.tsv",
        key_presses=f"{R}/presses/{{subject}}.tsv",
    log:
        f"{R}/logs/read_events/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/read_events/{{subject}}.tsv"
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        parts=lambda w: PLAN.event_options(w.subject),
        about=PLAN.reading_options,
        subject=lambda w: int(w.subject),
        clips=PLAN.clip_options,
        settings=settings(
            only(Timing, "warm_up", "grid"), only(ResponseTarget, "dimension"), ClockLimits
        ),
        excluded=lambda w: PLAN.excluded_videos(w.subject),
    message:
        "Trials and responses: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} {params.parts} --subject {params.subject} {params.clips}"
        " {params.about} {params.settings} --exclude {params.excluded:q}"
        " --trials {output.trials:q} --responses {output.responses:q} --notes {output.notes:q}"
        " --clock {output.clock:q} --timeline {output.timeline:q}"
        " --key-presses {output.key_presses:q} > {log:q} 2>&1"


rule read_signals:
    input:
        code=code("readers/read_signals"),
        reader=reader_code(PLAN.sources.of_signals()),
        raw=lambda w: PLAN.sources.used(w.subject, PLAN.sources.of_signals()),
        trials=f"{CANONICAL}_trials.tsv",
        clock=f"{CANONICAL}_clock.json",
        timeline=f"{R}/timeline/{{subject}}.tsv",
    output:
        signals=f"{CANONICAL}_signals.npz",
        contents=f"{CANONICAL}_signal_contents.json",
        notes=f"{CANONICAL}_signal_notes.tsv",
        clips=f"{R}/recordings/{{subject}}.npz",
        rests=f"{R}/rests/{{subject}}.npz",
    log:
        f"{R}/logs/read_signals/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/read_signals/{{subject}}.tsv"
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        parts=lambda w: PLAN.signal_options(w.subject),
        about=PLAN.reading_options,
        signal=config["pulse"]["signal"],
        settings=settings(RestEpochs, Margins, Windowing, BeatLimits, ClockLimits),
    message:
        "Signals, and the pulse in trials and rests: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} {params.parts} {params.about} --signal {params.signal}"
        " --clock {input.clock:q} --trials {input.trials:q} --timeline {input.timeline:q}"
        " {params.settings} --signals {output.signals:q} --contents {output.contents:q}"
        " --notes {output.notes:q}"
        " --output {output.clips:q} --output-rests {output.rests:q} > {log:q} 2>&1"


# Where a policy decides about problems, everybody is inspected, those who are then left out too.
rule inspect_person:
    input:
        code=code("readers/inspect_person"),
        reader=reader_code(*PLAN.sources.parts),
        raw=lambda w: PLAN.sources.used(w.subject, *PLAN.sources.parts),
    output:
        f"{CANONICAL}_inspected.json",
    log:
        f"{R}/logs/inspect_person/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/inspect_person/{{subject}}.tsv"
    # First of all: what it finds may stop everything else.
    priority: 100
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        who=lambda w: PLAN.inspection_options(w.subject),
        about=PLAN.reading_options,
        clips=PLAN.clip_options,
        settings=settings(
            *(only(Timing, "warm_up", "grid"), ClipEnds, ResponseDimensions),
            *(only(ResponseTarget, "dimension"), PulseSource, Windowing, BeatLimits, RestEpochs),
            *(ClockLimits, SensorMethods),
        ),
        noted=list(noted_kinds(config["data"]["problems"])),
        sensors=PLAN.sensor_options,
    message:
        "What is amiss in the files of {wildcards.subject}"
    shell:
        "python {input.code[0]:q} {params.who} --subject {wildcards.subject} {params.clips}"
        " {params.about} {params.settings} {params.sensors} --noted {params.noted:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


def of_everybody(which, *names):
    """Tables of participants that nobody's inspection stands for."""
    found = [f"{CANONICAL}_{name}.tsv" for name in names]
    return [] if PLAN.inspects_people else expand(found, subject=which)


if PLAN.with_sensors_alone:

    # Of whom only other signals are used.
    ruleorder: read_sensors > read_signals

    rule read_sensors:
        input:
            code=code("readers/read_signals"),
            reader=reader_code(PLAN.sources.of_signals()),
            raw=lambda w: PLAN.sources.used(w.subject, PLAN.sources.of_signals()),
            trials=f"{CANONICAL}_trials.tsv",
            clock=f"{CANONICAL}_clock.json",
            timeline=f"{R}/timeline/{{subject}}.tsv",
        output:
            signals=f"{CANONICAL}_signals.npz",
            contents=f"{CANONICAL}_signal_contents.json",
            notes=f"{CANONICAL}_signal_notes.tsv",
        log:
            f"{R}/logs/read_sensors/{{subject}}.log",
        benchmark:
            f"{R}/benchmarks/read_sensors/{{subject}}.tsv"
        wildcard_constraints:
            subject=any_of(PLAN.with_sensors_alone) if PLAN.with_pulse else r"\d\d\d+",
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(700, 8),
            runtime=grows(5, 0.1),
        params:
            parts=lambda w: PLAN.signal_options(w.subject),
            about=PLAN.reading_options,
            settings=settings(RestEpochs, Margins, Windowing, BeatLimits, ClockLimits),
        message:
            "Signals other than the pulse: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} {params.parts} {params.about}"
            " --clock {input.clock:q} --trials {input.trials:q} --timeline {input.timeline:q}"
            " {params.settings} --signals {output.signals:q} --contents {output.contents:q}"
            " --notes {output.notes:q} > {log:q} 2>&1"


rule collect_notes:
    input:
        code=code("readers/collect_notes"),
        people=f"{R}/participants.tsv",
        sources=f"{R}/canonical/sources.tsv",
        participants=PLAN.participant_list("all"),
        with_pulse=PLAN.participant_list("with_pulse") if PLAN.with_pulse else [],
        inspected=expand(
            f"{CANONICAL}_inspected.json",
            subject=PLAN.inspected if PLAN.inspects_people else [],
        ),
        tables=of_everybody(PLAN.subjects, "trials", "notes", "responses"),
        signal_notes=of_everybody(PLAN.with_signals, "signal_notes"),
        clocks=expand(f"{CANONICAL}_clock.json", subject=PLAN.subjects),
        contents=expand(f"{CANONICAL}_signal_contents.json", subject=PLAN.with_signals),
        with_sensors=PLAN.participant_list("with_sensors") if PLAN.with_sensors else [],
        sensor_notes=expand(f"{R}/sensors/{{s}}_notes.tsv", s=PLAN.with_sensors),
        clips=list(PLAN.clip_findings.values()),
        exclusions=config["data"]["exclusions"] or [],
    output:
        inventory=f"{R}/inventory.tsv",
        problems=f"{R}/problems.tsv",
    log:
        f"{R}/logs/collect_notes.log",
    benchmark:
        f"{R}/benchmarks/collect_notes.tsv"
    conda:
        env("inputs")
    threads: 1
    resources:
        mem_mb=grows(600, 1),
        runtime=grows(10, 0.05),
    params:
        pulse="--with-pulse" if PLAN.with_pulse else "",
        patterns=literal(
            ["--inspected", f"{CANONICAL}_inspected.json"]
            if PLAN.inspects_people
            else [
                word
                for name in ("trials", "notes", "signal_notes", "responses")
                for word in (f"--{name.replace('_', '-')}", f"{CANONICAL}_{name}.tsv")
            ]
        ),
        contents=literal([f"{CANONICAL}_{name}.json" for name in ("clock", "signal_contents")]),
        sensors="--with-sensors" if PLAN.with_sensors else "",
        sensor_notes=literal(f"{R}/sensors/{{subject}}_notes.tsv"),
        without_pulse=sorted(PLAN.sources.without_pulse),
        clips=PLAN.clip_options,
        files=PLAN.clip_paths,
        findings=PLAN.clip_findings_options,
        settings=settings(Problems, ClipProblems, PulseSource, only(ResponseTarget, "dimension")),
    message:
        "Inventory of everybody's data and of the clips"
    shell:
        "python {input.code[0]:q} --people {input.people:q} --sources {input.sources:q}"
        " --participants {input.participants:q} {params.pulse} {input.with_pulse:q}"
        " {params.sensors} {input.with_sensors:q} --sensor-notes {params.sensor_notes:q}"
        " --without-pulse {params.without_pulse:q}"
        " {params.patterns:q} --clocks {params.contents[0]:q} --contents {params.contents[1]:q}"
        " {params.clips} {params.files} {params.findings}"
        " {params.settings} --exclusions {input.exclusions:q}"
        " --inventory {output.inventory:q} --problems {output.problems:q} > {log:q} 2>&1"
