"""Copy files that two protocols share from the one that computed them to the other."""

import shutil
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import whole


def main() -> None:
    """Copy every file."""
    parser = program(__doc__)
    parser.add_argument("--files", type=Path, nargs="+", required=True, help="existing files")
    parser.add_argument("--copies", type=Path, nargs="+", required=True, help="their copies")
    options = parser.parse_args()
    for file, copy in zip(options.files, options.copies, strict=True):
        with whole(copy) as aside:
            shutil.copyfile(file, aside)


if __name__ == "__main__":
    run(main)
