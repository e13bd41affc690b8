"""The bidirectional LSTM with a linear head, which predicts the reported value of every step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from tinglegram.models.bilstm import Objective, network_outputs, train_network
from tinglegram.models.settings import NetworkTraining
from tinglegram.models.standardise import Scaling
from tinglegram.models.values import PADDING, shown_values, with_values
from tinglegram.trials.trials import Array, Split, Trials


@dataclass(frozen=True, eq=False)
class FittedValues:
    """A trained network: predicted values (test trials, T), history, weights, scale of values."""

    predicted: Array
    history: pd.DataFrame
    weights: dict[str, Tensor]
    scale: Scaling


class KnownSquaredError(nn.Module):
    """Mean squared error over the frames whose value is known."""

    def forward(self, outputs: Tensor, values: Tensor) -> Tensor:
        """Return the mean over frames of (output - value)^2, (); values that are NaN do not count.

        Parameters
        ----------
        outputs : (n, 1)
        values : (n,)
        """
        known = ~values.isnan()
        # Not by picking frames: how many there are, the device would have to tell.
        apart = torch.where(known, outputs[:, 0] - values.nan_to_num(), 0.0)
        return apart.square().sum() / known.sum()


def fit_value_network(
    trials: Trials,
    split: Split,
    modalities: Collection[str],
    training: NetworkTraining,
    *,
    seed: int,
    device: torch.device,
) -> FittedValues:
    """Train on one fold's training trials and predict its test trials.

    The network of `tinglegram.models.bilstm` with one output. It learns values in units of the mean
    and SD of the training frames, so that one learning rate fits any scale; padded frames are left
    out, whatever `training.padding` says.

    Parameters
    ----------
    trials : features standardised as is wanted; ratings in the unit of the dimension.
    training : with `checkpoint: best`, the epoch of the lowest validation loss is kept.

    Returns
    -------
    Predicted values (len(split.test), T) in the unit of the dimension; a history of epoch,
    train_loss and validation_loss (mean squared error in units of the training SD) and selected;
    the weights; mean and SD of the training values, (1,) each.

    Raises
    ------
    InputProblem : the training values are all the same.
    TinglegramError : the loss is not finite.
    """
    shown = shown_values(trials, split.train, split.fold)
    mean, sd = float(shown.mean()), float(shown.std())
    valued = with_values(trials)
    objective = Objective(
        outputs=1, loss=KnownSquaredError(), score=lambda _values, _outputs, loss: -loss
    )
    found = train_network(
        replace(valued, labels=(valued.labels - mean) / sd),
        split,
        modalities,
        replace(training, padding=PADDING),
        objective,
        seed=seed,
        device=device,
    )
    predicted = mean + sd * found.outputs[..., 0].double().cpu().numpy()
    scale = Scaling(np.array([mean]), np.array([sd]))
    return FittedValues(predicted, found.history, found.weights, scale)


def predict_value_network(
    trials: Trials,
    rows: Array,
    modalities: Collection[str],
    training: NetworkTraining,
    weights: Mapping[str, Tensor],
    *,
    scale: Scaling,
    device: torch.device,
) -> Array:
    """Return what a trained network says of the trials `rows`: as `fit_value_network` said.

    Parameters
    ----------
    trials : standardised as they were for training.
    weights : the network's tensors by name; others (of a scaling) are left alone.
    scale : mean and SD of the training values, (1,) each.

    Returns
    -------
    Values in the unit of the dimension, (len(rows), T) float64.
    """
    unpadded = replace(training, padding=PADDING)
    outputs = network_outputs(
        with_values(trials), rows, modalities, unpadded, weights, device=device, outputs=1
    )
    found: Array = scale.mean[0] + scale.sd[0] * outputs[..., 0].double().cpu().numpy()
    return found
