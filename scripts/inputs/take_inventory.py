"""List what was found for each participant, what is amiss with it, and who takes part."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.biopac import read_header
from tinglegram.errors import InputProblem
from tinglegram.presentation import read_log
from tinglegram.timeline import Timing, timeline
from tinglegram_shell import program, run, write_table
from tinglegram_shell.session_options import add_session

COLUMNS = ["subject", "log", "ppg", "n_clips", "problem", "included", "reason"]
HEADER_BYTES = 1 << 16


def main() -> None:
    """Write inventory.tsv."""
    parser = program(__doc__)
    parser.add_argument("--logs", nargs="*", default=[], metavar="SUBJECT=PATH", help="event logs")
    parser.add_argument(
        "--ppgs", nargs="*", default=[], metavar="SUBJECT=PATH", help="pulse recordings"
    )
    add_session(parser)
    parser.add_argument("--channel", required=True, help="column of the pulse recording")
    parser.add_argument(
        "--exclude",
        nargs=3,
        action="append",
        default=[],
        metavar=("SUBJECT", "VIDEO", "REASON"),
        help="who or what is left out; VIDEO * is the whole person",
    )
    parser.add_argument("--output", type=Path, required=True, help="inventory.tsv")
    args = parser.parse_args()

    logs = dict(entry.split("=", 1) for entry in args.logs)
    ppgs = dict(entry.split("=", 1) for entry in args.ppgs)
    timing = Timing(args.clip, args.first_trial, args.warm_up, args.grid)
    rows = []
    for subject in sorted(logs.keys() | ppgs.keys(), key=int):
        left_out = {video: reason for s, video, reason in args.exclude if s == subject}
        problems = []
        n_clips = 0
        if subject in logs:
            path = Path(logs[subject])
            try:
                log = read_log(path.read_bytes(), path.name)
                found = timeline(
                    log.events,
                    source=path.name,
                    subject=int(subject),
                    clips=dict(args.video),
                    ratings={key: int(rating) for key, rating in args.rating},
                    timing=timing,
                    excluded=[video for video in left_out if video != "*"],
                )
                n_clips = len(found.timeline)
                problems += [f"{path.name}, {finding}" for finding in found.findings]
            except InputProblem as problem:
                problems.append(str(problem))
        else:
            problems.append("no event log")
        if subject in ppgs:
            path = Path(ppgs[subject])
            try:
                with path.open("rb") as stream:
                    header = read_header(stream.read(HEADER_BYTES), path.name)
                if args.channel not in (*header.labels, *header.names):
                    columns = ", ".join(header.labels)
                    problems.append(f"{path.name}: no column {args.channel} among {columns}")
            except InputProblem as problem:
                problems.append(str(problem))
        else:
            problems.append("no pulse recording")
        for problem in problems:
            logging.warning("participant %s: %s", subject, problem)
        rows.append(
            {
                "subject": int(subject),
                "log": logs.get(subject),
                "ppg": ppgs.get(subject),
                "n_clips": n_clips,
                "problem": "; ".join(problems) or None,
                "included": "*" not in left_out,
                "reason": "; ".join(
                    reason if video == "*" else f"{video}: {reason}"
                    for video, reason in left_out.items()
                )
                or None,
            }
        )
    write_table(pd.DataFrame(rows, columns=COLUMNS), args.output)


if __name__ == "__main__":
    run(main)
