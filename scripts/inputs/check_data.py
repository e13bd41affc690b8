"""Inspect a folder of raw data and print what was found, without running or writing anything."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from tabulate import tabulate

from tinglegram.canonical.tables import Session
from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.inputs.clips import inspect_clip
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inference import description, look_at, stimulus_head
from tinglegram.inputs.inspection import clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import ERROR, NOTED, decide
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.pulses import pulse_entries
from tinglegram.inputs.raw_files import RawFiles, raw_files
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.parts import (
    RESPONSES,
    SIGNALS,
    chosen_signal,
    find_sources,
    joined,
    read_parts,
    signals_on_clock,
)
from tinglegram.sensors.channels import chosen_sensors, in_own_unit
from tinglegram.settings import as_object
from tinglegram.study import configuration
from tinglegram.study.plan import Plan, dimensions_of
from tinglegram.study.planning import design_of

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
        check_readers(config, args.root)
        return
    raw = raw_files(str(args.root), None, clips, config["seed"])
    if not raw.every_log and not raw.every_ppg:
        refuse_unknown(args.root)
    excluded = read_exclusions(config["data"]["exclusions"], raw, clips)
    offsets = read_offsets(config["data"]["offsets"], raw)
    design = design_of(config)
    found = inspect(raw, design, excluded, offsets=offsets)
    pulse = (as_object(config, Windowing), as_object(config, BeatLimits))
    plan, rate = Plan(config), config["stimuli"]["sample_rate"]
    entries = [*found.entries, *pulse_entries(raw.ppgs, design, *pulse), *missing_clips(raw.clips)]
    for code, path in raw.clips.items():
        if Path(path).exists():
            timing = as_object(plan.config_of(code), Timing)
            shown = plan.stimuli[code].shown
            entries += clip_entries(code, path, inspect_clip(path, timing, rate, shown))
    decided = decide(entries, config["data"]["problems"], excluded.keys(), clips)
    pairs = list(zip(entries, decided.decisions, strict=True))

    def row(name: str, *cells: object, of: str, video: str | None = None) -> list[object]:
        own = [d for e, d in pairs if e.subject == of and (video is None or e.video == video)]
        return [
            name,
            *cells,
            sum(d == ERROR for d in own),
            sum(d not in (ERROR, NOTED) for d in own),
        ]

    rows = [
        row(s, *("yes" if s in f else "no" for f in (raw.logs, raw.ppgs)), found.n_clips[s], of=s)
        for s in raw.subjects
    ]
    stimuli = [
        row(code, "yes" if Path(path).exists() else "no", of="", video=code)
        for code, path in raw.clips.items()
    ]
    print(tabulate(rows, ["participant", "log", "pulse", "trials", "problems", "decided"]), "\n")
    print(tabulate(stimuli, ["clip", "file", "problems", "decided"]), "\n")
    for entry, decision in pairs:
        participant = f"participant {entry.subject}, " if entry.subject else ""
        print(f"- {participant}{entry.kind} ({decision}): {entry.sentence}")
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


def check_readers(config: Mapping[str, Any], root: Path) -> None:
    """Read every participant of a study with its readers and print what they give and refuse."""
    data = moved(config["data"], root)
    lengths, kinds = Plan(config).lengths, dimensions_of(config)
    try:
        sources = find_sources(data, lengths, kinds)
    except TinglegramError:
        print(description(look_at(root)), "\n")
        raise
    rows, n_errors = [], 0
    sentences = [
        f"- data.{part} (noted): read in {data[part]['root']}, which is not below data.root"
        for part in OF_THEIR_OWN
        if (own := (data[part] or {}).get("root")) and not is_below(own, str(root))
    ]
    people = RawFiles(dict.fromkeys(sources.ids, ""), {}, {})
    excluded = read_exclusions(data["exclusions"], people, config["clips"], sources.ids)
    for subject, name in sources.ids.items():
        if (subject, "*") in excluded:
            sentences.append(f"- participant {name} (left out): {excluded[subject, '*']}")
            continue
        try:
            # Who has no files of signals serves the models without pulse only.
            own = [part for part in sources.parts if subject in sources.files[part]]
            parts = read_parts(sources.as_text(subject, *own), name, lengths, kinds)
            session = joined(parts, name, lengths)
            signals = []
            if sources.of_signals() in own:
                measured = parts[sources.of_signals()]
                signals = signals_on_clock(measured, session.zero_unix_s, name)
                if config["pulse"]["signal"] is not None:
                    chosen_signal(signals, config["pulse"]["signal"], name)
                sensors, lacking = chosen_sensors(signals, config["sensors"], name)
                sentences += [f"- participant {name} (noted): {note}" for note in lacking]
                for signal in sensors.values():
                    in_own_unit(signal, name)
            require_responses(session, config, name)
        except TinglegramError as problem:
            n_errors += 1
            rows.append([name, None, None, None, 1])
            sentences.append(f"- participant {name} (error): {problem}")
            continue
        counts = (len(session.trials), len(session.responses), len(signals))
        rows.append([name, *counts, 0])
        notes = dict.fromkeys(n.message for part in parts.values() for n in part.notes)
        sentences += [f"- participant {name} (noted): {note}" for note in notes]
    unusable = list(unusable_clips(config["clips"], root / data["stimuli"]))
    sentences += [f"- clip {sentence}" for sentence in unusable]
    n_errors += len(unusable)
    columns = ["participant", "trials", "responses", "signals", "problems"]
    print(tabulate(rows, columns, missingval="-"), "\n")
    print("\n".join(sentences))
    print(f"\n{len(rows)} participants in {root}; {n_errors} problem(s) would stop a run.")


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


def require_responses(session: Session, config: Mapping[str, Any], name: str) -> None:
    """Raise where a response lies outside of the range of its dimension."""
    for dimension, about in config.get("responses", {}).get("dimensions", {}).items():
        values = session.responses["value"][session.responses["dimension"] == dimension]
        low, high = about.get("range") or (-float("inf"), float("inf"))
        outside = values[(values < low) | (values > high)]
        if len(outside):
            raise InputProblem(
                name,
                where=f"dimension {dimension}",
                expected=f"values from {low:g} to {high:g} (responses: dimensions: range)",
                found=f"{len(outside)} outside, such as {outside.iloc[0]:g}",
                remedy="Correct the range, or the file.",
            )


def unusable_clips(clips: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield the clips whose files are not there or cannot be opened."""
    for code, clip in clips.items():
        file = clip.get("file")
        if file is None:
            continue
        if not (folder / file).is_file():
            yield f"{code} (error): no file {folder / file}"
        elif isinstance(head := stimulus_head(folder / file), str):
            yield f"{code} (error): {folder / file} cannot be opened ({head})"


if __name__ == "__main__":
    run(main)
