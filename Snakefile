# REST-ASMR from raw recordings to every table and figure. The configuration is the manual:
# config.yaml. One rule file per stage, in the order data flow.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/plan.smk"
include: "workflow/rules/study.smk"


if config["data"]["simulation"]:

    include: "workflow/rules/simulation.smk"


include: "workflow/rules/inputs.smk"


if not PLAN.reads_rest_asmr:

    include: "workflow/rules/readers.smk"


include: "workflow/rules/behaviour.smk"
include: "workflow/rules/pulse.smk"
include: "workflow/rules/sensors.smk"
include: "workflow/rules/stimuli.smk"
include: "workflow/rules/trials.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/bundles.smk"
include: "workflow/rules/provenance.smk"


onstart:
    # Only what a real run found is kept: a dry run writes nothing.
    INSPECTED.keep()
    # With a limit on how many jobs start within a time, Snakemake 9.27 looks at all jobs that could
    # start again that time after each look, for ever: the more jobs have ended, the more often. Only
    # submissions to a cluster need a limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    default_target: True
    input:
        REPORT.finished,
        f"{R}/ro-crate-metadata.json",
