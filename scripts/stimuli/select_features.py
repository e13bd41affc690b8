"""One protocol's features of one clip, picked from all variants.

Output (NPZ): visual (steps x 512), acoustic (steps x 31), acoustic_first (steps of a trial shown
first x 31), time_s (seconds after the warm-up), weights (what the network was trained on).
"""

import logging
from pathlib import Path

from tinglegram_shell import program, read_arrays, run, write_arrays


def main() -> None:
    """Read every variant, write one."""
    parser = program(__doc__)
    parser.add_argument("--features", type=Path, required=True, help="NPZ with every variant")
    parser.add_argument("--resize", required=True, help="variant of the picture")
    parser.add_argument("--audio-window", required=True, help="variant of the window")
    parser.add_argument("--output", type=Path, required=True, help="NPZ to write")
    args = parser.parse_args()

    stored = read_arrays(args.features)
    names = {
        "visual": f"visual@{args.resize}",
        "acoustic": f"acoustic@{args.audio_window}",
        "acoustic_first": f"acoustic_first@{args.audio_window}",
        "time_s": "time_s",
        "weights": "weights",
    }
    write_arrays(args.output, {name: stored[key] for name, key in names.items()})
    logging.info("picture %s, sound window %s", args.resize, args.audio_window)


if __name__ == "__main__":
    run(main)
