"""No file name becomes part of a command: every path in a rule is quoted by Snakemake."""

import re

import pytest
from paths import ROOT

RULE_FILES = sorted((ROOT / "workflow").rglob("*.smk"))
# The text of a shell directive, up to the line that is indented less.
SHELL = re.compile(r"^( *)shell:\n((?:\1    .*\n)+)", re.MULTILINE)
FILES = re.compile(r"\{((?:input|output|log)\b[^}]*)\}")


def unquoted(text: str) -> list[str]:
    found = [name for _, shell in SHELL.findall(text) for name in FILES.findall(shell)]
    return [name for name in found if not name.endswith(":q")]


def test_an_unquoted_path_is_found():
    rule = 'rule a:\n    shell:\n        "cat {input:q} {input.b} {threads} > {log}"\n'
    assert unquoted(rule) == ["input.b", "log"]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_every_path_is_quoted(path):
    text = path.read_text()
    assert len(SHELL.findall(text)) == text.count("shell:\n")
    assert unquoted(text) == []
