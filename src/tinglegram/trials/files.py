"""The files a model is trained on: command-line options and reading, shared by every kind."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from tinglegram.files import read_arrays, read_table
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import MODALITIES, Split, Trials, split


def clip_conditions(pairs: list[str]) -> dict[str, str]:
    """Turn `vid1=ASMR vid5=Nature` into clip code -> condition, keeping the order."""
    return dict(pair.split("=", 1) for pair in pairs)


def add_reports(parser: argparse.ArgumentParser) -> None:
    """Add the folds, the reports and their grid."""
    add = parser.add_argument
    add("--folds", type=Path, required=True, help="table of folds (TSV)")
    add("--labels", type=Path, nargs="+", required=True, help="labels of each person (Parquet)")
    add("--clips", nargs="+", required=True, metavar="CLIP=CONDITION", help="in config order")
    add("--clip", type=float, required=True, help="seconds a clip plays")
    add("--warm-up", type=float, required=True, help="seconds left out at its start")
    add("--grid", type=float, required=True, help="steps per second")


def add_features(parser: argparse.ArgumentParser) -> None:
    """Add the features of the trials."""
    add = parser.add_argument
    add("--pulse", type=Path, nargs="*", default=[], help="10-Hz pulse, <subject>.npz each")
    add("--stimuli", type=Path, nargs="*", default=[], help="features, <clip>.npz each")
    add("--without", type=int, nargs="*", default=[], help="people who lack a feature, left out")
    add("--modalities", nargs="+", choices=MODALITIES, required=True, help="features to use")
    add("--n-mfcc", type=int, required=True, help="MFCCs before the other acoustic columns")
    add("--seed", type=int, required=True, help="the study's seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the inputs, outputs and grid that every model's training takes."""
    add_reports(parser)
    add_features(parser)
    add = parser.add_argument
    add("--fold", type=int, required=True, help="the fold to test, from 1")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add("--predictions", type=Path, required=True, help="test predictions (Parquet)")
    add("--history", type=Path, required=True, help="loss per epoch (TSV)")
    add("--weights", type=Path, required=True, help="the trained model")


def read_folds(options: argparse.Namespace) -> pd.DataFrame:
    """Read the folds that `options` name, without the people who lack a feature."""
    folds = read_table(options.folds)
    return folds[~folds["subject"].isin(options.without)]


def _assemble(
    options: argparse.Namespace, without: Collection[int] = (), **features: Any
) -> Trials:
    labels = pd.concat([read_table(path) for path in options.labels], ignore_index=True)
    return assemble(
        labels[~labels["subject"].isin(without)],
        clip_conditions(options.clips),
        steps=round((options.clip - options.warm_up) * options.grid),
        grid=options.grid,
        **features,
    )


def read_reports(options: argparse.Namespace) -> Trials:
    """Read the trials that `options` name, without features."""
    return _assemble(options, modalities=(), stimuli={}, pulse={}, log_columns=())


def read_features(options: argparse.Namespace) -> Trials:
    """Read the trials that `options` name, with their features."""
    return _assemble(
        options,
        without=options.without,
        modalities=options.modalities,
        stimuli={path.stem: read_arrays(path) for path in options.stimuli},
        pulse={int(path.stem): read_arrays(path) for path in options.pulse},
        # Acoustic columns: MFCCs, RMS, spectral centroid, spectral bandwidth, ...
        log_columns=(options.n_mfcc + 1, options.n_mfcc + 2),
    )


def read_trials(options: argparse.Namespace) -> tuple[Trials, Split]:
    """Read the trials that `options` name and find the chosen fold in them."""
    trials = read_features(options)
    return trials, split(trials, read_folds(options), options.fold)
