"""Read one participant's event log: when each clip was shown, and every rating given in it."""

import logging
from pathlib import Path

from tinglegram.behaviour.options import add_session
from tinglegram.behaviour.sessions import session_findings, session_problems
from tinglegram.behaviour.timeline import Timing, timeline, timeline_problems
from tinglegram.command_line import program, run
from tinglegram.errors import refuse
from tinglegram.files import write_table
from tinglegram.formats.presentation import read_log


def main() -> None:
    """Write the table of trials and the table of presses of one log."""
    parser = program(__doc__)
    parser.add_argument("--log", type=Path, required=True, help="Presentation event log")
    parser.add_argument("--subject", type=int, required=True, help="number of the participant")
    add_session(parser)
    parser.add_argument(
        "--exclude", nargs="*", default=[], metavar="CODE", help="Video codes left out"
    )
    parser.add_argument(
        "--accept", nargs="*", default=[], metavar="KIND", help="problems taken for none"
    )
    parser.add_argument("--timeline", type=Path, required=True, help="table of trials (written)")
    parser.add_argument("--presses", type=Path, required=True, help="table of presses (written)")
    args = parser.parse_args()

    log = read_log(args.log.read_bytes(), args.log.name)
    design = {
        "source": args.log.name,
        "clips": dict(args.video),
        "timing": Timing(args.clip, args.first_trial, args.warm_up, args.grid),
        "excluded": args.exclude,
    }
    session = session_problems(log.events, source=args.log.name, subject=args.subject)
    refuse(
        [
            *(p for p in session if p.kind not in args.accept),
            *timeline_problems(log.events, **design),
        ]
    )
    found = timeline(
        log.events,
        subject=args.subject,
        ratings={key: int(rating) for key, rating in args.rating},
        **design,
    )
    write_table(found.timeline, args.timeline)
    write_table(found.presses, args.presses)
    for finding in (*log.findings, *session_findings(log.events), *found.findings):
        logging.warning("%s, %s", args.log.name, finding)
    logging.info(
        "%s: %d events (%s, written %s), %d trials, %d presses in them",
        args.log.name,
        len(log.events),
        log.encoding,
        log.written or "at an unknown time",
        len(found.timeline),
        len(found.presses),
    )


if __name__ == "__main__":
    run(main)
