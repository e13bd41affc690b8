"""Decode a clip and write everything that is amiss in it, before anything is computed from it."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import write_json
from tinglegram.inputs.clips import inspect_clip
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.settings import STREAMS, AcousticFeatures

SETTINGS = (Timing, only(AcousticFeatures, "sample_rate"))


def main() -> None:
    """Write everything found; it becomes rows of problems.tsv."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--clip-file", type=Path, required=True, help="the clip")
    add_settings(parser, *SETTINGS)
    add("--streams", nargs="+", choices=STREAMS, default=STREAMS, help="that count")
    add("--output", type=Path, required=True, help="JSON (written)")
    options = parser.parse_args()
    timing, sound = (read_settings(options, cls) for cls in SETTINGS)
    found = inspect_clip(str(options.clip_file), timing, sound.sample_rate, options.streams)
    for finding in found:
        level = logging.WARNING if finding.expected else logging.INFO
        logging.log(level, "%s: %s", finding.kind, finding.sentence(options.clip_file.name))
    write_json([list(finding) for finding in found], options.output)


if __name__ == "__main__":
    run(main)
