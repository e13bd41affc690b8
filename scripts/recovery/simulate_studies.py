"""Simulate studies of one effect and analyse each as a real study would be."""

import logging
from pathlib import Path

import yaml

from tinglegram.behaviour.options import add_clips
from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.recovery.topics import TOPICS, check_parameters
from tinglegram.simulation.design import Reporting


def main() -> None:
    """Write estimates, intervals and p values of every study."""
    parser = program(__doc__)
    parser.add_argument("--topic", choices=list(TOPICS), required=True, help="the statistic")
    parser.add_argument("--cell", required=True, help="name of the effect")
    parser.add_argument(
        "--parameters", type=yaml.safe_load, required=True, help="the effect, a YAML mapping"
    )
    parser.add_argument(
        "--reporting", type=yaml.safe_load, required=True, help="how people report, a YAML mapping"
    )
    parser.add_argument("--people", type=int, required=True, help="people in each study")
    add_clips(parser)
    parser.add_argument("--folds", type=int, required=True, help="number of folds")
    for name, about in (
        ("clip", "seconds a clip plays"),
        ("first-trial", "seconds the clip shown first plays"),
        ("warm-up", "seconds that only set the initial state"),
        ("window", "seconds of a pulse window"),
        ("step", "seconds between two windows"),
    ):
        parser.add_argument(f"--{name}", type=float, required=True, help=about)
    parser.add_argument("--grid", type=int, required=True, help="label steps per second, Hz")
    parser.add_argument(
        "--minimum-windows", type=int, required=True, help="a correlation needs more windows"
    )
    parser.add_argument("--bootstrap", type=int, required=True, help="resamples in each study")
    parser.add_argument("--permutations", type=int, required=True, help="shuffles in each study")
    parser.add_argument("--confidence", type=float, required=True, help="of the intervals")
    parser.add_argument(
        "--truth-cohorts", type=int, required=True, help="times as many people behind a truth"
    )
    parser.add_argument("--first", type=int, required=True, help="number of the first study")
    parser.add_argument("--studies", type=int, required=True, help="how many to simulate")
    parser.add_argument("--seed", type=int, required=True, help="seed of all simulations")
    parser.add_argument("--output", type=Path, required=True, help="table (written)")
    args = parser.parse_args()

    check_parameters(args.topic, args.cell, args.parameters)
    cohort = Cohort(
        people=args.people,
        clips=dict(args.video),
        n_folds=args.folds,
        clip=args.clip,
        first_trial=args.first_trial,
        warm_up=args.warm_up,
        grid=args.grid,
        window=args.window,
        step=args.step,
        minimum_windows=args.minimum_windows,
        reporting=Reporting(**args.reporting),
    )
    draws = Draws(args.bootstrap, args.permutations, args.confidence, args.truth_cohorts)
    table = run_studies(
        TOPICS[args.topic].prepare,
        cohort,
        draws,
        topic=args.topic,
        cell=args.cell,
        parameters=args.parameters,
        first=args.first,
        studies=args.studies,
        seed=args.seed,
    )
    write_table(table, args.output)
    logging.info("%s, %s: %d studies", args.topic, args.cell, table["study"].nunique())


if __name__ == "__main__":
    run(main)
