"""The bidirectional LSTM that labels every step of a trial, and its training.

Architecture and training: paper, section "Technical Validation"; what the text leaves open
(class weights over all frames, first strictly best epoch) follows the released code.
"""

import logging
import math
import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tinglegram.errors import TinglegramError
from tinglegram.inference.counts import METRICS, outcome_counts, scores
from tinglegram.models.adam import Adam
from tinglegram.models.batches import IGNORED, DeviceTrials, Packing
from tinglegram.models.settings import NetworkTraining
from tinglegram.trials.trials import Split, Trials, class_counts

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network: probability of class 1 (test trials, T), history and weights."""

    probability: np.ndarray
    history: pd.DataFrame
    weights: dict[str, Tensor]


class Objective(NamedTuple):
    """What a network is trained for.

    Attributes
    ----------
    outputs : numbers that it gives for every step.
    loss : of outputs (n, outputs) and targets (n,); one number.
    score : of the validation trials' targets (n, T), outputs (n, T, outputs) and loss; the epoch of
        the highest one is the best.
    score_name : its column in the history; empty: none.
    """

    outputs: int
    loss: nn.Module
    score: Callable[[Tensor, Tensor, float], float]
    score_name: str = ""


class Trained(NamedTuple):
    """A network of any objective: outputs (test trials, T, outputs), history and weights."""

    outputs: Tensor
    history: pd.DataFrame
    weights: dict[str, Tensor]


class BiLSTM(nn.Module):
    """Layers of bidirectional LSTM with dropout between them, then a linear map."""

    def __init__(
        self, width: int, hidden: int, layers: int, dropout: float, outputs: int = 2
    ) -> None:
        """Build the network for `width` feature columns; two outputs are two classes."""
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(
            width, hidden, layers, batch_first=True, bidirectional=True, dropout=between
        )
        self.head = nn.Linear(2 * hidden, outputs)

    def forward(self, features: Tensor, packing: Packing | None = None) -> Tensor:
        """Map features (b, T, width) to logits (b, T, outputs).

        With `packing` the network does not read beyond its lengths, so that padding cannot reach
        valid steps through the backward direction.
        """
        if packing is None:
            states, _ = self.lstm(features)
        else:
            longest_first = features.index_select(0, packing.order)
            packed = pack_padded_sequence(longest_first, packing.lengths, batch_first=True)
            states, _ = pad_packed_sequence(
                self.lstm(packed)[0], batch_first=True, total_length=features.shape[1]
            )
            states = states.index_select(0, packing.back)
        logits: Tensor = self.head(states)
        return logits


def network_seed(seed: int, seeded: bool, name: str, fold: int, replicate: int = 1) -> int:
    """Return the seed of one network; `replicate` counts the networks of one model and fold from 1.

    `seeded`: `seed` itself in every fold (paper: "Random seed (42) was used throughout"), and the
    numbers that follow it for further replicates.
    """
    if seeded:
        return seed + replicate - 1
    # ASSUMPTION: the released code does not seed its networks, so any draw is as good as theirs;
    # this one is fixed by model (`name`), fold and replicate, so that a run can be repeated.
    entropy = [seed, crc32(name.encode()), fold, replicate]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


def class_weights(counts: tuple[int, int]) -> list[float]:
    """Return n / (2 x count) of each class, the released code's weights."""
    return [sum(counts) / (2 * count) for count in counts]


def macro_f1(targets: Tensor, logits: Tensor) -> float:
    """Macro F1 over all frames that count; an undefined F1 is 0."""
    counts = outcome_counts(
        (targets == 1).cpu().numpy().ravel(),
        logits.argmax(-1).bool().cpu().numpy().ravel(),
        (targets != IGNORED).cpu().numpy().ravel(),
    )
    return float(scores(counts, counts)[METRICS.index("macro_f1")])


def _weights(network: BiLSTM) -> dict[str, Tensor]:
    """Copy the weights: a state dictionary alone shares memory with the live network."""
    return {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}


def _make_repeatable(seed: int, device: torch.device) -> None:
    """Set torch's global state so that the same inputs give the same weights."""
    if device.type != "cpu":
        # cuBLAS is only deterministic with a fixed workspace, chosen before its first use.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # On one CPU thread every operation used here is deterministic anyway, and this call
        # alone would load torch's compiler, which takes as long as a small training.
        torch.use_deterministic_algorithms(True)
    # Sums split over threads round differently with each number of threads.
    torch.set_num_threads(1)
    torch.manual_seed(seed)


def _probability(logits: Tensor) -> np.ndarray:
    """Return the probability of class 1, (n, T) float64, from logits (n, T, 2)."""
    # In double precision a probability is above 0.5 exactly where class 1 has the larger logit.
    probability: np.ndarray = logits.double().softmax(-1)[..., 1].cpu().numpy()
    return probability


def predict_network(
    trials: Trials,
    rows: np.ndarray,
    modalities: Collection[str],
    training: NetworkTraining,
    weights: Mapping[str, Tensor],
    *,
    device: torch.device,
) -> np.ndarray:
    """Return what a trained network says of the trials `rows`: as `fit` said, bit for bit.

    Parameters
    ----------
    trials : standardised as they were for training.
    rows : (n,) trials to predict.
    modalities, training : as given to `fit`.
    weights : the network's tensors by name; others (of a scaling) are left alone.

    Returns
    -------
    Probability of class 1, (n, T) float64.
    """
    outputs = network_outputs(trials, rows, modalities, training, weights, device=device)
    return _probability(outputs)


