"""Put a generated table between its two marks in a page of the documentation."""

import re
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import whole


def main() -> None:
    """Replace what stands between the marks."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--page", type=Path, required=True, help="Markdown page, changed in place")
    add("--mark", required=True, help="the marks are <!-- MARK: begin --> and <!-- MARK: end -->")
    add("--table", type=Path, required=True, help="Markdown to put there")
    options = parser.parse_args()
    begin, end = (f"<!-- {options.mark}: {place} -->\n" for place in ("begin", "end"))
    table = options.table.read_text(encoding="utf-8")
    text, found = re.subn(
        f"(?s){re.escape(begin)}.*{re.escape(end)}",
        lambda _: f"{begin}\n{table}\n{end}",
        options.page.read_text(encoding="utf-8"),
    )
    if found != 1:
        raise InputProblem(
            options.page.name,
            expected=f"one line {begin.strip()} and, below it, one {end.strip()}",
            found=f"{found} such pairs",
            remedy="Put both lines where the table should stand.",
        )
    with whole(options.page) as aside:
        aside.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
