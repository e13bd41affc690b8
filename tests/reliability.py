"""What the tests of reliability injected and compared: python tests/reliability.py REPORT... TABLE.

Each REPORT is pytest's JUnit XML; TABLE is Markdown, which `make reliability` puts into its page.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "errors"), str(HERE / "unit/formats"), str(HERE)]

from error_cases import topics  # noqa: E402
from test_fuzz_readers import ANY_BYTES, MUTATIONS, NASTY, READERS  # noqa: E402


def fuzzed() -> int:
    """Inputs that the fuzz tests of the readers draw and make."""
    return len(READERS) * (ANY_BYTES + MUTATIONS) + len(NASTY)


def table(reports: list[str]) -> str:
    """Markdown: one row per test that injected or compared something, then what was fed in."""
    lines = ["| test | outcome | what |", "|---|---|---|"]
    for case in (c for text in reports for c in ElementTree.fromstring(text).iter("testcase")):
        told = [f"{p.get('value')} {p.get('name')}" for p in case.iter("property")]
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        module = case.get("classname", "").rpartition(".")[2]
        if module == "test_crashes":
            name = case.get("name", "").removeprefix("test_").replace("_", " ")
            lines.append(f"| {name} | {', '.join(kinds) or 'passed'} | {', '.join(told)} |")
    cases = sum(len(topic.CASES) for topic in topics())
    lines.append(f"| bad inputs with their exact message | in `tests/errors` | {cases} inputs |")
    lines.append(f"| fuzzed inputs of the readers | in `tests/unit` | {fuzzed()} inputs |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    *given, output = map(Path, sys.argv[1:])
    output.write_text(table([path.read_text(encoding="utf-8") for path in given]), encoding="utf-8")
