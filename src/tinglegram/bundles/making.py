"""From the trained models of a study to the contents of its bundle."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.bundles.conformal import HeldClips
from tinglegram.bundles.contents import (
    CALIBRATION,
    CARD,
    DISTANCE,
    FORMAT,
    FORMAT_VERSION,
    IMAGE_NETWORK,
    distance_arrays,
    distance_name,
)
from tinglegram.bundles.distance import fit_reference
from tinglegram.bundles.extraction import extractable, network_path, settings_as_written
from tinglegram.bundles.model_card import model_card
from tinglegram.bundles.tensors import read_tensors
from tinglegram.errors import InputProblem
from tinglegram.models.settings import NetworkTraining
from tinglegram.stimuli.settings import (
    FEATURE_SETS,
    AcousticFeatures,
    FeatureVariant,
    VisualFeatures,
)
from tinglegram.trials.trials import EVERY_MODALITY, Array, Trials

if TYPE_CHECKING:
    from tinglegram.stimuli.network_features import Embedder

# Tables of scores of models of class 1; those of the value stand in one table.
SCORE_TABLES = ("pooled", "within")
VALUE_TABLE = "regression"
# What was reported and what was predicted, in the predictions of a model that predicts this.
COURSES = {"probability": ("label", "probability"), "value": ("reported", "predicted")}
_CALLS = ("timing", "score", "category")
_SUFFIX = {"bilstm": "safetensors", "ridge": "safetensors", "xgboost": "json"}


class TrainedModel(NamedTuple):
    """A model with all that was trained.

    Attributes
    ----------
    about : kind, predicts, modalities, averaged.
    final : content of the file of each seed of the model of all clips.
    folds : of each fold, that of each of its seeds.
    scores : table -> metric -> value, ci_low, ci_high.
    verdict : call and sentence, or None.
    held : errors on held-out clips.
    """

    about: Mapping[str, Any]
    final: Sequence[bytes]
    folds: Sequence[Sequence[bytes]]
    scores: Mapping[str, Any]
    verdict: Mapping[str, str] | None
    held: HeldClips


def portable(kind: str, content: bytes | Mapping[str, Array]) -> bytes:
    """Return a trained model as it stands in a bundle: safetensors, or XGBoost's JSON.

    Parameters
    ----------
    content : file of a network or of trees; arrays of a ridge regression.
    """
    if isinstance(content, bytes):
        if kind == "bilstm":
            return content
        import xgboost

        booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(content))
        return bytes(booster.save_raw("json"))
    return saved(content)


def saved(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as a safetensors file."""
    from safetensors.numpy import save

    found: bytes = save({name: np.array(array, order="C") for name, array in arrays.items()})
    return found


def network_settings(content: bytes, source: str) -> dict[str, Any]:
    """Return how a network was built and trained, from its file, and whether it scales features."""
    stored = read_tensors(content, source)
    about = json.loads(stored.about["tinglegram"])
    scaled = any(name.startswith("scaling.") and ".values." not in name for name in stored.arrays)
    return {one.name: about[one.name] for one in fields(NetworkTraining)} | {"scaled": scaled}


