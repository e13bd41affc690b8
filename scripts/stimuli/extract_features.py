"""Visual and acoustic features of one clip, in every variant asked for, from one decoding.

Each output (NPZ): visual (steps x 512), acoustic (steps x 31), acoustic_first (steps of a trial
shown first x 31), time_s (seconds after the warm-up), weights (what the network was trained on).
"""

import logging
from pathlib import Path

import numpy as np

from tinglegram.command_line import program, run
from tinglegram.files import write_arrays
from tinglegram.models.devices import select_device
from tinglegram.stimuli import acoustic, video, visual


def main() -> None:
    """Read the clip, compute, write."""
    parser = program(__doc__)
    parser.add_argument("--clip", type=Path, required=True, help="the clip's file")
    parser.add_argument(
        "--weights",
        default=visual.IMAGENET,
        help="IMAGENET1K_V1, untrained, or the path of a ResNet-18 state dict",
    )
    parser.add_argument("--seed", type=int, default=42, help="of an untrained network")
    parser.add_argument(
        "--variant",
        nargs=3,
        action="append",
        required=True,
        metavar=("RESIZE", "AUDIO_WINDOW", "NPZ"),
        help="how pictures are resized, the window of the sound, and the file to write",
    )
    parser.add_argument(
        "--warm-up", type=float, required=True, help="seconds left out at the start"
    )
    parser.add_argument("--steps", type=int, required=True, help="grid steps of a clip")
    parser.add_argument("--steps-first", type=int, required=True, help="of a trial shown first")
    parser.add_argument("--grid", type=float, required=True, help="grid steps per second")
    parser.add_argument("--image-size", type=int, default=224, help="pixels of the network's input")
    parser.add_argument("--sample-rate", type=int, default=44100, help="of the sound, Hz")
    parser.add_argument("--n-fft", type=int, default=2048, help="samples of the window")
    parser.add_argument("--n-mfcc", type=int, default=20, help="number of MFCCs")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"], help="place")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    args = parser.parse_args()

    hop = acoustic.hop_samples(args.sample_rate, args.grid)
    device = select_device(args.device, args.threads)
    if args.weights == visual.UNTRAINED:
        logging.warning("ResNet-18 is UNTRAINED: its features mean nothing, for demos only")
        network, weights = visual.untrained_network(args.seed), args.weights
    elif args.weights == visual.IMAGENET:
        network, weights = visual.imagenet_network(), args.weights
    else:
        weights = Path(args.weights).name
        with Path(args.weights).open("rb") as stream:
            network = visual.read_network(stream, weights)
    logging.info("ResNet-18 weights: %s; device: %s", weights, device)

    resizes = list(dict.fromkeys(resize for resize, _, _ in args.variant))
    extractor = visual.FeatureExtractor(network, resizes, args.image_size, device)
    with args.clip.open("rb") as stream:
        clip = video.decode_clip(
            stream,
            args.clip.name,
            start_s=args.warm_up,
            n_steps=args.steps,
            grid_hz=args.grid,
            sample_rate=args.sample_rate,
            take=extractor.add,
            threads=args.threads,
        )
    logging.info("%s: %.3f frames per second", args.clip.name, clip.fps)
    for finding in clip.findings:
        logging.warning("%s: %s", args.clip.name, finding)

    pictures = extractor.features()
    sounds = {
        (window, steps): acoustic.features(
            clip.sound,
            steps,
            sample_rate=args.sample_rate,
            hop=hop,
            window=acoustic.window_samples(window, args.n_fft, hop),
            n_mfcc=args.n_mfcc,
        )
        for window in sorted({window for _, window, _ in args.variant})
        for steps in (args.steps, args.steps_first)
    }
    for resize, window, path in args.variant:
        write_arrays(
            Path(path),
            {
                "visual": pictures[resize][clip.picture_of_step],
                "acoustic": sounds[window, args.steps],
                "acoustic_first": sounds[window, args.steps_first],
                "time_s": (np.arange(args.steps) / args.grid).astype(np.float32),
                "weights": np.array(weights),
            },
        )
    logging.info("%d steps, %d for a trial shown first", args.steps, args.steps_first)


if __name__ == "__main__":
    run(main)
