# Pulse: slices, 10-Hz series, windows with their quality, and the statistics made from them.
#
# Needs: raw recordings, timeline/<subject>.tsv, <protocol>/labels/<subject>.parquet.
# Gives: recordings/ and rests/<subject>.npz; below each protocol pulse_10hz/<subject>.npz,
#        pulse_windows/ and pulse_blocks/<subject>.tsv, and in statistics/ continuity, pulse_coupling*,
#        rest_change* and pulse_mixed_model*; pulse_lags and pulse_locked where a protocol asks.
# A recording is parsed once; everything later reads its slices. One job measures a participant and
# one makes all statistics, because imports are most of their time.
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import Timing
from tinglegram.formats.biopac import BiopacExport
from tinglegram.inference.resampling import Permutations, Resamples
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.clip_shifts import DrawnShifts
from tinglegram.pulse.coupling import Coupling, CouplingTest
from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.epochs import Margins, Slicing
from tinglegram.pulse.heart_windows import HeartQuality
from tinglegram.pulse.long_windows import LongWindows
from tinglegram.pulse.lagged import LaggedCoupling
from tinglegram.pulse.locked import LockedAverage
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.rest_change import ChangeInterval
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import only

if PLAN.reads_rest_asmr:

    rule slice_recording:
        input:
            code=code("pulse/slice_recording"),
            recording=lambda w: PLAN.raw_file(PLAN.raw.ppgs, w.subject),
            timeline=f"{R}/timeline/{{subject}}.tsv",
        output:
            signals=f"{R}/canonical/{{subject}}_signals.npz",
            clips=f"{R}/recordings/{{subject}}.npz",
            rests=f"{R}/rests/{{subject}}.npz",
        log:
            f"{R}/logs/slice_recording/{{subject}}.log",
        benchmark:
            f"{R}/benchmarks/slice_recording/{{subject}}.tsv"
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(600, 8),
            runtime=grows(5, 0.1),
        params:
            settings=settings(BiopacExport, RestEpochs, ClockAlignment, Margins),
            subject=lambda w: int(w.subject),
            offset=lambda w: PLAN.offset(w.subject),
            accepted=PLAN.accepted_problems,
            n_clips=len(PLAN.conditions),
            printed_time="--printed-time" if PLAN.needs_printed_time else "",
        message:
            "Read the pulse recording: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} --recording {input.recording:q} --timeline {input.timeline:q}"
            " --subject {params.subject} {params.offset} --accept {params.accepted} {params.settings}"
            " {params.printed_time} --n-clips {params.n_clips}"
            " --signals {output.signals:q} --output {output.clips:q}"
            " --output-rests {output.rests:q} > {log:q} 2>&1"


rule resample_pulse:
    input:
        code=code("pulse/resample"),
        recording=f"{R}/recordings/{{subject}}.npz",
        timeline=f"{R}/timeline/{{subject}}.tsv",
    output:
        [f"{R}/{p}/pulse_10hz/{{subject}}.npz" for p in PLAN.owners["pulse_10hz"]],
    log:
        f"{R}/logs/resample_pulse/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/resample_pulse/{{subject}}.tsv"
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        variants=lambda w, output: PLAN.variants("pulse_10hz", output),
    message:
        "Pulse on the grid of the ratings: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} --recording {input.recording:q} --timeline {input.timeline:q}"
        " {params.variants} > {log:q} 2>&1"


rule compute_pulse_windows:
    input:
        code=code("pulse/compute_windows"),
        recording=f"{R}/recordings/{{subject}}.npz",
        rests=f"{R}/rests/{{subject}}.npz",
        timeline=f"{R}/timeline/{{subject}}.tsv",
        ratings=PLAN.pattern_at_owner("labels", PLAN.protocols[0]),
    output:
        windows=[f"{R}/{p}/pulse_windows/{{subject}}.tsv" for p in PLAN.owners["pulse_windows"]],
        blocks=[f"{R}/{p}/pulse_blocks/{{subject}}.tsv" for p in PLAN.owners["pulse_windows"]],
    log:
        f"{R}/logs/compute_pulse_windows/{{subject}}.log",
    benchmark:
        f"{R}/benchmarks/compute_pulse_windows/{{subject}}.tsv"
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 8),
        runtime=grows(5, 0.1),
    params:
        conditions=PLAN.all_conditions,
        settings=settings(
            only(Timing, "grid"),
            Windowing,
            BeatLimits,
            Continuity,
            Quality,
            HeartQuality,
            LongWindows,
        ),
        variants=lambda w, output: PLAN.variants("pulse_windows", output.windows, output.blocks),
    message:
        "Pulse rate in sliding windows: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} --recording {input.recording:q} --rests {input.rests:q}"
        " --timeline {input.timeline:q} --ratings {input.ratings:q}"
        " --conditions {params.conditions:q} {params.settings} {params.variants} > {log:q} 2>&1"


rule measure_continuity:
    input:
        code=code("pulse/measure_continuity"),
        participants=PLAN.participant_list("with_pulse"),
        recordings=expand(f"{R}/recordings/{{s}}.npz", s=PLAN.with_pulse),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=PLAN.with_pulse),
        accepted=ancient(PLAN.accepted),
    output:
        f"{R}/{{protocol}}/statistics/continuity.tsv",
    log:
        f"{R}/logs/measure_continuity/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/measure_continuity/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("continuity"),
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 2),
        runtime=grows(10, 0.1),
    params:
        patterns=literal([f"{R}/recordings/{{subject}}.npz", f"{R}/timeline/{{subject}}.tsv"]),
        videos=list(PLAN.conditions),
        settings=lambda w: settings(Slicing, Continuity, protocol=w.protocol),
    message:
        "Sensor continuity of all pulse recordings ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --recordings {params.patterns[0]:q}"
        " --timelines {params.patterns[1]:q} --participants {input.participants:q}"
        " --videos {params.videos:q} {params.settings} --output {output:q} > {log:q} 2>&1"


