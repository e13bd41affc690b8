# Statistics: from predictions to scores with intervals, p-values and effect sizes, and verdicts.
#
# Needs: below each protocol models/<model>/fold<fold>/predictions.parquet, and those of further seeds.
# Gives: below each protocol statistics/<model>/<table>.tsv, and in statistics/ ablation.tsv,
#        verdicts.tsv, seeds.tsv, retrained.tsv and, of models of the reported value, regression*.tsv; with
#        statistics: covariates also covariate*.tsv, of protocols that fit one the response function
#        (response_*.tsv); on request switches.tsv and switches.md of the study.
from tinglegram.behaviour.wording import ResponseWord
from tinglegram.clock import Timing
from tinglegram.inference.resampling import Permutations, Resamples
from tinglegram.pulse.beats import PulseMethods
from tinglegram.settings import as_words, only
from tinglegram.statistics.calibration import CalibrationCurve
from tinglegram.statistics.comparison import ModelComparison
from tinglegram.statistics.covariates import Covariates
from tinglegram.statistics.decisions import VerdictRule
from tinglegram.statistics.events import EventMatching
from tinglegram.statistics.response_function import ResponseFunction
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.study.plan import COVARIATES, RESPONSE_TABLES, STATISTICS_OF_MODEL
from tinglegram.trials.trials import Scoring

SCORES = (
    Scoring,
    Resamples,
    TrialLevel,
    EventMatching,
    CalibrationCurve,
    only(Timing, "grid"),
)


rule score_model:
    input:
        code=code("statistics/score_model"),
        predictions=PLAN.predictions(["{model}"]),
    output:
        PLAN.statistics(["{model}"], STATISTICS_OF_MODEL),
    log:
        f"{R}/logs/score_model/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/score_model/{{protocol}}/{{model}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.scored),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        models=lambda w: [w.model],
        predictions=lambda w: PLAN.predictions_pattern(w.protocol),
        folds=len(PLAN.folds),
        target=PLAN.target or "",
        settings=lambda w: settings(*SCORES, protocol=w.protocol),
        tables=lambda w: PLAN.statistics_pattern(w.protocol),
    message:
        "Score {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --models {params.models:q} --predictions {params.predictions:q}"
        " --folds {params.folds} --target={params.target:q} {params.settings}"
        " --tables {params.tables:q} > {log:q} 2>&1"


# What was measured of each person against what is known of them.
if PLAN.covariates:

    rule relate_covariates:
        input:
            code=code("statistics/relate_covariates"),
            people=PLAN.people_table,
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            changes=lambda w: PLAN.outcomes_of_people("rest_change_people", w.protocol),
            couplings=lambda w: PLAN.outcomes_of_people("coupling", w.protocol),
        output:
            [f"{R}/{{protocol}}/statistics/{name}.tsv" for name in COVARIATES],
        log:
            f"{R}/logs/relate_covariates/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/relate_covariates/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            clips=PLAN.clip_options,
            settings=lambda w: settings(
                Covariates,
                only(Permutations, "confidence"),
                only(PulseMethods, "rmssd_windows"),
                protocol=w.protocol,
            ),
        message:
            "Covariates of the participants ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --people {input.people:q} --participants {input.participants:q}"
            " --ratings {params.ratings:q} --changes {input.changes:q}"
            " --couplings {input.couplings:q} {params.clips} {params.settings} --tests {output[0]:q} --groups {output[1]:q}"
            " --values {output[2]:q} > {log:q} 2>&1"


if PLAN.with_response_function:

    rule fit_response_function:
        input:
            code=code("statistics/fit_response_function"),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            courses=lambda w: PLAN.at_owner("courses", w.protocol),
        output:
            [f"{R}/{{protocol}}/statistics/{name}.tsv" for name in RESPONSE_TABLES],
        log:
            f"{R}/logs/fit_response_function/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/fit_response_function/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=owners("response_function"),
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(1500, 60),
            runtime=grows(60, 10),
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            courses=lambda w: PLAN.pattern_at_owner("courses", w.protocol),
            clips=PLAN.response_clips,
            settings=lambda w: settings(
                ResponseFunction,
                only(Timing, "grid"),
                only(Resamples, "confidence", "seed", "p_value"),
                protocol=w.protocol,
            ),
            tables=lambda w: f"{R}/{w.protocol}/statistics/{{table}}.tsv",
        message:
            "Temporal response function ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --ratings {params.ratings:q}"
            " --participants {input.participants:q} --courses {params.courses:q}"
            " --clips {params.clips:q} {params.settings} --tables {params.tables:q} > {log:q} 2>&1"


if PLAN.beside:

    use rule score_model as score_baselines with:
        input:
            code=code("statistics/score_model"),
            predictions=PLAN.predictions(PLAN.beside),
        output:
            PLAN.statistics(PLAN.beside, STATISTICS_OF_MODEL),
        log:
            f"{R}/logs/score_baselines/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/score_baselines/{{protocol}}.tsv"
        resources:
            runtime=grows(10, 1),
        params:
            models=PLAN.beside,
        message:
            "Score what the models stand beside ({wildcards.protocol})"


