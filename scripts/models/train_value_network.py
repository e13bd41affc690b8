"""Train a bidirectional LSTM on the reported values of one fold and predict its test trials."""

from dataclasses import asdict

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_table
from tinglegram.models.bilstm import network_seed
from tinglegram.models.devices import select_device
from tinglegram.models.final import without_stopping
from tinglegram.models.settings import Device, NetworkInput, NetworkTraining
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.models.storage import network_file
from tinglegram.models.value_network import fit_value_network
from tinglegram.models.value_settings import ValueNetworkTraining
from tinglegram.models.values import PADDING, value_table
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_fold, add_histories, read_fold, read_histories, write_tested


def main() -> None:
    """Read the trials, train, write predictions, history and weights."""
    parser = program(__doc__)
    add_fold(parser, ValueNetworkTraining, NetworkInput, Device)
    parser.add_argument("--name", required=True, help="model, for its seed where it has its own")
    add_histories(parser)
    options = parser.parse_args()
    given, modalities = read_settings(options, NetworkInput), options.modalities
    training = NetworkTraining(
        **asdict(read_settings(options, ValueNetworkTraining)), padding=PADDING
    )
    training = without_stopping(training, read_histories(options))
    trials, split = read_fold(options)
    seed = network_seed(given.seed, given.seed_networks, options.name, options.fold)
    device = select_device(read_settings(options, Device).device, threads=1)
    used = modalities if given.scaling == "train_fold" else ()
    scalings = fit_scaling(trials, split.train, used) if used else {}
    scaled = standardise(trials, scalings)
    fitted = fit_value_network(scaled, split, modalities, training, seed=seed, device=device)
    write_tested(value_table(trials, split.test, fitted.predicted), options)
    write_table(fitted.history, options.history)
    # The scale of the values stands beside those of the features.
    stored = scalings | {"values": fitted.scale}
    about = {"modalities": modalities, "fold": options.fold, "seed": seed}
    with whole(options.weights) as aside:
        aside.write_bytes(network_file(fitted.weights, stored, training, **about))


if __name__ == "__main__":
    run(main)
