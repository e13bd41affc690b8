"""Collect what was found in everybody's data and in the clips: who takes part."""

import argparse
import json
import logging
from pathlib import Path

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.canonical.contents import check_everybody
from tinglegram.command_line import add_clips, filled, names_in, program, run
from tinglegram.files import read_table, write_table
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inspection import clip_entries, missing_clips
from tinglegram.inputs.inventory import Entry, Problems, decide, inventory_table, problem_table
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.pulse.recordings import PulseSource
from tinglegram.readers.inspection import (
    kept_back_pulse,
    lacking_part,
    no_responses,
    uneven_clocks,
    usable_trials,
)
from tinglegram.readers.parts import EVENTS, SIGNALS, mixed_columns
from tinglegram.settings import add_settings, only, pairs_of, read_settings
from tinglegram.stimuli.findings import ClipFinding, ClipProblems

PREDICTED = only(ResponseTarget, "dimension")


def main() -> None:
    """Write inventory.tsv and problems.tsv."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--people", type=Path, required=True, help="participants.tsv")
    add("--sources", type=Path, required=True, help="table of their files")
    add("--participants", type=Path, required=True, help="list of those who take part")
    add("--with-pulse", type=Path, help="list of those with a pulse; nothing: nobody")
    add("--with-sensors", type=Path, help="list of those with other signals; nothing: nobody")
    add("--sensor-notes", required=True, help="of other signals; {subject}: of each participant")
    about = "those of whose signals the reader keeps the pulse back"
    add("--without-pulse", nargs="*", default=[], metavar="SUBJECT", help=about)
    add("--inspected", help="what was found; {subject}: in the files of each participant; or:")
    add("--trials", help="canonical trials; {subject}: of each participant")
    add("--notes", help="of events; {subject}: of each participant")
    add("--responses", help="canonical responses; {subject}: of each participant")
    add("--signal-notes", help="of signals; {subject}: of each participant")
    add("--clocks", required=True, help="digests of responses; {subject}: of each participant")
    add("--contents", required=True, help="digests of signals; {subject}: of each participant")
    add_clips(parser)
    add("--files", default={}, help="of the clips", **pairs_of(str, "CLIP=PATH", nargs="*"))
    add("--clip-findings", default={}, **pairs_of(Path, "CLIP=JSON", nargs="*"))
    add_settings(parser, Problems, ClipProblems, PulseSource, PREDICTED)
    add("--exclusions", nargs="?", help="table of who and what is left out; nothing: nobody is")
    add("--inventory", type=Path, required=True, help="table of participants (written)")
    add("--problems", type=Path, required=True, help="table of problems (written)")
    options = parser.parse_args()

    people = read_table(options.people)
    sources = read_table(options.sources)
    first = sources.drop_duplicates(["subject", "part"]).set_index(["subject", "part"])["file"]
    names = {f"{number:03d}": str(who) for number, who in people.iloc[:, :2].to_numpy()}
    of_signals = SIGNALS if SIGNALS in set(sources["part"]) else EVENTS
    parts = {EVENTS: EVENTS, SIGNALS: of_signals if options.with_pulse else ""}
    found = {
        name: {s: first[int(s), part] for s in names if (int(s), part) in first.index}
        for name, part in parts.items()
    }
    for subject in options.without_pulse:
        found[SIGNALS].pop(subject, None)
    # Who has no file at all of events is one of the participants nevertheless.
    raw = RawFiles(dict.fromkeys(names, ""), {}, dict(options.files))
    excluded = read_exclusions(options.exclusions, raw, options.clips, names)
    if options.inspected:
        of_people, n_trials, shown = inspected(options.inspected, names, excluded)
    else:
        with_signals = {s for s in names if (int(s), of_signals) in first.index}
        of_people, n_trials = noted(options, names, with_signals)
        shown = {}
    check_copies(options, names)
    # What an inspection found of signals, their own jobs find too.
    of_sensors = notes_of(options.sensor_notes, listed(options.with_sensors), names)
    entries = [
        *dict.fromkeys([*of_people, *of_sensors]),
        *(
            Entry("", "*", "mixed_covariate", "participants.tsv", f"column {column}", "", said, "")
            for column, said in mixed_columns(people.iloc[:, 2:]).items()
        ),
        *missing_clips(raw.clips),
    ]
    for video, path in options.clip_findings.items():
        seen = [ClipFinding(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
        entries += clip_entries(video, raw.clips[video], seen)
    policies = {
        kind: decision
        for cls in (Problems, ClipProblems)
        for kind, decision in read_settings(options, cls).__dict__.items()
    }
    decided = decide(entries, policies, excluded.keys(), options.clips, shown)
    for entry, decision in zip(entries, decided.decisions, strict=True):
        logging.info("%s (%s): %s", entry.kind, decision, entry.sentence)
    rows = {s: (found[EVENTS].get(s), found[SIGNALS].get(s), n_trials.get(s, 0)) for s in names}
    write_table(problem_table(entries, decided.decisions), options.problems)
    write_table(inventory_table(rows, entries, decided, excluded), options.inventory)


def check_copies(options: argparse.Namespace, names: dict[str, str]) -> None:
    """Refuse the same responses or signals in two of those who take part."""
    contents: dict[str, dict[str, str]] = {}
    for subject in names_in(options.participants):
        (path,) = filled([options.clocks], subject=[subject])
        contents[names[subject]] = json.loads(Path(path).read_text(encoding="utf-8"))["contents"]
    for subject in dict.fromkeys([*listed(options.with_pulse), *listed(options.with_sensors)]):
        (path,) = filled([options.contents], subject=[subject])
        contents[names[subject]] |= json.loads(Path(path).read_text(encoding="utf-8"))
    check_everybody(contents)


def listed(path: Path | None) -> list[str]:
    """Return the names in a list of participants; none without a list."""
    return names_in(path) if path else []


def notes_of(pattern: str, subjects: list[str], names: dict[str, str]) -> list[Entry]:
    """Return the notes of participants."""
    return [
        Entry(subject, "*", kind, names[subject], "", "", message, "")
        for subject in subjects
        for kind, message in read_table(*filled([pattern], subject=[subject])).itertuples(
            index=False
        )
    ]


def inspected(
    pattern: str, names: dict[str, str], excluded: dict[tuple[str, str], str]
) -> tuple[list[Entry], dict[str, int], dict[str, list[str]]]:
    """Return everybody's entries, numbers of usable trials, and names of the trials."""
    entries: list[Entry] = []
    n_trials, shown, of_target = {}, {}, 0
    for subject in names:
        if (subject, "*") in excluded:
            continue
        (path,) = filled([pattern], subject=[subject])
        seen, rows = json.loads(Path(path).read_text(encoding="utf-8"))
        own = [Entry(*row) for row in rows]
        left_out = [video for s, video in excluded if s == subject]
        n_trials[subject], shown[subject] = usable_trials(seen, own, left_out), seen["trials"]
        of_target += seen["of_target"]
        entries += own
    found = [*uneven_clocks(entries, shown), *no_responses(of_target, any(n_trials.values()))]
    return found, n_trials, shown


