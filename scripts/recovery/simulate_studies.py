"""Simulate studies of one effect and analyse each as a real study would be."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.files import write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.pulse.coupling import Coupling
from tinglegram.pulse.windows import Windowing
from tinglegram.recovery.cohort import Cohort, CohortSize
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.recovery.topics import TOPICS, check_parameters
from tinglegram.settings import add_settings, only, pairs_of, read_settings
from tinglegram.simulation.design import Reporting
from tinglegram.trials.folds import FoldScheme

WINDOWS = only(Windowing, "window", "step")
FOLDS = only(FoldScheme, "number")


def main() -> None:
    """Write estimates, intervals and p values of every study."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--topic", choices=list(TOPICS), required=True, help="the statistic")
    add("--cell", required=True, help="name of the effect")
    add("--parameters", default={}, help="of the effect", **pairs_of(float, nargs="*"))
    add("--first", type=int, required=True, help="number of the first study")
    add("--studies", type=int, required=True, help="how many to simulate")
    add_clips(parser)
    asked = CohortSize, FOLDS, Timing, WINDOWS, Coupling, Reporting, Draws, Seeding
    add_settings(parser, *asked)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()
    size, folds, timing, windows, coupling, reporting, draws, seeding = (
        read_settings(options, cls) for cls in asked
    )
    parameters = options.parameters
    check_parameters(options.topic, options.cell, parameters)
    cohort = Cohort(
        participants=size.participants,
        clips=options.clips,
        n_folds=folds.number,
        timing=timing,
        window=windows.window,
        step=windows.step,
        minimum_windows=coupling.minimum_windows,
        reporting=reporting,
    )
    table = run_studies(
        TOPICS[options.topic].prepare,
        cohort,
        draws,
        topic=options.topic,
        cell=options.cell,
        parameters=parameters,
        first=options.first,
        studies=options.studies,
        seed=seeding.seed,
    )
    write_table(table, options.output)
    logging.info("%s, %s: %d studies", options.topic, options.cell, table["study"].nunique())


if __name__ == "__main__":
    run(main)
