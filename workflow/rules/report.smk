# Report: tables, figures and the page that shows them. Each table and figure has its caption (.json)
# beside it; one job makes those of all models of a protocol.
#
# Needs: config.yaml, provenance.json, inventory.tsv, claims; below each protocol labels/, models/ and
#        statistics/.
# Gives: below each protocol figures/ and tables/; figures/workflow.*, report.html
from tinglegram.behaviour.agreement import AgreementDraws
from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.wording import ResponseWord
from tinglegram.inference.resampling import Resamples
from tinglegram.pulse.windows import Windowing
from tinglegram.report.items import Tinglegrams
from tinglegram.settings import only
from tinglegram.statistics.comparison import ModelComparison
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.trials.trials import Scoring

P = f"{R}/{{protocol}}"


rule draw_ratings:
    input:
        code=code("report/draw_ratings"),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
    output:
        svg=in_report(f"{P}/figures/figure3.svg", "ratings", "Behaviour", figure="3"),
        png=f"{P}/figures/figure3.png",
        about=f"{P}/figures/figure3.json",
    log:
        f"{R}/logs/draw_ratings/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_ratings/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        results=lambda w: R,
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        clips=PLAN.clip_options,
        settings=settings(ResponseDimensions, only(ResponseTarget, "dimension", "above")),
        note=REPORT.note_options(),
    message:
        "Figure 3: ratings over the clips ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --tables {params.ratings:q} --participants {input.participants:q} {params.clips}"
        " {params.settings} {params.note} --output {output.svg:q} > {log:q} 2>&1"


rule draw_coupling:
    input:
        code=code("report/draw_coupling"),
        coupling=f"{P}/statistics/pulse_coupling.tsv",
        test=f"{P}/statistics/pulse_coupling_quality.tsv",
    output:
        svg=in_report(f"{P}/figures/figure4.svg", "coupling", "Pulse", figure="4"),
        png=f"{P}/figures/figure4.png",
        about=f"{P}/figures/figure4.json",
    log:
        f"{R}/logs/draw_coupling/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_coupling/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        conditions=PLAN.all_conditions,
        of_paper="--of-paper" if PLAN.reads_rest_asmr else "",
        note=REPORT.note_options(),
    message:
        "Figure 4: pulse rate and rating ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --coupling {input.coupling:q} --test {input.test:q} --conditions {params.conditions:q}"
        " {params.of_paper} {params.note} --output {output.svg:q} > {log:q} 2>&1"


if PLAN.with_lags:

    rule draw_lags:
        input:
            code=code("report/draw_lags"),
            lags=f"{P}/statistics/pulse_lags.tsv",
        output:
            svg=in_report(
                f"{P}/figures/lagged_coupling.svg", "lagged_coupling", "Pulse", figure="lags"
            ),
            png=f"{P}/figures/lagged_coupling.png",
            about=f"{P}/figures/lagged_coupling.json",
        log:
            f"{R}/logs/draw_lags/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_lags/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=any_of(PLAN.with_lags),
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            conditions=PLAN.all_conditions,
            settings=settings(only(Resamples, "confidence")),
            note=REPORT.note_options(),
        message:
            "Pulse rate and rating at several lags ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --lags {input.lags:q} --conditions {params.conditions:q} {params.settings}"
            " {params.note} --output {output.svg:q} > {log:q} 2>&1"

    rule draw_locked:
        input:
            code=code("report/draw_locked"),
            locked=f"{P}/statistics/pulse_locked.tsv",
        output:
            svg=in_report(
                f"{P}/figures/around_reports.svg", "around_reports", "Pulse", figure="onsets"
            ),
            png=f"{P}/figures/around_reports.png",
            about=f"{P}/figures/around_reports.json",
        log:
            f"{R}/logs/draw_locked/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_locked/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=any_of(PLAN.with_lags),
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            conditions=PLAN.all_conditions,
            settings=settings(only(Resamples, "confidence"), only(Windowing, "window")),
            note=REPORT.note_options(),
        message:
            "Pulse around reported onsets and offsets ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --locked {input.locked:q} --conditions {params.conditions:q} {params.settings}"
            " {params.note} --output {output.svg:q} > {log:q} 2>&1"


