"""Download a dataset of Zenodo by its DOI into log/, ppg/ and stim/, or verify that it is there."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.inputs.archives import Limits
from tinglegram.inputs.dataset import fetch
from tinglegram.inputs.downloads import Connection


def main() -> None:
    """Fetch what is missing and verify everything."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--doi", required=True, help="of the dataset")
    add("--root", type=Path, required=True, help="data folder")
    add("--pins", type=Path, help="a fetched.json whose checksums must be met")
    add("--base", default="https://zenodo.org", help="address of the archive")
    add("--tries", type=int, default=5, help="requests without a new byte before giving up")
    add("--wait", type=float, default=1.0, help="seconds between two of them, doubled each time")
    add("--timeout", type=float, default=60.0, help="seconds of silence that break a connection")
    add("--max-members", type=int, default=10_000, help="most members of an archive")
    add("--max-gib", type=float, default=200.0, help="most GiB that an archive unpacks to")
    args = parser.parse_args()
    connection = Connection(args.base.rstrip("/"), args.tries, args.wait, args.timeout)
    limits = Limits(args.max_members, int(args.max_gib * 2**30))
    fetch(args.doi, args.root, connection, limits, args.pins)


if __name__ == "__main__":
    run(main)
