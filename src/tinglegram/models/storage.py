"""The file of a trained network: its weights, the scaling of its features, and how it was made.

Apart from `trained`, which reads it, so that a change there trains nothing anew.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict

import torch
from safetensors.torch import save

from tinglegram.models.settings import NetworkTraining
from tinglegram.models.standardise import Scaling
from tinglegram.trials.trials import ordered


def network_file(
    weights: Mapping[str, torch.Tensor],
    scalings: Mapping[str, Scaling],
    training: NetworkTraining,
    *,
    modalities: Collection[str],
    fold: int,
    seed: int,
) -> bytes:
    """Return the safetensors file of a network.

    Parameters
    ----------
    weights : tensors by name.
    scalings : modality -> mean and SD of its columns; empty where features are not scaled.
    training : how it was built and trained.
    modalities, fold, seed : what it was trained on, and from which seed.
    """
    tensors = dict(weights)
    for modality, scaling in scalings.items():
        tensors[f"scaling.{modality}.mean"] = torch.from_numpy(scaling.mean)
        tensors[f"scaling.{modality}.sd"] = torch.from_numpy(scaling.sd)
    about = asdict(training) | {"modalities": ordered(modalities), "fold": fold, "seed": seed}
    # One entry only: safetensors writes several in no fixed order.
    return save(tensors, {"tinglegram": json.dumps(about, sort_keys=True)})
