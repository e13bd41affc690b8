"""The fingerprint of one content of a ranking, by which the same material is found elsewhere.

Output (NPZ): sound (n, 16), picture (n, 36), ten times a second; what a file lacks is missing.
"""

from pathlib import Path

from tinglegram.bundles.files import read_plan, temporary_file
from tinglegram.bundles.fingerprints import fingerprint_of
from tinglegram.command_line import program, run
from tinglegram.files import write_arrays


def main() -> None:
    """Read the file, fingerprint it, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--plan", type=Path, required=True, help="rank.json")
    add("--content", required=True, help="SHA-256 of the file")
    add("--fingerprint", type=Path, required=True, help="NPZ file to write")
    options = parser.parse_args()
    plan, folder = read_plan(options.plan), str(options.plan.parent)
    with Path(plan.file_in(folder, options.content)).open("rb") as stream:
        source = plan.contents[options.content][0]
        found = fingerprint_of(stream, source, store=temporary_file)
    write_arrays(options.fingerprint, dict(found.courses))


if __name__ == "__main__":
    run(main)
