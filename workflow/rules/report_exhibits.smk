# Which tables and figures this study can fill, and what must be said beside them.
from tinglegram.models import baselines
from tinglegram.trials.folds import HELD_OUT

SCALE = max(config["ratings"].values())
REFERENCE = config["statistics"]["reference"]
HEADLINE = [m for m in (REFERENCE, "published") if m in SCORED]
# Statistics of the raw data that the report prints as they are, and their figures.
RAW_TABLES = ["responders", "agreement", "continuity", "pulse_coupling_test"]
RAW_TABLES += ["pulse_coupling_quality", "rest_change"]
RAW_TABLES += ["pulse_mixed_model", "pulse_mixed_model_checks"]
RAW_FIGURES = ["figure3", "figure4", "rest_change", "mixed_model_checks"]
# Models whose scores within the target condition stand below each other.
SIDE_BY_SIDE = SCORED + BESIDE
# Controls that stand in a model's own rows: the clip's category, what other clips of the condition
# gave, and what other viewers of the clip said (a ceiling).
IN_ROW = ["condition_only", "stimulus_mean", "human_agreement"]
SIMULATED = "Simulated data: nothing here is about real people."
UNTRAINED = "Untrained ResNet-18: scores carry no meaning."


def note(*models):
    """The option with what must be said beside the output of these models (none: the raw data)."""
    behind = [PERTURBED.get(m, (m,))[0] for m in models]
    own = [m for m in behind if m in MODELS]
    measured = not models or own or CONTROLS.keys() & set(models)
    simulated = bool(config["data"]["simulation"] and measured)
    untrained = config["stimuli"]["weights"] == "untrained"
    visual = untrained and any("visual" in MODELS[m]["modalities"] for m in own)
    text = " ".join([SIMULATED] * simulated + [UNTRAINED] * visual)
    return ["--note", text] if text else []


def tinglegram_subjects():
    """Participants whose Tinglegrams are drawn, as they stand in file names."""
    key = ("report", "tinglegram_subjects")
    here = f"{place(key, OUTLINES)}: {'.'.join(key)}"
    wanted = config["report"]["tinglegram_subjects"]
    if wanted == "all" and not SUBJECTS:
        raise WorkflowError(f"{here}: 'all' needs raw data; list the numbers.")
    chosen = SUBJECTS if wanted == "all" else [f"{s:03d}" for s in wanted]
    strangers = [s for s in chosen if SUBJECTS and s not in SUBJECTS]
    if strangers:
        raise WorkflowError(
            f"{here}: nobody numbered {', '.join(strangers)} takes part. "
            f"Present: {', '.join(SUBJECTS)}."
        )
    return chosen


def tested(model, subject):
    """Whether a model is tested on a person: one without pulse does for models without it."""
    return subject not in WITHOUT_PULSE or "pulse" not in MODELS.get(model, {}).get(
        "modalities", []
    )


# Kind of table -> the file of each model behind it, and its title.
TARGET_TABLES = {
    "within": ("within", f"Within {TARGET} trials"),
    "events": ("events", f"Onsets and offsets in {TARGET} trials"),
    "own_report": ("video_level_own_report", "Whole trials against the own report"),
}


def plan_tables():
    """Name -> kind, title and models of every table, in reading order."""
    networks = [m for m in SCORED if m not in MODELS or MODELS[m]["kind"] == "bilstm"]
    boosted = [m for m in MODELS if MODELS[m]["kind"] == "xgboost"]
    found = {name: ("plain", "", []) for name in (RAW_TABLES if SUBJECTS else ())}
    for model in HEADLINE:
        name = "table1" if model in MODELS else f"table1_{model}"
        found[name] = ("score", f"Table 1. Scores of model {model}", [model])
    controls = [*CONTROLS, *PUBLISHED_CONTROLS]
    if len(networks + controls) > 1:
        title = "Table 2. Networks side by side, and controls"
        found["table2"] = ("comparison", title, networks + controls)
    if boosted:
        title = "XGBoost, frame by frame, and controls"
        found["table_xgboost"] = ("comparison", title, boosted + [*CONTROLS])
    found["table_video_level"] = ("trial", "Whole trials", SCORED)
    if JUDGED:
        found["verdicts"] = ("plain", "", [])
    for kind, (_, title) in TARGET_TABLES.items():
        found[f"table_{kind}"] = (kind, title, SIDE_BY_SIDE)
    return found


# The first page: the verdicts under the study's first protocol and the one to cite; the figure.
FIRST_PAGE = [p for p in PROTOCOLS if p in (PROTOCOLS[0], "corrected")] if JUDGED else []
FRONT = f"{R}/{PROTOCOLS[0]}/figures/beside.json"


def rows_beside(w):
    """Name, kind and fold scores of every line in the figure of scores beside their controls."""
    kinds = dict.fromkeys(SCORED, "model") | dict.fromkeys(PERTURBED, "perturbed")
    for name, control in (CONTROLS | PUBLISHED_CONTROLS).items():
        kinds[name] = "ceiling" if baselines.BASELINES[control].kind == "ceiling" else "control"
    return [
        (name, kind, f"{R}/{w.protocol}/statistics/{name}/fold_metrics.tsv")
        for name, kind in kinds.items()
    ]


TABLES = plan_tables()
TINGLEGRAMS = [(m, s) for m in HEADLINE for s in tinglegram_subjects() if tested(m, s)]
FIGURES = (RAW_FIGURES if SUBJECTS else []) + [
    "beside",
    *[f"confusion_{m}" for m in SCORED],
    *[f"calibration_{m}" for m in SCORED],
    *[f"training_{m}" for m in MODELS],
    *[f"figure6_{m}_{s}" for m, s in TINGLEGRAMS],
]


def exhibits(of_table, of_figure):
    """Files with these suffixes of all tables and figures, in the order of the report."""
    return [
        path
        for p in PROTOCOLS
        for path in expand(f"{R}/{p}/tables/{{t}}{of_table}", t=TABLES)
        + expand(f"{R}/{p}/figures/{{f}}{of_figure}", f=FIGURES)
    ] + [
        *expand(f"{R}/tables/{{t}}{of_table}", t=CLAIM_EXHIBITS),
        f"{R}/figures/workflow{of_figure}",
    ]


def in_report(path, name, category, **labels):
    """A result that also stands in Snakemake's own report."""
    group = "{protocol}" if "{protocol}" in path else "study"
    about = dict(category=category, subcategory=group, labels=labels)
    return report(path, caption=str(caption(name)), **about)
