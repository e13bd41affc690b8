"""Trained models read from their files: what they predict for trials of one's own choice."""

import json
from collections.abc import Callable, Collection
from dataclasses import fields
from pathlib import Path

from tinglegram.trials.trials import Array, Trials

# Trials and (n,) rows of them -> probability of class 1, (n, T) float64.
Predict = Callable[[Trials, Array], Array]


def read_model(path: Path, modalities: Collection[str], device: str) -> Predict:
    """Read a trained model.

    Parameters
    ----------
    path : `.safetensors` of a network, or `.ubj` of boosted trees.
    modalities : as it was trained with.
    device : where a network runs: auto, cpu or cuda.

    Returns
    -------
    The function that predicts, bit for bit as after training.
    """
    if path.suffix == ".safetensors":
        return read_trained_network(path, modalities, device)
    return read_boosted(path, modalities)


def read_trained_network(path: Path, modalities: Collection[str], device: str) -> Predict:
    """Read a network with its settings and the scaling of its features."""
    # Imported here, because torch takes longer to load than XGBoost to predict.
    from safetensors import safe_open
    from safetensors.torch import load_file

    from tinglegram.models import bilstm
    from tinglegram.models.devices import select_device
    from tinglegram.models.settings import NetworkTraining
    from tinglegram.models.standardise import standardise, stored_scaling

    tensors = load_file(path)
    with safe_open(path, framework="pt") as stored:
        about = json.loads(stored.metadata()["tinglegram"])
    training = NetworkTraining(**{f.name: about[f.name] for f in fields(NetworkTraining)})
    scalings = stored_scaling({name: tensor.numpy() for name, tensor in tensors.items()})
    chosen = select_device(device, threads=1)

    def predict(trials: Trials, rows: Array) -> Array:
        scaled = standardise(trials, scalings)
        return bilstm.predict_network(scaled, rows, modalities, training, tensors, device=chosen)

    return predict


def read_boosted(path: Path, modalities: Collection[str]) -> Predict:
    """Read boosted trees; they run on the CPU."""
    from tinglegram.models import boosting

    content = path.read_bytes()
    return lambda trials, rows: boosting.predict_boosting(trials, rows, modalities, content)
