"""The ImageNet weights of ResNet-18 in torchvision's cache, downloaded if absent.

Output (text): file name and SHA-256.
"""

from pathlib import Path

import torch

from tinglegram.command_line import program, run
from tinglegram.files import write_text
from tinglegram.stimuli import visual


def main() -> None:
    """Fetch once, before several jobs want the same file."""
    parser = program(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="text file to write")
    args = parser.parse_args()

    visual.imagenet_network()
    name, folder = visual.imagenet_file(), Path(torch.hub.get_dir(), "checkpoints")
    digest = visual.check_imagenet((folder / name).read_bytes(), name, str(folder))
    write_text(f"{name} sha256 {digest}\n", args.output)


if __name__ == "__main__":
    run(main)