rule draw_rest_change:
    input:
        code=code("report/draw_rest_change"),
        changes=f"{P}/statistics/rest_change_people.tsv",
        tests=f"{P}/statistics/rest_change.tsv",
    output:
        svg=in_report(f"{P}/figures/rest_change.svg", "rest_change", "Pulse", figure="rest"),
        png=f"{P}/figures/rest_change.png",
        about=f"{P}/figures/rest_change.json",
    log:
        f"{R}/logs/draw_rest_change/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_rest_change/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        conditions=PLAN.all_conditions,
        settings=settings(only(Resamples, "confidence", "bootstrap")),
        note=REPORT.note_options(),
    message:
        "Pulse against rest ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --changes {input.changes:q} --tests {input.tests:q} --conditions {params.conditions:q}"
        " {params.settings} {params.note} --output {output.svg:q} > {log:q} 2>&1"


if PLAN.covariates:

    rule draw_covariates:
        input:
            code=code("report/draw_covariates"),
            values=f"{P}/statistics/covariate_people.tsv",
            tests=f"{P}/statistics/covariates.tsv",
        output:
            svg=in_report(
                f"{P}/figures/covariates.svg", "covariates", "Behaviour", figure="covariates"
            ),
            png=f"{P}/figures/covariates.png",
            about=f"{P}/figures/covariates.json",
        log:
            f"{R}/logs/draw_covariates/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_covariates/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            conditions=PLAN.all_conditions,
            note=REPORT.note_options(),
        message:
            "Covariates of the participants ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --values {input.values:q} --tests {input.tests:q} --conditions {params.conditions:q}"
            " {params.note} --output {output.svg:q} > {log:q} 2>&1"


rule draw_mixed_model:
    input:
        code=code("report/draw_mixed_model"),
        model=f"{P}/statistics/pulse_mixed_model.tsv",
        residuals=f"{P}/statistics/pulse_mixed_model_residuals.tsv",
        random_effects=f"{P}/statistics/pulse_mixed_model_people.tsv",
    output:
        svg=in_report(
            f"{P}/figures/mixed_model_checks.svg",
            "mixed_model_checks",
            "Pulse",
            figure="mixed model",
        ),
        png=f"{P}/figures/mixed_model_checks.png",
        about=f"{P}/figures/mixed_model_checks.json",
    log:
        f"{R}/logs/draw_mixed_model/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/draw_mixed_model/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(600, 20),
        runtime=grows(5, 1),
    params:
        results=lambda w: R,
        note=REPORT.note_options(),
    message:
        "Checks of the mixed model ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --model {input.model:q} --residuals {input.residuals:q} --random-effects {input.random_effects:q}"
        " {params.note} --output {output.svg:q} > {log:q} 2>&1"


