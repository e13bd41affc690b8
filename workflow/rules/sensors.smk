# Sensors: electrodermal activity, respiration and temperature (docs/sensors.md).
#
# Needs: canonical/<subject>_signals.npz and _trials.tsv, timeline/<subject>.tsv,
#        <protocol>/labels/<subject>.parquet.
# Gives: sensors/<subject>.npz and <subject>_notes.tsv; below each protocol sensors_10hz/<subject>.npz,
#        sensor_windows/ and sensor_blocks/<subject>.tsv, and in statistics/ sensor_coupling*,
#        sensor_rest_change* and sensor_mixed_model*. Nothing where `sensors` names no signal.
from tinglegram.clock import Timing
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.clip_shifts import DrawnShifts
from tinglegram.pulse.coupling import Coupling, CouplingTest
from tinglegram.pulse.rest_change import ChangeInterval
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.sensors.settings import SensorMethods
from tinglegram.settings import only

COVERAGE = only(SensorMethods, "sensor_coverage")

if PLAN.with_sensors:

    rule clean_sensors:
        input:
            code=code("sensors/clean_sensors"),
            signals=f"{R}/canonical/{{subject}}_signals.npz",
            timeline=f"{R}/timeline/{{subject}}.tsv",
        output:
            sensors=f"{R}/sensors/{{subject}}.npz",
            notes=f"{R}/sensors/{{subject}}_notes.tsv",
        log:
            f"{R}/logs/clean_sensors/{{subject}}.log",
        benchmark:
            f"{R}/benchmarks/clean_sensors/{{subject}}.tsv"
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(700, 8),
            runtime=grows(5, 0.1),
        params:
            participant=lambda w: PLAN.sources.ids[w.subject],
            sensors=literal(PLAN.sensor_options),
            settings=settings(SensorMethods),
        message:
            "Skin conductance, respiration, temperature: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} --signals {input.signals:q} --timeline {input.timeline:q}"
            " --participant={params.participant:q} {params.sensors} {params.settings}"
            " --output {output.sensors:q} --notes {output.notes:q} > {log:q} 2>&1"

    rule resample_sensors:
        input:
            code=code("sensors/resample_sensors"),
            sensors=f"{R}/sensors/{{subject}}.npz",
            timeline=f"{R}/timeline/{{subject}}.tsv",
        output:
            [f"{R}/{p}/sensors_10hz/{{subject}}.npz" for p in PLAN.owners["sensors_10hz"]],
        log:
            f"{R}/logs/resample_sensors/{{subject}}.log",
        benchmark:
            f"{R}/benchmarks/resample_sensors/{{subject}}.tsv"
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(700, 8),
            runtime=grows(5, 0.1),
        params:
            settings=settings(COVERAGE),
        message:
            "Sensors on the grid of the ratings: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} --sensors {input.sensors:q} --timeline {input.timeline:q}"
            " {params.settings} --output {output:q} > {log:q} 2>&1"

    rule compute_sensor_windows:
        input:
            code=code("sensors/compute_sensor_windows"),
            sensors=f"{R}/sensors/{{subject}}.npz",
            trials=f"{R}/canonical/{{subject}}_trials.tsv",
            timeline=f"{R}/timeline/{{subject}}.tsv",
            ratings=PLAN.pattern_at_owner("labels", PLAN.protocols[0]),
        output:
            windows=[
                f"{R}/{p}/sensor_windows/{{subject}}.tsv" for p in PLAN.owners["sensor_windows"]
            ],
            blocks=[f"{R}/{p}/sensor_blocks/{{subject}}.tsv" for p in PLAN.owners["sensor_windows"]],
        log:
            f"{R}/logs/compute_sensor_windows/{{subject}}.log",
        benchmark:
            f"{R}/benchmarks/compute_sensor_windows/{{subject}}.tsv"
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(700, 8),
            runtime=grows(5, 0.1),
        params:
            kinds=list(PLAN.sensors),
            conditions=PLAN.all_conditions,
            settings=settings(
                only(Timing, "grid"), only(Windowing, "window", "step"), RestEpochs, COVERAGE
            ),
            variants=lambda w, output: PLAN.variants(
                "sensor_windows", output.windows, output.blocks
            ),
        message:
            "Sensors in sliding windows: {wildcards.subject}"
        shell:
            "python {input.code[0]:q} --sensors {input.sensors:q} --kinds {params.kinds}"
            " --trials {input.trials:q} --timeline {input.timeline:q} --ratings {input.ratings:q}"
            " --conditions {params.conditions:q} {params.settings} {params.variants} > {log:q} 2>&1"


if PLAN.sensor_measures:

    rule relate_sensor_measures:
        input:
            code=code("sensors/relate_measures"),
            participants=PLAN.participant_lists("sensor_windows"),
            windows=lambda w: PLAN.at_owner("sensor_windows", w.protocol),
            blocks=lambda w: PLAN.at_owner("sensor_blocks", w.protocol),
            timelines=lambda w: PLAN.of_participants(
                "sensor_windows", f"{R}/timeline/{{subject}}.tsv"
            ),
            accepted=ancient(PLAN.accepted),
        output:
            coupling=f"{R}/{{protocol}}/statistics/sensor_coupling.tsv",
            coupling_test=f"{R}/{{protocol}}/statistics/sensor_coupling_test.tsv",
            coupling_quality=f"{R}/{{protocol}}/statistics/sensor_coupling_quality.tsv",
            rest_change=f"{R}/{{protocol}}/statistics/sensor_rest_change.tsv",
            rest_changes=f"{R}/{{protocol}}/statistics/sensor_rest_change_people.tsv",
            model=f"{R}/{{protocol}}/statistics/sensor_mixed_model.tsv",
            checks=f"{R}/{{protocol}}/statistics/sensor_mixed_model_checks.tsv",
            residuals=f"{R}/{{protocol}}/statistics/sensor_mixed_model_residuals.tsv",
            random_effects=f"{R}/{{protocol}}/statistics/sensor_mixed_model_people.tsv",
        log:
            f"{R}/logs/relate_sensor_measures/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/relate_sensor_measures/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=owners("sensor_statistics"),
        conda:
            env("pulse")
        threads: 1
        resources:
            mem_mb=grows(700, 20),
            runtime=grows(10, 2),
        params:
            measures=PLAN.sensor_measures,
            windows=lambda w: PLAN.pattern_at_owner("sensor_windows", w.protocol),
            blocks=lambda w: PLAN.pattern_at_owner("sensor_blocks", w.protocol),
            timelines=lambda w: f"{R}/timeline/{{subject}}.tsv",
            conditions=PLAN.all_conditions,
            settings=lambda w: settings(
                only(Windowing, "window", "step"),
                Coupling,
                only(Resamples, "bootstrap", "confidence", "seed"),
                ChangeInterval,
                CouplingTest,
                DrawnShifts,
                protocol=w.protocol,
            ),
        message:
            "Other signals, rating and rest ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --measures {params.measures:q} --windows {params.windows:q}"
            " --blocks {params.blocks:q} --timelines {params.timelines:q}"
            " --participants {input.participants:q} --conditions {params.conditions:q}"
            " {params.settings} --output-coupling {output.coupling:q}"
            " --output-coupling-test {output.coupling_test:q}"
            " --output-coupling-quality {output.coupling_quality:q}"
            " --output-rest-change {output.rest_change:q}"
            " --output-rest-change-people {output.rest_changes:q}"
            " --output-mixed-model {output.model:q} --output-checks {output.checks:q}"
            " --output-residuals {output.residuals:q} --output-random-effects {output.random_effects:q}"
            " > {log:q} 2>&1"
