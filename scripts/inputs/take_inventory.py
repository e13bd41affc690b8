"""Inspect every raw file: what is amiss with whom, what becomes of it, and who takes part."""

import json
import logging
from dataclasses import asdict
from pathlib import Path

from tinglegram.behaviour.timeline import ClipEnds, RatingKeys
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, add_simulated, program, run
from tinglegram.files import write_table
from tinglegram.formats.biopac import BiopacExport
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inspection import clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import (
    NOTED,
    Design,
    Problems,
    decide,
    inventory_table,
    problem_table,
)
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.pulses import pulse_entries
from tinglegram.inputs.raw_files import raw_files
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import add_settings, pairs_of, read_settings
from tinglegram.stimuli.findings import ClipFinding, ClipProblems

SETTINGS = (
    *(RatingKeys, Timing, BiopacExport, Problems, ClipEnds, ClockAlignment, ClipProblems),
    *(Windowing, BeatLimits),
)


def main() -> None:
    """Write inventory.tsv and problems.tsv."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--root", required=True, help="folder with log/, ppg/ and stim/")
    add_simulated(parser)
    add("--seed", type=int, default=0, help="of a simulated study: file names derive from it")
    add_clips(parser)
    add("--files", default={}, help="of each clip, in stim/", **pairs_of(str, "CLIP=FILE"))
    add_settings(parser, *SETTINGS)
    add("--clip-findings", default={}, **pairs_of(Path, "CLIP=JSON", nargs="*"))
    add("--exclusions", nargs="?", help="table of who and what is left out; nothing: nobody is")
    add("--offsets", nargs="?", help="table of when recordings started; nothing: with their logs")
    add("--inventory", type=Path, required=True, help="table of participants (written)")
    add("--problems", type=Path, required=True, help="table of problems (written)")
    options = parser.parse_args()
    keys, timing, export, problems, ends, alignment, of_clips, windowing, limits = (
        read_settings(options, cls) for cls in SETTINGS
    )
    design = Design(
        clips=options.clips,
        ratings=keys.ratings,
        timing=timing,
        channel=export.channel,
        sampling_rate=export.sampling_rate,
        ends=ends,
        alignment=alignment,
    )
    simulation = {"participants": options.simulated} if options.simulated else None
    files = {code: {"file": name} for code, name in options.files.items()}
    raw = raw_files(options.root, simulation, files, options.seed)
    excluded = read_exclusions(options.exclusions, raw, design.clips)
    offsets = read_offsets(options.offsets, raw)
    found = inspect(raw, design, excluded, offsets=offsets)
    entries = [*found.entries, *pulse_entries(raw.ppgs, design, windowing, limits)]
    entries += missing_clips(raw.clips)
    for video, path in options.clip_findings.items():
        seen = [ClipFinding(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
        entries += clip_entries(video, raw.clips[video], seen)
    policies = asdict(problems) | asdict(of_clips)
    decided = decide(entries, policies, excluded.keys(), design.clips)
    for entry, decision in zip(entries, decided.decisions, strict=True):
        level = logging.INFO if decision == NOTED else logging.WARNING
        participant = f"participant {entry.subject}, " if entry.subject else ""
        logging.log(level, "%s%s (%s): %s", participant, entry.kind, decision, entry.sentence)
    participants = {s: (raw.logs.get(s), raw.ppgs.get(s), n) for s, n in found.n_clips.items()}
    write_table(problem_table(entries, decided.decisions), options.problems)
    write_table(inventory_table(participants, entries, decided, excluded), options.inventory)


if __name__ == "__main__":
    run(main)
