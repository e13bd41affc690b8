"""What a bundle holds: the schema of bundle.json, and the object that a checked bundle becomes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tinglegram.bundles.distance import Reference, reference_arrays, stored_reference
from tinglegram.bundles.tensors import not_as_it_must_be, read_tensors, require_shapes
from tinglegram.bundles.trees import check_trees
from tinglegram.errors import InputProblem
from tinglegram.trials.trials import Array, ordered

FORMAT = "tinglegram-bundle"
# Rises with every change that a reader must know of. This reader knows these.
FORMAT_VERSION = 1
READ_VERSIONS = (1,)
ABOUT, CARD = "bundle.json", "README.md"
# File of the errors on clips that were held out, and of what distances are measured from.
CALIBRATION, DISTANCE = "calibration.safetensors", "distance.safetensors"
IMAGE_NETWORK = "image_network.safetensors"
# A file below the bundle's folder: plain names, no way up, no hidden file.
PLAIN_PATH = "[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*"
SUFFIXES = (".safetensors", ".json", ".md", ".onnx")

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_PATH = {"type": "string", "pattern": f"^{PLAIN_PATH}$(?!\\n)", "maxLength": 200}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$(?!\\n)"}
_COUNT = {"type": "integer", "minimum": 0}
# A signal or a feature set.
_MODALITY = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$(?!\\n)"}
_OR_NULL = {"type": ["number", "null"]}
_SCORES = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": dict.fromkeys(("value", "ci_low", "ci_high"), _OR_NULL),
            "required": ["value"],
            "additionalProperties": False,
        },
    },
}


def _object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _list(entry: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": entry, **more}


def _by_name(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = {"pattern": "^[A-Za-z0-9_]+(/[A-Za-z0-9_]+)?$(?!\\n)"}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry}


_NETWORK = _object(
    hidden={"type": "integer", "minimum": 1, "maximum": 1 << 14},
    layers={"type": "integer", "minimum": 1, "maximum": 64},
    dropout={"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    learning_rate={"type": "number", "exclusiveMinimum": 0},
    batch={"type": "integer", "minimum": 1, "maximum": 1 << 16},
    epochs={"type": "integer", "minimum": 1},
    padding={"enum": ["counted", "masked"]},
    checkpoint={"enum": ["last", "best"]},
    scaled={"type": "boolean"},
)
_SET = _object(
    stream={"enum": ["picture", "sound"]},
    columns=_list(_TEXT, minItems=1, maxItems=1 << 16),
    settings={"type": "object"},
    file={"oneOf": [_PATH, {"type": "null"}]},
    log1p=_list(_COUNT),
)
_MODEL = _object(
    kind={"enum": ["bilstm", "xgboost", "ridge"]},
    predicts={"enum": ["probability", "value"]},
    modalities=_list(_MODALITY, minItems=1, uniqueItems=True),
    settings={"type": "object"},
    # Files of the model of all clips, one for each seed; of each fold, those of its seeds.
    final=_list(_PATH, minItems=1),
    folds=_list(_list(_PATH, minItems=1), minItems=1),
    averaged={"type": "boolean"},
    scores=_SCORES,
    verdict={
        "oneOf": [{"type": "null"}, _object(call=_TEXT, sentence=_TEXT)],
    },
    held=_object(clips=_list(_TEXT), viewers=_list(_COUNT), reason=_TEXT),
)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        format={"const": FORMAT},
        format_version={"enum": list(READ_VERSIONS)},
        tinglegram_version=_TEXT,
        study=_TEXT,
        title=_TEXT,
        protocol=_TEXT,
        switches={"type": "object"},
        simulated={"type": "boolean"},
        untrained_image_network={"type": "boolean"},
        target=_object(
            dimension=_TEXT,
            kind=_TEXT,
            above=_NUMBER,
            condition={"type": ["string", "null"]},
        ),
        grid_hz={"type": "integer", "minimum": 1, "maximum": 1000},
        warm_up_s={"type": "number", "minimum": 0},
        steps={"type": "integer", "minimum": 1, "maximum": 1 << 24},
        held_out=_TEXT,
        participants=_list(_COUNT),
        clips=_list(
            _object(
                code=_TEXT,
                condition=_TEXT,
                steps=_COUNT,
                streams=_list({"enum": ["picture", "sound"]}),
                sha256={"oneOf": [_SHA256, {"type": "null"}]},
            ),
            minItems=1,
        ),
        decoding=_object(
            alignment={"enum": ["first_frame", "timestamps"]},
            deinterlace={"enum": ["none", "top_field"]},
            tone_mapping={"enum": ["none", "mobius"]},
            sample_rate={"type": "integer", "minimum": 8000, "maximum": 1 << 20},
        ),
        sets=_by_name(_SET),
        models=_by_name(_MODEL) | {"minProperties": 1},
        baselines=_by_name(_SCORES),
        distances=_list(_list(_MODALITY, minItems=1)),
        licence={"type": ["string", "null"]},
        citation={"type": ["string", "null"]},
        files=_list(_object(path=_PATH, size=_COUNT, sha256=_SHA256), minItems=1),
    ),
}
_RIDGE = ("coefficients", "intercept", "lag_steps", "penalty")


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle that was checked.

    Attributes
    ----------
    about : bundle.json.
    arrays : file -> its arrays by name.
    trees : file -> XGBoost's JSON.
    networks : file -> content, of networks that make features (ONNX).
    """

    about: Mapping[str, Any]
    arrays: Mapping[str, Mapping[str, Array]]
    trees: Mapping[str, bytes]
    networks: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def models(self) -> Mapping[str, Mapping[str, Any]]:
        """Name of a model -> what is known of it; `regression/<name>` predicts the value."""
        found: Mapping[str, Mapping[str, Any]] = self.about["models"]
        return found

    @property
    def sets(self) -> Mapping[str, Mapping[str, Any]]:
        """Name of a feature set -> how it is extracted."""
        found: Mapping[str, Mapping[str, Any]] = self.about["sets"]
        return found

    def width(self, modalities: Sequence[str]) -> int:
        """Columns of these feature sets together."""
        return sum(len(self.sets[name]["columns"]) for name in modalities)

    def errors_of(self, model: str) -> Array:
        """Errors of a model on held-out clips, (clips, T)."""
        return self.arrays[CALIBRATION][model]

    def reference_of(self, modalities: Sequence[str]) -> Reference:
        """What distances in these feature sets are measured from."""
        prefix = f"{distance_name(modalities)}."
        own = self.arrays[DISTANCE]
        return stored_reference(
            {name.removeprefix(prefix): own[name] for name in own if name.startswith(prefix)}
        )


