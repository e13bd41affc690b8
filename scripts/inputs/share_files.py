"""Give files a second name by hard links, so that two protocols share them."""

import argparse
import os
from pathlib import Path


def main() -> None:
    """Link every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, nargs="+", required=True, help="existing files")
    parser.add_argument("--links", type=Path, nargs="+", required=True, help="their further names")
    options = parser.parse_args()
    for file, link in zip(options.files, options.links, strict=True):
        link.unlink(missing_ok=True)
        os.link(file, link)


if __name__ == "__main__":
    main()
