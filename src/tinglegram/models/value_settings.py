"""How models are built that predict the reported value itself, and what they stand beside.

Apart from the code that trains them, because planning reads it.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from tinglegram.models.settings import AboutKind, Boosting, NetworkTraining
from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ZERO,
    Bounds,
    Each,
    Keys,
    only,
    section,
    written_as,
)

ValueModelKind = Literal["ridge", "xgboost", "bilstm"]
# Padded frames never enter, so that the switch `padding` changes none of them.
VALUE_MODEL_KINDS: dict[ValueModelKind, AboutKind] = {
    "ridge": AboutKind("weights.npz", ()),
    "xgboost": AboutKind("weights.ubj", ()),
    "bilstm": AboutKind("weights.safetensors", ("checkpoint", "seed_networks", "scaling")),
}
# How networks and trees are built: as classifiers, but for the switch that changes none of them.
ValueNetworkTraining = only(
    NetworkTraining,
    *("hidden", "layers", "dropout", "learning_rate", "batch", "epochs", "checkpoint"),
)
ValueBoosting = only(Boosting, "trees", "depth", "learning_rate")
ValueBaseline = Literal["mean", "time_course", "condition_mean", "stimulus_mean", "human_agreement"]
# The baseline that says nothing where the study has one condition.
OF_CONDITIONS = "condition_mean"
# The one that knows what other viewers of the tested clip reported: no model is expected there.
CEILING = "human_agreement"


@section("")
class ValueModel:
    """One model of the reported value."""

    kind: Annotated[
        ValueModelKind,
        "ridge (linear, of the features now and some seconds before), xgboost (single frames) or "
        "bilstm (a network over whole trials).",
    ]
    modalities: Annotated[
        Literal["auto"] | tuple[str, ...],
        Bounds(minItems=1, uniqueItems=True),
        "Features it uses, as those of models.",
    ]


@section("regression")
class ValueModels:
    """Models of the reported value, and what they stand beside."""

    models: Annotated[
        Mapping[str, ValueModel],
        Keys(written_as("[A-Za-z0-9_]+", "made of letters, digits and _")),
        "Name of a model -> its kind and modalities. They predict the value of responses.target."
        "dimension at every step, of every clip. Networks and trees are built as training says.",
    ] = field(default_factory=dict)
    baselines: Annotated[
        tuple[ValueBaseline, ...],
        Bounds(uniqueItems=True),
        "What their scores stand beside: predictions made without any feature (docs/models.md).",
    ] = ("mean", "time_course", "condition_mean", "stimulus_mean", "human_agreement")


@section("regression.ridge")
class RidgeFit:
    """A linear model of features now and before, whose coefficients are shrunk."""

    lags: Annotated[
        tuple[float, ...],
        Bounds(minItems=1, uniqueItems=True),
        Each(AT_LEAST_ZERO),
        "Seconds before a step whose features it sees; whole steps of timing.grid.",
    ] = (0.0, 0.5, 1.0, 2.0)
    penalties: Annotated[
        tuple[float, ...],
        Bounds(minItems=1, uniqueItems=True),
        Each(ABOVE_ZERO),
        "Penalties to choose from, per training frame and for features in SDs; of several, the "
        "one that predicts best within the training trials.",
    ] = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
    inner_folds: Annotated[
        int,
        Bounds(minimum=2),
        "Inner folds at most, over which the penalty is chosen.",
    ] = 5