def scores_of(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Return metric -> value, ci_low and ci_high of a table of scores; what is missing is None."""
    found: dict[str, dict[str, float | None]] = {}
    for row in table.to_dict("records"):
        known = {name: row.get(name, np.nan) for name in ("value", "ci_low", "ci_high")}
        found[str(row["metric"])] = {
            name: None if pd.isna(value) else float(value) for name, value in known.items()
        }
    return found


def verdict_of(verdicts: pd.DataFrame, model: str) -> dict[str, str] | None:
    """Return call and sentence of a model from the table of verdicts; None: it has no verdict.

    Of `verdict: decision` there are three calls, of timing, score and category.
    """
    own = verdicts[verdicts["model"] == model]
    if own.empty:
        return None
    row = own.iloc[0]
    three = (f"{name} {row[name]}" for name in _CALLS if name in row)
    call = str(row["verdict"]) if "verdict" in row else ", ".join(three)
    return {"call": call, "sentence": str(row["sentence"])}


def used_sets(models: Iterable[Mapping[str, Any]], networks: Collection[str] = ()) -> list[str]:
    """Return the feature sets that models use and that can be computed from a file, in order.

    Parameters
    ----------
    networks : sets that networks make which a bundle can carry: ONNX files.

    Raises
    ------
    InputProblem : no model can do with a file alone.
    """
    each = [list(model["modalities"]) for model in models]

    def known(name: str) -> bool:
        return extractable(name, networks)

    if not any(all(map(known, modalities)) for modalities in each):
        raise InputProblem(
            "bundle",
            expected="a model whose features can be computed from a film or a sound",
            found=", ".join(sorted({name for modalities in each for name in modalities})),
            remedy="Name a model of features of pictures or sound alone under models, of networks "
            "those in ONNX files, and run the study again.",
        )
    return [n for n in dict.fromkeys(n for own in each for n in own) if known(n)]


def without_calibration(modalities: Iterable[str], sets: Collection[str]) -> str:
    """Return why a model cannot be calibrated for files; empty: it can.

    Parameters
    ----------
    sets : those of the bundle.
    """
    lacking = [name for name in modalities if name not in sets]
    networks = [name for name in lacking if name not in EVERY_MODALITY]
    if networks:
        return f"it needs {' and '.join(networks)}, of networks that are no ONNX files"
    return "it needs more than a film or a sound" if lacking else ""


def describe_sets(
    used: Iterable[str],
    pictures: VisualFeatures,
    sound: AcousticFeatures,
    variant: FeatureVariant,
    weights: str,
    own_settings: Mapping[str, Any] = MappingProxyType({}),
    embedders: Mapping[str, "Embedder"] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return how each feature set is extracted, as it stands in bundle.json.

    Parameters
    ----------
    weights : what the weights of the image network are called.
    own_settings : feature set beside visual and acoustic -> its settings.
    embedders : feature set of a network -> the network.
    """
    from tinglegram.stimuli.acoustic import column_names

    names = column_names(sound.n_mfcc)
    every = {
        "visual": {
            "stream": "picture",
            "columns": [f"resnet18_{number}" for number in range(1, 513)],
            "settings": {
                "weights": weights,
                "image_size": pictures.image_size,
                "resize": variant.resize,
            },
            "file": IMAGE_NETWORK,
            "log1p": [],
        },
        "acoustic": {
            "stream": "sound",
            "columns": names,
            "settings": {
                "n_fft": sound.n_fft,
                "n_mfcc": sound.n_mfcc,
                "audio_window": variant.audio_window,
            },
            "file": None,
            # As `tinglegram.trials.assembly` hands them to models.
            "log1p": [names.index(n) for n in ("spectral_centroid_hz", "spectral_bandwidth_hz")],
        },
    }
    return {
        name: every[name]
        if name in every
        else _described_set(name, own_settings[name], sound.sample_rate, embedders.get(name))
        for name in used
    }


def _described_set(
    name: str, settings: Any, sample_rate: int, embedder: "Embedder | None"
) -> dict[str, Any]:
    """Return how a set of `tinglegram.stimuli.feature_sets` is extracted."""
    from tinglegram.stimuli.feature_sets import known_set
    from tinglegram.stimuli.network_features import network_columns

    written = settings_as_written(settings)
    if embedder is not None:
        # Where the file was, nobody else knows.
        path = network_path(name)
        about = {"stream": settings.stream, "columns": list(network_columns(embedder))}
        return about | {"settings": written | {"path": path}, "file": path, "log1p": []}
    columns = list(known_set(name, settings).columns(sample_rate))
    about = {"stream": FEATURE_SETS[name].stream, "columns": columns}
    return about | {"settings": written, "file": None, "log1p": []}


def clip_features(trials: Trials, modalities: Sequence[str]) -> list[Array]:
    """Return the features of each training clip that has all of these sets, (steps, columns).

    Whole clips: those of a trial that was cut off are not among them.
    """
    found = []
    for clip in range(int(trials.clip_index.max()) + 1):
        steps, parts = trials.steps_of(clip), []
        for name in modalities:
            matrix, index = trials.stream(name)
            rows = index[trials.clip_index == clip]
            # Of a clip that has versions, such as one for a trial shown first, the whole one.
            row = 2 * clip if name == "acoustic" else int(rows[0]) if len(rows) else -1
            if row < 0 or row in trials.without_stream.get(name, ()):
                break
            parts.append(matrix[row, :steps])
        else:
            found.append(np.concatenate(parts, axis=1))
    return found


def bundle_contents(
    about: Mapping[str, Any],
    models: Mapping[str, TrainedModel],
    trials: Trials,
    image_network: Mapping[str, Array] | None,
    networks: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return bundle.json without its files, and the content of every file.

    Parameters
    ----------
    about : what the study says of itself: study, title, protocol, switches, simulated, target,
        grid_hz, warm_up_s, held_out, clips, decoding, sets, baselines, licence, citation,
        untrained_image_network, tinglegram_version.
    models : name -> what was trained.
    trials : of all people and clips, with the feature sets that are used.
    image_network : its weights by name, or None where nothing is seen.
    networks : feature set -> ONNX file of the network that makes it.
    """
    contents: dict[str, bytes] = {}
    described = {name: _described(name, model, contents) for name, model in models.items()}
    if image_network is not None and "visual" in about["sets"]:
        contents[IMAGE_NETWORK] = saved(image_network)
    contents |= {network_path(n): own for n, own in networks.items() if n in about["sets"]}
    whole_sets = {
        distance_name(model.about["modalities"]): list(model.about["modalities"])
        for model in models.values()
        if {*model.about["modalities"]} <= {*about["sets"]}
    }
    distances = {n: fit_reference(clip_features(trials, own)) for n, own in whole_sets.items()}
    contents[DISTANCE] = saved(distance_arrays(distances))
    contents[CALIBRATION] = saved(
        {name: model.held.errors for name, model in models.items() if model.held.clips}
    )
    found = {
        **about,
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "steps": trials.steps,
        "participants": sorted({int(who) for who in trials.subject}),
        "models": described,
        "distances": list(whole_sets.values()),
    }
    contents[CARD] = model_card(found).encode()
    return found, contents


def _described(name: str, model: TrainedModel, contents: dict[str, bytes]) -> dict[str, Any]:
    """Return a model as it stands in bundle.json, and add its files."""
    kind = model.about["kind"]
    folder = name if "/" in name else f"models/{name}"

    def added(part: str, seeds: Sequence[bytes]) -> list[str]:
        paths = []
        for seed, content in enumerate(seeds, 1):
            paths.append(f"{folder}/{part}_seed{seed}.{_SUFFIX[kind]}")
            contents[paths[-1]] = content
        return paths

    return {
        **model.about,
        "settings": network_settings(model.final[0], name) if kind == "bilstm" else {},
        "final": added("final", model.final),
        "folds": [added(f"fold{fold}", seeds) for fold, seeds in enumerate(model.folds, 1)],
        "scores": dict(model.scores),
        "verdict": model.verdict,
        "held": {
            "clips": list(model.held.clips),
            "viewers": list(model.held.viewers),
            "reason": model.held.reason,
        },
    }
