# What perturbed models are made of: the files of the trained ones, and the options that run them.
from types import SimpleNamespace


def trained_files(model, protocol):
    """The trained model of every fold."""
    suffix = "safetensors" if model in NETWORKS else "ubj"
    return [f"{R}/{protocol}/models/{model}/fold{k}/weights.{suffix}" for k in FOLDS]


def inputs_of(model, protocol):
    """The pulse and the features of the clips that a model uses."""
    w = SimpleNamespace(model=model, protocol=protocol)
    return pulse_files(w), stimulus_files(w)


def perturbed_files(w):
    """Every file that the perturbed models of a protocol read, beside folds and labels."""
    found = [
        path
        for model in dict.fromkeys(model for model, _ in PERTURBED.values())
        for part in (trained_files(model, w.protocol), *inputs_of(model, w.protocol))
        for path in part
    ]
    return list(dict.fromkeys(found))


def reevaluation_options(w):
    """The options that predict with every perturbed model, one set after the other."""
    folds, labels = f"{R}/{w.protocol}/folds.tsv", at_owner("labels", w.protocol)
    sets = []
    for name, (model, perturbation) in PERTURBED.items():
        pulse, stimuli = inputs_of(model, w.protocol)
        sets.append(
            [
                *("--folds", folds, "--labels", *labels, "--pulse", *pulse, "--stimuli", *stimuli),
                *("--modalities", *MODELS[model]["modalities"]),
                *shlex.split(without(model)),
                *shlex.split(TRIAL_OPTIONS),
                *("--device", config["training"]["device"], "--perturbation", perturbation),
                *("--weights", *trained_files(model, w.protocol)),
                *("--output", *in_protocol(w, predictions_of(name))),
            ]
        )
    return one_process(sets)
