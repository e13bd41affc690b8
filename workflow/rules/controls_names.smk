# What every score stands beside (docs/controls.md). Names of controls and perturbed models.
from tinglegram.models.perturbations import PERTURBATIONS

# Name -> control. Those of published predictions need names of their own beside other models.
CONTROLS = {name: name for name in config["controls"]} if MODELS else {}
PUBLISHED_CONTROLS = {
    f"published_{name}" if MODELS else name: name
    for name in (config["controls"] if config["published_predictions"] else [])
}
# Name -> model, perturbation.
PERTURBED = {
    f"{model}_{name}": (model, name)
    for model in MODELS
    for name in config["perturbations"]
    if PERTURBATIONS[name].modalities & set(MODELS[model]["modalities"])
}
BESIDE = [*CONTROLS, *PUBLISHED_CONTROLS, *PERTURBED]
# The control that knows nothing but the clip's category, and model -> its name for that model.
CATEGORY = "condition_only"


def control_of(model, control):
    """The name of a control of `model` in this study; empty: the study does without."""
    names = PUBLISHED_CONTROLS if model == "published" else CONTROLS
    return next((name for name, kind in names.items() if kind == control), "")


JUDGED = {m: control_of(m, CATEGORY) for m in SCORED if control_of(m, CATEGORY)}


def any_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    model=any_of(SCORED + BESIDE),
