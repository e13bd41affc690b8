"""Visual and acoustic features of one clip, in every variant asked for, from one decoding.

Each output (NPZ): visual (steps x 512), acoustic (steps x 31), acoustic_first (steps of a trial
shown first x 31, where that is cut off), time_s (seconds after the warm-up), weights (what the
network was trained on). Of a clip without pictures or sound their arrays are missing.
"""

import logging
from pathlib import Path

import numpy as np

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import write_arrays
from tinglegram.inference.seeding import Seeding
from tinglegram.models.devices import select_device
from tinglegram.models.settings import Device
from tinglegram.settings import add_settings, read_settings
from tinglegram.stimuli.clip_options import add_clip_options, clip_variants
from tinglegram.stimuli.features import extract_features
from tinglegram.stimuli.files import load_network
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant, VisualFeatures
from tinglegram.stimuli.visual import UNTRAINED


def main() -> None:
    """Read the clip, compute, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add_clip_options(parser, FeatureVariant, "the file to write")
    add_settings(parser, VisualFeatures, AcousticFeatures, Timing, Device)
    # Not as a setting: trained weights depend on no seed, and must not be used again for another.
    add("--seed", type=int, default=Seeding.seed, help="of an untrained network")
    options = parser.parse_args()

    variants, paths = clip_variants(options, FeatureVariant)
    pictures, timing = (read_settings(options, cls) for cls in (VisualFeatures, Timing))
    device = select_device(read_settings(options, Device).device, options.threads)
    network, weights = None, ""
    if "picture" in options.streams:
        network, weights = load_network(pictures.weights, options.seed)
        logging.info("ResNet-18 weights: %s; device: %s", weights, device)
    if weights == UNTRAINED:
        logging.warning("ResNet-18 is UNTRAINED: its features mean nothing, for demos only")
    source = options.clip_file.name
    with options.clip_file.open("rb") as stream:
        found = extract_features(
            stream,
            source,
            variants,
            network=network,
            image_size=pictures.image_size,
            sound=read_settings(options, AcousticFeatures),
            timing=timing,
            device=device,
            threads=options.threads,
            with_sound="sound" in options.streams,
        )
    if network is not None:
        logging.info("%s: %.3f frames per second", source, found.fps)
    for finding in found.findings:
        logging.warning("%s", finding.sentence(source))
    for path, arrays in zip(paths, found.variants, strict=True):
        trained = {} if network is None else {"weights": np.array(weights)}
        write_arrays(Path(path), arrays | trained)
    logging.info("%d steps, %d for a trial shown first", timing.steps, timing.steps_first)


if __name__ == "__main__":
    run(main)
