"""Simulate studies of one planned size and test each as the protocol `corrected` does."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.files import write_table
from tinglegram.inference.seeding import Seeding
from tinglegram.pulse.coupling import Coupling
from tinglegram.pulse.windows import Windowing
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.design_plan import PowerDesigns
from tinglegram.recovery.design_studies import DESIGN_QUESTIONS, StudyDesign, simulate_design
from tinglegram.recovery.results import Draws
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.simulation.design import Reporting

FOLDS = only(PowerDesigns, "most_folds")
WINDOWS = only(Windowing, "window", "step")


def main() -> None:
    """Write estimates and p values of every study of every effect."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--question", choices=list(DESIGN_QUESTIONS), required=True, help="what is asked")
    add("--size", type=int, nargs=2, required=True, help="people, clips of each condition")
    add("--effects", type=float, nargs="+", required=True, help="planted")
    add("--first", type=int, required=True, help="number of the first study")
    add("--studies", type=int, required=True, help="how many to simulate of each effect")
    add_clips(parser, "whose two conditions are simulated")
    settings = Timing, WINDOWS, Coupling, Reporting, Draws, Seeding, FOLDS
    add_settings(parser, *settings)
    add("--output", type=Path, required=True, help="table (written)")
    options = parser.parse_args()
    timing, windows, coupling, reporting, draws, seeding, folds = (
        read_settings(options, cls) for cls in settings
    )
    design = StudyDesign(*options.size)
    cohort = Cohort(
        design.participants,
        options.clips,
        folds.most_folds,
        timing,
        windows.window,
        windows.step,
        coupling.minimum_windows,
        reporting,
    )
    table = simulate_design(
        cohort,
        draws,
        options.question,
        design,
        tuple(options.effects),
        most_folds=folds.most_folds,
        first=options.first,
        studies=options.studies,
        seed=seeding.seed,
    )
    write_table(table, options.output)
    logging.info("%s, %s: %d studies an effect", options.question, design.words, options.studies)


if __name__ == "__main__":
    run(main)
