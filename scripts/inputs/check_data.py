"""Inspect a folder of raw data and print what was found, without running or writing anything."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from tabulate import tabulate

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.inputs.clips import inspect_clip
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inference import description, look_at
from tinglegram.inputs.inspection import clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import ERROR, NOTED, Entry, decide
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.pulses import pulse_entries
from tinglegram.inputs.raw_files import raw_files, require_plain_names
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.inspection import no_responses
from tinglegram.readers.parts import RESPONSES, SIGNALS, Sources, covariate_table, find_sources
from tinglegram.settings import as_object
from tinglegram.study import configuration
from tinglegram.study.configuration_lines import KeyPlaces
from tinglegram.study.plan import Plan, dimensions_of
from tinglegram.study.planning import (
    OtherInspection,
    design_of,
    inspect_others,
    other_raw_files,
    plan_of_others,
)
from tinglegram.study.report_plan import ReportPlan

# Entries and what becomes of them.
Decisions = Sequence[tuple[Entry, str]]
REST_ASMR = "rest_asmr"
# Parts of the data that may have a reader and a folder of their own.
OF_THEIR_OWN = (RESPONSES, SIGNALS)


def main() -> None:
    """Print one line per participant and per clip, then every problem and finding."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--root", type=Path, required=True, help="folder of raw data")
    add("--config", type=Path, nargs="+", required=True, help="config.yaml, then overlays")
    add("--schema", type=Path, required=True, help="schema of the configuration")
    args = parser.parse_args()

    values, outlines = configuration.read_files(args.config, {})
    config = configuration.merged_configuration(values)
    schema = yaml.safe_load(args.schema.read_text(encoding="utf-8"))
    # The folder may lack files that the configuration names: that is what is inspected here.
    configuration.check_configuration(config, schema, outlines, files=False)
    clips = config["clips"]
    if config["data"]["reader"] != REST_ASMR:
        check_readers(config, args.root, outlines)
        return
    raw = raw_files(str(args.root), None, clips, config["seed"])
    if not raw.every_log and not raw.every_ppg:
        refuse_unknown(args.root)
    excluded = read_exclusions(config["data"]["exclusions"], raw, clips)
    offsets = read_offsets(config["data"]["offsets"], raw)
    design = design_of(config)
    found = inspect(raw, design, excluded, offsets=offsets)
    pulse = (as_object(config, Windowing), as_object(config, BeatLimits))
    entries = [*found.entries, *pulse_entries(raw.ppgs, design, *pulse)]
    entries += entries_of_clips(Plan(config), raw.clips)
    decided = decide(entries, config["data"]["problems"], excluded.keys(), clips)
    pairs = list(zip(entries, decided.decisions, strict=True))
    rows = [
        [
            *(s, *("yes" if s in f else "no" for f in (raw.logs, raw.ppgs)), found.n_clips[s]),
            *n_decided(pairs, s),
        ]
        for s in raw.subjects
    ]
    print(tabulate(rows, ["participant", "log", "pulse", "trials", "problems", "decided"]), "\n")
    print_clips(raw.clips, pairs)
    print_entries(pairs, {})
    n_errors = decided.decisions.count(ERROR)
    print(f"\n{len(rows)} participants in {args.root}; {n_errors} problem(s) would stop a run.")


def refuse_unknown(root: Path) -> None:
    """Print what a folder looks like, and raise: a run with the reader `rest_asmr` would stop."""
    guess = look_at(root)
    print(description(guess), "\n")
    fits = f"one for the reader {guess.reader}" if guess.reader else "none that is known"
    raise InputProblem(
        str(root),
        expected="logs (log/*.log) or recordings (ppg/*_csv.txt) of the reader rest_asmr",
        found=f"neither; the folder looks like {fits}",
        remedy="A run would stop. Write an overlay for it: "
        f"{shlex.join(['tinglegram', 'init', str(root)])}; then check with that overlay.",
    )