if PLAN.sensor_measures:

    rule draw_sensor_coupling:
        input:
            code=code("report/draw_sensor_coupling"),
            coupling=f"{P}/statistics/sensor_coupling.tsv",
            test=f"{P}/statistics/sensor_coupling_quality.tsv",
        output:
            drawn("sensor_coupling", "Other signals"),
        log:
            f"{R}/logs/draw_sensor_coupling/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_sensor_coupling/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            measures=PLAN.sensor_measures,
            conditions=PLAN.all_conditions,
            note=REPORT.note_options(),
            output=lambda w: REPORT.figure("sensor_coupling_{measure}", protocol=w.protocol),
        message:
            "Other signals and rating ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --measures {params.measures:q} --coupling {input.coupling:q} --test {input.test:q}"
            " --conditions {params.conditions:q} {params.note} --output {params.output:q}"
            " > {log:q} 2>&1"

    rule draw_sensor_rest_change:
        input:
            code=code("report/draw_sensor_rest_change"),
            changes=f"{P}/statistics/sensor_rest_change_people.tsv",
            tests=f"{P}/statistics/sensor_rest_change.tsv",
        output:
            drawn("sensor_rest_change", "Other signals"),
        log:
            f"{R}/logs/draw_sensor_rest_change/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_sensor_rest_change/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            measures=PLAN.sensor_measures,
            conditions=PLAN.all_conditions,
            settings=settings(only(Resamples, "confidence", "bootstrap")),
            note=REPORT.note_options(),
            output=lambda w: REPORT.figure("sensor_against_rest", protocol=w.protocol),
        message:
            "Other signals against rest ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --measures {params.measures:q} --changes {input.changes:q} --tests {input.tests:q}"
            " --conditions {params.conditions:q} {params.settings} {params.note}"
            " --output {params.output:q} > {log:q} 2>&1"

    rule draw_sensor_mixed_model:
        input:
            code=code("report/draw_sensor_mixed_model"),
            model=f"{P}/statistics/sensor_mixed_model.tsv",
            residuals=f"{P}/statistics/sensor_mixed_model_residuals.tsv",
            random_effects=f"{P}/statistics/sensor_mixed_model_people.tsv",
        output:
            drawn("sensor_mixed_model", "Other signals"),
        log:
            f"{R}/logs/draw_sensor_mixed_model/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_sensor_mixed_model/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(600, 20),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            measures=PLAN.sensor_measures,
            note=REPORT.note_options(),
            output=lambda w: REPORT.figure("sensor_mixed_model_{measure}", protocol=w.protocol),
        message:
            "Checks of the mixed models of other signals ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --measures {params.measures:q} --model {input.model:q} --residuals {input.residuals:q}"
            " --random-effects {input.random_effects:q} {params.note} --output {params.output:q}"
            " > {log:q} 2>&1"


if PLAN.scored:

    rule draw_beside:
        input:
            code=code("report/draw_beside"),
            scores=lambda w: [path for _, _, path in REPORT.beside(w.protocol)],
        output:
            svg=in_report(f"{P}/figures/beside.svg", "beside", "Models", figure="beside"),
            png=f"{P}/figures/beside.png",
            about=f"{P}/figures/beside.json",
        log:
            f"{R}/logs/draw_beside/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_beside/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            rows=lambda w: REPORT.beside_options(w.protocol),
            reference=REPORT.beside_reference,
            scheme=PLAN.scheme,
            note=REPORT.note_options(*PLAN.scored),
        message:
            "Scores beside their baselines ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " {params.rows} --reference={params.reference:q} --scheme {params.scheme}"
            " {params.note} --output {output.svg:q} > {log:q} 2>&1"

    rule draw_confusion:
        input:
            code=code("report/draw_confusion"),
            predictions=PLAN.predictions(PLAN.scored),
            video_level=PLAN.statistics(PLAN.scored, ["video_level"]),
        output:
            drawn("confusion"),
        log:
            f"{R}/logs/draw_confusion/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_confusion/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            models=PLAN.scored,
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
            folds=PLAN.n_folds,
            video_level=lambda w: f"{R}/{w.protocol}/statistics/{{model}}/video_level.tsv",
            names=[PLAN.target or "any", REPORT.other_conditions],
            settings=lambda w: settings(
                Scoring, only(TrialLevel, "video_threshold"), ResponseWord, protocol=w.protocol
            ),
            notes=REPORT.notes_options(PLAN.scored),
            output=lambda w: REPORT.figure("confusion_{model}", protocol=w.protocol),
        message:
            "Confusion matrices ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --models {params.models:q} --predictions {params.predictions:q} --folds {params.folds}"
            " --video-level {params.video_level:q} --target {params.names[0]:q}"
            " --control={params.names[1]:q} {params.settings} {params.notes} --output {params.output:q} > {log:q} 2>&1"

    rule draw_calibration:
        input:
            code=code("report/draw_calibration"),
            scores=PLAN.statistics(PLAN.scored, ["calibration", "within"]),
        output:
            drawn("calibration"),
        log:
            f"{R}/logs/draw_calibration/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_calibration/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            models=PLAN.scored,
            statistics=lambda w: f"{R}/{w.protocol}/statistics/{{model}}",
            names=[PLAN.target or "all", REPORT.other_conditions],
            settings=settings(only(Resamples, "confidence"), ResponseWord),
            notes=REPORT.notes_options(PLAN.scored),
            output=lambda w: REPORT.figure("calibration_{model}", protocol=w.protocol),
        message:
            "Reliability curves ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --models {params.models:q} --calibration {params.statistics:q}/calibration.tsv"
            " --within {params.statistics:q}/within.tsv --target={params.names[0]:q}"
            " --control={params.names[1]:q} {params.settings} {params.notes} --output {params.output:q} > {log:q} 2>&1"


