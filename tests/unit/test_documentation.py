"""What the documentation says is so: examples, help, links, options, and the promises on size."""

import re
import runpy
import sys
from itertools import zip_longest

import pytest
import yaml
from paths import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
RULE_FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
WORKFLOW = {p.name: p.read_text() for p in [ROOT / "Snakefile", *RULE_FILES]}
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
CONFIG = (ROOT / "config.yaml").read_text()
DEMO = (ROOT / "workflow/studies/demo.yaml").read_text()

EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def same(shown: str, printed: str) -> bool:
    """Compare line by line: words and whole numbers exactly, decimals within 0.03.

    Other processors round the training of a network differently.
    """

    def parts(text):
        lines = [" ".join(line.split()) for line in text.strip().splitlines()]
        return NUMBER.split("\n".join(lines)), NUMBER.findall(text)

    (words, numbers), (other_words, other_numbers) = parts(shown), parts(printed)
    # A minus or a further digit changes the width of a column, which says nothing.
    spaced = [[w.replace(" ", "") for w in found] for found in (words, other_words)]
    return spaced[0] == spaced[1] and all(
        a == b or ("." in a and "." in b and abs(float(a) - float(b)) <= 0.03 * max(1, abs(float(a))))
        for a, b in zip_longest(numbers, other_numbers, fillvalue="")
    )


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a 1 -0.50\n", "a  1 -0.49\n\n", True),
        ("a 1", "a 2", False),
        ("a 0.50", "a 0.60", False),
        ("r = 0.01", "r = -0.01", True),
        ("b", "c", False),
        ("x\ny", "x y", False),
        ("1 2", "1", False),
    ],
)
def test_outputs_are_compared_by_words_and_numbers(shown, printed, expected):
    assert same(shown, printed) is expected


def test_examples_print_what_the_page_shows(tmp_path, monkeypatch, capsys):
    page = (ROOT / "docs" / "api.md").read_text()
    examples = list(EXAMPLE.finditer(page))
    assert len(examples) == page.count("```python") >= 9
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for example in examples:
        code, shown = example.groups()
        line = page[: example.start()].count("\n") + 1
        assert code.count("\n") <= 12, f"docs/api.md, line {line}: more than 12 lines"
        # Blank lines in front make tracebacks name the line of the page.
        exec(compile("\n" * line + code, "docs/api.md", "exec"), names)
        printed = capsys.readouterr().out
        assert same(shown, printed), f"docs/api.md, line {line} now prints:\n{printed}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_script_explains_itself(script, monkeypatch, capsys):
    assert script.read_text().rstrip().endswith('if __name__ == "__main__":\n    run(main)')
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    # In this process, so that torch and the like are imported once for all scripts.
    names = runpy.run_path(str(script))
    with pytest.raises(SystemExit) as end:
        names["main"]()
    answer = capsys.readouterr().out
    assert end.value.code == 0
    purpose = names["__doc__"].splitlines()[0]
    assert purpose and purpose in " ".join(answer.split())
    bare = re.findall(r"^  (--[\w-]+)[^\n]*\n(?=  -|\Z)", answer, flags=re.MULTILINE)
    lines = re.findall(r"^  (--[\w-]+)(.*?)(?=^  -|^\S|\Z)", answer, re.MULTILINE | re.DOTALL)
    assert bare is not None and lines


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    files = [t.split("#")[0] for t in targets if "://" not in t and not t.startswith("#")]
    assert [f for f in files if not (page.parent / f).exists()] == []
