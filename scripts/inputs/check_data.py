"""Inspect a folder of raw data and print what was found, without running or writing anything."""

from pathlib import Path

import yaml
from tabulate import tabulate

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.inputs.clips import inspect_clip
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.inspection import clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import ERROR, NOTED, decide
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.pulses import pulse_entries
from tinglegram.inputs.raw_files import raw_files
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import as_object
from tinglegram.study import configuration
from tinglegram.study.plan import Plan
from tinglegram.study.planning import design_of


def main() -> None:
    """Print one line per participant and per clip, then every problem and finding."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--root", type=Path, required=True, help="folder with log/, ppg/ and stim/")
    add("--config", type=Path, nargs="+", required=True, help="config.yaml, then overlays")
    add("--schema", type=Path, required=True, help="schema of the configuration")
    args = parser.parse_args()

    values, outlines = configuration.read_files(args.config, {})
    config = configuration.merged_configuration(values)
    schema = yaml.safe_load(args.schema.read_text(encoding="utf-8"))
    # The folder may lack files that the configuration names: that is what is inspected here.
    configuration.check_configuration(config, schema, outlines, files=False)
    clips = config["clips"]
    raw = raw_files(str(args.root), None, clips, config["seed"])
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


if __name__ == "__main__":
    run(main)