def distance_name(modalities: Sequence[str]) -> str:
    """Return the name of feature sets together."""
    return "+".join(ordered(modalities))


def check_about(about: Mapping[str, Any], source: str) -> None:
    """Raise unless bundle.json is of a known version and as its schema says.

    Raises
    ------
    InputProblem : it is not, and where.
    """
    found, known = about.get("format_version"), ", ".join(map(str, READ_VERSIONS))
    if about.get("format") != FORMAT:
        raise not_as_it_must_be(source, f"the format {FORMAT}", str(about.get("format"))[:40])
    if found not in READ_VERSIONS:
        raise InputProblem(
            source,
            expected=f"a bundle of format version {known}",
            found=f"version {str(found)[:40]}, written by Tinglegram "
            f"{str(about.get('tinglegram_version'))[:40]}",
            remedy="Read it with the version of Tinglegram that wrote it, or have the bundle made "
            "anew by this one.",
        )
    fault = best_match(Draft202012Validator(SCHEMA).iter_errors(about))
    if fault is not None:
        place = ".".join(map(str, fault.absolute_path)) or "top level"
        raise not_as_it_must_be(
            source, "entries as its schema says", fault.message[:200], place[:120]
        )
    _check_consistency(about, source)


def _check_consistency(about: Mapping[str, Any], source: str) -> None:
    """Check what a schema cannot say: names that must be there, and how many of what."""
    paths = [entry["path"] for entry in about["files"]]
    named: list[tuple[str, str]] = [(CARD, "files"), (CALIBRATION, "files"), (DISTANCE, "files")]
    for name, model in about["models"].items():
        where = f"models.{name}"
        named += [(path, where) for path in [*model["final"], *sum(model["folds"], [])]]
        unknown = [m for m in model["modalities"] if m in about["sets"]]
        if not unknown and model["held"]["clips"]:
            raise not_as_it_must_be(source, "no calibration without features of clips", name, where)
        if len(model["held"]["clips"]) != len(model["held"]["viewers"]):
            raise not_as_it_must_be(source, "viewers of every held-out clip", "others", where)
    for name, own in about["sets"].items():
        named += [(own["file"], f"sets.{name}")] if own["file"] is not None else []
        if any(column >= len(own["columns"]) for column in own["log1p"]):
            raise not_as_it_must_be(
                source, "columns that are there", str(own["log1p"])[:80], f"sets.{name}"
            )
    for path, where in named:
        if path not in paths:
            raise not_as_it_must_be(
                source, "files that it lists", f"{path}, which it does not", where
            )
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice or any(PurePosixPath(path).suffix not in SUFFIXES for path in paths):
        found = f"{twice} twice" if twice else "files of other kinds"
        raise not_as_it_must_be(
            source, f"each file once, of the kinds {', '.join(SUFFIXES)}", found, "files"
        )
    for modalities in about["distances"]:
        if set(modalities) - about["sets"].keys():
            raise not_as_it_must_be(
                source, "distances in known feature sets", str(modalities), "distances"
            )


