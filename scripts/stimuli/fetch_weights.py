"""The ImageNet weights of ResNet-18 in torchvision's cache, downloaded if absent.

Output (text): file name and SHA-256.
"""

import hashlib
import logging
from pathlib import Path

import torch

from tinglegram import visual
from tinglegram_shell import program, run, write_text


def main() -> None:
    """Fetch once, before several jobs want the same file."""
    parser = program(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="text file to write")
    args = parser.parse_args()

    visual.imagenet_network()
    name = visual.imagenet_file()
    content = Path(torch.hub.get_dir(), "checkpoints", name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    # torchvision names the file after its hash, but checks it only when it downloads.
    if not digest.startswith(Path(name).stem.rsplit("-", 1)[-1]):
        logging.warning("%s is not torchvision's file: SHA-256 %s", name, digest)
    write_text(f"{name} sha256 {digest}\n", args.output)


if __name__ == "__main__":
    run(main)
