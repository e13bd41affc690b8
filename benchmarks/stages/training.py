"""Training: assembly of the trials and a few epochs of the fusion network on the CPU."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import f1_score
from torch import nn

from stages import trials as trial_stage
from tinglegram.models.bilstm import NetworkTraining, fit_network
from tinglegram.trials.folds import assign_roles
from tinglegram.trials.trials import MODALITIES, split


class Inputs(NamedTuple):
    """What the trials are made of, the first fold, and the network."""

    trials: trial_stage.Inputs
    folds: pd.DataFrame
    training: NetworkTraining


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """Read the trials of some people and cut them into folds."""
    torch.set_num_threads(1)
    inputs = trial_stage.load(folder, settings, way, settings["bench"]["trained_people"])
    folds = assign_roles(
        "double_independent",
        inputs.labels[["subject", "video"]].drop_duplicates(),
        inputs.clips,
        n_folds=settings["folds"]["number"],
        subject_order="string",
        validation_fraction=0.1,
        seed=settings["seed"],
    )
    options = settings["training"]["bilstm"] | {"epochs": settings["bench"]["epochs"]}
    return Inputs(inputs, folds, NetworkTraining(**options, padding="counted", checkpoint="last"))


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Train from shared matrices."""
    trials = trial_stage.assembled(inputs.trials)
    fitted = fit_network(
        trials,
        split(trials, inputs.folds, 1),
        MODALITIES,
        inputs.training,
        seed=inputs.trials.seed,
        device=torch.device("cpu"),
    )
    columns = ["train_loss", "validation_macro_f1"]
    return {"probability": fitted.probability, "history": fitted.history[columns].to_numpy()}


class Network(nn.Module):
    """The paper's network, as its text describes it."""

    def __init__(self, width: int, ask: NetworkTraining) -> None:
        """Build the layers."""
        super().__init__()
        self.lstm = nn.LSTM(
            width,
            ask.hidden,
            num_layers=ask.layers,
            batch_first=True,
            bidirectional=True,
            dropout=ask.dropout,
        )
        self.fc = nn.Linear(2 * ask.hidden, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of every step."""
        return self.fc(self.lstm(x)[0])


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Train from a dense copy of all trials, with scikit-learn's validation score."""
    ask = inputs.training
    stacked, labels, names = trial_stage.dense(inputs.trials)
    roles = inputs.folds[inputs.folds["fold"] == 1]
    role = names.merge(roles, on=["subject", "video"], how="left")["role"].to_numpy()
    x, y = torch.from_numpy(stacked), torch.from_numpy(labels)
    x_train, y_train = x[role == "train"], y[role == "train"]
    x_held, y_held = x[role == "validation"], y[role == "validation"]
    torch.manual_seed(inputs.trials.seed)
    network = Network(x.shape[2], ask)
    optimiser = torch.optim.Adam(network.parameters(), lr=ask.learning_rate)
    counts = torch.bincount(y_train.flatten(), minlength=2)
    loss_of = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
    history = []
    for _ in range(ask.epochs):
        network.train()
        total = 0.0
        for rows in torch.randperm(len(x_train)).split(ask.batch):
            optimiser.zero_grad()
            loss = loss_of(network(x_train[rows]).reshape(-1, 2), y_train[rows].reshape(-1))
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        called = _logits(network, x_held, ask.batch).argmax(-1)
        score = f1_score(y_held.numpy().ravel(), called.numpy().ravel(), average="macro")
        history.append((total / len(x_train), score))
    logits = _logits(network, x[role == "test"], ask.batch)
    return {"probability": logits.softmax(-1)[..., 1].numpy(), "history": np.array(history)}


def _logits(network: Network, x: torch.Tensor, batch: int) -> torch.Tensor:
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part) for part in x.split(batch)])
