"""Write docs/errors.md from the cases under test: python tests/errors/write_page.py PAGE."""

import sys
from pathlib import Path

from error_cases import topics

HEAD = """# Errors

What each bad input makes the workflow say. This page is written from the tests in `tests/errors/`
(`make errors`), which provoke every one of these and compare every word.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    parts.append(
        "\n".join(
            f"- [{topic.TITLE}](#{_anchor(topic.TITLE)}): {len(topic.CASES)}" for topic in topics()
        )
    )
    for topic in topics():
        parts.append(f"\n## {topic.TITLE}\n")
        parts += [f"**{case.given}**\n\n```text\n{case.message}\n```\n" for case in topic.CASES]
    return "\n".join(parts).rstrip() + "\n"


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