def noted(
    options: argparse.Namespace, names: dict[str, str], with_signals: set[str]
) -> tuple[list[Entry], dict[str, int]]:
    """Return everybody's notes and numbers of trials, of those who were read."""
    taking_part = names_in(options.participants)
    measured = dict.fromkeys([*listed(options.with_pulse), *listed(options.with_sensors)])
    entries = [
        *notes_of(options.notes, taking_part, names),
        *notes_of(options.signal_notes, list(measured), names),
    ]
    if read_settings(options, PulseSource).signal is not None:
        entries += [
            lacking_part(s, names[s], SIGNALS, "missing_pulse")
            for s in taking_part
            if s not in with_signals
        ]
        withheld = [s for s in taking_part if s in options.without_pulse]
        entries += [kept_back_pulse(s, names[s]) for s in withheld]
    target = read_settings(options, PREDICTED).dimension
    of_target, n_trials = 0, {}
    files = (filled([p], subject=taking_part) for p in (options.trials, options.responses))
    for subject, trials, responses in zip(taking_part, *files, strict=True):
        n_trials[subject] = len(read_table(trials))
        of_target += int((read_table(responses)["dimension"] == target).sum())
    entries = uneven_clocks(entries, taking_part)
    return [*entries, *no_responses(of_target, any(n_trials.values()))], n_trials


if __name__ == "__main__":
    run(main)
