"""Feature sets of one clip, in every variant asked for, from one decoding for all of them.

Each output (NPZ): values (steps x columns, float32), columns (their names), time_s (seconds after
the warm-up). A clip without the stream that a set is computed from has no values.
"""

import argparse
import logging

from tinglegram.clock import Timing
from tinglegram.command_line import filled, program, run
from tinglegram.files import write_arrays
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.stimuli.clip_options import add_clip_options, clip_variants
from tinglegram.stimuli.feature_sets import extract_feature_sets, known_set, network_set
from tinglegram.stimuli.network_files import read_embedder
from tinglegram.stimuli.settings import (
    FEATURE_SETS,
    AcousticFeatures,
    CourseVariant,
    NetworkSets,
)

RATE = only(AcousticFeatures, "sample_rate")


def asked_for() -> list[str]:
    """Return the sets that the command line names: each has settings of its own."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--sets", nargs="+", default=[])
    sets: list[str] = parser.parse_known_args()[0].sets
    return sets


def main() -> None:
    """Read the clip, compute, write."""
    named = [name for name in asked_for() if name in FEATURE_SETS]
    classes = {name: FEATURE_SETS[name].settings for name in named}
    parser = program(__doc__)
    add = parser.add_argument
    add_clip_options(parser, CourseVariant, "the file to write, {set} in it")
    about = f"to compute: {', '.join(FEATURE_SETS)}, each with its own settings, or networks"
    add("--sets", nargs="+", required=True, help=about)
    add_settings(parser, *classes.values(), NetworkSets, RATE, Timing)
    options = parser.parse_args()

    variants, patterns = clip_variants(options, CourseVariant)
    timing = read_settings(options, Timing)
    networks = read_settings(options, NetworkSets).networks
    sets = {
        name: known_set(name, read_settings(options, classes[name]))
        if name in classes
        else network_set(networks[name], read_embedder(networks[name]))
        for name in options.sets
    }
    with options.clip_file.open("rb") as stream:
        found = extract_feature_sets(
            stream,
            options.clip_file.name,
            variants,
            sets,
            sample_rate=read_settings(options, RATE).sample_rate,
            timing=timing,
            with_sound="sound" in options.streams,
            with_picture="picture" in options.streams,
            threads=options.threads,
        )
    for pattern, own in zip(patterns, found, strict=True):
        for name, arrays in own.items():
            (path,) = filled([pattern], set=[name])
            write_arrays(path, arrays)
    for name, arrays in found[0].items():
        width = f"{arrays['values'].shape[1]} columns" if "values" in arrays else "no stream of it"
        logging.info("%s: %d steps, %s", name, timing.steps, width)


if __name__ == "__main__":
    run(main)