def network_outputs(
    trials: Trials,
    rows: np.ndarray,
    modalities: Collection[str],
    training: NetworkTraining,
    weights: Mapping[str, Tensor],
    *,
    device: torch.device,
    outputs: int = 2,
) -> Tensor:
    """Return what a trained network of any objective gives for the trials `rows`, (n, T, outputs).

    As `predict_network`, before anything is made of its outputs.
    """
    _make_repeatable(0, device)
    data = DeviceTrials(trials, modalities, training.padding, device)
    shape = (data.width, training.hidden, training.layers, training.dropout)
    network = BiLSTM(*shape, outputs=outputs).to(device)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    return data.all_logits(network, torch.from_numpy(rows), training.batch)


def train_epoch(
    network: BiLSTM,
    data: DeviceTrials,
    optimiser: Adam,
    loss_of: nn.Module,
    rows: Tensor,
    size: int,
) -> Tensor:
    """Pass once over the trials `rows`, in their order, in batches of `size`.

    Nothing here waits for the device.

    Returns
    -------
    Sum over trials of their batches' loss, () float64, on the device.
    """
    network.train()
    total = torch.zeros((), dtype=torch.float64, device=data.device)
    for batch in data.batches(rows, size):
        network.zero_grad()
        logits = data.logits(network, batch)
        loss = loss_of(logits.flatten(0, 1), data.targets[batch.rows].flatten())
        loss.backward()
        optimiser.step()
        total += loss.detach().double() * len(batch.rows)
    return total


def fit_network(
    trials: Trials,
    split: Split,
    modalities: Collection[str],
    training: NetworkTraining,
    *,
    seed: int,
    device: torch.device,
) -> Fitted:
    """Train on one fold's training trials and predict its test trials.

    Sets torch's seed, its deterministic mode and one thread for the whole process.

    Returns
    -------
    Probabilities (len(split.test), T) float64; a history of epoch, train_loss (class-weighted
    cross-entropy, mean over trials), validation_loss, validation_macro_f1, selected; the weights.

    Raises
    ------
    TinglegramError : a class is missing from the training frames, or the loss is not finite.
    """
    counts = class_counts(trials, split.train, training.padding, split.fold)
    objective = Objective(
        outputs=2,
        loss=nn.CrossEntropyLoss(torch.tensor(class_weights(counts))),
        score=lambda targets, logits, _: macro_f1(targets, logits),
        score_name="validation_macro_f1",
    )
    found = train_network(trials, split, modalities, training, objective, seed=seed, device=device)
    return Fitted(_probability(found.outputs), found.history, found.weights)


def train_network(
    trials: Trials,
    split: Split,
    modalities: Collection[str],
    training: NetworkTraining,
    objective: Objective,
    *,
    seed: int,
    device: torch.device,
) -> Trained:
    """Train on one fold's training trials for any objective; see `fit_network`.

    A fold may have no validation and no test trials, as that of all trials (`every_trial`): then
    nothing is known of epochs, and the last one is kept.

    Raises
    ------
    TinglegramError : the loss is not finite.
    """
    _make_repeatable(seed, device)
    data = DeviceTrials(trials, modalities, training.padding, device)
    shape = (data.width, training.hidden, training.layers, training.dropout)
    network = BiLSTM(*shape, outputs=objective.outputs).to(device)
    optimiser = Adam(network.parameters(), training.learning_rate)
    loss_of = objective.loss.to(device)
    train, validation = torch.from_numpy(split.train), torch.from_numpy(split.validation)
    held = data.targets[validation.to(device)]
    best, selected, kept, history = -math.inf, training.epochs, None, []
    for epoch in range(1, training.epochs + 1):
        started, shuffled = time.perf_counter(), train[torch.randperm(len(train))]
        total = train_epoch(network, data, optimiser, loss_of, shuffled, training.batch).item()
        if not math.isfinite(total):
            raise TinglegramError(
                f"The loss of fold {split.fold} is not finite in epoch {epoch}. "
                "Lower training: bilstm: learning_rate."
            )
        held_loss = score = math.nan
        if len(validation):
            outputs = data.all_logits(network, validation, training.batch)
            held_loss = loss_of(outputs.flatten(0, 1), held.flatten()).item()
            score = objective.score(held, outputs, held_loss)
        history.append((epoch, total / len(train), held_loss, score))
        if training.checkpoint == "best" and score > best:
            best, selected, kept = score, epoch, _weights(network)
        log.info(
            "fold %d epoch %d/%d: loss %.4f, validation loss %.4f, %s%.1f s",
            *(split.fold, epoch, training.epochs, total / len(train), held_loss),
            f"{objective.score_name.removeprefix('validation_')} {score:.4f}, "
            if objective.score_name
            else "",
            time.perf_counter() - started,
        )
    if kept is None:
        kept = _weights(network)
    network.load_state_dict(kept)
    said = torch.empty((0, trials.steps, objective.outputs))
    if len(split.test):
        said = data.all_logits(network, torch.from_numpy(split.test), training.batch)
    columns = ["epoch", "train_loss", "validation_loss", objective.score_name]
    table = pd.DataFrame(history, columns=columns).drop(columns="", errors="ignore")
    return Trained(
        outputs=said,
        history=table.assign(selected=table["epoch"] == selected),
        weights=kept,
    )