def check_readers(config: Mapping[str, Any], root: Path, outlines: Sequence[KeyPlaces]) -> None:
    """Do what a run does before it computes anything, and print everything that it would refuse."""
    given, data = config["data"], moved(config["data"], root)
    config = {**config, "data": data}
    plan = Plan(config)
    try:
        # Everybody of whom there is any file, so that all who lack events are named.
        lenient = {**data, "problems": {"missing_log": "exclude_subject"}}
        sources = find_sources(lenient, plan.lengths, dimensions_of(config))
    except TinglegramError:
        print(description(look_at(root)), "\n")
        raise
    raw = other_raw_files(config, sources)
    excluded = read_exclusions(data["exclusions"], raw, config["clips"], sources.ids)
    found = inspect_others(config, sources, excluded)
    of_target = sum(seen["of_target"] for seen in found.seen.values())
    entries = [
        *found.entries,
        *no_responses(of_target, any(found.trials.values())),
        *entries_of_clips(plan, raw.clips),
    ]
    decided = decide(entries, data["problems"], excluded.keys(), config["clips"], found.trials)
    pairs = list(zip(entries, decided.decisions, strict=True))
    rows = []
    for subject, name in sources.ids.items():
        if subject not in found.seen:
            rows.append([name, None, None, None, 0, 1])
            continue
        seen = found.seen[subject]
        counts = (len(seen["trials"]), seen["responses"], seen["signals"])
        rows.append([name, *counts, *n_decided(pairs, subject)])
    columns = ["participant", "trials", "responses", "signals", "problems", "decided"]
    print(tabulate(rows, columns, missingval="-"), "\n")
    print_clips(raw.clips, pairs)
    for part in OF_THEIR_OWN:
        if (own := (given[part] or {}).get("root")) and not is_below(data[part]["root"], str(root)):
            print(f"- data.{part} (noted): read in {own}, which is not below data.root")
    for subject, reason in ((s, excluded[s, "*"]) for s in sources.ids if (s, "*") in excluded):
        print(f"- participant {sources.ids[subject]} (left out): {reason}")
    print_entries(pairs, sources.ids)
    further = list(study_faults(config, outlines, sources, excluded, found))
    for sentence in further:
        print(f"- study (error): {sentence}")
    n_errors = decided.decisions.count(ERROR) + len(further)
    print(f"\n{len(rows)} participants in {root}; {n_errors} problem(s) would stop a run.")


def study_faults(
    config: Mapping[str, Any],
    outlines: Sequence[KeyPlaces],
    sources: Sources,
    excluded: Mapping[tuple[str, str], str],
    found: OtherInspection,
) -> Iterator[str]:
    """Yield what is amiss with a study as a whole: names, participants, models, folds, report."""
    lengths, kinds = Plan(config).lengths, dimensions_of(config)

    def planned() -> None:
        ReportPlan(plan_of_others(config, outlines, sources, excluded, found), outlines)

    for fault in configuration.file_faults(config):
        # Missing clips are told above.
        if not any(place[:1] == ("clips",) for place in map(tuple, fault.places)):
            yield fault.sentence
    every = [path for s in sources.ids for path in sources.used(s, *sources.parts)]
    for look in (
        lambda: require_plain_names(every),
        lambda: covariate_table(sources, lengths, kinds, config["data"]["participants"]),
        planned,
    ):
        try:
            look()
        except TinglegramError as problem:
            yield str(problem)


def entries_of_clips(plan: Plan, clips: Mapping[str, str]) -> list[Entry]:
    """Decode every clip that is there, and return what is amiss in it or that it is missing."""
    entries, rate = missing_clips(clips), plan.config["stimuli"]["sample_rate"]
    for code, path in clips.items():
        if Path(path).exists():
            timing = as_object(plan.config_of(code), Timing)
            shown = plan.stimuli[code].shown
            entries += clip_entries(code, path, inspect_clip(path, timing, rate, shown))
    return entries


def n_decided(pairs: Decisions, subject: str, video: str | None = None) -> tuple[int, int]:
    """Return how many entries of a participant, or of a clip, stop a run, and how many do not."""
    own = [d for e, d in pairs if e.subject == subject and (video is None or e.video == video)]
    return sum(d == ERROR for d in own), sum(d not in (ERROR, NOTED) for d in own)


def print_clips(clips: Mapping[str, str], pairs: Decisions) -> None:
    """Print one line per clip."""
    rows = [
        [code, "yes" if Path(path).exists() else "no", *n_decided(pairs, "", code)]
        for code, path in clips.items()
    ]
    print(tabulate(rows, ["clip", "file", "problems", "decided"]), "\n")


def print_entries(pairs: Decisions, ids: Mapping[str, str]) -> None:
    """Print every problem and finding; participants by their ids, where they have any."""
    for found, decision in pairs:
        who = ids.get(found.subject, found.subject)
        participant = f"participant {who}, " if who else ""
        # Where there is no file, the sentence starts with the participant.
        sentence = found.sentence
        for start in (f"{who}: ", f"{who}, ") if who else ():
            sentence = sentence.removeprefix(start)
        print(f"- {participant}{found.kind} ({decision}): {sentence}")


def is_below(folder: str, root: str) -> bool:
    """Whether a folder is another or lies below it."""
    return Path(folder).resolve().is_relative_to(Path(root).resolve())


def moved(data: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return the section `data` with the folder that is checked in the place of the one it names.

    What has a folder of its own below that one is looked for at the same place below this one.

    Raises
    ------
    InputProblem : it is not there.
    """
    found = {**data, "root": str(root)}
    for part in OF_THEIR_OWN:
        own = (data[part] or {}).get("root")
        if own is None:
            continue
        if data["root"] is not None and is_below(own, data["root"]):
            below = Path(own).resolve().relative_to(Path(data["root"]).resolve())
            found[part] = {**data[part], "root": str(root / below)}
        if not Path(found[part]["root"]).is_dir():
            raise InputProblem(
                found[part]["root"],
                expected=f"the folder of data.{part}.root",
                found="none",
                remedy="Put the files there, or correct the overlay.",
            )
    return found


if __name__ == "__main__":
    run(main)