def opened(about: Mapping[str, Any], contents: Mapping[str, bytes]) -> Bundle:
    """Return a bundle from the contents of its files, each checked to be what it must be.

    Parameters
    ----------
    about : bundle.json, checked.
    contents : path -> content, of the size and checksum that `about` names.

    Raises
    ------
    InputProblem : a file is no safetensors file or no XGBoost model, or not of the declared shapes.
    """
    from tinglegram.bundles.extraction import require_settings

    arrays, trees, networks = {}, {}, {}
    for path, content in contents.items():
        if path.endswith(".safetensors"):
            arrays[path] = read_tensors(content, path).arrays
        elif path.endswith(".json"):
            trees[path] = content
        elif path.endswith(".onnx"):
            networks[path] = content
    bundle = Bundle(about, arrays, trees, networks)
    require_settings(bundle)
    for name, model in about["models"].items():
        _check_model(bundle, name, model)
    _check_distances(bundle)
    _check_calibration(bundle)
    return bundle


def usable(bundle: Bundle, model: Mapping[str, Any]) -> bool:
    """Return whether all that a model needs can be had from a file."""
    return all(modality in bundle.sets for modality in model["modalities"])


def _check_model(bundle: Bundle, name: str, model: Mapping[str, Any]) -> None:
    """Check the files of a model; of one that needs signals, the widths of these are not known."""
    files = [*model["final"], *sum(model["folds"], [])]
    kinds = {"bilstm": bundle.arrays, "ridge": bundle.arrays, "xgboost": bundle.trees}
    for path in files:
        if path not in kinds[model["kind"]]:
            raise not_as_it_must_be(
                path, f"a model of kind {model['kind']}", "a file of another kind"
            )
    if not usable(bundle, model):
        return
    width = bundle.width(model["modalities"])
    for path in files:
        if model["kind"] == "xgboost":
            check_trees(bundle.trees[path], path, n_features=width, predicts=model["predicts"])
        elif model["kind"] == "ridge":
            _check_ridge(bundle, model, path, width)
        else:
            _check_network(bundle, model, path, width)


def _scaling_shapes(bundle: Bundle, modalities: Sequence[str]) -> dict[str, tuple[int, ...]]:
    return {
        f"scaling.{modality}.{of}": (len(bundle.sets[modality]["columns"]),)
        for modality in modalities
        for of in ("mean", "sd")
    }


def _check_ridge(bundle: Bundle, model: Mapping[str, Any], path: str, width: int) -> None:
    own = bundle.arrays[path]
    lags = own.get("lag_steps")
    number = 0 if lags is None else lags.size
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(_RIDGE, ())
    shapes |= {"coefficients": (number, width), "lag_steps": (number,)}
    require_shapes(own, shapes | _scaling_shapes(bundle, model["modalities"]), path)
    if lags is None or lags.dtype.kind != "i" or not number or lags.min() < 0:
        raise not_as_it_must_be(path, "lags in whole steps", "others", "lag_steps")


