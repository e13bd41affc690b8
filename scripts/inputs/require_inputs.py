"""Stop a study whose raw files have problems nobody decided about; name all of them."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.files import read_table, write_text
from tinglegram.inputs.inventory import ERROR, read_problems


def main() -> None:
    """Write a sentence if there is no such problem."""
    parser = program(__doc__)
    parser.add_argument("--problems", type=Path, required=True, help="problems.tsv")
    parser.add_argument("--output", type=Path, required=True, help="text (written)")
    args = parser.parse_args()
    found = [e for e, decision in read_problems(read_table(args.problems)) if decision == ERROR]
    if found:
        lines = [
            f"participant {e.subject}: {e.sentence}" if e.subject else e.sentence for e in found
        ]
        raise TinglegramError(
            f"{len(found)} problem(s) in the raw files stop this study; {args.problems} lists "
            "everything found. Mend the files, or decide in the configuration (data: problems).\n"
            + "\n".join(lines)
        )
    write_text("Nothing in the raw files stops this study.\n", args.output)


if __name__ == "__main__":
    run(main)
