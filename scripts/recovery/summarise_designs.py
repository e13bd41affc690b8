"""Summarise studies of planned sizes: power, the smallest effect that is found, figure, tables."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_tables, whole, write_table, write_text
from tinglegram.recovery.design_plan import PowerDesigns, PowerJobs
from tinglegram.recovery.design_power import design_section, power_table
from tinglegram.recovery.design_studies import StudyDesign
from tinglegram.recovery.results import Draws
from tinglegram.report.figures import power, style
from tinglegram.settings import add_settings, only, read_settings

MARKED = only(PowerDesigns, "marked_participants", "marked_clips", "wanted")
SHIFTS, LEVEL = only(PowerJobs, "shifts"), only(Draws, "confidence")


def main() -> None:
    """Write power and the smallest effect that is found, of every test in every design."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--studies", type=Path, nargs="+", required=True, help="tables, in the order of the page")
    add_settings(parser, MARKED, SHIFTS, LEVEL)
    add("--table", type=Path, required=True, help="every number (written)")
    add("--figure", type=Path, required=True, help="SVG; a PNG beside it (written)")
    add("--section", type=Path, required=True, help="Markdown (written)")
    options = parser.parse_args()
    sizes = read_settings(options, MARKED)
    confidence = read_settings(options, LEVEL).confidence

    marked = StudyDesign(sizes.marked_participants, sizes.marked_clips)
    studies = read_tables(options.studies)
    table = power_table(studies, marked, confidence=confidence, wanted=sizes.wanted)
    # The file is part of the repository: a fifth decimal is noise.
    write_table(table.round(4), options.table)
    figure = power.draw_power(table, marked, alpha=1 - confidence, wanted=sizes.wanted)
    for file_format in ("svg", "png"):
        with whole(options.figure.with_suffix(f".{file_format}")) as aside:
            aside.write_bytes(style.rendered(figure, file_format))
    shifts = read_settings(options, SHIFTS).shifts
    section = design_section(
        table, marked, shifts=shifts, confidence=confidence, wanted=sizes.wanted
    )
    write_text(section, options.section)
    logging.info("%d tests, designs and effects", len(table))


if __name__ == "__main__":
    run(main)
