# Statistics of signals other than the pulse: electrodermal activity, respiration, temperature.
#
# Needs: timeline/<subject>.tsv; below each protocol sensor_windows/ and sensor_blocks/<subject>.tsv.
# Gives: below each protocol, in statistics/, sensor_coupling*, sensor_rest_change* and
#        sensor_mixed_model*.
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.coupling import Coupling
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import only

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
            settings=settings(
                only(Windowing, "window", "step"),
                Coupling,
                only(Resamples, "bootstrap", "confidence", "seed"),
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
