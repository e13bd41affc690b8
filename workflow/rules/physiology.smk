# Physiology beyond the paper: quality of every window, pulse against rest, and a mixed model.
# One job measures a person and one makes all statistics: imports are most of their time.

WINDOW_OPTIONS = [
    *shlex.split(flags(config["timing"], "grid")),
    *shlex.split(
        flags(
            config["pulse"],
            "window",
            "step",
            "minimum_share",
            "band",
            "filter_order",
            "peak_distance",
            "peak_prominence",
            "minimum_peaks",
            "interval_range",
            "minimum_intervals",
            "flat_seconds",
            "clip_seconds",
            "jump_sds",
        )
    ),
    *shlex.split(flags(config["pulse"]["quality"], *config["pulse"]["quality"])),
]


rule compute_pulse_windows:
    input:
        code=code("pulse/compute_windows"),
        recording=f"{R}/recordings/{{subject}}.npz",
        rests=f"{R}/rests/{{subject}}.npz",
        timeline=f"{R}/timeline/{{subject}}.tsv",
        labels=lambda w: f"{R}/{owner('labels', PROTOCOLS[0])}/labels/{w.subject}.parquet",
    output:
        windows=[f"{R}/{p}/pulse_windows/{{subject}}.tsv" for p in OWNERS["pulse_windows"]],
        blocks=[f"{R}/{p}/pulse_blocks/{{subject}}.tsv" for p in OWNERS["pulse_windows"]],
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
        windows=lambda w, input, output: one_process(
            [
                *("--recording", input.recording, "--rests", input.rests),
                *("--timeline", input.timeline, "--labels", input.labels),
                *("--conditions", TARGET, CONTROL, *WINDOW_OPTIONS),
                *("--slice-by", SWITCHES[p]["slice_by"]),
                *("--window-clock", SWITCHES[p]["window_clock"]),
                *("--output", windows, "--output-blocks", blocks),
            ]
            for p, windows, blocks in zip(OWNERS["pulse_windows"], output.windows, output.blocks)
        ),
    message:
        "Pulse rate in sliding windows: {wildcards.subject}"
    shell:
        "python {input.code[0]:q} {params.windows} > {log:q} 2>&1"


rule measure_physiology:
    input:
        code=code("pulse/measure_physiology"),
        windows=lambda w: at_owner("pulse_windows", w.protocol),
        blocks=lambda w: at_owner("pulse_blocks", w.protocol),
        timelines=expand(f"{R}/timeline/{{s}}.tsv", s=WITH_PULSE),
        accepted=ancient(ACCEPTED),
    output:
        rest_change=f"{R}/{{protocol}}/statistics/rest_change.tsv",
        rest_change_people=f"{R}/{{protocol}}/statistics/rest_change_people.tsv",
        model=f"{R}/{{protocol}}/statistics/pulse_mixed_model.tsv",
        checks=f"{R}/{{protocol}}/statistics/pulse_mixed_model_checks.tsv",
        residuals=f"{R}/{{protocol}}/statistics/pulse_mixed_model_residuals.tsv",
        people=f"{R}/{{protocol}}/statistics/pulse_mixed_model_people.tsv",
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
        conditions=[TARGET, CONTROL],
        windows=flags(config["pulse"], "window", "step"),
        resampling=flags(config["statistics"], "bootstrap", "confidence"),
        seed=config["seed"],
    message:
        "Pulse against rest, mixed model ({wildcards.protocol})"
    shell:
        "python {input.code[0]:q} --windows {input.windows:q} --blocks {input.blocks:q} "
        "--timelines {input.timelines:q} --conditions {params.conditions:q} {params.windows} "
        "{params.resampling} --seed {params.seed} --output-rest-change {output.rest_change:q} "
        "--output-rest-change-people {output.rest_change_people:q} "
        "--output-model {output.model:q} --output-checks {output.checks:q} "
        "--output-residuals {output.residuals:q} --output-people {output.people:q} "
        "> {log:q} 2>&1"
