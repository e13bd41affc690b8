# Simulation: a study with known truth, in the dataset's raw formats (workflow/studies/demo.yaml).
#
# Needs: nothing but the configuration (data.simulation).
# Gives: below data.root the logs, pulse recordings and clips of a study, and truth/: what the
#        simulation knows about them.
# One rule per participant and per clip, because the names of raw files share no wildcard.
from tinglegram.behaviour.timeline import RatingKeys
from tinglegram.clock import Timing
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import only
from tinglegram.simulation.clip_format import SimulatedClips
from tinglegram.simulation.design import Reporting, SimulatedStudy
from tinglegram.simulation.pulse_wave import Cardiac

TRUTH = f"{config['data']['root']}/truth"


for subject in PLAN.raw.subjects:

    rule:
        name:
            f"simulate_participant_{subject}"
        input:
            code=code("simulation/simulate_participant"),
        output:
            log=PLAN.raw.logs[subject],
            ppg=PLAN.raw.ppgs[subject],
            truth=f"{TRUTH}/{subject}.json",
        log:
            f"{R}/logs/simulate_participant/{subject}.log",
        benchmark:
            f"{R}/benchmarks/simulate_participant/{subject}.tsv"
        group:
            "simulation"
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(10),
        params:
            subject=int(subject),
            clips=PLAN.clip_options,
            files=PLAN.file_options,
            settings=settings(
                Seeding,
                RatingKeys,
                only(Timing, "clip", "first_trial"),
                only(SimulatedStudy, "rests", "sampling_rate"),
                Reporting,
                Cardiac,
            ),
        message:
            f"Simulated session: {subject}"
        shell:
            "python {input.code[0]:q} --subject {params.subject} {params.clips} {params.files}"
            " {params.settings} --log {output.log:q} --ppg {output.ppg:q} --truth {output.truth:q}"
            " > {log:q} 2>&1"


for index, (video, condition) in enumerate(PLAN.conditions.items()):

    rule:
        name:
            f"simulate_clip_{video}"
        input:
            code=code("simulation/simulate_clip"),
        output:
            avi=PLAN.raw.clips[video],
            truth=f"{TRUTH}/{video}.json",
        log:
            f"{R}/logs/simulate_clip/{video}.log",
        benchmark:
            f"{R}/benchmarks/simulate_clip/{video}.tsv"
        group:
            "simulation"
        conda:
            env("inputs")
        threads: 1
        resources:
            mem_mb=grows(1000),
            runtime=grows(10),
        params:
            clip=["--video", video, "--condition", condition, "--index", str(index)],
            settings=settings(
                Seeding, SimulatedClips, only(Timing, "clip"), only(Reporting, "smoothness")
            ),
        message:
            f"Simulated clip: {video}"
        shell:
            "python {input.code[0]:q} {params.clip:q} {params.settings}"
            " --avi {output.avi:q} --truth {output.truth:q} > {log:q} 2>&1"
