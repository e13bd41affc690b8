"""Options and outputs of the scripts that predict with baselines."""

import argparse
from collections.abc import Sequence

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.command_line import filled
from tinglegram.files import write_table
from tinglegram.models.baselines import BASELINES, baseline_predictions
from tinglegram.settings import pairs_of
from tinglegram.trials.trials import Scoring, Split, Trials


def add_baselines(parser: argparse.ArgumentParser) -> None:
    """Add which baselines predict, under which names, and where their predictions go."""
    add = parser.add_argument
    add(
        "--baselines",
        required=True,
        help=f"name of the predictions, and one of {', '.join(BASELINES)}",
        **pairs_of(str, "NAME=BASELINE"),
    )
    add("--predictions", required=True, help="of {model} in {fold} (Parquet, written)")


def write_baselines(
    trials: Trials,
    splits: Sequence[Split],
    options: argparse.Namespace,
    *,
    target: ResponseTarget,
    scoring: Scoring,
) -> None:
    """Write the predictions of every baseline in every fold."""
    names = options.baselines
    paths = filled(
        [options.predictions], model=names, fold=[one_split.fold for one_split in splits]
    )
    tables = baseline_predictions(
        trials, splits, list(names.values()), target=target, padding=scoring.padding
    )
    for path, table in zip(paths, tables, strict=True):
        write_table(table, path)
