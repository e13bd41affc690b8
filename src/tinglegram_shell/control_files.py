"""Options and outputs of the scripts that predict with controls."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tinglegram.controls import CONTROLS, predictions
from tinglegram.trials import Split, Trials
from tinglegram_shell.files import write_table


def add_controls(parser: argparse.ArgumentParser) -> None:
    """Add which controls predict, for which condition, and where their predictions go."""
    add = parser.add_argument
    add("--controls", nargs="+", choices=CONTROLS, required=True, help="controls, in order")
    add("--target", required=True, help="condition whose ratings above 0 are class 1")
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add(
        "--output",
        type=Path,
        nargs="+",
        required=True,
        help="predictions: all folds of the first control, then of the second, ...",
    )


def write_controls(trials: Trials, splits: Sequence[Split], options: argparse.Namespace) -> None:
    """Write the predictions of every control in every fold."""
    tables = predictions(
        trials, splits, options.controls, target=options.target, padding=options.padding
    )
    for path, table in zip(options.output, tables, strict=True):
        write_table(table, path)