if PLAN.models:

    rule draw_training:
        input:
            code=code("report/draw_training"),
            histories=REPORT.histories(),
        output:
            drawn("training"),
        log:
            f"{R}/logs/draw_training/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_training/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            models=list(PLAN.models),
            networks=PLAN.networks,
            histories=lambda w: REPORT.history_pattern(w.protocol),
            folds=PLAN.n_folds,
            notes=REPORT.notes_options(PLAN.models),
            output=lambda w: REPORT.figure("training_{model}", protocol=w.protocol),
        message:
            "Training curves ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --models {params.models:q} --networks {params.networks:q}"
            " --histories {params.histories:q} --folds {params.folds}"
            " {params.notes} --output {params.output:q} > {log:q} 2>&1"


if PLAN.value_models:

    rule draw_values:
        input:
            code=code("report/draw_values"),
            scores=f"{P}/statistics/regression.tsv",
            trials=f"{P}/statistics/regression_trials.tsv",
            predictions=PLAN.value_predictions(PLAN.value_models),
        output:
            svg=in_report(
                f"{P}/figures/regression.svg", "predicted_values", "Models", figure="values"
            ),
            png=f"{P}/figures/regression.png",
            about=f"{P}/figures/regression.json",
        log:
            f"{R}/logs/draw_values/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_values/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            models=list(PLAN.value_models),
            predictions=lambda w: PLAN.value_predictions_pattern(w.protocol),
            folds=len(PLAN.folds),
            settings=settings(only(Resamples, "confidence", "bootstrap"), ResponseWord),
            note=REPORT.values_note,
        message:
            "Predicted values beside their baselines ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --models {params.models:q} --predictions {params.predictions:q} --folds {params.folds}"
            " --scores {input.scores:q} --trials {input.trials:q} {params.settings} {params.note}"
            " --output {output.svg:q} > {log:q} 2>&1"


if REPORT.tinglegrams:

    rule draw_tinglegrams:
        input:
            code=code("report/draw_tinglegram"),
            participants=REPORT.tinglegram_lists,
            predictions=PLAN.predictions(REPORT.headline),
        output:
            drawn("tinglegram"),
        log:
            f"{R}/logs/draw_tinglegrams/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_tinglegrams/{{protocol}}.tsv"
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            results=lambda w: R,
            tinglegrams=REPORT.tinglegram_options,
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
            folds=PLAN.n_folds,
            target=PLAN.target or "",
            settings=settings(
                Tinglegrams, ResponseWord, ResponseDimensions, only(ResponseTarget, "dimension")
            ),
            notes=REPORT.notes_options(REPORT.headline),
            sensors=REPORT.sensor_models_options,
            output=lambda w: REPORT.figure("figure6_{model}_{subject}", protocol=w.protocol),
        message:
            "Tinglegrams ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " {params.tinglegrams} --predictions {params.predictions:q} --folds {params.folds}"
            " --target={params.target:q} {params.settings}"
            " {params.notes} {params.sensors} --output {params.output:q} > {log:q} 2>&1"


rule draw_rule_graph:
    input:
        code=code("report/draw_rule_graph"),
        config=f"{R}/config.yaml",
        snakefile=ROOT / "Snakefile",
        rules=sorted((ROOT / "workflow/rules").glob("*.smk")),
    output:
        svg=in_report(f"{R}/figures/workflow.svg", "workflow", "Methods", figure="rules"),
        png=f"{R}/figures/workflow.png",
        about=f"{R}/figures/workflow.json",
    log:
        f"{R}/logs/draw_rule_graph/study.log",
    benchmark:
        f"{R}/benchmarks/draw_rule_graph/study.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
    message:
        "The workflow's own graph"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --config {input.config:q}"
        " --snakefile {input.snakefile:q} --output {output.svg:q} > {log:q} 2>&1"


