"""Predict the test trials of every fold with a trained model, its features perturbed."""

import json
import logging
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.models.perturbations import PERTURBATIONS
from tinglegram.trials.files import add_features, add_reports, read_features, read_folds
from tinglegram.trials.trials import Trials, prediction_table, split

Predict = Callable[[Trials, np.ndarray], np.ndarray]


def load(path: Path, modalities: list[str], device: str) -> Predict:
    """Read a trained model: trials and rows -> probability of class 1."""
    return (network if path.suffix == ".safetensors" else boosted)(path, modalities, device)


def network(path: Path, modalities: list[str], device: str) -> Predict:
    """Read a network with its settings and the scaling of its features."""
    # Imported here, because torch takes longer to load than XGBoost to predict.
    from safetensors import safe_open
    from safetensors.torch import load_file

    from tinglegram.models import bilstm
    from tinglegram.models.devices import select_device
    from tinglegram.models.standardise import standardise, stored_scaling

    tensors = load_file(path)
    with safe_open(path, framework="pt") as stored:
        about = json.loads(stored.metadata()["tinglegram"])
    training = bilstm.NetworkTraining(
        **{field.name: about[field.name] for field in fields(bilstm.NetworkTraining)}
    )
    scalings = stored_scaling({name: tensor.numpy() for name, tensor in tensors.items()})
    chosen = select_device(device, threads=1)

    def predict(trials: Trials, rows: np.ndarray) -> np.ndarray:
        scaled = standardise(trials, scalings)
        return bilstm.predict_network(scaled, rows, modalities, training, tensors, device=chosen)

    return predict


def boosted(path: Path, modalities: list[str], device: str) -> Predict:
    """Read an XGBoost model; it runs on the CPU."""
    from tinglegram.models import boosting

    content = path.read_bytes()
    return lambda trials, rows: boosting.predict_boosting(trials, rows, modalities, content)


def main() -> None:
    """Perturb the trials once and write the predictions of every fold."""
    parser = program(__doc__)
    add_reports(parser)
    add_features(parser)
    add = parser.add_argument
    add("--perturbation", choices=PERTURBATIONS, help="without it the trials stay as they are")
    add("--device", choices=["auto", "cpu", "cuda"], default="auto", help="where networks run")
    add("--weights", type=Path, nargs="+", required=True, help="trained models, fold by fold")
    add("--output", type=Path, nargs="+", required=True, help="predictions, fold by fold")
    options = parser.parse_args()
    trials, folds = read_features(options), read_folds(options)
    if options.perturbation:
        perturbation = PERTURBATIONS[options.perturbation]
        trials = perturbation.apply(trials, options.seed)
        logging.info("%s: %s", options.perturbation, perturbation.keeps)
    for fold, (weights, path) in enumerate(zip(options.weights, options.output, strict=True), 1):
        predict = load(weights, options.modalities, options.device)
        rows = split(trials, folds, fold).test
        write_table(prediction_table(trials, rows, predict(trials, rows)), path)


if __name__ == "__main__":
    run(main)
