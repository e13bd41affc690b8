"""Say of every model what its score is worth beside the control that knows the clip alone."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.statistics.scored_trials import as_trials
from tinglegram.statistics.verdicts import model_verdict, verdict_table


def main() -> None:
    """Read the predictions of models and controls, judge, write one table."""
    parser = program(__doc__)
    add = parser.add_argument
    add(
        "--model",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "PARQUET"),
        help="a model, the folder of its statistics, its predictions in every fold, its control's",
    )
    add("--padding", choices=["counted", "masked"], required=True, help="frames after the end")
    add("--p-value", choices=["count", "plus_one"], required=True, help="how p is counted")
    add("--permutations", type=int, required=True, help="random shifts and signs")
    add("--confidence", type=float, required=True, help="of the intervals")
    add("--control", required=True, help="condition in which no label is 1")
    add("--seed", type=int, required=True, help="the study's seed")
    add("--output", type=Path, required=True, help="table (TSV)")
    options = parser.parse_args()
    settings = Resamples(
        bootstrap=1,
        permutations=options.permutations,
        confidence=options.confidence,
        seed=options.seed,
        p_value=options.p_value,
    )
    judged = {}
    for name, statistics, *paths in options.model:
        half = len(paths) // 2
        model, control = (
            as_trials(
                [read_table(Path(path)) for path in part],
                padding=options.padding,
                control=options.control,
                source=name,
            )
            for part in (paths[:half], paths[half:])
        )
        within, own_report = (
            read_table(Path(statistics) / f"{table}.tsv")
            for table in ("within", "video_level_own_report")
        )
        judged[name] = model_verdict(model, control, within, own_report, settings)
        logging.info("%s: %s. %s", name, judged[name]["verdict"], judged[name]["sentence"])
    write_table(verdict_table(judged), options.output)


if __name__ == "__main__":
    run(main)
