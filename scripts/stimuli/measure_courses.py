"""Band envelopes, light and motion of one clip, in every variant asked for, from one decoding.

Each output (NPZ): bands (steps x bands), centre_hz, sound_hz, luminance and motion (steps), time_s
(seconds after the warm-up). Of a clip without pictures or sound their arrays are missing.
"""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import write_arrays
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.clip_options import add_clip_options, clip_variants
from tinglegram.stimuli.courses import measure_courses
from tinglegram.stimuli.settings import (
    AcousticFeatures,
    CourseVariant,
    SoundBands,
)

RATE = only(AcousticFeatures, "sample_rate")


def main() -> None:
    """Read the clip, measure, write."""
    parser = program(__doc__)
    add_clip_options(parser, CourseVariant, "the file to write")
    add_settings(parser, SoundBands, RATE, Timing)
    options = parser.parse_args()

    variants, paths = clip_variants(options, CourseVariant)
    timing = read_settings(options, Timing)
    with options.clip_file.open("rb") as stream:
        found = measure_courses(
            stream,
            options.clip_file.name,
            variants,
            bands=read_settings(options, SoundBands),
            sample_rate=read_settings(options, RATE).sample_rate,
            timing=timing,
            with_sound="sound" in options.streams,
            with_picture="picture" in options.streams,
            threads=options.threads,
        )
    for path, arrays in zip(paths, found, strict=True):
        write_arrays(Path(path), arrays)
    logging.info("%d steps of %s", timing.steps, ", ".join(found[0]))


if __name__ == "__main__":
    run(main)
