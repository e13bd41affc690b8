"""Options and outputs of the scripts that predict with baselines."""

import argparse
from collections.abc import Sequence

from tinglegram.command_line import filled
from tinglegram.files import write_table
from tinglegram.models.baselines import BASELINES, baseline_predictions
from tinglegram.settings import pair_of
from tinglegram.trials.trials import Scoring, Split, Trials


def add_baselines(parser: argparse.ArgumentParser) -> None:
    """Add which baselines predict, under which names, and where their predictions go."""
    add = parser.add_argument
    add(
        "--baselines",
        type=pair_of(str),
        nargs="+",
        required=True,
        metavar="NAME=BASELINE",
        help=f"name of the predictions, and one of {', '.join(BASELINES)}",
    )
    add("--predictions", required=True, help="of {model} in {fold} (Parquet, written)")


def write_baselines(
    trials: Trials,
    splits: Sequence[Split],
    options: argparse.Namespace,
    *,
    target: str,
    scoring: Scoring,
) -> None:
    """Write the predictions of every baseline in every fold."""
    names = dict(options.baselines)
    paths = filled(
        [options.predictions], model=names, fold=[one_split.fold for one_split in splits]
    )
    tables = baseline_predictions(
        trials, splits, list(names.values()), target=target, padding=scoring.padding
    )
    for path, table in zip(paths, tables, strict=True):
        write_table(table, path)
