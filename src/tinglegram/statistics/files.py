"""The predictions that models are scored by: command-line options and reading."""

import argparse
from collections.abc import Iterable

from tinglegram.command_line import filled
from tinglegram.files import read_table
from tinglegram.settings import add_settings, read_settings
from tinglegram.statistics.scored_trials import ScoredTrials, as_trials
from tinglegram.trials.trials import Scoring


def add_scoring(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the folds and which frames count, and the settings of `classes`."""
    add = parser.add_argument
    add("--folds", type=int, required=True, help="number of folds")
    add("--target", default="", help="condition whose reports are predicted; none: all of them")
    add_settings(parser, Scoring, *classes)


def add_predictions(parser: argparse.ArgumentParser, *classes: type) -> None:
    """Add the predictions of models beside what `add_scoring` adds."""
    parser.add_argument("--predictions", required=True, help="of {model} in {fold} (Parquet)")
    add_scoring(parser, *classes)


def read_scored(options: argparse.Namespace, model: str) -> ScoredTrials:
    """Read what a model predicts in every fold."""
    return read_pattern(options, options.predictions.replace("{model}", model), model)


def read_pattern(options: argparse.Namespace, pattern: str, model: str) -> ScoredTrials:
    """Read predictions of `model`, `{fold}` in a path standing for every fold."""
    return as_trials(
        [read_table(path) for path in filled([pattern], fold=_folds(options))],
        padding=read_settings(options, Scoring).padding,
        target=options.target or None,
        source=model,
    )


def _folds(options: argparse.Namespace) -> Iterable[int]:
    return range(1, options.folds + 1)
