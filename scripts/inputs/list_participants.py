"""List participants, one a line: programs read who takes part from such a list."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_text


def main() -> None:
    """Write the list."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--participants", nargs="*", default=[], metavar="NUMBER", help="such as 007")
    add("--output", type=Path, required=True, help="text (written)")
    options = parser.parse_args()
    write_text("".join(f"{number}\n" for number in options.participants), options.output)


if __name__ == "__main__":
    run(main)
