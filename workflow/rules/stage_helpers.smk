# What single stages need to know. Files, options and wildcards worked out per stage.


def excluded_videos(subject):
    """The clips of a person that the exclusions table or a policy leaves out, as an option."""
    videos = sorted(video for s, video in LEFT_OUT if s == subject)
    return shlex.join(["--exclude", *videos]) if videos else ""


def of_kind(kind):
    """A wildcard constraint: the models of one kind."""
    return any_of(m for m in MODELS if MODELS[m]["kind"] == kind)


def network_files(model, protocol):
    """The predictions of every network of a model: all folds of a seed, seed by seed."""
    folder = f"{R}/{owner(f'models/{model}', protocol)}"
    first = [f"models/{model}/fold{k}/predictions.parquet" for k in FOLDS]
    return [f"{folder}/{file}" for file in first + replicates(model, protocol)]


def trained_in():
    """A wildcard constraint: the protocols that train the model named after them in the path."""
    found = [f"{p}(?=/models/{re.escape(m)}/)" for m in MODELS for p in OWNERS[f"models/{m}"]]
    return "|".join(found) or "(?!)"


def pulse_files(w):
    """The 10-Hz pulse of every person, if the model uses it."""
    return at_owner("pulse_10hz", w.protocol) if "pulse" in MODELS[w.model]["modalities"] else []


def without(model):
    """The people a model does without, as an option; none without a policy."""
    used = WITHOUT_PULSE if "pulse" in MODELS[model]["modalities"] else []
    return shlex.join(["--without", *used]) if used else ""


def stimulus_files(w):
    """The features of every clip, if the model uses them."""
    used = {"visual", "acoustic"} & set(MODELS[w.model]["modalities"])
    return at_owner("stimuli", w.protocol) if used else []


def predictions_of(model):
    """The predictions of a model in every fold, in order."""
    return [f"{R}/{{protocol}}/models/{model}/fold{k}/predictions.parquet" for k in FOLDS]


def predictions_beside(names):
    """The predictions of controls in every fold: all folds of the first, ..."""
    return [path for name in names for path in predictions_of(name)]


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
    return (DATA_FLOW.find(stage) if stage in DATA_FLOW else len(DATA_FLOW), path.stem)


def one_process(sets):
    """Several sets of options for one call of a script, which works them off in turn."""
    return " --then ".join(shlex.join(words) for words in sets)


def in_protocol(w, paths):
    """Paths with their wildcard `protocol` filled in."""
    return [path.format(protocol=w.protocol) for path in paths]
