# The figures of the models: what a job that draws them all writes, and its options.


def drawn(names, what):
    """The figures of a protocol with their captions, as outputs of the job that draws them all."""
    svg = [
        in_report(f"{R}/{{protocol}}/figures/{name}.svg", what, "Models", figure=name)
        for name in names
    ]
    return svg + expand(f"{R}/{{{{protocol}}}}/figures/{{f}}.{{s}}", f=names, s=["png", "json"])


def each_drawn(w, prefix, models, options):
    """The options that draw a figure for every model, one set after the other."""
    return one_process(
        [
            *("--results", R, "--protocol", w.protocol, "--model", model),
            *options(model),
            *note(model),
            *("--output", f"{R}/{w.protocol}/figures/{prefix}_{model}.svg"),
        ]
        for model in models
    )


def tinglegram_options(w):
    """Figure 6 of every headline model and chosen participant."""
    return one_process(
        [
            *("--results", R, "--protocol", w.protocol, "--model", model),
            *("--predictions", *in_protocol(w, predictions_of(model))),
            *("--subject", str(int(subject)), "--highest-rating", str(SCALE), "--target", TARGET),
            *("--smoothing-steps", str(config["report"]["smoothing_steps"])),
            *note(model),
            *("--output", f"{R}/{w.protocol}/figures/figure6_{model}_{subject}.svg"),
        ]
        for model, subject in TINGLEGRAMS
    )


def confusion_options(w):
    """The confusion matrices of every model."""
    common = [
        *("--padding", SWITCHES[w.protocol]["padding"], "--target", TARGET, "--control", CONTROL),
        *("--video-threshold", str(config["statistics"]["video_threshold"])),
    ]
    return each_drawn(
        w,
        "confusion",
        SCORED,
        lambda model: [
            *("--predictions", *in_protocol(w, predictions_of(model))),
            *("--video-level", f"{R}/{w.protocol}/statistics/{model}/video_level.tsv"),
            *common,
        ],
    )


def histories_of(model):
    """The training histories of a model, fold by fold."""
    return [f"{R}/{{protocol}}/models/{model}/fold{k}/history.tsv" for k in FOLDS]


def training_options(w):
    """The training curves of every model."""
    return each_drawn(
        w,
        "training",
        MODELS,
        lambda model: [
            *("--histories", *in_protocol(w, histories_of(model))),
            *("--unit", "Epoch" if model in NETWORKS else "Tree"),
        ],
    )


def calibration_options(w):
    """The reliability curves of every model."""
    confidence = str(config["statistics"]["confidence"])
    folder = f"{R}/{w.protocol}/statistics"
    return each_drawn(
        w,
        "calibration",
        SCORED,
        lambda model: [
            *("--calibration", f"{folder}/{model}/calibration.tsv"),
            *("--within", f"{folder}/{model}/within.tsv"),
            *("--target", TARGET, "--confidence", confidence),
        ],
    )
