"""One pinned set: the conda environments, the constraints and the documentation agree."""

import ast
import inspect
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from paths import ROOT

from tinglegram.provenance.code_files import code_files

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))


def pins() -> dict[str, str]:
    lines = (ROOT / "envs" / "constraints.txt").read_text().splitlines()
    return dict(re.match(r"([^=]+)==([^ ;]+)", line).groups() for line in lines if line)


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda p: p.stem)
def test_conda_environment_carries_the_pins(path):
    *_, pip = yaml.safe_load(path.read_text())["dependencies"]
    found = dict(line.split("==") for line in pip["pip"])
    assert found == {name: pins()[name] for name in found}


def test_every_dependency_is_pinned_and_justified():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = sum(project["optional-dependencies"].values(), project["dependencies"])
    text = (ROOT / "docs" / "dependencies.md").read_text()
    documented = set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))
    assert set(names) == documented
    assert {name.lower() for name in names} <= set(pins())


def test_constraints_hold_one_version_each_and_no_address():
    text = (ROOT / "envs" / "constraints.txt").read_text()
    names = re.findall(r"^([^=\n]+)==", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert "://" not in text


def test_every_pin_takes_the_oldest_python_that_people_have():
    """Debian 12 has Python 3.11.2; a package that wants 3.11.5 keeps pip from installing any."""
    lines = (ROOT / "envs" / "constraints.txt").read_text().splitlines()
    refused, asked = {}, 0
    for line in lines:
        requirement = Requirement(line)
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError:
            # Of another platform, or of an extra that is not installed here.
            continue
        asked += 1
        wants = found.metadata["Requires-Python"]
        if requirement.marker is None and wants and not SpecifierSet(wants).contains("3.11.2"):
            refused[requirement.name] = wants
    assert refused == {} and asked > 100


# Import name -> name of the package, where they differ.
PACKAGES = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml"}


def rules() -> dict[str, tuple[str, str]]:
    """Rule -> its script (below scripts/) and its environment."""
    found = {}
    for path in sorted((ROOT / "workflow").rglob("*.smk")) + [ROOT / "workflow/recovery/Snakefile"]:
        for body in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            script = re.search(r"""\bcode=code\("([\w/]+)"\)""", body)
            if script:
                family = re.search(r"""\benv\("(\w+)"\)""", body) or re.search(
                    r"/(\w+)\.yaml", body
                )
                found[body.split(":", 1)[0]] = (script[1], family[1])
    return found


RULES = rules()


def third_party(path: str) -> set[str]:
    """Return the packages that a file of ours imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(Path(path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    tops = {name.split(".")[0] for name in names} - sys.stdlib_module_names
    return {PACKAGES.get(name, name) for name in tops - {"tinglegram"}}


@pytest.mark.parametrize("rule", RULES)
def test_the_environment_of_a_rule_holds_what_its_code_imports(rule):
    script, family = RULES[rule]
    *_, pip = yaml.safe_load((ROOT / "envs" / f"{family}.yaml").read_text())["dependencies"]
    held = {line.split("==")[0] for line in pip["pip"]}
    files = code_files(ROOT / "scripts" / f"{script}.py", ROOT / "src")
    needed = set().union(*map(third_party, files))
    assert needed <= held


def test_every_rule_with_a_script_is_looked_at():
    assert len(RULES) > 30


def test_snakemake_has_what_onstart_takes_away():
    """An attribute that a later version calls otherwise would be set in vain, without a word."""
    from snakemake.scheduling.job_scheduler import JobScheduler

    assert "workflow.scheduler.job_rate_limiter = None" in (ROOT / "Snakefile").read_text()
    assert "if self.job_rate_limiter is None" in inspect.getsource(JobScheduler.job_selector)