rule correlate_ratings:
    input:
        code=code("pulse/correlate_ratings"),
        participants=PLAN.participant_list("with_pulse"),
        windows=lambda w: PLAN.at_owner("pulse_windows", w.protocol),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=PLAN.with_pulse),
        accepted=ancient(PLAN.accepted),
    output:
        coupling=f"{R}/{{protocol}}/statistics/pulse_coupling.tsv",
        test=f"{R}/{{protocol}}/statistics/pulse_coupling_test.tsv",
        quality=f"{R}/{{protocol}}/statistics/pulse_coupling_quality.tsv",
    log:
        f"{R}/logs/correlate_ratings/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/correlate_ratings/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("coupling"),
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 20),
        runtime=grows(5, 1),
    params:
        windows=lambda w: PLAN.pattern_at_owner("pulse_windows", w.protocol),
        timelines=lambda w: f"{R}/timeline/{{subject}}.tsv",
        conditions=PLAN.all_conditions,
        settings=lambda w: settings(
            Coupling,
            CouplingTest,
            only(PulseMethods, "rmssd_windows"),
            DrawnShifts,
            protocol=w.protocol,
        ),
    message:
        "Coupling of the pulse to the ratings ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --windows {params.windows:q} --timelines {params.timelines:q}"
        " --participants {input.participants:q} --conditions {params.conditions:q}"
        " {params.settings} --output-coupling {output.coupling:q} --output-test {output.test:q}"
        " --output-quality {output.quality:q} > {log:q} 2>&1"


if PLAN.with_lags:

    rule shift_clips:
        input:
            code=code("pulse/shift_clips"),
            participants=PLAN.participant_list("with_pulse"),
            windows=lambda w: PLAN.at_owner("pulse_windows", w.protocol),
            ratings=lambda w: PLAN.with_pulse_at_owner("labels", w.protocol),
            timelines=expand(f"{R}/timeline/{{s}}.tsv", s=PLAN.with_pulse),
            accepted=ancient(PLAN.accepted),
        output:
            lags=f"{R}/{{protocol}}/statistics/pulse_lags.tsv",
            locked=f"{R}/{{protocol}}/statistics/pulse_locked.tsv",
        log:
            f"{R}/logs/shift_clips/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/shift_clips/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=owners("lagged"),
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(1000, 60),
            runtime=grows(10, 2),
        params:
            windows=lambda w: PLAN.pattern_at_owner("pulse_windows", w.protocol),
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            timelines=lambda w: f"{R}/timeline/{{subject}}.tsv",
            conditions=PLAN.all_conditions,
            settings=lambda w: settings(
                only(Timing, "grid"),
                only(ResponseTarget, "above"),
                only(Windowing, "window", "step"),
                Coupling,
                only(LaggedCoupling, "coupling_lags"),
                LockedAverage,
                Permutations,
                protocol=w.protocol,
            ),
        message:
            "Pulse against reports moved in time ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --windows {params.windows:q} --ratings {params.ratings:q}"
            " --timelines {params.timelines:q} --participants {input.participants:q}"
            " --conditions {params.conditions:q} {params.settings} --output-lags {output.lags:q}"
            " --output-locked {output.locked:q} > {log:q} 2>&1"


rule measure_physiology:
    input:
        code=code("pulse/measure_physiology"),
        participants=PLAN.participant_list("with_pulse"),
        windows=lambda w: PLAN.at_owner("pulse_windows", w.protocol),
        blocks=lambda w: PLAN.at_owner("pulse_blocks", w.protocol),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=PLAN.with_pulse),
        accepted=ancient(PLAN.accepted),
    output:
        rest_change=f"{R}/{{protocol}}/statistics/rest_change.tsv",
        rest_changes=f"{R}/{{protocol}}/statistics/rest_change_people.tsv",
        model=f"{R}/{{protocol}}/statistics/pulse_mixed_model.tsv",
        checks=f"{R}/{{protocol}}/statistics/pulse_mixed_model_checks.tsv",
        residuals=f"{R}/{{protocol}}/statistics/pulse_mixed_model_residuals.tsv",
        random_effects=f"{R}/{{protocol}}/statistics/pulse_mixed_model_people.tsv",
    log:
        f"{R}/logs/measure_physiology/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/measure_physiology/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("physiology"),
    conda:
        env("pulse")
    threads: 1
    resources:
        mem_mb=grows(700, 20),
        runtime=grows(10, 1),
    params:
        windows=lambda w: PLAN.pattern_at_owner("pulse_windows", w.protocol),
        blocks=lambda w: PLAN.pattern_at_owner("pulse_blocks", w.protocol),
        timelines=lambda w: f"{R}/timeline/{{subject}}.tsv",
        conditions=PLAN.all_conditions,
        settings=lambda w: settings(
            only(Windowing, "window", "step"),
            only(Resamples, "bootstrap", "confidence", "seed"),
            ChangeInterval,
            CouplingTest,
            only(PulseMethods, "rmssd_windows"),
            DrawnShifts,
            protocol=w.protocol,
        ),
    message:
        "Pulse against rest, mixed model ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --windows {params.windows:q} --blocks {params.blocks:q}"
        " --timelines {params.timelines:q} --participants {input.participants:q}"
        " --conditions {params.conditions:q} {params.settings}"
        " --output-rest-change {output.rest_change:q}"
        " --output-rest-changes {output.rest_changes:q}"
        " --output-model {output.model:q} --output-checks {output.checks:q}"
        " --output-residuals {output.residuals:q} --output-random-effects {output.random_effects:q}"
        " > {log:q} 2>&1"
