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
from tinglegram.stimuli.courses import measure_courses
from tinglegram.stimuli.settings import (
    COURSE_SWITCHES,
    STREAMS,
    AcousticFeatures,
    CourseVariant,
    SoundBands,
)

RATE = only(AcousticFeatures, "sample_rate")


def main() -> None:
    """Read the clip, measure, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--clip-file", type=Path, required=True, help="the clip")
    add_settings(parser, SoundBands, RATE, Timing)
    add(
        "--variant",
        nargs=len(COURSE_SWITCHES) + 1,
        action="append",
        required=True,
        metavar=(*(name.upper() for name in COURSE_SWITCHES), "NPZ"),
        help="the value of every switch, and the file to write",
    )
    add("--streams", nargs="+", choices=STREAMS, default=STREAMS, help="that count")
    add("--threads", type=int, default=1, help="CPU threads")
    options = parser.parse_args()

    timing = read_settings(options, Timing)
    with options.clip_file.open("rb") as stream:
        found = measure_courses(
            stream,
            options.clip_file.name,
            [
                CourseVariant(**dict(zip(COURSE_SWITCHES, words[:-1], strict=True)))
                for words in options.variant
            ],
            bands=read_settings(options, SoundBands),
            sample_rate=read_settings(options, RATE).sample_rate,
            timing=timing,
            with_sound="sound" in options.streams,
            with_picture="picture" in options.streams,
            threads=options.threads,
        )
    for (*_, path), arrays in zip(options.variant, found, strict=True):
        write_arrays(Path(path), arrays)
    logging.info("%d steps of %s", timing.steps, ", ".join(found[0]))


if __name__ == "__main__":
    run(main)
