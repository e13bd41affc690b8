"""Decode a clip and write everything that is amiss in it, before anything is computed from it."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import write_json
from tinglegram.inputs.clips import inspect_clip
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.settings import AcousticFeatures

SETTINGS = (Timing, only(AcousticFeatures, "sample_rate"))


def main() -> None:
    """Write the entries of problems.tsv that concern this clip, without their decisions."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--video", required=True, help="code of the clip")
    add("--clip-file", required=True, help="the clip")
    add_settings(parser, *SETTINGS)
    add("--output", type=Path, required=True, help="JSON (written)")
    options = parser.parse_args()
    timing, sound = (read_settings(options, cls) for cls in SETTINGS)
    found = inspect_clip(options.video, options.clip_file, timing, sound.sample_rate)
    for entry in found:
        logging.log(
            logging.WARNING if entry.expected else logging.INFO,
            "%s: %s",
            entry.kind,
            entry.sentence,
        )
    write_json([list(entry) for entry in found], options.output)


if __name__ == "__main__":
    run(main)
