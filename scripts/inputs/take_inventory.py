"""Inspect every raw file: what is amiss with whom, what becomes of it, and who takes part."""

import logging
from pathlib import Path

from tinglegram.behaviour.options import add_session
from tinglegram.behaviour.timeline import Timing
from tinglegram.command_line import program, run
from tinglegram.files import write_table
from tinglegram.inputs.inspection import inspect
from tinglegram.inputs.inventory import NOTED, Design, decide, inventory_table, problem_table
from tinglegram.inputs.raw_files import sort_files


def main() -> None:
    """Write inventory.tsv and problems.tsv."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--logs", nargs="*", type=Path, default=[], help="event logs, whatever their names")
    add("--ppgs", nargs="*", type=Path, default=[], help="pulse recordings, likewise")
    add("--stimuli", nargs="*", default=[], metavar="CODE=PATH", help="clips, which may be missing")
    add_session(parser)
    add("--channel", required=True, help="column of the pulse recording")
    add("--sampling-rate", type=float, help="Hz; left out: the header's")
    add(
        "--exclude",
        action="append",
        default=[],
        metavar="SUBJECT:VIDEO:REASON",
        help="who or what is left out; VIDEO * is the whole person",
    )
    add("--policies", nargs="*", default=[], metavar="KIND=DECISION", help="those not `error`")
    add("--inventory", type=Path, required=True, help="table of people (written)")
    add("--problems", type=Path, required=True, help="table of problems (written)")
    args = parser.parse_args()

    design = Design(
        clips=dict(args.video),
        ratings={key: int(rating) for key, rating in args.rating},
        timing=Timing(
            clip=args.clip, first_trial=args.first_trial, warm_up=args.warm_up, grid=args.grid
        ),
        channel=args.channel,
        sampling_rate=args.sampling_rate,
    )
    stimuli = dict(entry.split("=", 1) for entry in args.stimuli)
    raw = sort_files(args.logs, args.ppgs, stimuli)
    left_out = (entry.split(":", 2) for entry in args.exclude)
    excluded = {(subject, video): reason for subject, video, reason in left_out}
    found = inspect(raw, design, excluded)
    policies = dict(entry.split("=", 1) for entry in args.policies)
    decided = decide(found.entries, policies, excluded.keys(), design.clips)
    for entry, decision in zip(found.entries, decided.decisions, strict=True):
        level = logging.INFO if decision == NOTED else logging.WARNING
        person = f"participant {entry.subject}, " if entry.subject else ""
        logging.log(level, "%s%s (%s): %s", person, entry.kind, decision, entry.sentence)
    people = {s: (raw.logs.get(s), raw.ppgs.get(s), n) for s, n in found.n_clips.items()}
    write_table(problem_table(found.entries, decided.decisions), args.problems)
    write_table(inventory_table(people, found.entries, decided, excluded), args.inventory)


if __name__ == "__main__":
    run(main)
