"""How models are built, trained and compared with baselines.

Apart from the code that trains them, because planning reads it and torch takes seconds to load.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from tinglegram.inference.seeding import Seeding
from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    NO_REPEATS,
    SHARE,
    SWITCH,
    Bounds,
    Each,
    Keys,
    section,
    written_as,
)
from tinglegram.trials.trials import Padding

ModelKind = Literal["bilstm", "xgboost"]


class AboutKind(NamedTuple):
    """What the workflow must know about a kind of model.

    Attributes
    ----------
    weights : name of the file of a trained model.
    switches : that change how it is trained, beside those of its folds and features.
    retrained_at_once : shifts of the reports that one job trains it again on; 0: it never is.
    """

    weights: str
    switches: tuple[str, ...]
    retrained_at_once: int = 0


MODEL_KINDS: dict[ModelKind, AboutKind] = {
    "bilstm": AboutKind(
        "weights.safetensors",
        ("padding", "checkpoint", "seed_networks", "scaling", "network_predictions"),
        retrained_at_once=5,
    ),
    "xgboost": AboutKind("weights.ubj", ("padding",), retrained_at_once=50),
}
# Name of the scale of the values that a network predicts, among those of its features.
SCALE_OF_VALUES = "values"
# The baseline that knows nothing but the clip's category.
CATEGORY_BASELINE = "condition_only"


@section("")
class Model:
    """One model of a study."""

    kind: Annotated[ModelKind, "bilstm (a network over whole trials) or xgboost (single frames)."]
    modalities: Annotated[
        Literal["auto"] | tuple[str, ...],
        Bounds(minItems=1, uniqueItems=True),
        "Features it uses: any of visual, acoustic, pulse, eda, resp, temperature; of the feature "
        "sets binaural, psychoacoustic, texture, motion; and of the names under features: "
        "networks. auto: those of the first six that the study has.",
    ]


@section("")
class Models:
    """The models of a study."""

    models: Annotated[
        Mapping[str, Model],
        Keys(written_as("[A-Za-z0-9_]+", "made of letters, digits and _")),
        "Name of a model -> its kind and modalities.",
    ]


@section("")
class Beside:
    """What every score stands beside (docs/models.md)."""

    controls: Annotated[
        tuple[
            Literal[
                "condition_only",
                "stimulus_mean",
                "majority",
                "padding_only",
                "condition_and_padding",
                "human_agreement",
            ],
            ...,
        ],
        NO_REPEATS,
        "Baselines: predictions made without any feature.",
    ] = (
        "condition_only",
        "stimulus_mean",
        "majority",
        "padding_only",
        "condition_and_padding",
        "human_agreement",
    )
    perturbations: Annotated[
        tuple[Literal["shuffled_pulse", "shifted_stimulus", "shuffled_sensors"], ...],
        NO_REPEATS,
        "Trained models are shown other participants' pulse or other signals, or features at other "
        "times.",
    ] = ("shuffled_pulse", "shifted_stimulus", "shuffled_sensors")


@section("training")
class Device:
    """Where networks are trained and run."""

    device: Annotated[
        Literal["auto", "cpu", "cuda"], "auto: a GPU where there is one, else the CPU."
    ] = "auto"


@section("training")
class Replicates:
    """How many networks are trained per fold."""

    network_seeds: Annotated[
        Mapping[str, int],
        Bounds(required=["released", "described", "corrected"]),
        Keys(Bounds(enum=["released", "described", "corrected"])),
        Each(AT_LEAST_ONE),
        "Networks trained per fold, from different seeds. The switch network_predictions says "
        "whether the first one is the model or their mean; all of them give the spread over seeds. "
        "A protocol of your own takes the number of its root.",
    ]


@section("training")
class NetworkAverage:
    """What is scored as a model of which several networks are trained."""

    network_predictions: Annotated[
        Literal["first", "mean"],
        SWITCH,
        "What a network is scored by: the predictions of the first of its seeds, or the mean "
        "probability over all of them.",
    ]


@section("statistics")
class TrackingTest:
    """How it is tested whether a model follows reports within clips."""

    retrainings: Annotated[
        Mapping[str, int],
        Keys(Bounds(enum=[kind for kind, about in MODEL_KINDS.items() if about.retrained_at_once])),
        Each(AT_LEAST_ZERO),
        "Kind of a model -> random shifts of the reports on which every fold of it is trained "
        "again, with tracking_test: retrained; 0, or a kind that is not named: none.",
    ]
    tracking_test: Annotated[
        Literal["shifted_predictions", "retrained"],
        SWITCH,
        "What moves in time to test tracking: the predictions of trained models, or the reports, "
        "with every model trained again.",
    ]


@section("training.bilstm")
class NetworkTraining:
    """How a network is built and trained.

    padding : `counted` (padded frames are class 0, as in the released code) or `masked`.
    checkpoint : `last` epoch, or `best` by validation macro F1.
    """

    hidden: Annotated[int, AT_LEAST_ONE, "Units per direction and layer."] = 128
    layers: Annotated[int, AT_LEAST_ONE, "LSTM layers."] = 2
    dropout: Annotated[float, SHARE, "Dropout between layers."] = 0.3
    learning_rate: Annotated[float, ABOVE_ZERO, "Learning rate of Adam."] = 0.0005
    batch: Annotated[int, AT_LEAST_ONE, "Trials in a batch."] = 16
    epochs: Annotated[int, AT_LEAST_ONE, "Passes over the training trials."] = 35
    padding: Padding
    checkpoint: Annotated[Literal["last", "best"], SWITCH, "Epoch that is tested."]


@section("")
class NetworkInput(Seeding):
    """From which seed a network starts, and how its features are scaled."""

    seed_networks: Annotated[bool, SWITCH, "Whether networks are seeded by the study's seed."]
    scaling: Annotated[
        Literal["none", "train_fold"],
        SWITCH,
        "Features in units of the training fold's SD, or not.",
    ]


@section("training.xgboost")
class Boosting:
    """Boosted trees on single frames; `padding` is `counted` or `masked`."""

    trees: Annotated[int, AT_LEAST_ONE, "Boosted trees."] = 100
    depth: Annotated[int, AT_LEAST_ONE, "Depth of a tree."] = 6
    learning_rate: Annotated[float, ABOVE_ZERO, "Shrinkage of each tree."] = 0.1
    padding: Padding
