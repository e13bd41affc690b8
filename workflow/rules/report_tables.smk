# The files behind every table, and the options of the script that prints them.


def table_files(table, protocol):
    """The statistics files of a table, by the option of the script that takes them."""
    kind, _, models = TABLES[table]
    folder = f"{R}/{protocol}/statistics"
    names = {"score": ("fold_metrics", "pooled"), "comparison": ("fold_metrics",)}
    names |= {"trial": ("video_level",)}
    found = {name: [f"{folder}/{m}/{name}.tsv" for m in models] for name in names.get(kind, ())}
    if kind == "comparison" and REFERENCE in MODELS:
        found["ablation"] = [f"{folder}/ablation.tsv"]
    if kind == "score" and models[0] in NETWORKS:
        found["seeds"] = [f"{folder}/seeds.tsv"]
    if kind in TARGET_TABLES:
        found["scores"] = [f"{folder}/{m}/{TARGET_TABLES[kind][0]}.tsv" for m in models]
    if kind == "plain":
        found["statistics"] = [f"{folder}/{table}.tsv"]
    return found


def beside(table, protocol):
    """Model, control and the control's file, for the controls in the rows of a table."""
    kind, _, models = TABLES[table]
    file, wanted = {
        "score": ("fold_metrics", IN_ROW),
        "trial": ("video_level", [CATEGORY]),
    }.get(kind, ("", []))
    return [
        (model, control, f"{R}/{protocol}/statistics/{control_of(model, control)}/{file}.tsv")
        for model in models
        for control in wanted
        if control_of(model, control)
    ]


def table_sources(w):
    """Every statistics file behind the tables of a protocol."""
    files = [f for t in TABLES for paths in table_files(t, w.protocol).values() for f in paths]
    return sorted({*files, *(path for t in TABLES for _, _, path in beside(t, w.protocol))})


def table_options(w):
    """The options that print every table of a protocol, one set after the other."""
    sets = []
    for table, (kind, title, models) in TABLES.items():
        words = ["--kind", kind, "--models", *models, *(["--title", title] if title else [])]
        for option, paths in table_files(table, w.protocol).items():
            words += [f"--{option.replace('_', '-')}", *paths]
        for row in beside(table, w.protocol):
            words += ["--beside", *row]
        if kind in TARGET_TABLES and JUDGED:
            words += ["--control-of", *(f"{m}={c}" for m, c in JUDGED.items())]
        draws = "agreement_bootstrap" if kind == "plain" else "ablation_bootstrap"
        words += ["--draws", str(config["statistics"][draws]), *note(*models)]
        sets.append(words + ["--output", f"{R}/{w.protocol}/tables/{table}.tsv"])
    confidence = str(config["statistics"]["confidence"])
    common = ["--protocol", w.protocol, "--results", R, "--confidence", confidence]
    return one_process(common + words for words in sets)