def network_shapes(
    width: int, hidden: int, layers: int, outputs: int
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors of `tinglegram.models.bilstm.BiLSTM`."""
    found: dict[str, tuple[int, ...]] = {
        "head.weight": (outputs, 2 * hidden),
        "head.bias": (outputs,),
    }
    for layer in range(layers):
        for direction in ("", "_reverse"):
            name = f"l{layer}{direction}"
            found |= {
                f"lstm.weight_ih_{name}": (4 * hidden, 2 * hidden if layer else width),
                f"lstm.weight_hh_{name}": (4 * hidden, hidden),
                f"lstm.bias_ih_{name}": (4 * hidden,),
                f"lstm.bias_hh_{name}": (4 * hidden,),
            }
    return found


def _check_network(bundle: Bundle, model: Mapping[str, Any], path: str, width: int) -> None:
    settings = model["settings"]
    fault = best_match(Draft202012Validator(_NETWORK).iter_errors(settings))
    if fault is not None:
        raise not_as_it_must_be(path, "settings of a network", fault.message[:200], "settings")
    of_values = model["predicts"] == "value"
    size = (settings["hidden"], settings["layers"], 1 if of_values else 2)
    shapes = network_shapes(width, *size)
    if settings["scaled"]:
        shapes |= _scaling_shapes(bundle, model["modalities"])
    if of_values:
        shapes |= {"scaling.values.mean": (1,), "scaling.values.sd": (1,)}
    own = dict(bundle.arrays[path])
    if any(array.dtype.kind != "f" for array in own.values()):
        raise not_as_it_must_be(path, "numbers of a network", "others")
    for name, array in own.items():
        if name.endswith(".sd"):
            # Columns of which training knew nothing are divided by infinity, which gives 0.
            infinite = array == math.inf
            own[name] = array.copy()
            own[name][infinite] = 1.0
    require_shapes(own, shapes, path)


def _check_distances(bundle: Bundle) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    own = bundle.arrays[DISTANCE]
    for modalities in bundle.about["distances"]:
        name, width = distance_name(modalities), bundle.width(modalities)
        components = own.get(f"{name}.components")
        points = own.get(f"{name}.points")
        if components is None or points is None or components.ndim != 2 or points.ndim != 2:
            raise not_as_it_must_be(DISTANCE, f"distances of {name}", "none")
        number = len(components)
        found = {
            "mean": (width,),
            "sd": (width,),
            "components": (number, width),
            "points": (len(points), number + 1),
        }
        if not len(points) or number > width:
            raise not_as_it_must_be(DISTANCE, "training steps and components", "none", name)
        shapes |= {f"{name}.{part}": shape for part, shape in found.items()}
    thresholds = [name for name in own if name.endswith(".threshold")]
    wanted = [f"{distance_name(modalities)}.threshold" for modalities in bundle.about["distances"]]
    if sorted(thresholds) != sorted(wanted) or any(own[name].shape != () for name in thresholds):
        raise not_as_it_must_be(DISTANCE, "a threshold of every distance", "others")
    require_shapes({n: a for n, a in own.items() if n not in thresholds}, shapes, DISTANCE)


def _check_calibration(bundle: Bundle) -> None:
    steps, own = bundle.about["steps"], bundle.arrays[CALIBRATION]
    held = {name: model["held"]["clips"] for name, model in bundle.models.items()}
    wanted = {name: (len(clips), steps) for name, clips in held.items() if clips}
    if {name: array.shape for name, array in own.items()} != wanted:
        raise not_as_it_must_be(
            CALIBRATION, "errors of every held-out clip at every step", "others"
        )
    if any(np_all_nan(array) for array in own.values()):
        raise not_as_it_must_be(CALIBRATION, "errors of every held-out clip", "a clip without any")


def np_all_nan(array: Array) -> bool:
    """Return whether any row holds no number at all."""
    return bool((array != array).all(axis=1).any())


def distance_arrays(references: Mapping[str, Reference]) -> dict[str, Array]:
    """Return the arrays of the file of distances; name of feature sets -> their reference."""
    return {
        f"{name}.{part}": array
        for name, reference in references.items()
        for part, array in reference_arrays(reference).items()
    }
