"""What the documentation says is so: examples, help, links, options, and the promises on size."""

import ast
import re
import runpy
import sys
from itertools import zip_longest
from math import isclose
from pathlib import Path

import pytest
import yaml
from paths import ROOT

from tinglegram.settings import fields_of
from tinglegram.stimuli.settings import FEATURE_SETS
from tinglegram.study.schema import CLASSES

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PYTHON = sorted(p for folder in ("src", "scripts") for p in (ROOT / folder).rglob("*.py"))
SCRIPTS = [p for p in PYTHON if p.is_relative_to(ROOT / "scripts") and "__main__" in p.read_text()]
RULE_FILES = [ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").glob("*.smk"))]
VALIDATION_RULES = [
    path
    for folder in ("recovery", "proposals", "rank")
    for path in sorted((ROOT / "workflow" / folder).glob("*.smk"))
]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text())
CONFIG = ROOT / "config.yaml"
DEMO = ROOT / "workflow/studies/demo.yaml"

EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
KEY = re.compile(r'( *)"?(\w+)"?:(.*)')
RULE = re.compile(r"^( *)rule(?: \w+)?:\n((?:\1    .*\n|\n)+)", re.MULTILINE)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def same(shown: str, printed: str) -> bool:
    """Compare words and whole numbers exactly, decimals within 0.03, whatever the spacing.

    Other processors round the training of a network differently.
    """
    words, numbers = [], []
    for text in (shown, printed):
        lines = [line for line in text.splitlines() if line.strip()]
        words.append(["".join(part.split()) for line in lines for part in NUMBER.split(line)])
        numbers.append(NUMBER.findall("\n".join(lines)))
    return words[0] == words[1] and all(
        a == b
        or ("." in a and "." in b and isclose(float(a), float(b), rel_tol=0.03, abs_tol=0.03))
        for a, b in zip_longest(*numbers, fillvalue="")
    )


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a 1 -0.50\n", "a  1 -0.49 \n\n", True),
        ("r = 0.01", "r = -0.01", True),
        ("a 1", "a 2", False),
        ("a 0.50", "a 0.60", False),
        ("b 1", "c 1", False),
        ("1 2", "1", False),
        ("x", "", False),
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
        assert len(ast.parse(code).body) <= 10, f"docs/api.md, line {line}: over 10 statements"
        # Blank lines in front make tracebacks name the line of the page.
        exec(compile("\n" * line + code, "docs/api.md", "exec"), names)
        printed = capsys.readouterr().out
        assert same(shown, printed), f"docs/api.md, line {line} now prints:\n{printed}"


