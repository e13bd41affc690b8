"""Give every model its verdict: what its score is worth beside a baseline that knows the clip."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Permutations
from tinglegram.settings import pairs_of, read_settings
from tinglegram.statistics.decisions import (
    VerdictRule,
    decision_numbers,
    decision_table,
    retrained_models,
)
from tinglegram.statistics.files import add_predictions, read_scored
from tinglegram.statistics.verdicts import model_verdict, verdict_table


def main() -> None:
    """Read predictions and tables of models and those of their baselines, write one table."""
    parser = program(__doc__)
    add_predictions(parser, Permutations, ResponseWord, VerdictRule)
    add = parser.add_argument
    add(
        "--baseline-of",
        required=True,
        help="each model and the baseline that knows the category of the clip alone",
        **pairs_of(str, "MODEL=BASELINE"),
    )
    add("--tables", required=True, help="{table} of {model} (TSV)")
    add("--retrained", type=Path, help="models trained again on moved reports; none: no such test")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    decides = read_settings(options, VerdictRule).verdict == "decision"
    write_table(_decisions(options) if decides else _conjunctions(options), options.output)


def _decisions(options: argparse.Namespace) -> pd.DataFrame:
    """Return three claims for every model."""
    confidence = read_settings(options, Permutations).confidence
    rule = read_settings(options, VerdictRule)
    models, alpha, again = options.baseline_of, round(1 - confidence, 12), {}
    if options.retrained:
        again = retrained_models(read_table(options.retrained), len(models), alpha)
    numbers = {
        name: decision_numbers(
            read_scored(options, name),
            read_scored(options, baseline),
            confidence=confidence,
            clear=rule.clear_auc,
            retrained=again.get(name),
        )
        for name, baseline in models.items()
    }
    table = decision_table(numbers, alpha)
    for row in table.to_dict("records"):
        logging.info("%s: %s", row["model"], row["sentence"])
    return table


def _conjunctions(options: argparse.Namespace) -> pd.DataFrame:
    """Return one call for every model."""
    settings, verdicts = read_settings(options, Permutations), {}
    for name, baseline in options.baseline_of.items():
        within, self_report = map(
            read_table,
            filled([options.tables], model=[name], table=("within", "video_level_own_report")),
        )
        found = model_verdict(
            read_scored(options, name),
            read_scored(options, baseline),
            within,
            self_report,
            settings,
            read_settings(options, ResponseWord).response,
        )
        logging.info("%s: %s. %s", name, found["verdict"], found["sentence"])
        verdicts[name] = found
    return verdict_table(verdicts)


if __name__ == "__main__":
    run(main)
