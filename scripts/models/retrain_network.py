"""Train a bidirectional LSTM on one fold again, on reports that are moved in time."""

import logging
from dataclasses import replace

from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.models.bilstm import fit_network, network_seed
from tinglegram.models.devices import select_device
from tinglegram.models.retraining import retrained_scores
from tinglegram.models.settings import Device, NetworkInput, NetworkTraining
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_moved_fold, read_fold, read_target
from tinglegram.trials.trials import Array


def main() -> None:
    """Read the trials, train as the first network of the fold is trained, write the scores."""
    parser = program(__doc__)
    add_moved_fold(parser, NetworkTraining, NetworkInput, Device)
    parser.add_argument("--name", required=True, help="model, for the seed of its network")
    options = parser.parse_args()
    training, given = (read_settings(options, c) for c in (NetworkTraining, NetworkInput))
    trials, split = read_fold(options)
    if given.scaling == "train_fold":
        trials = standardise(trials, fit_scaling(trials, split.train, options.modalities))
    seed = network_seed(given.seed, given.seed_networks, options.name, options.fold)
    device = select_device(read_settings(options, Device).device, threads=1)
    logging.info("%s fold %d on %s, seed %d", options.name, options.fold, device, seed)

    def fit(labels: Array) -> Array:
        own = replace(trials, labels=labels)
        return fit_network(
            own, split, options.modalities, training, seed=seed, device=device
        ).probability

    table = retrained_scores(
        trials,
        split,
        options.shifts,
        fit,
        seed=given.seed,
        condition=read_target(options).condition,
    )
    write_table(table, options.output)


if __name__ == "__main__":
    run(main)