@pytest.mark.parametrize("script", SCRIPTS, ids=relative)
def test_script_explains_itself(script, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    # Wide enough that the purpose stands on one line.
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.syspath_prepend(script.parent)
    # In this process, so that torch and the like are imported once for all scripts.
    names = runpy.run_path(str(script))
    with pytest.raises(SystemExit) as end:
        names["main"]()
    answer = capsys.readouterr().out
    assert end.value.code == 0
    purpose = names["__doc__"].splitlines()[0]
    assert purpose and purpose in answer


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def options_of(schema: dict) -> set[tuple[str, ...]]:
    """Paths of all options; one whose keys are the user's own (clips, models) is one option."""
    found = set()
    for key, entry in schema["properties"].items():
        # A section that may be null (the simulation) is explained in the overlay that fills it.
        inner = (
            options_of(entry) if entry.get("type") == "object" and "properties" in entry else [()]
        )
        found |= {(key, *rest) for rest in inner}
    return found


def documented(text: str) -> dict[tuple[str, ...], bool]:
    """Path of every key of a YAML text -> whether a comment speaks of it.

    A comment covers the key below it with all that stands inside, and the values that follow that
    key without a blank line or another comment.
    """
    found: dict[tuple[str, ...], bool] = {}
    above: list[tuple[int, str, bool]] = []
    comment, group = False, (-1, False)
    for line in text.splitlines():
        key = KEY.match(line)
        if key is None:
            comment = line.strip().startswith("#")
            group = group if comment else (-1, False)
            continue
        depth, name, value = len(key[1]), key[2], key[3].strip()
        above = [entry for entry in above if entry[0] < depth]
        own = comment or "#" in value or any(covered for *_, covered in above)
        covered = own or (bool(value) and group == (depth, True))
        above.append((depth, name, covered))
        found[tuple(entry[1] for entry in above)] = covered
        comment, group = False, (depth, covered) if value else (-1, False)
    return found


def test_comments_are_found():
    text = "# one\na:\n  b: 1\nc:\n  d: 1\n  # two\n  e: 1\n  f: 1\n\n  g: 1\n  h: 1  # three\n"
    names = {"".join(path): covered for path, covered in documented(text).items()}
    expected = {"a": True, "ab": True, "c": False, "cd": False, "ce": True, "cf": True}
    assert names == expected | {"cg": False, "ch": True}


def test_every_option_stands_in_config_yaml():
    config = yaml.safe_load(CONFIG.read_text())
    for path in options_of(SCHEMA):
        place = config
        for key in path:
            assert key in place, f"{'.'.join(path)} is not in config.yaml"
            place = place[key]


@pytest.mark.parametrize("path", sorted(options_of(SCHEMA)), ids=".".join)
def test_option_is_explained(path):
    assert documented(CONFIG.read_text())[path], f"no comment in config.yaml: {'.'.join(path)}"


def test_every_option_of_the_simulation_is_explained():
    known = documented(DEMO.read_text())
    options = yaml.safe_load(DEMO.read_text())["data"]["simulation"]
    assert [key for key in options if not known["data", "simulation", key]] == []


READERS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in [
        *RULE_FILES,
        *sorted((ROOT / "src/tinglegram/study").glob("*.py")),
        ROOT / "src/tinglegram/inputs/raw_files.py",
    ]
    if path.name not in ("schema.py", "settings.py")
)


@pytest.mark.parametrize(
    ("cls", "setting"),
    [
        pytest.param(cls, setting, id=".".join(setting.path))
        for cls in CLASSES
        for setting in fields_of(cls)
        if not setting.is_switch
    ],
)
def test_option_reaches_a_step(cls, setting):
    """A rule hands it to its script, alone or with its whole class, or planning reads it."""
    name = cls.__name__.split("_")[0]
    whole = re.search(rf"(?<!only\()(?<!import )\b{name}\b(?!,? *\"|\()\s*[,)]", READERS)
    alone = re.search(rf"only\({name},[^)]*\"{setting.name}\"", READERS)
    # The rule of feature sets asks the plan for the classes of those in use.
    of_set = cls in [about.settings for about in FEATURE_SETS.values()]
    in_use = of_set and "settings(*PLAN.set_settings" in READERS
    assert whole or alone or in_use or f'["{setting.path[-1]}"]' in READERS, "no step reads it"


@pytest.mark.parametrize("path", RULE_FILES + VALIDATION_RULES, ids=relative)
def test_rules_say_what_they_need(path):
    text = path.read_text()
    rules = [match for match in RULE.finditer(text) if "shell:" in match[2]]
    assert len(rules) == text.count(" shell:\n")
    for rule in rules:
        line = text[: rule.start()].count("\n") + 1
        parts = re.split(rf"^{rule[1]}    (\w+):", rule[2], flags=re.MULTILINE)
        said = dict(zip(parts[1::2], parts[2::2], strict=True))
        lacking = {"log", "benchmark", "threads", "resources", "conda", "message"} - set(said)
        assert not lacking, f"{path.name}, rule in line {line}: no {', '.join(sorted(lacking))}"
        assert "mem_mb=" in said["resources"] and "runtime=" in said["resources"], line
        assert re.fullmatch(r'\s*f?"[^"\n]+"\s*', said["message"]), f"line {line}: message"


def test_rules_name_scripts_that_exist():
    named = re.findall(
        r'code\("([\w/]+)"\)', "".join(p.read_text() for p in RULE_FILES + VALIDATION_RULES)
    )
    assert len(named) > 20
    assert set(named) <= {relative(p.with_suffix("")).removeprefix("scripts/") for p in SCRIPTS}
