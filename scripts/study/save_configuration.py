"""Save the merged configuration of a study: given as an overlay, it gives the same study again."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import write_text


def main() -> None:
    """Write the text it is given."""
    parser = program(__doc__)
    parser.add_argument("--merged", required=True, help="the configuration as YAML")
    parser.add_argument("--output", type=Path, required=True, help="YAML file (written)")
    options = parser.parse_args()
    write_text(options.merged, options.output)


if __name__ == "__main__":
    run(main)
