# REST-ASMR from raw recordings to every table and figure. The configuration is the manual:
# config.yaml. One rule file per stage, in the order data flow.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/configuration_files.smk"


configfile: f"{workflow.current_basedir}/config.yaml"


include: "workflow/rules/configuration.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/people.smk"
include: "workflow/rules/stages.smk"
include: "workflow/rules/controls_names.smk"
include: "workflow/rules/stage_helpers.smk"
include: "workflow/rules/resources.smk"


if config["data"]["simulation"]:

    include: "workflow/rules/simulation.smk"


include: "workflow/rules/inputs.smk"
include: "workflow/rules/behaviour.smk"
include: "workflow/rules/pulse.smk"
include: "workflow/rules/physiology.smk"
include: "workflow/rules/stimuli.smk"
include: "workflow/rules/trials.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/published.smk"
include: "workflow/rules/controls_options.smk"
include: "workflow/rules/controls.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/statistics_comparison.smk"
include: "workflow/rules/statistics_seeds.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/sharing.smk"
include: "workflow/rules/report_crate.smk"


onstart:
    # With a limit on how many jobs start within a time, Snakemake 9.27 looks at all jobs that could
    # start again that time after each look, for ever: the more jobs have ended, the more often. Only
    # submissions to a cluster need a limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    default_target: True
    input:
        FINISHED,
        f"{R}/ro-crate-metadata.json",
