"""Give every model its verdict: what its score is worth beside a baseline that knows the clip."""

import logging
from pathlib import Path

from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Permutations
from tinglegram.settings import pairs_of, read_settings
from tinglegram.statistics.files import add_predictions, read_scored
from tinglegram.statistics.verdicts import model_verdict, verdict_table


def main() -> None:
    """Read predictions and tables of models and those of their baselines, write one table."""
    parser = program(__doc__)
    add_predictions(parser, Permutations, ResponseWord)
    add = parser.add_argument
    add(
        "--baseline-of",
        required=True,
        help="each model and the baseline that knows the category of the clip alone",
        **pairs_of(str, "MODEL=BASELINE"),
    )
    add("--tables", required=True, help="{table} of {model} (TSV)")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
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
    write_table(verdict_table(verdicts), options.output)


if __name__ == "__main__":
    run(main)
