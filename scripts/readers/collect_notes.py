"""Collect what was found in everybody's data and in the clips: who takes part."""

import json
import logging
from pathlib import Path

from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inspection import clip_entries, missing_clips
from tinglegram.inputs.inventory import Entry, decide, inventory_table, problem_table
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.readers.parts import EVENTS, SIGNALS
from tinglegram.settings import add_settings, pairs_of, read_settings
from tinglegram.stimuli.findings import ClipFinding, ClipProblems


def main() -> None:
    """Write inventory.tsv and problems.tsv."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--people", type=Path, required=True, help="participants.tsv")
    add("--sources", type=Path, required=True, help="table of their files")
    add("--participants", type=Path, required=True, help="list of those who take part")
    add("--with-pulse", type=Path, help="list of those with a pulse; nothing: nobody")
    add("--with-sensors", type=Path, help="list of those with other signals; nothing: nobody")
    add("--trials", required=True, help="canonical trials; {subject}: of each participant")
    add("--notes", required=True, help="of events; {subject}: of each participant")
    add("--signal-notes", required=True, help="of signals; {subject}: of each participant")
    add("--sensor-notes", required=True, help="of other signals; {subject}: of each participant")
    add_clips(parser)
    add("--files", default={}, help="of the clips", **pairs_of(str, "CLIP=PATH", nargs="*"))
    add("--clip-findings", default={}, **pairs_of(Path, "CLIP=JSON", nargs="*"))
    add_settings(parser, ClipProblems)
    add("--exclusions", nargs="?", help="table of who and what is left out; nothing: nobody is")
    add("--inventory", type=Path, required=True, help="table of participants (written)")
    add("--problems", type=Path, required=True, help="table of problems (written)")
    options = parser.parse_args()

    people = read_table(options.people)
    sources = read_table(options.sources)
    first = sources.drop_duplicates(["subject", "part"]).set_index(["subject", "part"])["file"]
    names = {f"{number:03d}": who for number, who in people.iloc[:, :2].itertuples(index=False)}
    of_signals = SIGNALS if SIGNALS in set(sources["part"]) else EVENTS
    parts = {EVENTS: EVENTS, SIGNALS: of_signals if options.with_pulse else ""}
    found = {
        name: {s: first[int(s), part] for s in names if (int(s), part) in first.index}
        for name, part in parts.items()
    }
    raw = RawFiles(found[EVENTS], found[SIGNALS], dict(options.files))
    excluded = read_exclusions(options.exclusions, raw, options.clips, names)
    taking_part = names_in(options.participants)
    noted = [(options.notes, s) for s in taking_part]
    with_pulse, with_sensors = (
        names_in(path) if path else [] for path in (options.with_pulse, options.with_sensors)
    )
    noted += [(options.signal_notes, s) for s in dict.fromkeys([*with_pulse, *with_sensors])]
    noted += [(options.sensor_notes, s) for s in with_sensors]
    entries = []
    for pattern, subject in noted:
        (path,) = filled([pattern], subject=[subject])
        entries += [
            Entry(subject, "*", kind, str(names[subject]), "", "", message, "")
            for kind, message in read_table(path).itertuples(index=False)
        ]
    entries += missing_clips(raw.clips)
    for video, path in options.clip_findings.items():
        seen = [ClipFinding(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
        entries += clip_entries(video, raw.clips[video], seen)
    policies = read_settings(options, ClipProblems).__dict__
    decided = decide(entries, policies, excluded.keys(), options.clips)
    for entry, decision in zip(entries, decided.decisions, strict=True):
        logging.info("%s (%s): %s", entry.kind, decision, entry.sentence)
    n_trials = {
        s: len(read_table(path))
        for s, path in zip(taking_part, filled([options.trials], subject=taking_part), strict=True)
    }
    rows = {s: (found[EVENTS].get(s), found[SIGNALS].get(s), n_trials.get(s, 0)) for s in names}
    write_table(problem_table(entries, decided.decisions), options.problems)
    write_table(inventory_table(rows, entries, decided, excluded), options.inventory)


if __name__ == "__main__":
    run(main)
