"""The trainings of a whole study as files and commands: those of `train_network`, simulated."""

import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from simulated import ROOT, conditions, prepare_trials

from tinglegram.files import read_arrays, read_table, write_arrays, write_table, write_text
from tinglegram.inference.counts import METRICS, outcome_counts, scores
from tinglegram.models.settings import Device, NetworkInput, NetworkTraining
from tinglegram.settings import as_options, as_words
from tinglegram.study.protocols import PROTOCOLS
from tinglegram.trials.files import Class1, Columns, Grid
from tinglegram.trials.folds import assign_roles

SCRIPT = ROOT / "scripts" / "models" / "train_network.py"
# Columns of each clip's features that carry the share of viewers who report something.
TELLING = {"visual": 32, "acoustic": 4, "acoustic_first": 4}


class Training(NamedTuple):
    """One network: protocol, model, fold (from 1), and which of several seeds (from 1)."""

    protocol: str
    model: str
    fold: int
    replicate: int

    @property
    def name(self) -> str:
        """The training in words that are also a name of a folder."""
        return f"{self.protocol}-{self.model}-fold{self.fold}-seed{self.replicate}"


class Predicted(NamedTuple):
    """What a training left: (n,) probabilities, macro F1, and the bytes of all its results."""

    probability: np.ndarray
    macro_f1: float
    content: bytes


def prepare(folder: Path, settings: dict[str, Any]) -> None:
    """Simulate every file that the trainings read, into `folder`.

    Features and pulse are random but for what reports add to them, so that there is something to
    learn, and scores of two devices can differ or agree.
    """
    labels = prepare_trials(folder, settings)
    rated = labels.assign(reported=labels["rating"] > 0)
    share = rated.groupby(["video", "step"])["reported"].mean()
    stimuli: dict[str, dict[str, np.ndarray]] = {}
    for name, array in read_arrays(folder / "stimuli.npz").items():
        clip, kind = name.split("/")
        array[:, : TELLING[kind]] += share[clip].to_numpy()[: len(array), None]
        stimuli.setdefault(clip, {})[kind] = array
    reported = dict(iter(rated.groupby(["subject", "video"])["reported"]))
    pulse: dict[int, dict[str, np.ndarray]] = {}
    for name, array in read_arrays(folder / "pulse.npz").items():
        subject, clip = name.split("/")
        own = reported[int(subject), clip].to_numpy(dtype=np.float32)
        pulse.setdefault(int(subject), {})[clip] = array + own
    for part in ("stimuli", "pulse", "labels", "folds"):
        (folder / part).mkdir(exist_ok=True)
    for clip, features in stimuli.items():
        write_arrays(folder / "stimuli" / f"{clip}.npz", features)
    for person, series in pulse.items():
        write_arrays(folder / "pulse" / f"{person:03d}.npz", series)
    for person, rows in labels.groupby("subject"):
        write_table(rows, folder / "labels" / f"{person:03d}.parquet")
    write_text("".join(f"{person:03d}\n" for person in pulse), folder / "participants.txt")
    for protocol in settings["protocols"]:
        folds = assign_roles(
            "double_independent",
            labels[["subject", "video"]].drop_duplicates(),
            conditions(settings),
            n_folds=settings["folds"]["number"],
            subject_order=str(PROTOCOLS[protocol]["subject_order"]),
            validation_fraction=float(str(PROTOCOLS[protocol]["validation_fraction"])),
            seed=settings["seed"],
        )
        write_table(folds, folder / "folds" / f"{protocol}.tsv")


def trainings(settings: dict[str, Any], folds: Collection[int]) -> dict[str, list[Training]]:
    """Return protocol -> its trainings in these folds, as many seeds as the configuration says."""
    networks = [name for name, about in settings["models"].items() if about["kind"] == "bilstm"]
    return {
        protocol: [
            Training(protocol, model, fold, replicate)
            for replicate in range(1, settings["training"]["network_seeds"][protocol] + 1)
            for model in networks
            for fold in folds
        ]
        for protocol in settings["protocols"]
    }


def command(
    training: Training, settings: dict[str, Any], data: Path, device: str, results: Path
) -> list[str | Path]:
    """Return the script and options of one training, those of the rule `train_network`."""
    told = as_options(
        settings | {"training": settings["training"] | {"device": device}},
        *(Grid, Columns, Class1, NetworkTraining, NetworkInput, Device),
        switches=PROTOCOLS[training.protocol],
    )
    everybody = data / "participants.txt"
    return [
        *(SCRIPT, "--modalities", *settings["models"][training.model]["modalities"]),
        *("--folds", data / "folds" / f"{training.protocol}.tsv", "--fold", str(training.fold)),
        *("--ratings", data / "labels" / "{subject}.parquet", "--participants", everybody),
        *("--pulse", data / "pulse" / "{subject}.npz", "--with-pulse", everybody),
        *("--stimuli", data / "stimuli" / "{video}.npz"),
        *("--clips", *as_words(conditions(settings))),
        *shlex.split(told),
        *("--name", training.model, "--replicate", str(training.replicate)),
        *("--predictions", results / "predictions.parquet"),
        *("--history", results / "history.tsv"),
        *("--weights", results / "weights.safetensors"),
    ]


def predicted(results: Path, padding: str) -> Predicted:
    """Read what a training left; where padding is `masked`, its frames are not scored."""
    table: pd.DataFrame = read_table(results / "predictions.parquet")
    counted = table["valid"].to_numpy() if padding == "masked" else True
    label, called = (table[name].to_numpy() == 1 for name in ("label", "predicted"))
    counts = outcome_counts(label, called, counted)
    names = ("predictions.parquet", "history.tsv", "weights.safetensors")
    return Predicted(
        table["probability"].to_numpy(),
        float(scores(counts, counts)[METRICS.index("macro_f1")]),
        b"".join((results / name).read_bytes() for name in names),
    )
