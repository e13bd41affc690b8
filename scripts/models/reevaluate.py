"""Predict the test trials of every fold with trained models, their features perturbed."""

import argparse
import logging
from collections.abc import Sequence

from tinglegram.command_line import filled, program, run
from tinglegram.files import write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.models.averaging import mean_probability
from tinglegram.models.perturbations import PERTURBATIONS
from tinglegram.models.settings import Device
from tinglegram.models.trained import read_model
from tinglegram.settings import read_settings
from tinglegram.trials.files import add_trials, read_folds, read_trials
from tinglegram.trials.trials import Trials, prediction_table, split


def main() -> None:
    """Read the trials of each set of modalities once, and write all predictions made from them."""
    parser = program(__doc__)
    add_trials(parser, Device, Seeding)
    add = parser.add_argument
    add(
        "--model",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "WEIGHTS"),
        help="a trained model: its name, its file in {fold}, and its modalities",
    )
    add(
        "--averaged",
        nargs="+",
        action="append",
        default=[],
        metavar=("NAME", "WEIGHTS"),
        help="further networks of a model, in {fold}, where it is the mean of them all",
    )
    add(
        "--set",
        nargs=3,
        action="append",
        required=True,
        metavar=("NAME", "MODEL", "PERTURBATION"),
        help=f"predictions to make; {', '.join(PERTURBATIONS)}, or none: trials as they are",
    )
    add("--predictions", required=True, help="of the set {model} in {fold} (Parquet, written)")
    options = parser.parse_args()
    further = {name: weights for name, *weights in options.averaged}
    models = {
        name: ([weights, *further.get(name, [])], tuple(used))
        for name, weights, *used in options.model
    }
    for modalities in dict.fromkeys(used for _, used in models.values()):
        trials = read_trials(options, modalities)
        for name, model, perturbation in options.set:
            weights, used = models[model]
            if used == modalities:
                shown = perturbed(trials, perturbation, read_settings(options, Seeding).seed)
                reevaluate(options, shown, name, weights, modalities)


def perturbed(trials: Trials, name: str, seed: int) -> Trials:
    """Perturb the trials, unless `name` is none."""
    if name == "none":
        return trials
    perturbation = PERTURBATIONS[name]
    logging.info("%s: %s", name, perturbation.keeps)
    return perturbation.apply(trials, seed)


def reevaluate(
    options: argparse.Namespace,
    trials: Trials,
    name: str,
    weights: Sequence[str],
    modalities: tuple[str, ...],
) -> None:
    """Write what a model predicts in every fold: the mean, where it has several networks."""
    folds = read_folds(options, modalities)
    device = read_settings(options, Device).device
    for fold in sorted(folds["fold"].unique()):
        (output,) = filled([options.predictions], model=[name], fold=[fold])
        rows = split(trials, folds, fold).test
        networks = [read_model(path, modalities, device) for path in filled(weights, fold=[fold])]
        probability = mean_probability([predict(trials, rows) for predict in networks])
        write_table(prediction_table(trials, rows, probability), output)


if __name__ == "__main__":
    run(main)
