"""Train a bidirectional LSTM on one fold and predict its test trials."""

import argparse
import json
import logging

import torch
from safetensors.torch import save

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.models.bilstm import NetworkTraining, fit_network, network_seed
from tinglegram.models.devices import select_device
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.trials.files import add_arguments, read_trials
from tinglegram.trials.trials import ordered, prediction_table


def main() -> None:
    """Read the trials, train, write predictions, history and weights."""
    parser = program(__doc__)
    add_arguments(parser)
    add = parser.add_argument
    add("--name", required=True, help="model, for the seed where networks are unseeded")
    add("--replicate", type=int, default=1, help="which of several networks of this fold, from 1")
    add("--seed-networks", action=argparse.BooleanOptionalAction, required=True)
    add("--scaling", choices=["none", "train_fold"], required=True, help="of the features")
    add("--checkpoint", choices=["last", "best"], required=True, help="epoch that is tested")
    add("--device", choices=["auto", "cpu", "cuda"], default="auto", help="where to train")
    add("--hidden", type=int, required=True, help="units per direction and layer")
    add("--layers", type=int, required=True, help="LSTM layers")
    add("--dropout", type=float, required=True, help="between layers")
    add("--learning-rate", type=float, required=True, help="of Adam")
    add("--batch", type=int, required=True, help="trials per step")
    add("--epochs", type=int, required=True, help="passes over the training trials")
    options = parser.parse_args()
    trials, split = read_trials(options)
    scalings = {}
    if options.scaling == "train_fold":
        scalings = fit_scaling(trials, split.train, options.modalities)
        trials = standardise(trials, scalings)
    names = ("hidden", "layers", "dropout", "learning_rate", "batch", "epochs")
    settings = {name: getattr(options, name) for name in (*names, "padding", "checkpoint")}
    seeding = (options.seed, options.seed_networks, options.name, options.fold, options.replicate)
    seed = network_seed(*seeding)
    device = select_device(options.device, threads=1)
    logging.info("%s fold %d on %s, seed %d", options.name, options.fold, device, seed)
    fitted = fit_network(
        trials, split, options.modalities, NetworkTraining(**settings), seed=seed, device=device
    )
    write_table(prediction_table(trials, split.test, fitted.probability), options.predictions)
    write_table(fitted.history, options.history)
    tensors = dict(fitted.weights)
    for modality, scaling in scalings.items():
        tensors[f"scaling.{modality}.mean"] = torch.from_numpy(scaling.mean)
        tensors[f"scaling.{modality}.sd"] = torch.from_numpy(scaling.sd)
    about = settings | {"modalities": ordered(options.modalities), "fold": options.fold}
    # One entry only: safetensors writes several in no fixed order.
    described = {"tinglegram": json.dumps(about | {"seed": seed}, sort_keys=True)}
    with whole(options.weights) as aside:
        aside.write_bytes(save(tensors, described))


if __name__ == "__main__":
    run(main)