rule make_tables:
    input:
        code=code("report/make_tables"),
        statistics=lambda w: REPORT.table_statistics(w.protocol),
    output:
        [in_report(REPORT.table(t), "table", "Tables", table=t) for t in REPORT.table_names],
        [REPORT.table(t, form) for t in REPORT.table_names for form in ("md", "tex", "json")],
    log:
        f"{R}/logs/make_tables/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/make_tables/{{protocol}}.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        results=lambda w: R,
        folder=lambda w: f"{R}/{w.protocol}",
        tables=lambda w: REPORT.table_options,
        settings=settings(
            only(AgreementDraws, "agreement_bootstrap"),
            only(ModelComparison, "ablation_bootstrap"),
            only(Resamples, "confidence"),
            ResponseWord,
            only(ResponseTarget, "above"),
        ),
        conditions=REPORT.condition_options,
    message:
        "Tables ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
        " --statistics {params.folder:q}/statistics {params.tables} {params.settings}"
        " {params.conditions} --output {params.folder:q}/tables > {log:q} 2>&1"


# A table that comes from a switch, so that not every protocol has it.
if REPORT.own_tables:

    use rule make_tables as make_own_table with:
        input:
            code=code("report/make_tables"),
            statistics=lambda w: REPORT.own_table_statistics(w.protocol, w.own_table),
        output:
            in_report(REPORT.table("{own_table}"), "table", "Tables", table="{own_table}"),
            [REPORT.table("{own_table}", form) for form in ("md", "tex", "json")],
        log:
            f"{R}/logs/make_own_table/{{protocol}}/{{own_table}}.log",
        benchmark:
            f"{R}/benchmarks/make_own_table/{{protocol}}/{{own_table}}.tsv"
        wildcard_constraints:
            protocol=any_of(REPORT.own_tables),
            own_table=any_of(REPORT.own_table_names),
        params:
            tables=lambda w: REPORT.own_table_options(w.protocol, w.own_table),
        message:
            "Table {wildcards.own_table} ({wildcards.protocol})"


# Only protocols that fit a temporal response function have it.
if PLAN.with_response_function:

    rule draw_response_kernel:
        input:
            code=code("report/draw_response_kernel"),
            kernel=f"{P}/statistics/response_kernel.tsv",
            function=f"{P}/statistics/response_function.tsv",
            claims=f"{P}/statistics/response_claims.tsv",
        output:
            svg=in_report(
                f"{P}/figures/response_kernel.svg", "response_kernel", "Behaviour", figure="kernel"
            ),
            png=f"{P}/figures/response_kernel.png",
            about=f"{P}/figures/response_kernel.json",
        log:
            f"{R}/logs/draw_response_kernel/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/draw_response_kernel/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=any_of(PLAN.with_response_function),
        conda:
            env("report")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(5),
        params:
            results=lambda w: R,
            note=REPORT.note_options(),
        message:
            "Kernel of the temporal response function ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --results {params.results:q} --protocol {wildcards.protocol}"
            " --kernel {input.kernel:q} --function {input.function:q} --claims {input.claims:q}"
            " {params.note} --output {output.svg:q} > {log:q} 2>&1"


rule show_claims:
    input:
        code=code("report/show_claims"),
        ledger=f"{R}/claims.tsv",
        findings=f"{R}/claims_findings.tsv",
    output:
        ledger=in_report(f"{R}/tables/claims.tsv", "claims", "Tables", table="claims"),
        findings=in_report(
            f"{R}/tables/claims_findings.tsv", "claims", "Tables", table="claims_findings"
        ),
        also=[
            f"{R}/tables/{table}.{form}"
            for table in ("claims", "claims_findings")
            for form in ("md", "tex", "json")
        ],
    log:
        f"{R}/logs/show_claims.log",
    benchmark:
        f"{R}/benchmarks/show_claims.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        results=lambda w: R,
        note=REPORT.note_options(*PLAN.models),
    message:
        "The table of claims"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --ledger {input.ledger:q}"
        " --findings {input.findings:q} {params.note} --output {output.ledger:q}"
        " --findings-output {output.findings:q} > {log:q} 2>&1"


