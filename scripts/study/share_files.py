"""Copy files that two protocols share from the one that computed them to the other."""

import shutil
from pathlib import Path

from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import whole


def main() -> None:
    """Copy every file."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--folders", type=Path, nargs=2, required=True, help="of the one, then of the other")
    add("--files", nargs="+", required=True, help="below both; {subject}: for each participant")
    add("--participants", type=Path, nargs="*", default=[], help="list of them, one a line")
    options = parser.parse_args()
    source, target = options.folders
    subjects = [name for path in options.participants for name in names_in(path)]
    named = {"subject": subjects} if subjects else {}
    for file in filled(options.files, **named):
        with whole(target / file) as aside:
            shutil.copyfile(source / file, aside)


if __name__ == "__main__":
    run(main)
