"""The files that trials are made from: command-line options and reading, shared by all models."""

import argparse
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import Timing, grid_steps
from tinglegram.command_line import add_clips, filled, names_in
from tinglegram.files import MISSING, read_arrays, read_table, read_tables, write_table
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.settings import add_settings, only, pairs_of, read_settings
from tinglegram.stimuli.settings import AcousticFeatures
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import EVERY_TRIAL, Split, Trials, every_trial, split

# What trials are laid out by, and where their acoustic columns begin.
Grid = only(Timing, "clip", "warm_up", "grid")
# What class 1 is; the ratings are those of its dimension.
Class1 = only(ResponseTarget, "above", "condition")
Columns = only(AcousticFeatures, "n_mfcc")


def read_covariate(path: Path, name: str) -> dict[int, str]:
    """Read a covariate from participants.tsv: participant -> its value as it is written there.

    Whoever has none is not in it.
    """
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[MISSING, ""])
    own = table.dropna(subset=[name])
    return dict(zip(own["subject"].astype(int).tolist(), own[name].tolist(), strict=True))


def add_reports(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the folds and the reports, and the settings of `classes` beside those of the grid."""
    add = parser.add_argument
    add("--folds", type=Path, required=True, help="table of folds (TSV)")
    add("--ratings", required=True, help="on the grid (Parquet); {subject}: of each participant")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add_clips(parser)
    about = "seconds of clips that do not play as long as --clip says"
    add("--lengths", default={}, help=about, **pairs_of(float, "CLIP=SECONDS"))
    add_settings(parser, Grid, Class1, *classes)


def add_trials(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the reports and the features of trials, and the settings of `classes`."""
    add_reports(parser, Columns, *classes)
    add = parser.add_argument
    add("--pulse", help="10-Hz pulse (npz); {subject}: of each participant")
    add(
        "--with-pulse",
        type=Path,
        help="list of those who have it; models with pulse do without the others",
    )
    add("--sensors", help="10-Hz series of sensors (npz); {subject}: of each participant")
    add("--with-sensors", type=Path, help="list of those who have a recording of them")
    add("--stimuli", help="features (npz); {video}: of each clip")
    add("--without-picture", nargs="+", default=[], metavar="CLIP", help="clips that have none")
    add("--without-sound", nargs="+", default=[], metavar="CLIP", help="clips that have none")


def add_fold_inputs(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add what one model is trained on in one fold, and the settings of `classes`."""
    add_trials(parser, *classes)
    add = parser.add_argument
    add("--modalities", nargs="+", required=True, help="features to use")
    add("--fold", type=int, required=True, help="the fold to test, from 1; 0: train on all trials")


def add_moved_fold(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the same for training on moved reports: which draws, and where the scores go."""
    add_fold_inputs(parser, *classes)
    add = parser.add_argument
    add("--shifts", type=int, nargs="+", required=True, help="numbers of the draws, from 1")
    add("--output", type=Path, required=True, help="scores of the test trials (Parquet)")


def add_fold(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the files of one model in one fold, and the settings of `classes`."""
    add_fold_inputs(parser, *classes)
    add = parser.add_argument
    add("--predictions", type=Path, help="test predictions (Parquet); of all trials there are none")
    add("--history", type=Path, required=True, help="loss per epoch (TSV)")
    add("--weights", type=Path, required=True, help="the trained model")


def _without(options: argparse.Namespace, modalities: Collection[str]) -> dict[int, str]:
    """Return the participants whom a model with these modalities does without -> what they lack."""
    sensors = [kind for kind in SENSOR_TYPES if kind in modalities]
    pulse = [name for name in modalities if name == "pulse"]
    found: dict[int, list[str]] = {}
    for names, path in ((pulse, options.with_pulse), (sensors, options.with_sensors)):
        absent = {*_numbers(options.participants)} - {*_numbers(path)} if names else ()
        for who in absent:
            found.setdefault(who, []).extend(names)
    return {who: " and ".join(names) for who, names in found.items()}


def _numbers(path: Path) -> list[int]:
    return [int(name) for name in names_in(path)]


def _assemble(
    options: argparse.Namespace, without: Collection[int] = (), **features: Any
) -> Trials:
    ratings = read_tables(filled([options.ratings], subject=names_in(options.participants)))
    grid = read_settings(options, Grid)
    steps_of = {
        clip: grid_steps(options.lengths.get(clip, grid.clip), grid.warm_up, grid.grid)
        for clip in options.clips
    }
    return assemble(
        ratings,
        options.clips,
        steps=max(steps_of.values()),
        steps_of=steps_of,
        grid=grid.grid,
        target=read_target(options),
        without=without,
        **features,
    )


def read_target(options: argparse.Namespace) -> ResponseTarget:
    """Return what class 1 is, from the options of `Class1`."""
    given = read_settings(options, Class1)
    return ResponseTarget(above=given.above, condition=given.condition)


def read_reports(options: argparse.Namespace) -> Trials:
    """Read the trials that `options` name, without features."""
    return _assemble(options, modalities=(), stimuli={}, pulse={}, log_columns=())


def read_trials(options: argparse.Namespace, modalities: Collection[str]) -> Trials:
    """Read the trials that `options` name, with the features of `modalities`."""
    stimuli, pulse, sensors = [], [], []
    lacking = {"visual": options.without_picture, "acoustic": options.without_sound}
    needed = [
        clip
        for clip in options.clips
        if any(name in modalities and clip not in clips for name, clips in lacking.items())
    ]
    if needed:
        stimuli = filled([options.stimuli], video=needed)
    if "pulse" in modalities:
        pulse = filled([options.pulse], subject=names_in(options.with_pulse))
    if {*SENSOR_TYPES} & {*modalities}:
        sensors = filled([options.sensors], subject=names_in(options.with_sensors))
    n_mfcc = read_settings(options, Columns).n_mfcc
    trials = _assemble(
        options,
        without=_without(options, modalities),
        modalities=modalities,
        lacking=lacking,
        stimuli={path.stem: read_arrays(path) for path in stimuli},
        pulse={int(path.stem): read_arrays(path) for path in pulse},
        # Acoustic columns: MFCCs, RMS, spectral centroid, spectral bandwidth, ...
        log_columns=(n_mfcc + 1, n_mfcc + 2),
        sensors={int(path.stem): read_arrays(path) for path in sensors},
    )
    if trials.left_out:
        people = len({subject for subject, *_ in trials.left_out})
        logging.warning(
            "%d trial(s) of %d participant(s) have no %s: they are left out",
            *(len(trials.left_out), people, " or ".join(trials.sensors)),
        )
    return trials


def read_folds(options: argparse.Namespace, modalities: Collection[str]) -> pd.DataFrame:
    """Read the folds that `options` name, without participants who lack one of `modalities`."""
    folds = read_table(options.folds)
    return folds[~folds["subject"].isin(_without(options, modalities))]


def read_fold(options: argparse.Namespace) -> tuple[Trials, Split]:
    """Read the trials of the model that `options` describe, and find its fold in them.

    Fold 0 trains on all of them and tests none.
    """
    trials = read_trials(options, options.modalities)
    if options.fold == EVERY_TRIAL:
        return trials, every_trial(trials)
    without = _without(options, options.modalities)
    return trials, split(trials, read_table(options.folds), options.fold, without)


def add_histories(parser: argparse.ArgumentParser) -> None:
    """Add where the networks of all folds tell when they were selected: for that of all trials."""
    about = "loss per epoch of every network (TSV); {fold}: of each fold"
    parser.add_argument("--histories", nargs="+", default=[], help=about)


def read_histories(options: argparse.Namespace) -> list[pd.DataFrame]:
    """Read the histories that `options` name, of every fold; none are named of a fold."""
    if not options.histories:
        return []
    folds = sorted(read_table(options.folds)["fold"].unique())
    return [read_table(path) for path in filled(options.histories, fold=folds)]


def write_tested(table: pd.DataFrame, options: argparse.Namespace) -> None:
    """Write the test predictions of a fold; that of all trials tests none."""
    if options.predictions is not None:
        write_table(table, options.predictions)
