# Models: trained ones, published predictions, and what their scores stand beside (docs/models.md).
#
# Needs: below each protocol folds.tsv, labels/<subject>.parquet, and of a model's own modalities
#        pulse_10hz/<subject>.npz and stimuli/<video>.npz; the file of published predictions.
# Gives: below each protocol models/<model>/fold<fold>/: predictions.parquet, history.tsv, weights.*;
#        the predictions of further seeds in seed<replicate>/, and those of the first in seed1/ where
#        the model is the mean of them; scores of models trained again on moved reports in retrained/;
#        the same of models of the reported value in regression/<model>/fold<fold>/; on request, for a
#        bundle, the model of all people and clips in final/, its further seeds in final/seed<replicate>/.
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import Timing
from tinglegram.inference.seeding import Seeding
from tinglegram.models.settings import Boosting, Device, NetworkInput, NetworkTraining
from tinglegram.models.value_settings import RidgeFit, ValueBoosting, ValueNetworkTraining
from tinglegram.settings import as_words, only
from tinglegram.stimuli.settings import AcousticFeatures
from tinglegram.trials.trials import Scoring

FOLD = f"{R}/{{protocol}}/models/{{model}}/fold{{fold}}"
FINAL = f"{R}/{{protocol}}/models/{{model}}/final"
VALUES_FINAL = f"{R}/{{protocol}}/regression/{{model}}/final"
# What every trial is laid out by, with its features and without.
CLASS_1 = only(ResponseTarget, "above", "condition")
REPORTS = (only(Timing, "clip", "warm_up", "grid"), CLASS_1)
TRIALS = (*REPORTS, only(AcousticFeatures, "n_mfcc"))


