# What every score stands beside (docs/controls.md). Names of controls and perturbed models.
from tinglegram.perturbations import PERTURBATIONS

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


def any_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    model=any_of(SCORED + BESIDE),