rule write_report:
    input:
        code=code("report/write_report"),
        template=ROOT / "src/tinglegram/report/templates/report.html.j2",
        config=f"{R}/config.yaml",
        provenance=f"{R}/provenance.json",
        inventory=f"{R}/inventory.tsv" if PLAN.subjects else [],
        problems=f"{R}/problems.tsv" if PLAN.subjects else [],
        viewers=PLAN.at_owner("reliability", PLAN.protocols[0])[1] if PLAN.subjects else [],
        participants=REPORT.tinglegram_lists,
        fold_metrics=[
            path
            for protocol in PLAN.protocols
            for path in PLAN.statistics(REPORT.overview_models, ["fold_metrics"], protocol)
        ],
        verdicts=[f"{R}/{protocol}/statistics/verdicts.tsv" for protocol in REPORT.first_page],
        front=REPORT.front or [],
        predictions=PLAN.predictions(REPORT.headline[:1], PLAN.protocols[0]),
        about=REPORT.items("json", "json"),
        content=REPORT.items("tsv", "svg"),
    output:
        in_report(f"{R}/report.html", "report", "Report", content="everything"),
    log:
        f"{R}/logs/write_report.log",
    benchmark:
        f"{R}/benchmarks/write_report.tsv"
    conda:
        env("report")
    threads: 1
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        results=lambda w: R,
        inventory="--inventory" if PLAN.subjects else "",
        problems="--problems" if PLAN.subjects else "",
        viewers="--viewers" if PLAN.subjects else "",
        models=REPORT.overview_models,
        fold_metrics=lambda w: f"{R}/{{protocol}}/statistics/{{model}}/fold_metrics.tsv",
        predictions=lambda w: REPORT.front_predictions,
        folds=PLAN.n_folds,
        tables=REPORT.table_names,
        own_tables=REPORT.own_tables_words,
        figures=REPORT.figures_of_all,
        of_one=REPORT.of_one,
        tinglegrams=REPORT.tinglegram_options,
        of_study=REPORT.of_study,
        verdicts=lambda w: f"{R}/{{protocol}}/statistics/verdicts.tsv",
        first_page=REPORT.first_page,
        headline=REPORT.headline,
        baseline_of=[f"{model}={name}" for model, name in PLAN.with_verdict.items()],
        warnings=REPORT.warnings,
        absent=[f"{section}={reason}" for section, reason in REPORT.absent.items()],
        front="--front" if REPORT.front else "",
        control=REPORT.other_conditions,
        class_1=settings(ResponseTarget),
        values=REPORT.values_sentence,
    message:
        "The report"
    shell:
        "python {input.code[0]:q} --results {params.results:q} --config {input.config:q}"
        " --provenance {input.provenance:q} {params.inventory} {input.inventory:q}"
        " {params.problems} {input.problems:q} {params.viewers} {input.viewers:q}"
        " --models {params.models:q} --fold-metrics {params.fold_metrics:q}"
        " --predictions={params.predictions:q} --folds {params.folds} --tables {params.tables:q}"
        " --own-tables {params.own_tables:q} --of-one {params.of_one:q}"
        " --figures {params.figures:q} {params.tinglegrams} --of-study {params.of_study:q}"
        " {params.front} {input.front:q} --verdicts {params.verdicts:q} --first-page {params.first_page:q}"
        " --headline {params.headline:q} --baseline-of {params.baseline_of:q}"
        " --warnings {params.warnings:q} --absent {params.absent:q}"
        " --control={params.control:q} {params.class_1} --values={params.values:q} --output {output:q} > {log:q} 2>&1"
