"""Read one participant's event log: when each clip was shown, and every rating given in it."""

import logging
from pathlib import Path

from tinglegram.behaviour.placing import place_responses, place_trials
from tinglegram.behaviour.sessions import session_findings, session_problems
from tinglegram.behaviour.timeline import ClipEnds, RatingKeys, timeline, timeline_problems
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.errors import refuse
from tinglegram.files import write_table
from tinglegram.formats.presentation import read_log
from tinglegram.readers.rest_asmr import canonical_responses, canonical_trials
from tinglegram.settings import add_settings, read_settings


def main() -> None:
    """Write the table of trials and the table of key presses of one log."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--log", type=Path, required=True, help="Presentation event log")
    add("--subject", type=int, required=True, help="number of the participant")
    add_clips(parser)
    add_settings(parser, RatingKeys, Timing, ClipEnds)
    add("--exclude", nargs="*", default=[], metavar="CODE", help="clips left out")
    add("--accept", nargs="*", default=[], metavar="KIND", help="problems taken for none")
    add("--trials", type=Path, required=True, help="canonical trials (written)")
    add("--responses", type=Path, required=True, help="canonical responses (written)")
    add("--timeline", type=Path, required=True, help="table of trials (written)")
    add("--key-presses", type=Path, required=True, help="table of key presses (written)")
    options = parser.parse_args()

    source = options.log.name
    log = read_log(options.log.read_bytes(), source)
    timing = read_settings(options, Timing)
    design = {
        "source": source,
        "clips": options.clips,
        "timing": timing,
        "excluded": options.exclude,
        "ends": read_settings(options, ClipEnds),
        "videos": log.videos,
    }
    problems = [
        *session_problems(log.events, source=source, subject=options.subject),
        *timeline_problems(log.events, **design),
    ]
    refuse([problem for problem in problems if problem.kind not in options.accept])
    ratings = read_settings(options, RatingKeys).ratings
    found = timeline(
        log.events, subject=options.subject, ratings=ratings, accepted=options.accept, **design
    )
    trials = canonical_trials(found.timeline)
    responses = canonical_responses(found.timeline, found.key_presses)
    write_table(trials, options.trials)
    write_table(responses, options.responses)
    subject = options.subject
    placed = place_trials(
        trials,
        options.clips,
        subject=subject,
        warm_up_s=timing.warm_up,
        grid=timing.grid,
        source=source,
    )
    write_table(placed, options.timeline)
    given = place_responses(responses, trials, subject=subject)
    # Every clip once, and one dimension: these two say nothing.
    write_table(given.drop(columns=["order", "dimension"]), options.key_presses)
    for finding in (*log.findings, *session_findings(log.events), *found.findings):
        logging.warning("%s, %s", source, finding)
    logging.info(
        "%s: %d events (%s, written %s), %d trials, %d key presses in them",
        source,
        len(log.events),
        log.encoding,
        log.written or "at an unknown time",
        len(found.timeline),
        len(found.key_presses),
    )


if __name__ == "__main__":
    run(main)