rule compare_models:
    input:
        code=code("statistics/compare_models"),
        predictions=PLAN.predictions(PLAN.scored),
    output:
        f"{R}/{{protocol}}/statistics/ablation.tsv",
    log:
        f"{R}/logs/compare_models/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/compare_models/{{protocol}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        models=PLAN.scored,
        predictions=lambda w: PLAN.predictions_pattern(w.protocol),
        folds=len(PLAN.folds),
        target=PLAN.target or "",
        settings=lambda w: settings(Scoring, ModelComparison, protocol=w.protocol),
    message:
        "Compare the models ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --models {params.models:q} --predictions {params.predictions:q}"
        " --folds {params.folds} --target={params.target:q} {params.settings}"
        " --output {output:q} > {log:q} 2>&1"


if PLAN.with_verdict:

    rule give_verdicts:
        input:
            code=code("statistics/give_verdicts"),
            tables=PLAN.statistics(PLAN.with_verdict, ["within", "video_level_own_report"]),
            predictions=PLAN.predictions(
                [*PLAN.with_verdict, *dict.fromkeys(PLAN.with_verdict.values())]
            ),
            retrained=lambda w: PLAN.retrained(w.protocol),
        output:
            f"{R}/{{protocol}}/statistics/verdicts.tsv",
        log:
            f"{R}/logs/give_verdicts/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/give_verdicts/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            baseline_of=as_words(PLAN.with_verdict),
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
            tables=lambda w: PLAN.statistics_pattern(w.protocol),
            folds=len(PLAN.folds),
            target=PLAN.target or "",
            retrained=lambda w: "--retrained" if PLAN.retrained(w.protocol) else "",
            settings=lambda w: settings(
                Scoring, Permutations, ResponseWord, VerdictRule, protocol=w.protocol
            ),
        message:
            "What the scores are worth ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --baseline-of {params.baseline_of:q}"
            " --predictions {params.predictions:q} --tables {params.tables:q}"
            " --folds {params.folds} --target={params.target:q} {params.settings}"
            " {params.retrained} {input.retrained:q} --output {output:q} > {log:q} 2>&1"


if PLAN.retrained_in:

    rule score_retrained:
        input:
            code=code("statistics/score_retrained"),
            files=lambda w: PLAN.retrained_scores(w.protocol),
        output:
            f"{R}/{{protocol}}/statistics/retrained.tsv",
        log:
            f"{R}/logs/score_retrained/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/score_retrained/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=any_of(PLAN.retrained_in),
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            models=lambda w: PLAN.retrained_options(w.protocol),
            folds=len(PLAN.folds),
            target=PLAN.target or "",
            settings=lambda w: settings(Scoring, only(Permutations, "p_value"), protocol=w.protocol),
        message:
            "Tracking, against models trained on moved reports ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} {params.models} --folds {params.folds}"
            " --target={params.target:q} {params.settings} --output {output:q} > {log:q} 2>&1"


# Networks that differ in their seed alone, and protocols that differ in one switch alone.
rule score_seeds:
    input:
        code=code("statistics/score_seeds"),
        predictions=lambda w: [
            path for m in PLAN.networks for path in PLAN.network_predictions(m, w.protocol)
        ],
    output:
        f"{R}/{{protocol}}/statistics/seeds.tsv",
    log:
        f"{R}/logs/score_seeds/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/score_seeds/{{protocol}}.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        models=lambda w: PLAN.network_options(w.protocol),
        folds=len(PLAN.folds),
        target=PLAN.target or "",
        settings=lambda w: settings(Scoring, protocol=w.protocol),
    message:
        "Spread over the seeds of the networks ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} {params.models} --folds {params.folds}"
        " --target={params.target:q} {params.settings} --output {output:q} > {log:q} 2>&1"


rule compare_switches:
    input:
        code=code("statistics/compare_switches"),
        config=f"{R}/config.yaml",
        seeds=expand(f"{R}/{{protocol}}/statistics/seeds.tsv", protocol=PLAN.protocols),
    output:
        table=f"{R}/switches.tsv",
        page=f"{R}/switches.md",
    log:
        f"{R}/logs/compare_switches/study.log",
    benchmark:
        f"{R}/benchmarks/compare_switches/study.tsv"
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700),
        runtime=grows(5),
    params:
        seeds=lambda w: f"{R}/{{protocol}}/statistics/seeds.tsv",
        base=PLAN.protocols[0],
        settings=settings(only(ModelComparison, "reference")),
    message:
        "What each switch changes, one at a time"
    shell:
        "python {input.code[0]:q} --config {input.config:q} --seeds {params.seeds:q}"
        " --base {params.base} {params.settings}"
        " --table {output.table:q} --page {output.page:q} > {log:q} 2>&1"


if PLAN.value_models:

    rule score_values:
        input:
            code=code("statistics/score_values"),
            predictions=PLAN.value_predictions(PLAN.value_scored),
        output:
            PLAN.value_tables(),
        log:
            f"{R}/logs/score_values/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/score_values/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(10, 1),
        params:
            models=PLAN.value_kind_options,
            predictions=lambda w: PLAN.value_predictions_pattern(w.protocol),
            folds=len(PLAN.folds),
            settings=lambda w: settings(Resamples, protocol=w.protocol),
            tables=lambda w: f"{R}/{w.protocol}/statistics/{{table}}.tsv",
        message:
            "Score the predicted values ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} {params.models} --predictions {params.predictions:q}"
            " --folds {params.folds} {params.settings} --tables {params.tables:q} > {log:q} 2>&1"