# One job per model and fold. Only the files of a model's own modalities are its inputs.
rule train_network:
    input:
        code=code("models/train_network"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
    output:
        predictions=f"{FOLD}/predictions.parquet",
        history=f"{FOLD}/history.tsv",
        weights=f"{FOLD}/weights.safetensors",
    log:
        f"{R}/logs/train_network/{{protocol}}/{{model}}/fold{{fold}}.log",
    benchmark:
        f"{R}/benchmarks/train_network/{{protocol}}/{{model}}/fold{{fold}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.networks),
        protocol=PLAN.networks_trained_in(averaged=False),
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(2000, 20),
        runtime=grows(60, 6),
        gpu=GPU,
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        model=lambda w: PLAN.model_options(w.model, w.protocol),
        clips=PLAN.trial_options,
        settings=lambda w: settings(
            *TRIALS, NetworkTraining, NetworkInput, Device, protocol=w.protocol
        ),
        replicate=lambda w: f"--replicate {w.get('replicate', 1)}",
    message:
        "Train {wildcards.model}, fold {wildcards.fold} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
        " --ratings {params.ratings:q} --participants {input.participants:q} {params.model} {params.clips}"
        " {params.settings} --name {wildcards.model} {params.replicate}"
        " --predictions {output.predictions:q} --history {output.history:q}"
        " --weights {output.weights:q} > {log:q} 2>&1"


# Where the model is the mean over seeds, the first network keeps what it says beside the others.
use rule train_network as train_first_network with:
    output:
        predictions=f"{FOLD}/seed1/predictions.parquet",
        history=f"{FOLD}/history.tsv",
        weights=f"{FOLD}/weights.safetensors",
    log:
        f"{R}/logs/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed1.log",
    benchmark:
        f"{R}/benchmarks/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed1.tsv"
    wildcard_constraints:
        protocol=PLAN.networks_trained_in(averaged=True),


use rule train_network as train_network_again with:
    output:
        predictions=f"{FOLD}/seed{{replicate}}/predictions.parquet",
        history=f"{FOLD}/seed{{replicate}}/history.tsv",
        weights=f"{FOLD}/seed{{replicate}}/weights.safetensors",
    log:
        f"{R}/logs/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed{{replicate}}.log",
    benchmark:
        f"{R}/benchmarks/train_network/{{protocol}}/{{model}}/fold{{fold}}_seed{{replicate}}.tsv"
    wildcard_constraints:
        protocol=PLAN.trained_in,
    message:
        "Train {wildcards.model}, fold {wildcards.fold}, seed {wildcards.replicate} ({wildcards.protocol})"


# One job for all folds, because each takes less time than its start.
rule average_networks:
    input:
        code=code("models/average_networks"),
        networks=lambda w: PLAN.network_predictions(w.model, w.protocol),
    output:
        PLAN.predictions(["{model}"]),
    log:
        f"{R}/logs/average_networks/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/average_networks/{{protocol}}/{{model}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.networks),
        protocol=PLAN.networks_trained_in(averaged=True),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        networks=lambda w: PLAN.network_patterns(w.model, w.protocol),
        folds=len(PLAN.folds),
        predictions=lambda w: PLAN.predictions_pattern(w.protocol, w.model),
    message:
        "Mean of the networks of {wildcards.model} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --name {wildcards.model} --folds {params.folds}"
        " --networks {params.networks:q} --predictions {params.predictions:q} > {log:q} 2>&1"


rule train_boosting:
    input:
        code=code("models/train_boosting"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
    output:
        predictions=f"{FOLD}/predictions.parquet",
        history=f"{FOLD}/history.tsv",
        weights=f"{FOLD}/weights.ubj",
    log:
        f"{R}/logs/train_boosting/{{protocol}}/{{model}}/fold{{fold}}.log",
    benchmark:
        f"{R}/benchmarks/train_boosting/{{protocol}}/{{model}}/fold{{fold}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.of_kind("xgboost")),
        protocol=PLAN.trained_in,
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(1000, 40),
        runtime=grows(30, 6),
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        model=lambda w: PLAN.model_options(w.model, w.protocol),
        clips=PLAN.trial_options,
        settings=lambda w: settings(*TRIALS, Boosting, Seeding, protocol=w.protocol),
    message:
        "Fit {wildcards.model}, fold {wildcards.fold} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
        " --ratings {params.ratings:q} --participants {input.participants:q} {params.model} {params.clips}"
        " {params.settings} --predictions {output.predictions:q} --history {output.history:q}"
        " --weights {output.weights:q} > {log:q} 2>&1"


# The model of all people and clips, which nothing but a bundle needs (bundles.smk): the folds tell how
# long a network is trained, so that they come first.
rule train_final_network:
    input:
        code=code("models/train_network"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
        histories=lambda w: PLAN.histories(w.model, w.protocol),
    output:
        history=f"{FINAL}/history.tsv",
        weights=f"{FINAL}/weights.safetensors",
    log:
        f"{R}/logs/train_final_network/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/train_final_network/{{protocol}}/{{model}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.networks),
        protocol=PLAN.trained_in,
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(2000, 20),
        runtime=grows(90, 8),
        gpu=GPU,
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        model=lambda w: PLAN.model_options(w.model, w.protocol),
        clips=PLAN.trial_options,
        settings=lambda w: settings(
            *TRIALS, NetworkTraining, NetworkInput, Device, protocol=w.protocol
        ),
        own=lambda w: f"--name {w.model} --replicate {w.get('replicate', 1)}",
        histories=lambda w: PLAN.history_patterns(w.model, w.protocol),
    message:
        "Train {wildcards.model} on all trials ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold 0 --ratings {params.ratings:q}"
        " --participants {input.participants:q} {params.model} {params.clips} {params.settings}"
        " {params.own} --histories {params.histories:q} --history {output.history:q}"
        " --weights {output.weights:q} > {log:q} 2>&1"


use rule train_final_network as train_final_network_again with:
    output:
        history=f"{FINAL}/seed{{replicate}}/history.tsv",
        weights=f"{FINAL}/seed{{replicate}}/weights.safetensors",
    log:
        f"{R}/logs/train_final_network/{{protocol}}/{{model}}_seed{{replicate}}.log",
    benchmark:
        f"{R}/benchmarks/train_final_network/{{protocol}}/{{model}}_seed{{replicate}}.tsv"
    message:
        "Train {wildcards.model} on all trials, seed {wildcards.replicate} ({wildcards.protocol})"


rule train_final_boosting:
    input:
        code=code("models/train_boosting"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
    output:
        history=f"{FINAL}/history.tsv",
        weights=f"{FINAL}/weights.ubj",
    log:
        f"{R}/logs/train_final_boosting/{{protocol}}/{{model}}.log",
    benchmark:
        f"{R}/benchmarks/train_final_boosting/{{protocol}}/{{model}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.of_kind("xgboost")),
        protocol=PLAN.trained_in,
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(1000, 50),
        runtime=grows(45, 8),
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        model=lambda w: PLAN.model_options(w.model, w.protocol),
        clips=PLAN.trial_options,
        settings=lambda w: settings(*TRIALS, Boosting, Seeding, protocol=w.protocol),
    message:
        "Fit {wildcards.model} to all trials ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold 0 --ratings {params.ratings:q}"
        " --participants {input.participants:q} {params.model} {params.clips} {params.settings}"
        " --history {output.history:q} --weights {output.weights:q} > {log:q} 2>&1"


# The same trained again on reports that are moved in time: one job per fold and part of the shifts.
rule retrain_boosting:
    input:
        code=code("models/retrain_boosting"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
    output:
        f"{FOLD}/retrained/part{{part}}.parquet",
    log:
        f"{R}/logs/retrain_boosting/{{protocol}}/{{model}}/fold{{fold}}_part{{part}}.log",
    benchmark:
        f"{R}/benchmarks/retrain_boosting/{{protocol}}/{{model}}/fold{{fold}}_part{{part}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.of_kind("xgboost")),
        protocol=PLAN.retrained_by,
    conda:
        env("models")
    threads: 1
    resources:
        mem_mb=grows(1000, 40),
        runtime=grows(300, 60),
    params:
        ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
        model=lambda w: PLAN.model_options(w.model, w.protocol),
        clips=PLAN.trial_options,
        settings=lambda w: settings(*TRIALS, Boosting, Seeding, protocol=w.protocol),
        shifts=lambda w: PLAN.shifts_of_parts(w.model)[int(w.part) - 1],
    message:
        "Moved reports: {wildcards.model}, fold {wildcards.fold}, part {wildcards.part} ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
        " --ratings {params.ratings:q} --participants {input.participants:q} {params.model} {params.clips}"
        " {params.settings} --shifts {params.shifts} --output {output:q} > {log:q} 2>&1"


use rule retrain_boosting as retrain_network with:
    input:
        code=code("models/retrain_network"),
        folds=lambda w: PLAN.at_owner("folds", w.protocol),
        participants=PLAN.participant_list("all"),
        ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        features=lambda w: PLAN.model_inputs(w.model, w.protocol),
    log:
        f"{R}/logs/retrain_network/{{protocol}}/{{model}}/fold{{fold}}_part{{part}}.log",
    benchmark:
        f"{R}/benchmarks/retrain_network/{{protocol}}/{{model}}/fold{{fold}}_part{{part}}.tsv"
    wildcard_constraints:
        model=any_of(PLAN.networks),
    resources:
        mem_mb=grows(2000, 20),
        runtime=grows(300, 30),
        gpu=GPU,
    params:
        settings=lambda w: f"--name {w.model} "
        + settings(*TRIALS, NetworkTraining, NetworkInput, Device, protocol=w.protocol),


# The authors' published predictions, as the model "published".
rule import_published:
    input:
        code=code("models/import_published"),
        file=config["published_predictions"] or [],
    output:
        expand(
            f"{R}/{{{{protocol}}}}/models/published/fold{{fold}}/predictions.parquet",
            fold=PLAN.folds,
        ),
    log:
        f"{R}/logs/import_published/{{protocol}}.log",
    benchmark:
        f"{R}/benchmarks/import_published/{{protocol}}.tsv"
    wildcard_constraints:
        protocol=owners("models/published"),
    conda:
        env("statistics")
    threads: 1
    resources:
        mem_mb=grows(700, 40),
        runtime=grows(5, 1),
    params:
        clips=PLAN.clip_options,
        settings=settings(Timing, CLASS_1),
        folds=len(PLAN.folds),
        predictions=lambda w: PLAN.predictions_pattern(w.protocol, "published"),
    message:
        "Import the published predictions ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --file {input.file:q} {params.clips} {params.settings}"
        " --folds {params.folds} --predictions {params.predictions:q} > {log:q} 2>&1"


# One job for all folds of what follows, because each takes less time than its start.
if PLAN.baselines:

    rule predict_baselines:
        input:
            code=code("models/predict_baselines"),
            folds=f"{R}/{{protocol}}/folds.tsv",
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
        output:
            PLAN.predictions(PLAN.baselines),
        log:
            f"{R}/logs/predict_baselines/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/predict_baselines/{{protocol}}.tsv"
        # Before anything is trained: what a baseline lacks stops the study at once.
        priority: 1
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            clips=PLAN.trial_options,
            settings=lambda w: settings(*REPORTS, Scoring, protocol=w.protocol),
            baselines=as_words(PLAN.baselines),
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
        message:
            "Baselines: predictions without features ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --folds {input.folds:q} --ratings {params.ratings:q}"
            " --participants {input.participants:q} {params.clips} {params.settings}"
            " --baselines {params.baselines:q} --predictions {params.predictions:q} > {log:q} 2>&1"


if PLAN.published_baselines:

    rule predict_published_baselines:
        input:
            code=code("models/predict_published_baselines"),
            predictions=PLAN.predictions(["published"]),
        output:
            PLAN.predictions(PLAN.published_baselines),
        log:
            f"{R}/logs/predict_published_baselines/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/predict_published_baselines/{{protocol}}.tsv"
        conda:
            env("statistics")
        threads: 1
        resources:
            mem_mb=grows(700, 40),
            runtime=grows(5, 1),
        params:
            published=lambda w: PLAN.predictions_pattern(w.protocol, "published"),
            folds=len(PLAN.folds),
            settings=lambda w: settings(only(Timing, "grid"), CLASS_1, Scoring, protocol=w.protocol),
            baselines=as_words(PLAN.published_baselines),
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
        message:
            "Baselines of the published predictions ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --published {params.published:q} --folds {params.folds}"
            " {params.settings} --baselines {params.baselines:q}"
            " --predictions {params.predictions:q} > {log:q} 2>&1"


if PLAN.perturbed:

    rule reevaluate_models:
        input:
            code=code("models/reevaluate"),
            folds=f"{R}/{{protocol}}/folds.tsv",
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            files=lambda w: PLAN.perturbed_inputs(w.protocol),
        output:
            PLAN.predictions(PLAN.perturbed),
        log:
            f"{R}/logs/reevaluate_models/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/reevaluate_models/{{protocol}}.tsv"
        conda:
            env("models")
        threads: 1
        resources:
            mem_mb=grows(2000, 20),
            runtime=grows(30, 6),
            gpu=GPU,
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            models=lambda w: PLAN.perturbed_options(w.protocol),
            clips=PLAN.trial_options,
            settings=settings(*TRIALS, Device, Seeding),
            predictions=lambda w: PLAN.predictions_pattern(w.protocol),
        message:
            "Trained models, perturbed features ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --folds {input.folds:q} --ratings {params.ratings:q}"
            " --participants {input.participants:q} {params.models} {params.clips} {params.settings}"
            " --predictions {params.predictions:q} > {log:q} 2>&1"


# Models of the reported value itself; the weights of each kind have a name of their own.
VALUES_FOLD = f"{R}/{{protocol}}/regression/{{model}}/fold{{fold}}"

if PLAN.value_models:

    rule fit_ridge:
        input:
            code=code("models/fit_ridge"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
        output:
            predictions=f"{VALUES_FOLD}/predictions.parquet",
            history=f"{VALUES_FOLD}/history.tsv",
            weights=f"{VALUES_FOLD}/weights.npz",
        log:
            f"{R}/logs/fit_ridge/{{protocol}}/{{model}}/fold{{fold}}.log",
        benchmark:
            f"{R}/benchmarks/fit_ridge/{{protocol}}/{{model}}/fold{{fold}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("ridge")),
            protocol=PLAN.values_trained_in,
        conda:
            env("models")
        threads: 1
        resources:
            mem_mb=grows(1500, 20),
            runtime=grows(30, 6),
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            model=lambda w: PLAN.model_options(f"regression/{w.model}", w.protocol),
            clips=PLAN.trial_options,
            settings=settings(*TRIALS, RidgeFit),
        message:
            "Fit {wildcards.model} to the reported values, fold {wildcards.fold} ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --folds {input.folds:q} --fold {wildcards.fold}"
            " --ratings {params.ratings:q} --participants {input.participants:q} {params.model} {params.clips}"
            " {params.settings} --predictions {output.predictions:q} --history {output.history:q}"
            " --weights {output.weights:q} > {log:q} 2>&1"

    use rule fit_ridge as fit_value_boosting with:
        input:
            code=code("models/fit_value_boosting"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
        output:
            predictions=f"{VALUES_FOLD}/predictions.parquet",
            history=f"{VALUES_FOLD}/history.tsv",
            weights=f"{VALUES_FOLD}/weights.ubj",
        log:
            f"{R}/logs/fit_value_boosting/{{protocol}}/{{model}}/fold{{fold}}.log",
        benchmark:
            f"{R}/benchmarks/fit_value_boosting/{{protocol}}/{{model}}/fold{{fold}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("xgboost")),
        resources:
            mem_mb=grows(1000, 40),
        params:
            settings=settings(*TRIALS, ValueBoosting, Seeding),

    use rule fit_ridge as train_value_network with:
        input:
            code=code("models/train_value_network"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
        output:
            predictions=f"{VALUES_FOLD}/predictions.parquet",
            history=f"{VALUES_FOLD}/history.tsv",
            weights=f"{VALUES_FOLD}/weights.safetensors",
        log:
            f"{R}/logs/train_value_network/{{protocol}}/{{model}}/fold{{fold}}.log",
        benchmark:
            f"{R}/benchmarks/train_value_network/{{protocol}}/{{model}}/fold{{fold}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("bilstm")),
        resources:
            mem_mb=grows(2000, 20),
            runtime=grows(60, 6),
            gpu=GPU,
        params:
            settings=lambda w: f"--name {w.model} "
            + settings(*TRIALS, ValueNetworkTraining, NetworkInput, Device, protocol=w.protocol),

    use rule train_final_boosting as fit_final_ridge with:
        input:
            code=code("models/fit_ridge"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
        output:
            history=f"{VALUES_FINAL}/history.tsv",
            weights=f"{VALUES_FINAL}/weights.npz",
        log:
            f"{R}/logs/fit_final_ridge/{{protocol}}/{{model}}.log",
        benchmark:
            f"{R}/benchmarks/fit_final_ridge/{{protocol}}/{{model}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("ridge")),
            protocol=PLAN.values_trained_in,
        params:
            model=lambda w: PLAN.model_options(f"regression/{w.model}", w.protocol),
            settings=settings(*TRIALS, RidgeFit),
        message:
            "Fit {wildcards.model} to the reported values of all trials ({wildcards.protocol})"

    use rule fit_final_ridge as fit_final_value_boosting with:
        input:
            code=code("models/fit_value_boosting"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
        output:
            history=f"{VALUES_FINAL}/history.tsv",
            weights=f"{VALUES_FINAL}/weights.ubj",
        log:
            f"{R}/logs/fit_final_value_boosting/{{protocol}}/{{model}}.log",
        benchmark:
            f"{R}/benchmarks/fit_final_value_boosting/{{protocol}}/{{model}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("xgboost")),
        params:
            settings=settings(*TRIALS, ValueBoosting, Seeding),

    use rule train_final_network as train_final_value_network with:
        input:
            code=code("models/train_value_network"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            features=lambda w: PLAN.model_inputs(f"regression/{w.model}", w.protocol),
            histories=lambda w: PLAN.histories(f"regression/{w.model}", w.protocol),
        output:
            history=f"{VALUES_FINAL}/history.tsv",
            weights=f"{VALUES_FINAL}/weights.safetensors",
        log:
            f"{R}/logs/train_final_value_network/{{protocol}}/{{model}}.log",
        benchmark:
            f"{R}/benchmarks/train_final_value_network/{{protocol}}/{{model}}.tsv"
        wildcard_constraints:
            model=any_of(PLAN.value_models_of("bilstm")),
            protocol=PLAN.values_trained_in,
        # As the rule it is made from.
        resources:
            mem_mb=grows(2000, 20),
            runtime=grows(90, 8),
            gpu=GPU,
        params:
            model=lambda w: PLAN.model_options(f"regression/{w.model}", w.protocol),
            settings=lambda w: settings(
                *TRIALS, ValueNetworkTraining, NetworkInput, Device, protocol=w.protocol
            ),
            own=lambda w: f"--name {w.model}",
            histories=lambda w: PLAN.history_patterns(f"regression/{w.model}", w.protocol),

    if PLAN.value_baselines:

        rule predict_value_baselines:
            input:
                code=code("models/predict_value_baselines"),
                folds=f"{R}/{{protocol}}/folds.tsv",
                participants=PLAN.participant_list("all"),
                ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            output:
                PLAN.value_predictions(PLAN.value_baselines),
            log:
                f"{R}/logs/predict_value_baselines/{{protocol}}.log",
            benchmark:
                f"{R}/benchmarks/predict_value_baselines/{{protocol}}.tsv"
            conda:
                env("statistics")
            threads: 1
            resources:
                mem_mb=grows(700, 40),
                runtime=grows(5, 1),
            params:
                ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
                clips=PLAN.trial_options,
                settings=settings(*REPORTS),
                baselines=PLAN.value_baselines,
                predictions=lambda w: PLAN.value_predictions_pattern(w.protocol),
            message:
                "Baselines of the reported values ({wildcards.protocol})"
            shell:
                "python {input.code[0]:q} --folds {input.folds:q} --ratings {params.ratings:q}"
                " --participants {input.participants:q} {params.clips} {params.settings}"
                " --baselines {params.baselines:q} --predictions {params.predictions:q} > {log:q} 2>&1"
