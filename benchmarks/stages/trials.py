"""Trials: features, pulse and labels of everybody put together, and one epoch of batches."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from simulated import conditions, steps

from tinglegram.files import read_arrays, read_table
from tinglegram.models.batches import DeviceTrials
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import MODALITIES, Trials


class Inputs(NamedTuple):
    """Labels of all people, features of all clips, pulse of all trials."""

    labels: pd.DataFrame
    clips: dict[str, str]
    stimuli: dict[str, dict[str, np.ndarray]]
    pulse: dict[int, dict[str, np.ndarray]]
    steps: int
    grid: float
    log_columns: tuple[int, int]
    batch: int
    seed: int


def load(folder: Path, settings: dict[str, Any], way: str, people: int | None = None) -> Inputs:
    """Read everything, of the first `people` if a number is given."""
    torch.set_num_threads(1)
    labels = read_table(folder / "all_labels.parquet")
    n_mfcc = settings["stimuli"]["n_mfcc"]
    stimuli: dict[str, dict[str, np.ndarray]] = {}
    for name, array in read_arrays(folder / "stimuli.npz").items():
        clip, kind = name.split("/")
        stimuli.setdefault(clip, {})[kind] = array
    pulse: dict[int, dict[str, np.ndarray]] = {}
    for name, array in read_arrays(folder / "pulse.npz").items():
        subject, clip = name.split("/")
        pulse.setdefault(int(subject), {})[clip] = array
    return Inputs(
        labels if people is None else labels[labels["subject"] <= people],
        conditions(settings),
        stimuli,
        pulse,
        steps(settings),
        settings["timing"]["grid"],
        (n_mfcc + 1, n_mfcc + 2),
        settings["training"]["bilstm"]["batch"],
        settings["seed"],
    )


def assembled(inputs: Inputs) -> Trials:
    """Assemble the trials of all people by our way."""
    return assemble(
        inputs.labels,
        inputs.clips,
        steps=inputs.steps,
        grid=inputs.grid,
        modalities=MODALITIES,
        stimuli=inputs.stimuli,
        pulse=inputs.pulse,
        log_columns=inputs.log_columns,
    )


def dense(inputs: Inputs) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Copy the features of its clip into every trial: features, labels and names of all trials."""
    target = next(iter(inputs.clips.values()))
    features, labels, names = [], [], []
    position = {clip: place for place, clip in enumerate(inputs.clips)}
    found = {key: rows for key, rows in inputs.labels.groupby(["subject", "video"])}
    for subject, clip in sorted(found, key=lambda key: (key[0], position[key[1]])):
        rows = found[subject, clip]
        first, n = rows["order"].iloc[0] == 0, len(rows)
        sound = inputs.stimuli[clip]["acoustic_first" if first else "acoustic"].copy()
        for column in inputs.log_columns:
            sound[:, column] = np.log1p(sound[:, column])
        pulse = inputs.pulse[subject][clip]
        trial = np.hstack([inputs.stimuli[clip]["visual"][:n], sound[:n], pulse[:, None]])
        features.append(np.pad(trial, [(0, inputs.steps - n), (0, 0)]))
        label = (rows["rating"].to_numpy() > 0) & (inputs.clips[clip] == target)
        labels.append(np.pad(label.astype(np.int64), (0, inputs.steps - n)))
        names.append((subject, clip))
    named = pd.DataFrame(names, columns=["subject", "video"])
    return np.stack(features), np.stack(labels), named


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Index shared matrices: each clip's features stand once."""
    trials = assembled(inputs)
    data = DeviceTrials(trials, MODALITIES, "counted", torch.device("cpu"))
    order = _order(len(trials.subject), inputs)
    sums = [data.features(rows).sum((0, 1)).numpy() for rows in order]
    targets = [data.targets[rows].sum().item() for rows in order]
    first = data.features(order[0]).numpy()
    return {"sums": np.array(sums), "targets": np.array(targets), "first": first}


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Index a dense copy of all trials."""
    stacked, labels, _ = dense(inputs)
    features, targets = torch.from_numpy(stacked), torch.from_numpy(labels)
    order = _order(len(features), inputs)
    sums = [features[rows].sum((0, 1)).numpy() for rows in order]
    ones = [targets[rows].sum().item() for rows in order]
    return {
        "sums": np.array(sums),
        "targets": np.array(ones),
        "first": features[order[0]].numpy(),
    }


def _order(n_trials: int, inputs: Inputs) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(inputs.seed)
    return torch.randperm(n_trials).split(inputs.batch)
