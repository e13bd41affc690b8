"""One pinned set: the conda environments, the constraints and the documentation agree."""

import re
import tomllib

import pytest
import yaml
from paths import ROOT

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
    names = project["dependencies"] + project["optional-dependencies"]["test"]
    text = (ROOT / "docs" / "dependencies.md").read_text()
    documented = set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))
    assert set(names) == documented
    assert {name.lower() for name in names} <= set(pins())


def test_constraints_hold_one_version_each_and_no_address():
    text = (ROOT / "envs" / "constraints.txt").read_text()
    names = re.findall(r"^([^=\n]+)==", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert "://" not in text
