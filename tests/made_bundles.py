"""A small study with its trained models, in memory, and its bundle: sounds whose loudness is felt.

Four clips of six seconds; viewers report more the louder it is. Nothing is decoded.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.bundles.conformal import HeldClips, held_errors
from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.extraction import SOUND_SETS
from tinglegram.bundles.files import read_bundle, write_bundle
from tinglegram.bundles.making import (
    COURSES,
    TrainedModel,
    bundle_contents,
    describe_sets,
    portable,
)
from tinglegram.models.averaging import mean_probability
from tinglegram.models.bilstm import fit_network
from tinglegram.models.boosting import fit_boosting
from tinglegram.models.ridge import fit_ridge
from tinglegram.models.settings import Boosting, NetworkTraining
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.models.storage import network_file
from tinglegram.models.value_boosting import fit_value_boosting
from tinglegram.models.value_network import fit_value_network
from tinglegram.models.value_settings import RidgeFit
from tinglegram.models.values import value_table
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant, VisualFeatures
from tinglegram.trials.trials import Split, Trials, binary_labels, every_trial, prediction_table

RATE, GRID, STEPS, CLIPS, PEOPLE = 32000, 4, 24, 4, 3
HOP = RATE // GRID
SOUND = AcousticFeatures(sample_rate=RATE, n_fft=2048, n_mfcc=3)
VARIANT = FeatureVariant(
    resize="direct_224",
    audio_window="2048",
    alignment="timestamps",
    deinterlace="top_field",
    tone_mapping="mobius",
)
TRAINING = NetworkTraining(
    **{"hidden": 4, "layers": 1, "dropout": 0.0, "learning_rate": 0.05, "batch": 8, "epochs": 8},
    **{"padding": "masked", "checkpoint": "last"},
)
TREES = Boosting(trees=4, depth=2, learning_rate=0.5, padding="masked")
CPU = torch.device("cpu")
FOLDS = (1, 2)
MODELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fusion": ("bilstm", ("acoustic", "pulse")),
    "acoustic": ("bilstm", ("acoustic",)),
    "trees": ("xgboost", ("acoustic",)),
    "regression/ridge": ("ridge", ("acoustic",)),
    "regression/network": ("bilstm", ("acoustic",)),
    "regression/trees": ("xgboost", ("acoustic",)),
}


def noise(seed: int, steps: int = STEPS) -> np.ndarray:
    """Return pink-like noise that grows louder and softer, int16, (steps x HOP,)."""
    rng = np.random.default_rng(seed)
    white = rng.normal(size=steps * HOP)
    soft = np.convolve(white, np.ones(8) / 8, "same")
    course = 0.55 + 0.45 * np.sin(np.arange(len(soft)) / HOP + seed)
    return np.int16(np.clip(6000 * course * soft / soft.std(), -32000, 32000))


def acoustic(samples: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """Return the acoustic features of a sound, as models take them."""
    own = describe_sets(["acoustic"], VisualFeatures(), SOUND, VARIANT, "")["acoustic"]
    found = SOUND_SETS["acoustic"].features(samples, steps, RATE, HOP, own["settings"])
    found[:, own["log1p"]] = np.log1p(found[:, own["log1p"]])
    return found


@cache
def trials() -> Trials:
    """Everybody saw all clips; reports follow the loudness."""
    sounds = np.stack([acoustic(noise(clip)) for clip in range(CLIPS)])
    subject, clip = (part.ravel() for part in np.indices((PEOPLE, CLIPS)))
    rms = sounds[..., 3]
    rng = np.random.default_rng(0)
    felt = 1 + 2 * (rms > np.median(rms))[clip] + rng.integers(0, 2, (len(clip), STEPS))
    ratings = felt.astype(np.uint8)
    shown = np.full(len(clip), STEPS)
    condition = np.full(len(clip), "ASMR", object)
    valid = np.ones(ratings.shape, bool)
    return Trials(
        subject=subject + 1,
        video=np.array([f"vid{c + 1}" for c in clip], object),
        condition=condition,
        order=clip + 1,
        n_steps=shown,
        ratings=ratings,
        labels=binary_labels(ratings, valid, condition, ResponseTarget(above=2, condition="ASMR")),
        clip_index=clip,
        acoustic_index=2 * clip,
        visual=None,
        acoustic=np.repeat(sounds, 2, axis=0),
        pulse=rng.normal(size=(len(clip), STEPS)).astype("f4"),
        grid=float(GRID),
    )


def split_of(fold: int) -> Split:
    """Fold k tests every second clip, and trains on the others."""
    rows = np.arange(PEOPLE * CLIPS)
    tested = trials().clip_index % 2 == fold - 1
    return Split(fold, rows[~tested], rows[~tested][:2], rows[tested])


def folds_table() -> pd.DataFrame:
    """Return the table of both folds."""
    rows = []
    for fold in FOLDS:
        split = split_of(fold)
        for role, own in (("train", split.train), ("test", split.test)):
            rows += [(fold, trials().subject[row], trials().video[row], role) for row in own]
    return pd.DataFrame(rows, columns=["fold", "subject", "video", "role"])


def fitted(name: str, split: Split, seed: int) -> tuple[bytes, np.ndarray]:
    """Train one model on one split: its file, and what it predicts of the test trials."""
    kind, modalities = MODELS[name]
    of_values, all_trials = name.startswith("regression/"), trials()
    if kind == "ridge":
        fit = RidgeFit(lags=(0.0, 0.5), penalties=(0.1,), inner_folds=2)
        ridge = fit_ridge(all_trials, split, modalities, fit)
        return portable(kind, ridge.arrays), ridge.predicted
    if kind == "xgboost":
        if of_values:
            boosted = fit_value_boosting(all_trials, split, modalities, TREES, seed=seed)
            return portable(kind, boosted.weights), boosted.predicted
        trees = fit_boosting(all_trials, split, modalities, TREES, seed=seed)
        return portable(kind, trees.weights), trees.probability
    scalings = fit_scaling(all_trials, split.train, modalities)
    scaled = standardise(all_trials, scalings)
    about = {"modalities": modalities, "fold": split.fold, "seed": seed}
    if of_values:
        values = fit_value_network(scaled, split, modalities, TRAINING, seed=seed, device=CPU)
        stored = scalings | {"values": values.scale}
        return network_file(values.weights, stored, TRAINING, **about), values.predicted
    network = fit_network(scaled, split, modalities, TRAINING, seed=seed, device=CPU)
    return network_file(network.weights, scalings, TRAINING, **about), network.probability


def trained(name: str) -> TrainedModel:
    """Train a model in both folds and on all trials; networks of class 1 from two seeds."""
    kind, modalities = MODELS[name]
    predicts = "value" if name.startswith("regression/") else "probability"
    seeds = (1, 2) if kind == "bilstm" and predicts == "probability" else (1,)
    contents, tables = [], []
    for fold in FOLDS:
        each = [fitted(name, split_of(fold), seed) for seed in seeds]
        contents.append([content for content, _ in each])
        said = mean_probability([own for _, own in each])
        table = value_table if predicts == "value" else prediction_table
        tables.append(table(trials(), split_of(fold).test, said))
    held = HeldClips((), np.empty((0, STEPS)), (), "it needs more than a film or a sound")
    if "pulse" not in modalities:
        held = held_errors(pd.concat(tables), folds_table(), COURSES[predicts], STEPS)
    value = {"fusion": 0.9, "acoustic": 0.7, "trees": 0.6}.get(name, 0.5)
    scores: Mapping[str, Any] = {"regression": {"concordance": {"value": value}}}
    if predicts == "probability":
        scores = {"within": {"roc_auc": {"value": value, "ci_low": value - 0.1, "ci_high": None}}}
    return TrainedModel(
        {
            "kind": kind,
            "predicts": predicts,
            "modalities": list(modalities),
            "averaged": len(seeds) > 1,
        },
        [fitted(name, every_trial(trials()), seed)[0] for seed in seeds],
        contents,
        scores,
        {"call": "undecided", "sentence": "Nothing is shown."} if predicts != "value" else None,
        held,
    )


@cache
def every_model() -> dict[str, TrainedModel]:
    """Return all models of `MODELS`, trained."""
    return {name: trained(name) for name in MODELS}


def about() -> dict[str, Any]:
    """Return what the study says of itself."""
    return {
        **{"study": "small", "title": "A small study", "protocol": "corrected"},
        **{"switches": {"padding": "masked"}, "simulated": True},
        "target": {"dimension": "tingle", "kind": "ordinal", "above": 2, "condition": "ASMR"},
        "held_out": "Held out: the tested clip.",
        **{"tinglegram_version": "0.1.0", "grid_hz": GRID, "warm_up_s": 0.0},
        "untrained_image_network": False,
        "clips": [
            {
                **{"code": f"vid{clip + 1}", "condition": "ASMR", "steps": STEPS},
                **{"streams": ["sound"], "sha256": None},
            }
            for clip in range(CLIPS)
        ],
        "decoding": {
            **{"alignment": "timestamps", "deinterlace": "top_field"},
            **{"tone_mapping": "mobius", "sample_rate": RATE},
        },
        "sets": describe_sets(["acoustic"], VisualFeatures(), SOUND, VARIANT, ""),
        "baselines": {"condition_only": {"within": {"roc_auc": {"value": 0.5}}}},
        **{"licence": "CC-BY-4.0", "citation": None},
    }


@cache
def contents() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return bundle.json without its files, and the content of every file."""
    return bundle_contents(about(), every_model(), trials(), None)


def written(folder: Path) -> Path:
    """Write the bundle."""
    write_bundle(*contents(), folder)
    return folder


def bundle_in(folder: Path) -> Bundle:
    """Write the bundle and read it."""
    return read_bundle(written(folder))
