"""Train a bidirectional LSTM on one fold and predict its test trials."""

import logging

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.models.bilstm import fit_network, network_seed
from tinglegram.models.devices import select_device
from tinglegram.models.final import without_stopping
from tinglegram.models.settings import Device, NetworkInput, NetworkTraining
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.models.storage import network_file
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_fold, add_histories, read_fold, read_histories, write_tested
from tinglegram.trials.trials import prediction_table


def main() -> None:
    """Read the trials, train, write predictions, history and weights."""
    parser = program(__doc__)
    add_fold(parser, NetworkTraining, NetworkInput, Device)
    add = parser.add_argument
    add("--name", required=True, help="model, for the seed where networks are unseeded")
    add("--replicate", type=int, default=1, help="which of several networks of this fold, from 1")
    add_histories(parser)
    options = parser.parse_args()
    training, given = (read_settings(options, c) for c in (NetworkTraining, NetworkInput))
    training = without_stopping(training, read_histories(options))
    trials, split = read_fold(options)
    scalings = {}
    if given.scaling == "train_fold":
        scalings = fit_scaling(trials, split.train, options.modalities)
        trials = standardise(trials, scalings)
    seeding = (given.seed, given.seed_networks, options.name, options.fold, options.replicate)
    seed = network_seed(*seeding)
    device = select_device(read_settings(options, Device).device, threads=1)
    logging.info("%s fold %d on %s, seed %d", options.name, options.fold, device, seed)
    fitted = fit_network(trials, split, options.modalities, training, seed=seed, device=device)
    write_tested(prediction_table(trials, split.test, fitted.probability), options)
    write_table(fitted.history, options.history)
    content = network_file(
        fitted.weights,
        scalings,
        training,
        modalities=options.modalities,
        fold=options.fold,
        seed=seed,
    )
    with whole(options.weights) as aside:
        aside.write_bytes(content)


if __name__ == "__main__":
    run(main)
