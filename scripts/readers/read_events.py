"""Read one participant's trials and responses, by any reader, into the canonical tables."""

import dataclasses
import logging
from pathlib import Path

from tinglegram.behaviour.placing import (
    kept_trials,
    place_responses,
    place_trials,
    require_samples,
    require_shown,
    require_trials,
)
from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.canonical.contents import check_contents, response_contents
from tinglegram.canonical.files import write_session
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.files import write_json, write_table
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.parts import joined, read_parts
from tinglegram.settings import add_settings, only, pairs_of, read_settings

GRID = only(Timing, "warm_up", "grid")
PREDICTED = only(ResponseTarget, "dimension")


def main() -> None:
    """Write the canonical tables, the timeline and the responses of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--parts", required=True, help="readers, their options and files (JSON)")
    add("--participant", required=True, help="id of the participant")
    add("--subject", type=int, required=True, help="number of the participant")
    add_clips(parser)
    add("--lengths", required=True, help="of the clips", **pairs_of(float, "CLIP=SECONDS"))
    add("--dimensions", required=True, help="of responses", **pairs_of(str, "NAME=KIND"))
    add_settings(parser, GRID, PREDICTED, ClockLimits)
    add("--exclude", nargs="*", default=[], metavar="CODE", help="clips or showings left out")
    add("--may-miss", action="store_true", help="clips left out may be those that were not shown")
    add("--trials", type=Path, required=True, help="canonical trials (written)")
    add("--responses", type=Path, required=True, help="canonical responses (written)")
    add("--notes", type=Path, required=True, help="what should be known (written)")
    add(
        "--clock",
        type=Path,
        required=True,
        help="unix time of time 0, and digests of responses (JSON, written)",
    )
    add("--timeline", type=Path, required=True, help="table of trials (written)")
    add("--key-presses", type=Path, required=True, help="table of responses (written)")
    options = parser.parse_args()

    who, grid = options.participant, read_settings(options, GRID)
    limits = read_settings(options, ClockLimits)
    sessions = read_parts(options.parts, who, options.lengths, options.dimensions, limits)
    session = joined(sessions, who, options.lengths, limits)
    may_miss = options.lengths if options.may_miss else ()
    require_shown([e for e in options.exclude if e not in may_miss], session.trials, who)
    kept = kept_trials(session.trials, options.exclude)
    contents = response_contents(session.responses, kept)
    told = check_contents(contents, who)
    session = dataclasses.replace(session, notes=(*session.notes, *told))
    write_session(session, options.trials, options.responses, options.notes)
    about = {"zero_unix_s": session.zero_unix_s, "contents": contents}
    write_json(about, options.clock)
    timeline = place_trials(
        session.trials,
        options.clips,
        subject=options.subject,
        warm_up_s=grid.warm_up,
        grid=grid.grid,
        source=who,
        excluded=options.exclude,
    )
    given = place_responses(
        session.responses, session.trials, subject=options.subject, excluded=options.exclude
    )
    require_trials(timeline, session.trials, who)
    target = read_settings(options, PREDICTED).dimension
    require_samples(given, timeline, target, options.dimensions.get(target, ""), who)
    write_table(timeline, options.timeline)
    write_table(given, options.key_presses)
    for note in session.notes:
        logging.warning("%s: %s", who, note)
    logging.info("%s: %d trials, %d responses in them", who, len(timeline), len(given))


if __name__ == "__main__":
    run(main)
