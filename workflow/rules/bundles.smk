# Bundles: the models of a study in a folder that predicts responses elsewhere (docs/bundles.md).
#
# Needs: below each protocol folds.tsv, labels/, stimuli/, the models of all folds and their
#        predictions, and of all people and clips (final/, models.smk); statistics of models and
#        baselines; the raw clips, for their checksums.
# Gives: below each protocol bundle/: bundle.json, README.md, weights. Only on request (`snakemake
#        bundles`, `tinglegram export --bundle`): training on all trials adds about one fold to the
#        cost of every model, and nothing in the report needs it.
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.bundles.settings import BundleTerms
from tinglegram.clock import Timing
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import only
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant, VisualFeatures

if PLAN.bundled_protocols:

    rule write_bundle:
        input:
            code=code("bundles/write_bundle"),
            folds=lambda w: PLAN.at_owner("folds", w.protocol),
            participants=PLAN.participant_list("all"),
            ratings=lambda w: PLAN.at_owner("labels", w.protocol),
            models=lambda w: PLAN.bundle_inputs(w.protocol),
            tables=lambda w: PLAN.bundle_tables(w.protocol),
            clips=lambda w: list(PLAN.raw.clips.values()),
            weights=PLAN.weights_files,
            networks=PLAN.network_files,
        output:
            # Into a folder that is an output, Snakemake would write a file of its own.
            f"{R}/{{protocol}}/bundle/bundle.json",
        log:
            f"{R}/logs/write_bundle/{{protocol}}.log",
        benchmark:
            f"{R}/benchmarks/write_bundle/{{protocol}}.tsv"
        wildcard_constraints:
            protocol=any_of(PLAN.bundled_protocols),
        conda:
            env("bundles")
        threads: 1
        resources:
            mem_mb=grows(2000, 10),
            runtime=grows(30, 1),
        params:
            ratings=lambda w: PLAN.pattern_at_owner("labels", w.protocol),
            options=lambda w: PLAN.bundle_options(w.protocol),
            about=lambda w: PLAN.bundle_text(w.protocol),
            settings=lambda w: settings(
                only(Timing, "clip", "warm_up", "grid"),
                only(ResponseTarget, "above", "condition"),
                VisualFeatures,
                AcousticFeatures,
                FeatureVariant,
                BundleTerms,
                protocol=w.protocol,
            ),
            folder=lambda w: PLAN.bundle_folder(w.protocol),
            seed=settings(Seeding) if PLAN.weights_are_random else "",
        message:
            "Bundle of the models ({wildcards.protocol})"
        shell:
            "python {input.code[0]:q} --about {params.about:q} --folds {input.folds:q}"
            " --ratings {params.ratings:q} --participants {input.participants:q} {params.options}"
            " {params.settings} {params.seed} --output {params.folder:q} > {log:q} 2>&1"

    rule bundles:
        input:
            [PLAN.bundle(protocol) for protocol in PLAN.bundled_protocols],
