# What single stages need to know. Files, options and wildcards worked out per stage.


def excluded_videos(subject):
    """The clips of a person that the exclusions table leaves out, as an option."""
    videos = sorted(video for s, video in EXCLUSIONS if s == subject)
    return shlex.join(["--exclude", *videos]) if videos else ""


def pairs(files):
    """SUBJECT=PATH words for a command line."""
    return shlex.join(f"{subject}={path}" for subject, path in files.items())


def of_kind(kind):
    """A wildcard constraint: the models of one kind."""
    return "|".join(re.escape(m) for m in MODELS if MODELS[m]["kind"] == kind) or "(?!)"


def pulse_files(w):
    """The 10-Hz pulse of every person, if the model uses it."""
    used = "pulse" in MODELS[w.model]["modalities"]
    return per_subject("pulse_10hz", ".npz", w.protocol) if used else []


def stimulus_files(w):
    """The features of every clip, if the model uses them."""
    used = {"visual", "acoustic"} & set(MODELS[w.model]["modalities"])
    return [f"{R}/{w.protocol}/stimuli/{v}.npz" for v in CLIPS] if used else []


def predictions_of(model):
    """The predictions of a model in every fold, in order."""
    return [f"{R}/{{protocol}}/models/{model}/fold{k}/predictions.parquet" for k in FOLDS]


def stimulus_variants(switch):
    """Every value of a switch that a protocol in use asks for."""
    return sorted({SWITCHES[p][switch] for p in PROTOCOLS})


def weights_input():
    """What the weights depend on: the fetched file's record, a path, or nothing."""
    if STIMULI["weights"] == "untrained":
        return []
    return [WEIGHTS_RECORD if WEIGHTS_ARE_IMAGENET else STIMULI["weights"]]


def grid_steps(end):
    """Grid steps from the end of the warm-up to `end`, a key of the timing section."""
    timing = config["timing"]
    return round((timing[end] - timing["warm_up"]) * timing["grid"])


def mapping(option, values):
    """A command-line option NAME=VALUE ..."""
    return shlex.join([option] + [f"{name}={value}" for name, value in values.items()])


def turn(index, name):
    """The setting for the clip at `index`, taking a list's entries in turn."""
    return SIMULATION[name][index % len(SIMULATION[name])]


def stage_order(path):
    """Where a rule file stands among the stages (its name up to the first underscore)."""
    stage = path.stem.split("_")[0]
    return (STAGES.find(stage) if stage in STAGES else len(STAGES), path.stem)
