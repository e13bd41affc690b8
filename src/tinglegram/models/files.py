"""Options and outputs of the scripts that predict with controls."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tinglegram.files import write_table
from tinglegram.models.baselines import BASELINES, baseline_predictions
from tinglegram.trials.trials import Split, Trials


def add_baselines(parser: argparse.ArgumentParser) -> None:
    """Add which controls predict, for which condition, and where their predictions go."""
    add = parser.add_argument
    add("--controls", nargs="+", choices=BASELINES, required=True, help="controls, in order")
    add("--target", required=True, help="condition whose ratings above 0 are class 1")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add(
        "--output",
        type=Path,
        nargs="+",
        required=True,
        help="predictions: all folds of the first control, then of the second, ...",
    )


def write_baselines(trials: Trials, splits: Sequence[Split], options: argparse.Namespace) -> None:
    """Write the predictions of every control in every fold."""
    tables = baseline_predictions(
        trials, splits, options.controls, target=options.target, padding=options.padding
    )
    for path, table in zip(options.output, tables, strict=True):
        write_table(table, path)
